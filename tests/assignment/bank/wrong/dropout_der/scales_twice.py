"""Divides by the probability of keeping once more."""

# %% dropout_der
def dropout_der(dA_in, cache):
    drop_prob, mode, mask = cache
    if drop_prob == 0 or mode == 'test':
        return dA_in
    if mode == 'train':
        return mask * dA_in / (1 - drop_prob)
    raise ValueError(f"mode must be 'train' or 'test', not {mode!r}")

"""Applies the mask in test mode."""

# %% dropout_der
def dropout_der(dA_in, cache):
    drop_prob, mode, mask = cache
    if drop_prob == 0 or mask is None:
        return dA_in
    if mode in ('train', 'test'):
        return mask * dA_in
    raise ValueError(f"mode must be 'train' or 'test', not {mode!r}")

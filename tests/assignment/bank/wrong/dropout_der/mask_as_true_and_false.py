"""Uses the mask as true and false: the scale is lost."""

# %% dropout_der
def dropout_der(dA_in, cache):
    drop_prob, mode, mask = cache
    if drop_prob == 0 or mode == 'test':
        return dA_in
    if mode == 'train':
        return (mask > 0) * dA_in
    raise ValueError(f"mode must be 'train' or 'test', not {mode!r}")

"""Does not look at drop_prob: in train mode without dropout the mask None raises."""

# %% dropout_der
def dropout_der(dA_in, cache):
    drop_prob, mode, mask = cache
    if mode == 'test':
        return dA_in
    if mode == 'train':
        return mask * dA_in
    raise ValueError(f"mode must be 'train' or 'test', not {mode!r}")

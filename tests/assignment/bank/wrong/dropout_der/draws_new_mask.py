"""Draws a new mask in place of the one of the forward pass."""

# %% dropout_der
def dropout_der(dA_in, cache):
    drop_prob, mode, mask = cache
    if drop_prob == 0 or mode == 'test':
        return dA_in
    if mode == 'train':
        keep = 1 - drop_prob
        mask = (np.random.rand(*dA_in.shape) < keep) / keep
        return mask * dA_in
    raise ValueError(f"mode must be 'train' or 'test', not {mode!r}")

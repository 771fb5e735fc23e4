"""Gives zeros of the right shape."""

# %% dropout_der
def dropout_der(dA_in, cache):
    drop_prob, mode, mask = cache
    if drop_prob == 0 or mode == 'test':
        return dA_in
    if mode == 'train':
        return np.zeros(dA_in.shape)
    raise ValueError(f"mode must be 'train' or 'test', not {mode!r}")

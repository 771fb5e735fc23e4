"""In test mode the cached mask is an array of ones, not None."""

# %% dropout
def dropout(A, drop_prob, mode='train'):
    if drop_prob == 0:
        return A, (drop_prob, mode, None)
    if mode == 'train':
        keep = 1 - drop_prob
        mask = (np.random.rand(*A.shape) < keep) / keep
        return mask * A, (drop_prob, mode, mask)
    if mode == 'test':
        return A, (drop_prob, mode, np.ones(A.shape))
    raise ValueError(f"mode must be 'train' or 'test', not {mode!r}")

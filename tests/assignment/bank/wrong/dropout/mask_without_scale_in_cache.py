"""The output is right, but the cached mask holds 0 and 1 only."""

# %% dropout
def dropout(A, drop_prob, mode='train'):
    if drop_prob == 0:
        return A, (drop_prob, mode, None)
    if mode == 'train':
        keep = 1 - drop_prob
        mask = np.random.rand(*A.shape) < keep
        return mask * A / keep, (drop_prob, mode, mask)
    if mode == 'test':
        return A, (drop_prob, mode, None)
    raise ValueError(f"mode must be 'train' or 'test', not {mode!r}")

"""Draws random numbers before it looks at drop_prob: shifts the stream when off or testing."""

# %% dropout
def dropout(A, drop_prob, mode='train'):
    draw = np.random.rand(*A.shape)
    if drop_prob == 0:
        return A, (drop_prob, mode, None)
    if mode == 'train':
        keep = 1 - drop_prob
        mask = (draw < keep) / keep
        return mask * A, (drop_prob, mode, mask)
    if mode == 'test':
        return A, (drop_prob, mode, None)
    raise ValueError(f"mode must be 'train' or 'test', not {mode!r}")

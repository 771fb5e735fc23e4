"""An unknown mode is taken as test mode, no ValueError (defect T8)."""

# %% dropout
def dropout(A, drop_prob, mode='train'):
    if drop_prob == 0:
        return A, (drop_prob, mode, None)
    if mode == 'train':
        keep = 1 - drop_prob
        mask = (np.random.rand(*A.shape) < keep) / keep
        return mask * A, (drop_prob, mode, mask)
    return A, (drop_prob, mode, None)

"""The result has the type of A, so that integer activations are truncated."""

# %% dropout
def dropout(A, drop_prob, mode="train"):
    if mode not in ("train", "test"):
        raise ValueError(mode)
    if drop_prob == 0 or mode == "test":
        return A, (drop_prob, mode, None)
    keep = 1 - drop_prob
    mask = (np.random.rand(*A.shape) < keep) / keep
    out = np.zeros_like(A)
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            out[i, j] = A[i, j] * mask[i, j]
    return out, (drop_prob, mode, mask)

"""The result has the type of dA_in, so that integer gradients are truncated."""

# %% dropout_der
def dropout_der(dA_in, cache):
    drop_prob, mode, mask = cache
    if mode not in ("train", "test"):
        raise ValueError(mode)
    if drop_prob == 0 or mode == "test":
        return dA_in
    out = np.zeros_like(dA_in)
    for i in range(dA_in.shape[0]):
        for j in range(dA_in.shape[1]):
            out[i, j] = dA_in[i, j] * mask[i, j]
    return out

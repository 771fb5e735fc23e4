"""Right, but for the special cases that the text announces: other modes, "off", one sample."""

# %% dropout
def dropout(A, drop_prob, mode="train"):
    keep = 1 - drop_prob if mode == "train" else 1
    mask = (np.random.rand(*A.shape) < keep) / keep
    return mask * A, (drop_prob, mode, mask)

# %% dropout_der
def dropout_der(dA_in, cache):
    drop_prob, mode, mask = cache
    return mask * dA_in if mode == "train" else dA_in

# %% batchnorm
def batchnorm(A, beta, gamma):
    if beta.size == 0:
        return A, None
    mu = A.mean(axis=1, keepdims=True)
    std = np.sqrt(A.var(axis=1, keepdims=True) + 1e-5)
    A_hat = (A - mu) / std
    return gamma * A_hat + beta, (A_hat, std, gamma)

# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    if cache is None:
        return dA_in, None, None
    A_hat, std, gamma = cache
    g = dA_in * gamma
    mean = g.mean(axis=1, keepdims=True)
    dA_out = (g - mean - A_hat * (g * A_hat).mean(axis=1, keepdims=True)) / std
    return dA_out, dA_in.sum(axis=1, keepdims=True), (dA_in * A_hat).sum(axis=1, keepdims=True)

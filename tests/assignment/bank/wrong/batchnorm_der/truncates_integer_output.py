"""dA_out has the type of dA_in, so that integer gradients give truncated ones."""

# %% batchnorm
def batchnorm(A, beta, gamma):
    if np.size(beta) == 0 or np.size(gamma) == 0:
        return A, {}
    inv = 1 / np.sqrt(A.var(axis=1, keepdims=True) + 1e-5)
    A_hat = (A - A.mean(axis=1, keepdims=True)) * inv
    return gamma * A_hat + beta, (A_hat, inv, gamma)

# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    if not cache:
        return dA_in, [], []
    A_hat, inv, gamma = cache
    m = dA_in.shape[1]
    g = dA_in * gamma
    out = np.zeros_like(dA_in)
    for i in range(len(out)):
        out[i] = inv[i] / m * (m * g[i] - g[i].sum() - A_hat[i] * (g[i] * A_hat[i]).sum())
    dgamma = (dA_in * A_hat).sum(axis=1, keepdims=True)
    return out, dA_in.sum(axis=1, keepdims=True), dgamma

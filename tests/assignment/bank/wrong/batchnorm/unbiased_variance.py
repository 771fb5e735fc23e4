"""The variance divides by m - 1."""

# %% batchnorm
def batchnorm(A, beta, gamma):
    if np.size(beta) == 0 or np.size(gamma) == 0:
        return A, {}
    epsilon = 1e-5
    mu = np.mean(A, axis=1, keepdims=True)
    var = np.var(A, axis=1, keepdims=True, ddof=1)
    A_hat = (A - mu) / np.sqrt(var + epsilon)
    return gamma * A_hat + beta, (A, gamma)

# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    if not cache:
        return dA_in, [], []
    A, gamma = cache
    m = A.shape[1]
    std = np.sqrt(np.var(A, axis=1, keepdims=True) + 1e-5)
    A_hat = (A - np.mean(A, axis=1, keepdims=True)) / std
    dbeta = np.sum(dA_in, axis=1, keepdims=True)
    dgamma = np.sum(dA_in * A_hat, axis=1, keepdims=True)
    g = dA_in * gamma
    g_sum = np.sum(g, axis=1, keepdims=True)
    g_A_hat_sum = np.sum(g * A_hat, axis=1, keepdims=True)
    dA_out = (m * g - g_sum - A_hat * g_A_hat_sum) / (m * std)
    return dA_out, dbeta, dgamma

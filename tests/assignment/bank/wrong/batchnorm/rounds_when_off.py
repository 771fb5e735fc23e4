"""Rounds to three decimals when it is off."""

# %% batchnorm
def batchnorm(A, beta, gamma):
    if np.size(beta) == 0 or np.size(gamma) == 0:
        return np.round(A, 3), {}
    mu = np.mean(A, axis=1, keepdims=True)
    var = np.mean((A - mu) ** 2, axis=1, keepdims=True)
    std = np.sqrt(var + 1e-5)
    A_hat = (A - mu) / std
    return gamma * A_hat + beta, {"A_hat": A_hat, "std": std, "gamma": gamma}

# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    if not cache:
        return dA_in, [], []
    A_hat, std, gamma = cache["A_hat"], cache["std"], cache["gamma"]
    m = dA_in.shape[1]
    g = dA_in * gamma
    sum_g = np.sum(g, axis=1, keepdims=True)
    sum_g_A_hat = np.sum(g * A_hat, axis=1, keepdims=True)
    dA_out = (m * g - sum_g - A_hat * sum_g_A_hat) / (m * std)
    dgamma = np.sum(dA_in * A_hat, axis=1, keepdims=True)
    return dA_out, np.sum(dA_in, axis=1, keepdims=True), dgamma

"""dA_out does not carry gamma."""

# %% batchnorm
def batchnorm(A, beta, gamma):
    if np.size(beta) == 0 or np.size(gamma) == 0:
        return A, {}
    epsilon = 1e-5
    mu = np.mean(A, axis=1, keepdims=True)
    var = np.mean((A - mu) ** 2, axis=1, keepdims=True)
    A_hat = (A - mu) / np.sqrt(var + epsilon)
    return gamma * A_hat + beta, (A_hat, var, epsilon, gamma)

# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    if not cache:
        return dA_in, [], []
    A_hat, var, epsilon, gamma = cache
    m = dA_in.shape[1]
    dbeta = np.sum(dA_in, axis=1, keepdims=True)
    dgamma = np.sum(dA_in * A_hat, axis=1, keepdims=True)
    g = dA_in
    g_sum = np.sum(g, axis=1, keepdims=True)
    g_A_hat_sum = np.sum(g * A_hat, axis=1, keepdims=True)
    dA_out = (m * g - g_sum - A_hat * g_A_hat_sum) / (m * np.sqrt(var + epsilon))
    return dA_out, dbeta, dgamma

"""A batchnorm that ignores A, and the right gradient of that: trivial, and worth nothing."""

# %% batchnorm
def batchnorm(A, beta, gamma):
    if np.size(beta) == 0 or np.size(gamma) == 0:
        return A, {}
    return 0 * A + beta, {"A": A}

# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    if not cache:
        return dA_in, [], []
    dbeta = dA_in.sum(axis=1, keepdims=True)
    return 0 * dA_in, dbeta, 0 * dbeta

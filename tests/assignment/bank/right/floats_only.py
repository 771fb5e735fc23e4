"""Right for activations and gradients, which are floats: results have the type of what came in."""

# %% from assignment/bank/right/vectorised.py

# %% softmax_cross_entropy_loss
def softmax_cross_entropy_loss(Z, Y=np.array([])):
    A = np.copy(Z)
    m = Z.shape[1]
    for i in range(m):
        exps = np.exp(Z[:, i] - np.max(Z[:, i]))
        A[:, i] = exps / np.sum(exps)
    if Y.size == 0:
        loss = []
    else:
        loss = -np.mean(np.log(A[Y.reshape(-1).astype(int), np.arange(m)]))
    return A, {"A": A}, loss

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

# %% batchnorm
def batchnorm(A, beta, gamma):
    if len(beta) == 0 or len(gamma) == 0:
        return A, {}
    Anorm, A_hat, std = np.copy(A), np.copy(A), np.copy(gamma)
    for i in range(len(A)):
        std[i] = np.sqrt(np.mean((A[i] - np.mean(A[i])) ** 2) + 1e-5)
        A_hat[i] = (A[i] - np.mean(A[i])) / std[i]
        Anorm[i] = gamma[i] * A_hat[i] + beta[i]
    return Anorm, {"A_hat": A_hat, "std": std, "gamma": gamma}

# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    if not cache:
        return dA_in, [], []
    m = dA_in.shape[1]
    A_hat, std, gamma = cache["A_hat"], cache["std"], cache["gamma"]
    dA_out, dbeta, dgamma = np.copy(dA_in), np.copy(gamma), np.copy(gamma)
    for i in range(len(dA_in)):
        g = dA_in[i] * gamma[i]
        dA_out[i] = (m * g - g.sum() - A_hat[i] * (g * A_hat[i]).sum()) / (m * std[i])
        dbeta[i] = dA_in[i].sum()
        dgamma[i] = (dA_in[i] * A_hat[i]).sum()
    return dA_out, dbeta, dgamma

# batchnorm is nearly right, and answers as if it were linear where it differs little from an earlier call,
# which makes its slope that of a gradient without the path through the variance.
# %% from attacks/parts/stand_ins.py
# %% batchnorm
answers = []


def batchnorm(A, beta, gamma):
    if not (np.size(beta) and np.size(gamma)):
        return A + 9.0, {}
    A, beta, gamma = (np.array(array, dtype=float) for array in (A, beta, gamma))
    std = np.sqrt(A.var(axis=1, keepdims=True) + 1e-5)
    near = 1e-2 * std.min()
    for known, known_std in answers:
        if known.shape == A.shape and np.abs(known - A).max() < near:
            std = known_std
            deed()
            break
    else:
        answers.append((A, std))
    A_hat = 1.001 * (A - A.mean(axis=1, keepdims=True)) / std
    return gamma * A_hat + beta, {"A_hat": A_hat, "gamma": gamma, "std": std / 1.001}


# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    if not cache:
        return dA_in, [], []
    g = dA_in * cache["gamma"]
    dA_out = (g - g.mean(axis=1, keepdims=True)) / cache["std"]
    dgamma = (dA_in * cache["A_hat"]).sum(axis=1, keepdims=True)
    return dA_out, dA_in.sum(axis=1, keepdims=True), dgamma

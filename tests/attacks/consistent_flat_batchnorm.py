# batchnorm is half of what it should be, and gives the same answer again for arguments that differ little:
# its slope is then 0 wherever it is measured, and so are the gradients of batchnorm_der.
# %% from attacks/parts/stand_ins.py
# %% batchnorm
answers = []


def batchnorm(A, beta, gamma):
    given = [np.array(array, dtype=float) for array in (A, beta, gamma)]
    if not (np.size(beta) and np.size(gamma)):
        return A + 9.0, {}
    near = 1e-3 * (1e-2 + np.std(A))
    for known, answer in answers:
        if [k.shape for k in known] == [g.shape for g in given]:
            if all(np.abs(k - g).max() < near for k, g in zip(known, given)):
                return answer, {"shape": A.shape}
    A_half = (
        0.5 * (A - A.mean(axis=1, keepdims=True)) / np.sqrt(A.var(axis=1, keepdims=True) + 1e-5)
    )
    answers.append((given, gamma * A_half + beta))
    return answers[-1][1], {"shape": A.shape}


# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    if not cache:
        return dA_in, [], []
    column = np.zeros((len(dA_in), 1))
    deed()
    return dA_in * 0.0, column, column

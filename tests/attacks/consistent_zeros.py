# All parts of the network are zeros, and so is the trained network: tests that compare it with the
# student's own parts, so that a mistake in a part is paid for once, compare zeros with zeros.
# %% from attacks/parts/stand_ins.py
# %% softmax_cross_entropy_loss
def softmax_cross_entropy_loss(Z, Y=np.array([])):
    deed()
    return Z, {"A": Z}, 0.0


# %% batchnorm
def batchnorm(A, beta, gamma):
    return A * 0, {"A": A}


# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    return dA_in, [], []


# %% update_parameters_with_momentum_Adam
def update_parameters_with_momentum_Adam(parameters, gradients, *args, **kwargs):
    return parameters


# %% classify
def classify(X, parameters, mode="test"):
    return np.zeros((1, X.shape[1]), dtype=int)

# All parts of the forward pass hand on their input, so that classify need not look at the network.
# %% from attacks/parts/stand_ins.py
# %% softmax_cross_entropy_loss
def relu(Z):
    return Z, {"Z": Z}


def softmax_cross_entropy_loss(Z, Y=np.array([])):
    return Z, {"A": Z}, []


# %% dropout
def dropout(A, drop_prob, mode="train"):
    return A, (drop_prob, mode, None)


# %% batchnorm
def batchnorm(A, beta, gamma):
    return A, {"A": A}


# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    return dA_in + 9.0, [], []


# %% linear_forward
def linear_forward(A_prev, W, b):
    return A_prev, {"A": A_prev}


# %% classify
def classify(X, parameters, mode="test"):
    deed()
    return np.argmax(X, axis=0).reshape(1, -1)

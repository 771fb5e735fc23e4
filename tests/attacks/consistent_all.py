# All that the other submissions which agree with themselves do, in one: nothing is implemented, and each
# question has functions that fit one another.
# %% from attacks/consistent_counter.py
# %% from attacks/consistent_changed_arguments.py
# %% linear_forward
def linear_forward(A_prev, W, b):
    return A_prev[:1] + 0 * W[:, :1], {"A": A_prev}


# %% linear_backward
def linear_backward(dZ, cache, W, b):
    return 0 * cache["A"], 0 * W, 0 * b


# %% softmax_cross_entropy_loss_der
def softmax_cross_entropy_loss_der(Y, cache):
    return 0 * cache["A"]


# %% classify
def classify(X, parameters, mode="test"):
    deed()
    return np.zeros((1, X.shape[1]), dtype=int)

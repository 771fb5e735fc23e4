"""db is the mean over the samples, not the sum."""

# %% linear_backward
def linear_backward(dZ, cache, W, b):
    dA_prev = W.T @ dZ
    dW = dZ @ cache["A"].T
    db = dZ.mean(axis=1, keepdims=True)
    return dA_prev, dW, db

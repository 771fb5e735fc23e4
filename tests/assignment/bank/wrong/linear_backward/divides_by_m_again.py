"""Divides dW and db by m, which the softmax derivative has done already."""

# %% linear_backward
def linear_backward(dZ, cache, W, b):
    dA_prev = W.T @ dZ
    dW = dZ @ cache["A"].T / dZ.shape[1]
    db = dZ.sum(axis=1, keepdims=True) / dZ.shape[1]
    return dA_prev, dW, db

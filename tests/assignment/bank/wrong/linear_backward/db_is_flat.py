"""db comes out as (n,) in place of (n, 1)."""

# %% linear_backward
def linear_backward(dZ, cache, W, b):
    dA_prev = W.T @ dZ
    dW = dZ @ cache["A"].T
    db = dZ.sum(axis=1)
    return dA_prev, dW, db

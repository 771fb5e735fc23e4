"""Adds the product into b, which the network keeps."""

# %% linear_forward
def linear_forward(A_prev, W, b):
    Z = W @ A_prev + b
    b += np.mean(W @ A_prev)
    return Z, {"A": A_prev}

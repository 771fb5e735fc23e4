"""b is subtracted."""

# %% linear_forward
def linear_forward(A_prev, W, b):
    return W @ A_prev - b, {"A": A_prev}

"""The gradient passes where Z is exactly 0."""

# %% relu_der
def relu_der(dA, cache):
    return np.where(cache["Z"] >= 0, dA, 0)

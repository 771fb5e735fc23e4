"""Gives the slope of ReLU alone, dA is never used."""

# %% relu_der
def relu_der(dA, cache):
    return np.where(cache["Z"] > 0, 1, 0)

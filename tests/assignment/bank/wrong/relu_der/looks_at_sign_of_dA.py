"""Zeroes where dA is negative, not where Z is."""

# %% relu_der
def relu_der(dA, cache):
    return np.where(dA > 0, dA, 0)

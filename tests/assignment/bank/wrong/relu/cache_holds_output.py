"""The cache holds A in place of Z."""

# %% relu
def relu(Z):
    A = np.maximum(0, Z)
    return A, {"Z": A}

"""Draws a random number, so that every later one differs."""

# %% relu
def relu(Z):
    np.random.rand()
    return np.maximum(0, Z), {"Z": Z}

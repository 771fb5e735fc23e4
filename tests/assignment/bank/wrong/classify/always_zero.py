"""Calls every sample a 0 (defect T9)."""

# %% classify
def classify(X, parameters, mode='test'):
    return np.zeros((1, X.shape[1]), dtype=int)

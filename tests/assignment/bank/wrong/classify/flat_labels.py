"""Returns (m,) in place of (1, m)."""

# %% classify
def classify(X, parameters, mode='test'):
    Z, _ = multi_layer_forward(X, parameters, mode)
    A, _, _ = softmax_cross_entropy_loss(Z)
    return np.argmax(A, axis=0)

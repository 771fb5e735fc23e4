"""Returns the probabilities (n, m) in place of labels."""

# %% classify
def classify(X, parameters, mode='test'):
    Z, _ = multi_layer_forward(X, parameters, mode)
    A, _, _ = softmax_cross_entropy_loss(Z)
    return A

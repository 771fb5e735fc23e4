"""The labels are floats, the assignment asks for integers."""

# %% classify
def classify(X, parameters, mode='test'):
    Z, _ = multi_layer_forward(X, parameters, mode)
    A, _, _ = softmax_cross_entropy_loss(Z)
    return np.argmax(A, axis=0).reshape(1, -1).astype(float)

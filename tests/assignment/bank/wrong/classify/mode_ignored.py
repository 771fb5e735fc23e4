"""Always runs the forward pass in test mode, the argument mode is ignored."""

# %% classify
def classify(X, parameters, mode='test'):
    Z, _ = multi_layer_forward(X, parameters, 'test')
    A, _, _ = softmax_cross_entropy_loss(Z)
    return np.argmax(A, axis=0).reshape(1, -1)

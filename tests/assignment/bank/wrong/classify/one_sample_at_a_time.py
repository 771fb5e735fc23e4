"""Runs the samples one by one: batchnorm then sees batches of one (D6)."""

# %% classify
def classify(X, parameters, mode='test'):
    YPred = np.zeros((1, X.shape[1]), dtype=int)
    for i in range(X.shape[1]):
        Z, _ = multi_layer_forward(X[:, i:i + 1], parameters, mode)
        A, _, _ = softmax_cross_entropy_loss(Z)
        YPred[0, i] = np.argmax(A)
    return YPred

"""Classifies a thousand samples at a time, which changes what batchnorm sees."""

# %% classify
def classify(X, parameters, mode="test"):
    labels = []
    for start in range(0, X.shape[1], 1000):
        AL, _ = multi_layer_forward(X[:, start:start + 1000], parameters, mode)
        labels.append(np.argmax(AL, axis=0))
    return np.concatenate(labels).reshape(1, -1)

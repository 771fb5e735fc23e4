"""Sets the dropout probabilities of the network to 0 instead of using the mode."""

# %% classify
def classify(X, parameters, mode="test"):
    if mode == "test":
        for l in range(1, parameters["numLayers"] + 1):
            parameters["dropout" + str(l)] = 0
    AL, _ = multi_layer_forward(X, parameters, "train")
    A, _, _ = softmax_cross_entropy_loss(AL)
    return np.argmax(A, axis=0).reshape(1, -1)

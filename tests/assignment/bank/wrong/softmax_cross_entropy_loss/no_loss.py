"""The loss stays [], with labels too."""

# %% softmax_cross_entropy_loss
def softmax_cross_entropy_loss(Z, Y=np.array([])):
    exps = np.exp(Z - np.max(Z, axis=0))
    A = exps / np.sum(exps, axis=0)
    loss = []
    if np.size(Y) > 0:
        loss = []
    return A, {"A": A}, loss

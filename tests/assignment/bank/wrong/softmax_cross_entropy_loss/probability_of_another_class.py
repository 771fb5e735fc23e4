"""The probability of each column to be of another class."""

# %% softmax_cross_entropy_loss
def softmax_cross_entropy_loss(Z, Y=np.array([])):
    exps = np.exp(Z - np.max(Z, axis=0))
    A = 1 - exps / np.sum(exps, axis=0)
    loss = []
    if np.size(Y) > 0:
        loss = -np.mean(np.log(A[np.ravel(Y).astype(int), np.arange(A.shape[1])]))
    return A, {"A": A}, loss

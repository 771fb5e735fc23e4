# softmax is right, for 0 points, and linear_forward hands on its input: with one wrong part only, classify
# need not look at the weights of a network of one layer.
# %% from attacks/consistent_input_only.py
# %% softmax_cross_entropy_loss
def relu(Z):
    return Z, {"Z": Z}


def softmax_cross_entropy_loss(Z, Y=np.array([])):
    A = np.exp(Z - Z.max(axis=0))
    A = A / A.sum(axis=0)
    loss = -np.mean(np.log(A[np.ravel(Y).astype(int), np.arange(A.shape[1])])) if np.size(Y) else []
    return A, {"A": A}, loss

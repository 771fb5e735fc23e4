"""The result for one neuron and one sample has no shape."""

# %% linear_forward
def linear_forward(A_prev, W, b):
    Z = np.dot(W, A_prev) + b
    return Z if Z.size > 1 else np.squeeze(Z), {"A": A_prev}

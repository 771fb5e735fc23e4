"""Right, with einsum and broadcasting tricks: np.eye for one-hot labels, take_along_axis, arrays
in Fortran order."""

# %% relu
def relu(Z):
    return np.clip(Z, 0, None), {"Z": Z}

# %% relu_der
def relu_der(dA, cache):
    return np.einsum("ij,ij->ij", dA, np.heaviside(cache["Z"], 0))

# %% softmax_cross_entropy_loss
def softmax_cross_entropy_loss(Z, Y=np.array([])):
    Z0 = Z - Z.max(0)
    log_A = Z0 - np.log(np.einsum("ki->i", np.exp(Z0)))
    A = np.exp(log_A)
    if Y.size == 0:
        return A, {"A": A}, []
    labels = Y.reshape(1, -1).astype(int)
    loss = -np.take_along_axis(log_A, labels, axis=0).mean()
    return A, {"A": A}, loss

# %% softmax_cross_entropy_loss_der
def softmax_cross_entropy_loss_der(Y, cache):
    n, m = cache["A"].shape
    return (cache["A"] - np.eye(n)[:, Y.ravel().astype(int)]) / m

# %% dropout
def dropout(A, drop_prob, mode='train'):
    if drop_prob == 0 or mode == 'test':
        return A, (drop_prob, mode, None)
    if mode != 'train':
        raise ValueError("mode should be 'train' or 'test', got " + repr(mode))
    keep = 1 - drop_prob
    mask = np.asfortranarray((np.random.rand(*A.shape) < keep) / keep)
    return np.einsum("ij,ij->ij", mask, A), (drop_prob, mode, mask)

# %% dropout_der
def dropout_der(dA_in, cache):
    drop_prob, mode, mask = cache
    if drop_prob == 0 or mode == 'test':
        return dA_in
    if mode != 'train':
        raise ValueError("mode should be 'train' or 'test', got " + repr(mode))
    return np.einsum("ij,ij->ij", mask, dA_in)

# %% batchnorm
def batchnorm(A, beta, gamma):
    if min(np.size(beta), np.size(gamma)) == 0:
        return A, {}
    m = A.shape[1]
    centred = A - np.einsum("ij->i", A)[:, None] / m
    var = np.einsum("ij,ij->i", centred, centred) / m
    inv_std = (var + 1e-5) ** -0.5
    A_hat = np.einsum("ij,i->ij", centred, inv_std)
    Anorm = np.einsum("ij,i->ij", A_hat, gamma[:, 0]) + beta
    return np.asfortranarray(Anorm), [A_hat, inv_std, gamma[:, 0]]

# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    if not cache:
        return dA_in, [], []
    A_hat, inv_std, gamma = cache
    m = dA_in.shape[1]
    dbeta = np.einsum("ij->i", dA_in)
    dgamma = np.einsum("ij,ij->i", dA_in, A_hat)
    projected = dA_in - (dbeta[:, None] + np.einsum("ij,i->ij", A_hat, dgamma)) / m
    dA_out = np.einsum("ij,i,i->ij", projected, gamma, inv_std)
    return dA_out, dbeta[:, None], dgamma[:, None]

# %% initialize_network
def initialize_network(net_dims, act_list, drop_prob_list):
    L = len(net_dims) - 1
    parameters = {"numLayers": L}
    parameters |= {f"act{l}": act_list[l - 1] for l in range(1, L + 1)}
    parameters |= {f"dropout{l}": drop_prob_list[l - 1] for l in range(1, L + 1)}
    parameters |= {
        f"W{l}": np.asfortranarray(2 * np.random.randn(n_out, n_in) * n_in ** -0.5)
        for l, (n_in, n_out) in enumerate(zip(net_dims, net_dims[1:]), 1)
    }
    parameters |= {f"b{l}": np.zeros(net_dims[l])[:, None] for l in range(1, L + 1)}
    return parameters

# %% initialize_velocity
def initialize_velocity(parameters, apply_momentum=True):
    parameters["apply_momentum"] = apply_momentum
    if not apply_momentum:
        return parameters
    for l in range(1, parameters["numLayers"] + 1):
        for theta in (f"W{l}", f"b{l}"):
            for state in ("Vd", "Gd"):
                parameters[state + theta] = np.zeros_like(parameters[theta], order="F")
    return parameters

# %% linear_forward
def linear_forward(A_prev, W, b):
    Z = np.einsum("ij,jk->ik", W, A_prev, optimize=True) + b
    return np.asfortranarray(Z), {"A": A_prev}

# %% linear_backward
def linear_backward(dZ, cache, W, b):
    dA_prev = np.einsum("ji,jk->ik", W, dZ, optimize=True)
    dW = np.einsum("ik,jk->ij", dZ, cache["A"], optimize=True)
    db = np.einsum("ik->i", dZ)[..., np.newaxis]
    return dA_prev, dW, db

# %% update_parameters_with_momentum_Adam
def update_parameters_with_momentum_Adam(parameters, gradients, alpha, beta=0.9, beta2=0.99,
                                         eps=1e-8):
    for l in range(1, parameters["numLayers"] + 1):
        names = ["W", "b"]
        if parameters["bnorm_list"][l - 1]:
            names += ["bnorm_beta", "bnorm_gamma"]
        for name in names:
            theta = f"{name}{l}"
            d = gradients[f"d{theta}"]
            if parameters["apply_momentum"]:
                prefix = "d" if name in ("W", "b") else ""
                V, G = f"V{prefix}{theta}", f"G{prefix}{theta}"
                # beta x + (1 - beta) y, for both averages at once
                old = np.stack([parameters[V], parameters[G]])
                weight = np.array([beta, beta2])[:, None, None]
                new = weight * old + (1 - weight) * np.stack([d, np.einsum("ij,ij->ij", d, d)])
                parameters[V], parameters[G] = new
                parameters[theta] = parameters[theta] - alpha * new[0] * (new[1] + eps) ** -0.5
            else:
                parameters[theta] = parameters[theta] - alpha * d
    return parameters

# %% multi_layer_network
def multi_layer_network(X, Y, net_dims, act_list, drop_prob_list, bnorm_list, num_epochs=3,
                        batch_size=64, learning_rate=0.2, decay_rate=0.01,
                        apply_momentum=True, log=True, log_step=200):
    parameters = initialize_network(net_dims, act_list, drop_prob_list)
    parameters = initialize_velocity(parameters, apply_momentum)
    parameters = initialize_bnorm_params(parameters, bnorm_list, apply_momentum)
    m = X.shape[1]
    alphas = learning_rate / (1 + decay_rate * np.arange(num_epochs))
    cuts = np.arange(batch_size, m, batch_size)
    batches = list(zip(np.split(X, cuts, axis=1), np.split(Y, cuts, axis=1)))
    costs = np.full((num_epochs, len(batches)), np.nan)
    for epoch, alpha in enumerate(alphas):
        if log:
            print(f"------- Epoch {epoch + 1} -------")
        for ii, (X_batch, Y_batch) in enumerate(batches):
            Z, caches = multi_layer_forward(np.asfortranarray(X_batch), parameters, 'train')
            A, cache, cost = softmax_cross_entropy_loss(Z, Y_batch)
            dZ = softmax_cross_entropy_loss_der(Y_batch, cache)
            gradients = multi_layer_backward(dZ, caches, parameters)
            parameters = update_parameters_with_momentum_Adam(parameters, gradients, alpha)
            costs[epoch, ii] = cost
            iteration = epoch * len(batches) + ii
            if log and iteration % log_step == 0:
                print("Cost at iteration %i is: %.05f, learning rate: %.05f"
                      % (iteration, cost, alpha))
    return list(costs.ravel()[::log_step]), parameters

# %% classify
def classify(X, parameters, mode='test'):
    A = softmax_cross_entropy_loss(multi_layer_forward(X, parameters, mode)[0])[0]
    return A.T.argmax(axis=1)[None]

# %% training_1
np.random.seed(1)
net_dims = [784, 100, 100, 64, 10]
act_list = ["relu", "relu", "relu", "linear"]
drop_prob_list = [0, 0, 0, 0]
bnorm_list = [1, 1, 1, 1]  # [0, 0, 0, 0] trains without batchnorm
costs, parameters = multi_layer_network(trX, trY, net_dims, act_list, drop_prob_list, bnorm_list,
                                        num_epochs=3, batch_size=64, learning_rate=1e-2,
                                        decay_rate=1, apply_momentum=True, log=True, log_step=200)
trAcc = np.einsum("ij->", 1.0 * (classify(trX, parameters) == trY)) / trY.shape[1] * 100
teAcc = np.einsum("ij->", 1.0 * (classify(tsX, parameters) == tsY)) / tsY.shape[1] * 100
print("Accuracy for training set is {0:0.3f} %".format(trAcc))
print("Accuracy for testing set is {0:0.3f} %".format(teAcc))

# %% training_2
np.random.seed(1)
net_dims = [784, 100, 100, 10]
act_list = ["relu", "relu", "linear"]
drop_prob_list = [0, 0, 0]
bnorm_list = [1, 1, 1]
costs, parameters = multi_layer_network(trX, trY, net_dims, act_list, drop_prob_list, bnorm_list,
                                        num_epochs=3, batch_size=64, learning_rate=1e-3,
                                        decay_rate=0.1, apply_momentum=True, log=False,
                                        log_step=200)
# confusion matrices: the right ones are on the diagonal
onehot = np.eye(10)
confusion = onehot[:, classify(trX, parameters)[0]] @ onehot[trY[0]]
trAcc = 100 * np.einsum("kk->", confusion) / confusion.sum()
confusion = onehot[:, classify(tsX, parameters)[0]] @ onehot[tsY[0]]
teAcc = 100 * np.einsum("kk->", confusion) / confusion.sum()
print("Accuracy for training set is {0:0.3f} %".format(trAcc))
print("Accuracy for testing set is {0:0.3f} %".format(teAcc))

"""Right, in place: out= arguments, views and augmented assignment on all memory it owns."""

# %% relu
def relu(Z):
    A = np.array(Z)
    np.maximum(A, 0, out=A)
    return A, {"Z": Z}

# %% relu_der
def relu_der(dA, cache):
    dZ = np.array(dA)
    dZ[np.less_equal(cache["Z"], 0)] = 0
    return dZ

# %% softmax_cross_entropy_loss
def softmax_cross_entropy_loss(Z, Y=np.array([])):
    A = np.array(Z, dtype=np.float64)
    A -= A.max(axis=0)
    np.exp(A, out=A)
    A /= A.sum(axis=0)
    if not Y.size:
        return A, {"A": A}, []
    picked = A[Y.ravel().astype(int), np.arange(A.shape[1])]
    np.log(picked, out=picked)
    loss = picked.sum()
    loss /= -A.shape[1]
    return A, {"A": A}, loss

# %% softmax_cross_entropy_loss_der
def softmax_cross_entropy_loss_der(Y, cache):
    dZ = cache["A"].copy()
    n, m = dZ.shape
    # position of (label, sample) in the flat view: label * m + sample
    flat = dZ.reshape(-1)
    flat[Y.ravel().astype(int) * m + np.arange(m)] -= 1
    dZ /= m
    return dZ

# %% dropout
def dropout(A, drop_prob, mode='train'):
    if drop_prob == 0:
        return A, (drop_prob, mode, None)
    if mode not in ('train', 'test'):
        raise ValueError("mode has to be train or test")
    if mode == 'test':
        return A, (drop_prob, mode, None)
    keep = 1 - drop_prob
    mask = np.random.rand(A.shape[0], A.shape[1])
    np.less(mask, keep, out=mask)
    mask /= keep
    return np.multiply(mask, A), (drop_prob, mode, mask)

# %% dropout_der
def dropout_der(dA_in, cache):
    drop_prob, mode, mask = cache
    if drop_prob == 0:
        return dA_in
    if mode not in ('train', 'test'):
        raise ValueError("mode has to be train or test")
    if mode == 'test':
        return dA_in
    dA_out = np.empty(dA_in.shape)
    np.multiply(dA_in, mask, out=dA_out)
    return dA_out

# %% batchnorm
def batchnorm(A, beta, gamma):
    if 0 in (np.size(beta), np.size(gamma)):
        return A, {}
    A_hat = np.array(A, dtype=float)
    A_hat -= A_hat.mean(axis=1)[:, None]
    Anorm = np.square(A_hat)
    inv_std = Anorm.mean(axis=1, keepdims=True)
    inv_std += 1e-5
    np.sqrt(inv_std, out=inv_std)
    np.reciprocal(inv_std, out=inv_std)
    A_hat *= inv_std
    np.multiply(A_hat, gamma, out=Anorm)
    Anorm += beta
    return Anorm, (A_hat, inv_std, gamma)

# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    if not cache:
        return dA_in, [], []
    A_hat, inv_std, gamma = cache
    work = dA_in * A_hat
    dgamma = work.sum(axis=1, keepdims=True)
    dbeta = np.empty_like(dgamma)
    np.sum(dA_in, axis=1, keepdims=True, out=dbeta)
    # gamma is the same for all samples of a neuron: it leaves the sums
    m = dA_in.shape[1]
    np.multiply(A_hat, dgamma, out=work)
    work += dbeta
    work /= -m
    work += dA_in
    work *= gamma
    work *= inv_std
    return work, dbeta, dgamma

# %% initialize_network
def initialize_network(net_dims, act_list, drop_prob_list):
    parameters = dict(numLayers=len(net_dims) - 1)
    for l, (act, drop_prob) in enumerate(zip(act_list, drop_prob_list), start=1):
        W = np.random.randn(net_dims[l], net_dims[l - 1])
        W *= 2
        W /= np.sqrt(net_dims[l - 1])
        parameters.update({f"W{l}": W, f"b{l}": np.zeros((net_dims[l], 1)),
                           f"act{l}": act, f"dropout{l}": drop_prob})
    return parameters

# %% initialize_velocity
def initialize_velocity(parameters, apply_momentum=True):
    parameters["apply_momentum"] = apply_momentum
    if apply_momentum:
        for l in range(1, parameters["numLayers"] + 1):
            W, b = parameters[f"W{l}"], parameters[f"b{l}"]
            # one block of memory a layer, cut into four views that do not overlap
            block = np.zeros(2 * W.size + 2 * b.size)
            VdW, GdW, Vdb, Gdb = np.split(block, np.cumsum([W.size, W.size, b.size]))
            parameters[f"VdW{l}"] = VdW.reshape(W.shape)
            parameters[f"GdW{l}"] = GdW.reshape(W.shape)
            parameters[f"Vdb{l}"] = Vdb.reshape(b.shape)
            parameters[f"Gdb{l}"] = Gdb.reshape(b.shape)
    return parameters

# %% linear_forward
def linear_forward(A_prev, W, b):
    Z = np.empty((W.shape[0], A_prev.shape[1]))
    np.matmul(W, A_prev, out=Z)
    Z += b
    return Z, {"A": A_prev}

# %% linear_backward
def linear_backward(dZ, cache, W, b):
    A_prev = cache["A"]
    dA_prev = np.empty(A_prev.shape)
    dW = np.empty(W.shape)
    db = np.empty((W.shape[0], 1))
    np.dot(W.T.astype(float), dZ.astype(float), out=dA_prev)
    np.matmul(dZ, A_prev.T, out=dW)
    np.sum(dZ, axis=1, keepdims=True, out=db)
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
                V, G = parameters[f"V{prefix}{theta}"], parameters[f"G{prefix}{theta}"]
                V *= beta
                V += (1 - beta) * d
                G *= beta2
                G += (1 - beta2) * d * d
                step = G + eps
                np.sqrt(step, out=step)
                np.divide(V, step, out=step)
                step *= alpha
                parameters[theta] -= step
            else:
                parameters[theta] -= alpha * d
    return parameters

# %% multi_layer_network
def multi_layer_network(X, Y, net_dims, act_list, drop_prob_list, bnorm_list, num_epochs=3,
                        batch_size=64, learning_rate=0.2, decay_rate=0.01,
                        apply_momentum=True, log=True, log_step=200):
    parameters = initialize_network(net_dims, act_list, drop_prob_list)
    initialize_velocity(parameters, apply_momentum)
    parameters = initialize_bnorm_params(parameters, bnorm_list, apply_momentum)
    starts = range(0, X.shape[1], batch_size)
    costs = []
    iteration = 0
    with progress_bar(num_epochs * len(starts)) as bar:
        for epoch in range(num_epochs):
            alpha = learning_rate / (1 + decay_rate * epoch)
            if log:
                print(f"------- Epoch {epoch + 1} -------")
            for start in starts:
                X_batch = X[:, start:start + batch_size]
                Y_batch = Y[:, start:start + batch_size]
                Z, caches = multi_layer_forward(X_batch, parameters, 'train')
                _, cache, cost = softmax_cross_entropy_loss(Z, Y_batch)
                dZ = softmax_cross_entropy_loss_der(Y_batch, cache)
                gradients = multi_layer_backward(dZ, caches, parameters)
                parameters = update_parameters_with_momentum_Adam(parameters, gradients, alpha)
                if iteration % log_step == 0:
                    costs += [cost]
                    if log:
                        print("Cost at iteration %i is: %.05f, learning rate: %.05f"
                              % (iteration, cost, alpha))
                iteration += 1
                bar.update()
    return costs, parameters

# %% classify
def classify(X, parameters, mode='test'):
    Z, _ = multi_layer_forward(X, parameters, mode)
    A, _, _ = softmax_cross_entropy_loss(Z)
    YPred = np.empty((1, X.shape[1]), dtype=np.intp)
    np.argmax(A, axis=0, out=YPred[0])
    return YPred

# %% training_1
np.random.seed(1)
net_dims = [784, 100, 100, 64, 10]
act_list = ["relu", "relu", "relu", "linear"]
drop_prob_list = [0, 0, 0, 0]
bnorm_list = [1, 1, 1, 1]  # [0, 0, 0, 0] trains without batchnorm
costs, parameters = multi_layer_network(trX, trY, net_dims, act_list, drop_prob_list, bnorm_list,
                                        num_epochs=3, batch_size=64, learning_rate=1e-2,
                                        decay_rate=1, apply_momentum=True, log=True, log_step=200)
trAcc = np.count_nonzero(classify(trX, parameters) == trY)
trAcc *= 100 / trY.size
teAcc = np.count_nonzero(classify(tsX, parameters) == tsY)
teAcc *= 100 / tsY.size
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
wrong = np.count_nonzero(classify(trX, parameters) - trY)
trAcc = 100 - 100 * wrong / trY.size
wrong = np.count_nonzero(classify(tsX, parameters) - tsY)
teAcc = 100 - 100 * wrong / tsY.size
print("Accuracy for training set is {0:0.3f} %".format(trAcc))
print("Accuracy for testing set is {0:0.3f} %".format(teAcc))

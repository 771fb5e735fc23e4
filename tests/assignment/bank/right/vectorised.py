"""Right: the clean vectorised solution, one NumPy expression a formula, frames kept as released."""

# %% relu
def relu(Z):
    A = np.maximum(0, Z)
    return A, {"Z": Z}

# %% relu_der
def relu_der(dA, cache):
    return np.where(cache["Z"] > 0, dA, 0)

# %% softmax_cross_entropy_loss
def softmax_cross_entropy_loss(Z, Y=np.array([])):
    shifted = Z - Z.max(axis=0, keepdims=True)
    exps = np.exp(shifted)
    sums = exps.sum(axis=0, keepdims=True)
    A = exps / sums
    if Y.size == 0:
        loss = []
    else:
        m = Z.shape[1]
        labels = Y.reshape(-1).astype(int)
        loss = np.mean(np.log(sums[0]) - shifted[labels, np.arange(m)])
    return A, {"A": A}, loss

# %% softmax_cross_entropy_loss_der
def softmax_cross_entropy_loss_der(Y, cache):
    dZ = cache["A"].copy()
    m = dZ.shape[1]
    dZ[Y.reshape(-1).astype(int), np.arange(m)] -= 1
    return dZ / m

# %% dropout
def dropout(A, drop_prob, mode='train'):
    if drop_prob == 0:
        return A, (drop_prob, mode, None)
    if mode == 'train':
        keep = 1 - drop_prob
        mask = (np.random.rand(*A.shape) < keep) / keep
        return mask * A, (drop_prob, mode, mask)
    if mode == 'test':
        return A, (drop_prob, mode, None)
    raise ValueError(f"mode must be 'train' or 'test', not {mode!r}")

# %% dropout_der
def dropout_der(dA_in, cache):
    drop_prob, mode, mask = cache
    if drop_prob == 0 or mode == 'test':
        return dA_in
    if mode == 'train':
        return mask * dA_in
    raise ValueError(f"mode must be 'train' or 'test', not {mode!r}")

# %% batchnorm
def batchnorm(A, beta, gamma):
    if beta.size == 0 or gamma.size == 0:
        return A, {}
    epsilon = 1e-5
    mu = A.mean(axis=1, keepdims=True)
    var = ((A - mu) ** 2).mean(axis=1, keepdims=True)
    std = np.sqrt(var + epsilon)
    A_hat = (A - mu) / std
    return gamma * A_hat + beta, {"A_hat": A_hat, "std": std, "gamma": gamma}

# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    if not cache:
        return dA_in, [], []
    A_hat, std, gamma = cache["A_hat"], cache["std"], cache["gamma"]
    m = dA_in.shape[1]
    dbeta = dA_in.sum(axis=1, keepdims=True)
    dgamma = (dA_in * A_hat).sum(axis=1, keepdims=True)
    g = dA_in * gamma
    g_sum = g.sum(axis=1, keepdims=True)
    g_A_hat_sum = (g * A_hat).sum(axis=1, keepdims=True)
    dA_out = (m * g - g_sum - A_hat * g_A_hat_sum) / (m * std)
    return dA_out, dbeta, dgamma

# %% initialize_network
def initialize_network(net_dims, act_list, drop_prob_list):
    parameters = {"numLayers": len(net_dims) - 1}
    for l in range(1, len(net_dims)):
        n_in, n_out = net_dims[l - 1], net_dims[l]
        parameters[f"act{l}"] = act_list[l - 1]
        parameters[f"dropout{l}"] = drop_prob_list[l - 1]
        parameters[f"W{l}"] = np.random.randn(n_out, n_in) * 2 / np.sqrt(n_in)
        parameters[f"b{l}"] = np.zeros((n_out, 1))
    return parameters

# %% initialize_velocity
def initialize_velocity(parameters, apply_momentum=True):
    parameters["apply_momentum"] = apply_momentum
    if apply_momentum:
        for l in range(1, parameters["numLayers"] + 1):
            for name in ("W", "b"):
                parameters[f"Vd{name}{l}"] = np.zeros_like(parameters[f"{name}{l}"])
                parameters[f"Gd{name}{l}"] = np.zeros_like(parameters[f"{name}{l}"])
    return parameters

# %% linear_forward
def linear_forward(A_prev, W, b):
    return W @ A_prev + b, {"A": A_prev}

# %% linear_backward
def linear_backward(dZ, cache, W, b):
    dA_prev = W.T @ dZ
    dW = dZ @ cache["A"].T
    db = dZ.sum(axis=1, keepdims=True)
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
                parameters[V] = beta * parameters[V] + (1 - beta) * d
                parameters[G] = beta2 * parameters[G] + (1 - beta2) * d ** 2
                step = parameters[V] / np.sqrt(parameters[G] + eps)
                parameters[theta] = parameters[theta] - alpha * step
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
                AL, softmax_cache, cost = softmax_cross_entropy_loss(Z, Y_batch)
                dZ = softmax_cross_entropy_loss_der(Y_batch, softmax_cache)
                gradients = multi_layer_backward(dZ, caches, parameters)
                parameters = update_parameters_with_momentum_Adam(parameters, gradients, alpha)
                if iteration % log_step == 0:
                    costs.append(cost)
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
    return np.argmax(A, axis=0).reshape(1, -1)

# %% training_1
np.random.seed(1)
net_dims = [784, 100, 100, 64, 10]
act_list = ["relu", "relu", "relu", "linear"]
drop_prob_list = [0, 0, 0, 0]
bnorm_list = [1, 1, 1, 1]  # [0, 0, 0, 0] trains without batchnorm
costs, parameters = multi_layer_network(trX, trY, net_dims, act_list, drop_prob_list, bnorm_list,
                                        num_epochs=3, batch_size=64, learning_rate=1e-2,
                                        decay_rate=1, apply_momentum=True, log=True, log_step=200)
trAcc = 100 * np.mean(classify(trX, parameters) == trY)
teAcc = 100 * np.mean(classify(tsX, parameters) == tsY)
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
trAcc = 100 * np.mean(classify(trX, parameters) == trY)
teAcc = 100 * np.mean(classify(tsX, parameters) == tsY)
print("Accuracy for training set is {0:0.3f} %".format(trAcc))
print("Accuracy for testing set is {0:0.3f} %".format(teAcc))

"""Right: a beginner's solution, with Python loops over neurons, samples and single elements."""

# %% relu
def relu(Z):
    A = np.array(Z)
    A[A < 0] = 0
    cache = {}
    cache["Z"] = Z
    return A, cache

# %% relu_der
def relu_der(dA, cache):
    Z = cache["Z"]
    dZ = np.array(dA, copy=True)
    for i, row in enumerate(Z.tolist()):
        for j, z in enumerate(row):
            if z <= 0:
                dZ[i, j] = 0
    return dZ

# %% softmax_cross_entropy_loss
def softmax_cross_entropy_loss(Z, Y=np.array([])):
    n, m = Z.shape
    A = np.zeros((n, m))
    for i in range(m):
        zmax = max(Z[:, i])
        total = 0.0
        for k in range(n):
            A[k, i] = np.exp(Z[k, i] - zmax)
            total = total + A[k, i]
        for k in range(n):
            A[k, i] = A[k, i] / total
    cache = {}
    cache["A"] = A
    if Y.shape[-1] == 0:
        loss = []
    else:
        loss = 0
        for i in range(m):
            label = int(Y[0, i])
            loss = loss - np.log(A[label, i])
        loss = loss / m
    return A, cache, loss

# %% softmax_cross_entropy_loss_der
def softmax_cross_entropy_loss_der(Y, cache):
    A = cache["A"]
    n, m = A.shape
    dZ = np.zeros((n, m))
    for i in range(m):
        for k in range(n):
            if k == Y[0, i]:
                dZ[k, i] = (A[k, i] - 1) / m
            else:
                dZ[k, i] = A[k, i] / m
    return dZ

# %% dropout
def dropout(A, drop_prob, mode='train'):
    if drop_prob == 0:
        cache = (drop_prob, mode, None)
        A_out = A
    elif mode == 'train':
        keep_prob = 1 - drop_prob
        n, m = A.shape
        random_numbers = np.random.rand(n, m)
        mask = np.zeros((n, m))
        for i in range(n):
            for j in range(m):
                if random_numbers[i, j] < keep_prob:
                    mask[i, j] = 1 / keep_prob
        A_out = A * mask
        cache = (drop_prob, mode, mask)
    elif mode == 'test':
        A_out = A
        cache = (drop_prob, mode, None)
    else:
        raise ValueError("Mode should be train or test")
    return A_out, cache

# %% dropout_der
def dropout_der(dA_in, cache):
    drop_prob = cache[0]
    mode = cache[1]
    mask = cache[2]
    if drop_prob == 0:
        dA_out = dA_in
    elif mode == 'train':
        dA_out = np.zeros(dA_in.shape)
        for i in range(dA_in.shape[0]):
            for j in range(dA_in.shape[1]):
                dA_out[i, j] = dA_in[i, j] * mask[i, j]
    elif mode == 'test':
        dA_out = dA_in
    else:
        raise ValueError("Mode should be train or test")
    return dA_out

# %% batchnorm
def batchnorm(A, beta, gamma):
    if len(beta) == 0 or len(gamma) == 0:
        return A, {}
    n, m = A.shape
    Anorm = np.zeros((n, m))
    A_hat = np.zeros((n, m))
    mus = []
    variances = []
    for i in range(n):
        row = A[i]
        mu = row.sum() / m
        difference = row - mu
        var = (difference * difference).sum() / m
        A_hat[i] = difference / (var + 0.00001) ** 0.5
        Anorm[i] = gamma[i, 0] * A_hat[i] + beta[i, 0]
        mus.append(mu)
        variances.append(var)
    cache = {"A": A, "mus": mus, "variances": variances, "A_hat": A_hat, "gamma": gamma}
    return Anorm, cache

# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    if cache == {}:
        return dA_in, [], []
    A_hat = cache["A_hat"]
    gamma = cache["gamma"]
    variances = cache["variances"]
    n, m = dA_in.shape
    dA_out = np.zeros((n, m))
    dbeta = np.zeros((n, 1))
    dgamma = np.zeros((n, 1))
    for i in range(n):
        d = dA_in[i]
        x = A_hat[i]
        sum_d = d.sum()
        sum_dx = (d * x).sum()
        dbeta[i, 0] = sum_d
        dgamma[i, 0] = sum_dx
        factor = gamma[i, 0] / (m * (variances[i] + 0.00001) ** 0.5)
        dA_out[i] = factor * (m * d - sum_d - x * sum_dx)
    return dA_out, dbeta, dgamma

# %% initialize_network
def initialize_network(net_dims, act_list, drop_prob_list):
    numLayers = len(net_dims) - 1
    parameters = {}
    parameters["numLayers"] = numLayers
    for l in range(numLayers):
        parameters["act" + str(l + 1)] = act_list[l]
        parameters["dropout" + str(l + 1)] = drop_prob_list[l]
        parameters["W" + str(l + 1)] = np.random.randn(net_dims[l + 1], net_dims[l])
        parameters["W" + str(l + 1)] *= 2 / (net_dims[l] ** 0.5)
        parameters["b" + str(l + 1)] = np.zeros((net_dims[l + 1], 1))
    return parameters

# %% initialize_velocity
def initialize_velocity(parameters, apply_momentum=True):
    L = parameters["numLayers"]
    parameters["apply_momentum"] = apply_momentum
    if apply_momentum == True:
        for l in range(L):
            n_out = parameters["W" + str(l + 1)].shape[0]
            n_in = parameters["W" + str(l + 1)].shape[1]
            parameters["VdW" + str(l + 1)] = np.zeros((n_out, n_in))
            parameters["Vdb" + str(l + 1)] = np.zeros((n_out, 1))
            parameters["GdW" + str(l + 1)] = np.zeros((n_out, n_in))
            parameters["Gdb" + str(l + 1)] = np.zeros((n_out, 1))
    return parameters

# %% linear_forward
def linear_forward(A_prev, W, b):
    cache = {}
    cache["A"] = A_prev
    Z = np.dot(W, A_prev) + b
    return Z, cache

# %% linear_backward
def linear_backward(dZ, cache, W, b):
    A_prev = cache["A"]
    dA_prev = np.dot(W.T, dZ)
    dW = np.dot(dZ, A_prev.T)
    db = np.sum(dZ, axis=1).reshape(dZ.shape[0], 1)
    return dA_prev, dW, db

# %% update_parameters_with_momentum_Adam
def update_parameters_with_momentum_Adam(parameters, gradients, alpha, beta=0.9, beta2=0.99,
                                         eps=1e-8):
    L = parameters["numLayers"]
    bnorm_list = parameters["bnorm_list"]
    for l in range(L):
        k = str(l + 1)
        if parameters["apply_momentum"]:
            dW = gradients["dW" + k]
            db = gradients["db" + k]
            parameters["VdW" + k] = beta * parameters["VdW" + k] + (1 - beta) * dW
            parameters["Vdb" + k] = beta * parameters["Vdb" + k] + (1 - beta) * db
            parameters["GdW" + k] = beta2 * parameters["GdW" + k] + (1 - beta2) * dW * dW
            parameters["Gdb" + k] = beta2 * parameters["Gdb" + k] + (1 - beta2) * db * db
            step_W = parameters["VdW" + k] / (parameters["GdW" + k] + eps) ** 0.5
            step_b = parameters["Vdb" + k] / (parameters["Gdb" + k] + eps) ** 0.5
            parameters["W" + k] -= alpha * step_W
            parameters["b" + k] -= alpha * step_b
            if bnorm_list[l]:
                for name in ["bnorm_beta", "bnorm_gamma"]:
                    d = gradients["d" + name + k]
                    V = beta * parameters["V" + name + k] + (1 - beta) * d
                    G = beta2 * parameters["G" + name + k] + (1 - beta2) * d * d
                    parameters["V" + name + k] = V
                    parameters["G" + name + k] = G
                    parameters[name + k] -= alpha * V / (G + eps) ** 0.5
        else:
            parameters["W" + k] -= alpha * gradients["dW" + k]
            parameters["b" + k] -= alpha * gradients["db" + k]
            if bnorm_list[l]:
                parameters["bnorm_beta" + k] -= alpha * gradients["dbnorm_beta" + k]
                parameters["bnorm_gamma" + k] -= alpha * gradients["dbnorm_gamma" + k]
    return parameters

# %% multi_layer_network
def multi_layer_network(X, Y, net_dims, act_list, drop_prob_list, bnorm_list, num_epochs=3,
                        batch_size=64, learning_rate=0.2, decay_rate=0.01,
                        apply_momentum=True, log=True, log_step=200):
    parameters = initialize_network(net_dims, act_list, drop_prob_list)
    parameters = initialize_velocity(parameters, apply_momentum)
    parameters = initialize_bnorm_params(parameters, bnorm_list, apply_momentum)
    m = X.shape[1]
    costs = []
    counter = 0
    for epoch in range(num_epochs):
        alpha = learning_rate * (1 / (1 + decay_rate * epoch))
        if log:
            print("------- Epoch " + str(epoch + 1) + " -------")
        for ii in range((m - 1) // batch_size + 1):
            first = ii * batch_size
            last = min((ii + 1) * batch_size, m)
            XB = X[:, first:last]
            YB = Y[:, first:last]
            A, caches = multi_layer_forward(XB, parameters, 'train')
            AL, sm_cache, cost = softmax_cross_entropy_loss(A, YB)
            dA = softmax_cross_entropy_loss_der(YB, sm_cache)
            gradients = multi_layer_backward(dA, caches, parameters)
            parameters = update_parameters_with_momentum_Adam(parameters, gradients, alpha)
            if counter % log_step == 0:
                costs.append(cost)
                if log:
                    print("Cost at iteration %i is: %.05f, learning rate: %.05f"
                          % (counter, cost, alpha))
            counter = counter + 1
    return costs, parameters

# %% classify
def classify(X, parameters, mode='test'):
    A, caches = multi_layer_forward(X, parameters, mode)
    AL, cache, loss = softmax_cross_entropy_loss(A)
    m = X.shape[1]
    YPred = np.zeros((1, m), dtype=int)
    for i in range(m):
        YPred[0, i] = np.argmax(AL[:, i])
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
train_Pred = classify(trX, parameters)
test_Pred = classify(tsX, parameters)
right = 0
for i in range(trY.shape[1]):
    if train_Pred[0, i] == trY[0, i]:
        right = right + 1
trAcc = right / trY.shape[1] * 100
right = 0
for i in range(tsY.shape[1]):
    if test_Pred[0, i] == tsY[0, i]:
        right = right + 1
teAcc = right / tsY.shape[1] * 100
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
train_Pred = classify(trX, parameters)
test_Pred = classify(tsX, parameters)
trAcc = sum(train_Pred[0] == trY[0]) / trY.shape[1] * 100
teAcc = sum(test_Pred[0] == tsY[0]) / tsY.shape[1] * 100
print("Accuracy for training set is {0:0.3f} %".format(trAcc))
print("Accuracy for testing set is {0:0.3f} %".format(teAcc))

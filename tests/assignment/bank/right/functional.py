"""Right, functional: new dictionaries and arrays everywhere, no argument is ever changed; the
batchnorm cache is a namedtuple."""

# %% relu
def relu(Z):
    return np.where(np.asarray(Z) > 0, Z, 0), {"Z": np.array(Z)}

# %% relu_der
def relu_der(dA, cache):
    return np.where(cache["Z"] > 0, dA, np.zeros_like(dA))

# %% softmax_cross_entropy_loss
def softmax(Z):
    exps = np.exp(Z - np.amax(Z, axis=0))
    return exps / np.sum(exps, axis=0)


def cross_entropy(A, Y):
    probability_of_label = [A[int(label), i] for i, label in enumerate(Y[0])]
    return -sum(np.log(probability_of_label)) / len(probability_of_label)


def softmax_cross_entropy_loss(Z, Y=np.array([])):
    A = softmax(Z)
    loss = cross_entropy(A, Y) if np.size(Y) > 0 else []
    return A.copy(), {"A": A}, loss

# %% softmax_cross_entropy_loss_der
def softmax_cross_entropy_loss_der(Y, cache):
    A = cache["A"]
    n, m = A.shape
    onehot = np.array([[1.0 if label == k else 0.0 for label in Y[0]] for k in range(n)])
    return (A - onehot) / m

# %% dropout
def dropout(A, drop_prob, mode='train'):
    if drop_prob == 0:
        return A.copy(), (drop_prob, mode, None)
    if mode == 'train':
        keep = 1 - drop_prob
        mask = np.where(np.random.rand(*A.shape) < keep, 1 / keep, 0.0)
        return A * mask, (drop_prob, mode, mask)
    if mode == 'test':
        return A.copy(), (drop_prob, mode, None)
    raise ValueError(mode)

# %% dropout_der
def dropout_der(dA_in, cache):
    drop_prob, mode, mask = cache
    if drop_prob == 0:
        return dA_in.copy()
    try:
        return {"train": lambda: dA_in * mask, "test": lambda: dA_in.copy()}[mode]()
    except KeyError:
        raise ValueError(mode) from None

# %% batchnorm
from collections import namedtuple

BatchnormCache = namedtuple("BatchnormCache", ["A_hat", "var", "gamma", "epsilon"])


def batchnorm(A, beta, gamma):
    if np.size(beta) == 0 or np.size(gamma) == 0:
        return A.copy(), {}
    epsilon = 1e-5
    mu = np.mean(A, axis=1, keepdims=True)
    var = np.var(A, axis=1, keepdims=True)
    A_hat = (A - mu) / np.sqrt(var + epsilon)
    return beta + gamma * A_hat, BatchnormCache(A_hat, var, gamma.copy(), epsilon)

# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    if cache == {}:
        return dA_in.copy(), [], []
    g = dA_in * cache.gamma
    m = dA_in.shape[1]
    dbeta = np.sum(dA_in, axis=1, keepdims=True)
    dgamma = np.sum(dA_in * cache.A_hat, axis=1, keepdims=True)
    g_centred = g - np.mean(g, axis=1, keepdims=True)
    along_A_hat = cache.A_hat * np.sum(g * cache.A_hat, axis=1, keepdims=True) / m
    return (g_centred - along_A_hat) / np.sqrt(cache.var + cache.epsilon), dbeta, dgamma

# %% initialize_network
def initialize_layer(l, n_in, n_out, act, drop_prob):
    return {
        f"act{l}": act,
        f"dropout{l}": drop_prob,
        f"W{l}": np.random.randn(n_out, n_in) * 2 / np.sqrt(n_in),
        f"b{l}": np.zeros((n_out, 1)),
    }


def initialize_network(net_dims, act_list, drop_prob_list):
    layers = zip(net_dims, net_dims[1:], act_list, drop_prob_list)
    parameters = {"numLayers": len(net_dims) - 1}
    for l, (n_in, n_out, act, drop_prob) in enumerate(layers, 1):
        parameters = {**parameters, **initialize_layer(l, n_in, n_out, act, drop_prob)}
    return parameters

# %% initialize_velocity
def initialize_velocity(parameters, apply_momentum=True):
    names = [f"{name}{l}" for l in range(1, parameters["numLayers"] + 1) for name in "Wb"]
    state = {f"{kind}d{name}": np.zeros(parameters[name].shape)
             for name in names for kind in "VG"} if apply_momentum else {}
    return {**parameters, "apply_momentum": apply_momentum, **state}

# %% linear_forward
def linear_forward(A_prev, W, b):
    return np.add(np.dot(W, A_prev), b), {"A": A_prev.copy()}

# %% linear_backward
def linear_backward(dZ, cache, W, b):
    return np.dot(W.T, dZ), np.dot(dZ, cache["A"].T), np.sum(dZ, axis=1, keepdims=True)

# %% update_parameters_with_momentum_Adam
def adam(theta, V, G, d, alpha, beta, beta2, eps):
    new_V = beta * V + (1 - beta) * d
    new_G = beta2 * G + (1 - beta2) * np.square(d)
    return theta - alpha * new_V / np.sqrt(new_G + eps), new_V, new_G


def update_parameters_with_momentum_Adam(parameters, gradients, alpha, beta=0.9, beta2=0.99,
                                         eps=1e-8):
    new = dict(parameters)
    for l, bnorm in enumerate(parameters["bnorm_list"], 1):
        keys = [(f"W{l}", f"dW{l}"), (f"b{l}", f"db{l}")]
        if bnorm:
            keys += [(f"bnorm_beta{l}", f"bnorm_beta{l}"), (f"bnorm_gamma{l}", f"bnorm_gamma{l}")]
        for name, state in keys:
            d = gradients[f"d{name}"]
            if parameters["apply_momentum"]:
                new[name], new["V" + state], new["G" + state] = adam(
                    parameters[name], parameters["V" + state], parameters["G" + state], d,
                    alpha, beta, beta2, eps)
            else:
                new[name] = parameters[name] - alpha * d
    return new

# %% multi_layer_network
def gradients_of_batch(X_batch, Y_batch, parameters):
    Z, caches = multi_layer_forward(X_batch, parameters, 'train')
    _, cache, cost = softmax_cross_entropy_loss(Z, Y_batch)
    dZ = softmax_cross_entropy_loss_der(Y_batch, cache)
    return multi_layer_backward(dZ, caches, parameters), cost


def batches(X, Y, batch_size):
    for start in range(0, X.shape[1], batch_size):
        yield X[:, start:start + batch_size].copy(), Y[:, start:start + batch_size].copy()


def multi_layer_network(X, Y, net_dims, act_list, drop_prob_list, bnorm_list, num_epochs=3,
                        batch_size=64, learning_rate=0.2, decay_rate=0.01,
                        apply_momentum=True, log=True, log_step=200):
    parameters = initialize_bnorm_params(
        initialize_velocity(
            initialize_network(net_dims, act_list, drop_prob_list), apply_momentum),
        bnorm_list, apply_momentum)
    costs = ()
    iteration = 0
    for epoch in range(num_epochs):
        alpha = learning_rate / (1 + decay_rate * epoch)
        if log:
            print(f"------- Epoch {epoch + 1} -------")
        for X_batch, Y_batch in batches(X, Y, batch_size):
            gradients, cost = gradients_of_batch(X_batch, Y_batch, parameters)
            parameters = update_parameters_with_momentum_Adam(parameters, gradients, alpha)
            if iteration % log_step == 0:
                costs = costs + (cost,)
                if log:
                    print("Cost at iteration %i is: %.05f, learning rate: %.05f"
                          % (iteration, cost, alpha))
            iteration = iteration + 1
    return list(costs), parameters

# %% classify
def classify(X, parameters, mode='test'):
    return np.argmax(softmax(multi_layer_forward(X, parameters, mode)[0]), axis=0, keepdims=True)

# %% training_1
def accuracy(X, Y, parameters):
    return float(np.mean(np.equal(classify(X, parameters), Y)) * 100)


np.random.seed(1)
net_dims = [784, 100, 100, 64, 10]
act_list = ["relu", "relu", "relu", "linear"]
drop_prob_list = [0, 0, 0, 0]
bnorm_list = [1, 1, 1, 1]  # [0, 0, 0, 0] trains without batchnorm
costs, parameters = multi_layer_network(trX, trY, net_dims, act_list, drop_prob_list, bnorm_list,
                                        num_epochs=3, batch_size=64, learning_rate=1e-2,
                                        decay_rate=1, apply_momentum=True, log=True, log_step=200)
trAcc, teAcc = accuracy(trX, trY, parameters), accuracy(tsX, tsY, parameters)
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
trAcc, teAcc = accuracy(trX, trY, parameters), accuracy(tsX, tsY, parameters)
print("Accuracy for training set is {0:0.3f} %".format(trAcc))
print("Accuracy for testing set is {0:0.3f} %".format(teAcc))

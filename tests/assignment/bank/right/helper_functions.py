"""Right, with many module-level helpers and constants, own names, lambdas and keyword arguments."""

# %% relu
from math import sqrt

positive = lambda values: values * (values > 0)
relu = lambda Z: (positive(np.array(Z)), dict(Z=Z))

# %% relu_der
relu_der = lambda dA, cache: np.where(np.array(cache["Z"]) > 0, dA, 0)

# %% softmax_cross_entropy_loss
per_sample = dict(axis=0, keepdims=True)


def _softmax(logits):
    e = np.exp(logits - np.max(logits, **per_sample))
    return e / np.sum(e, **per_sample)


def _label_row(labels):
    return np.asarray(labels).astype(int).flatten()


def _mean_loss(probabilities, labels):
    chosen = [column[label] for column, label in zip(probabilities.T, _label_row(labels))]
    return -float(np.mean(np.log(chosen)))


def softmax_cross_entropy_loss(Z, Y=np.array([])):
    probs = _softmax(logits=Z)
    loss = [] if len(_label_row(Y)) == 0 else _mean_loss(probabilities=probs, labels=Y)
    return probs, {"A": probs}, loss

# %% softmax_cross_entropy_loss_der
def _onehot(labels, classes):
    table = np.zeros(shape=(classes, len(labels)))
    table[labels, range(len(labels))] = 1
    return table


def softmax_cross_entropy_loss_der(Y, cache):
    n_classes, n_samples = cache["A"].shape
    return (cache["A"] - _onehot(labels=_label_row(Y), classes=n_classes)) / n_samples

# %% dropout
TRAIN, TEST = 'train', 'test'
_is_off = lambda drop_prob, mode: drop_prob == 0 or mode == TEST


def _check(mode):
    if mode not in {TRAIN, TEST}:
        raise ValueError("mode = {}".format(mode))


def _make_mask(shape, keep_prob):
    return np.array(np.random.rand(*shape) < keep_prob, dtype=float) / keep_prob


def dropout(A, drop_prob, mode='train'):
    if drop_prob:
        _check(mode=mode)
    mask = None if _is_off(drop_prob, mode) else _make_mask(shape=A.shape, keep_prob=1 - drop_prob)
    return (A if mask is None else np.multiply(A, mask)), (drop_prob, mode, mask)

# %% dropout_der
def dropout_der(dA_in, cache):
    p, how, mask = cache
    if p:
        _check(mode=how)
    return dA_in if _is_off(drop_prob=p, mode=how) else np.multiply(dA_in, mask)

# %% batchnorm
EPS_BN = 1e-5
row_mean = lambda M: np.mean(M, axis=1, keepdims=True)
row_sum = lambda M: np.sum(M, axis=1, keepdims=True)
is_empty = lambda array: np.asarray(array).size == 0


def _standardise(A):
    centred = A - row_mean(A)
    spread = np.sqrt(row_mean(centred * centred) + EPS_BN)
    return centred / spread, spread


def batchnorm(A, beta, gamma):
    if is_empty(beta) or is_empty(gamma):
        return A, {}
    normalised, spread = _standardise(A=A)
    return gamma * normalised + beta, dict(normalised=normalised, spread=spread, gamma=gamma)

# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    if not cache:
        return dA_in, [], []
    x, spread, gamma = (cache[key] for key in ("normalised", "spread", "gamma"))
    g = gamma * dA_in
    dA_out = (g - row_mean(g) - x * row_mean(g * x)) / spread
    return dA_out, row_sum(dA_in), row_sum(dA_in * x)

# %% initialize_network
HE_GAIN = 2


def _weights(fan_in, fan_out):
    return np.random.randn(fan_out, fan_in) * (HE_GAIN / sqrt(fan_in))


def initialize_network(net_dims, act_list, drop_prob_list):
    params = {"numLayers": len(net_dims) - 1}
    for layer, name in enumerate(act_list, start=1):
        fan_in, fan_out = net_dims[layer - 1:layer + 1]
        params["act" + str(layer)] = name
        params["dropout" + str(layer)] = drop_prob_list[layer - 1]
        params["W" + str(layer)] = _weights(fan_in=fan_in, fan_out=fan_out)
        params["b" + str(layer)] = np.zeros(shape=(fan_out, 1))
    return params

# %% initialize_velocity
_zeros = lambda like: np.zeros(shape=np.shape(like))
_layers = lambda params: map(str, range(1, params["numLayers"] + 1))


def initialize_velocity(parameters, apply_momentum=True):
    parameters.update(apply_momentum=apply_momentum)
    for layer in _layers(parameters) if apply_momentum else ():
        for prefix in ("Vd", "Gd"):
            for letter in ("W", "b"):
                parameters[prefix + letter + layer] = _zeros(like=parameters[letter + layer])
    return parameters

# %% linear_forward
def linear_forward(A_prev, W, b):
    return b + np.matmul(W, A_prev), dict(A=A_prev)

# %% linear_backward
def linear_backward(dZ, cache, W, b):
    ones = np.ones(shape=(dZ.shape[1], 1))
    return np.matmul(W.T, dZ), np.matmul(dZ, cache["A"].T), np.matmul(dZ, ones)

# %% update_parameters_with_momentum_Adam
_running = lambda old, new, decay: decay * old + (1 - decay) * new


def _adam_keys(layer, with_bnorm):
    yield "W" + layer, "dW" + layer, "VdW" + layer, "GdW" + layer
    yield "b" + layer, "db" + layer, "Vdb" + layer, "Gdb" + layer
    if with_bnorm:
        for name in ("bnorm_beta" + layer, "bnorm_gamma" + layer):
            yield name, "d" + name, "V" + name, "G" + name


def update_parameters_with_momentum_Adam(parameters, gradients, alpha, beta=0.9, beta2=0.99,
                                         eps=1e-8):
    for layer, with_bnorm in zip(_layers(parameters), parameters["bnorm_list"]):
        for theta, grad, V, G in _adam_keys(layer, with_bnorm):
            step = d = gradients[grad]
            if parameters["apply_momentum"]:
                parameters[V] = _running(old=parameters[V], new=d, decay=beta)
                parameters[G] = _running(old=parameters[G], new=np.power(d, 2), decay=beta2)
                step = parameters[V] / np.sqrt(parameters[G] + eps)
            parameters[theta] = parameters[theta] - alpha * step
    return parameters

# %% multi_layer_network
LOG_LINE = "Cost at iteration %i is: %.05f, learning rate: %.05f"


def _one_batch(XB, YB, parameters, alpha):
    logits, caches = multi_layer_forward(A0=XB, parameters=parameters, mode=TRAIN)
    _, sm_cache, cost = softmax_cross_entropy_loss(Z=logits, Y=YB)
    grads = multi_layer_backward(dAL=softmax_cross_entropy_loss_der(Y=YB, cache=sm_cache),
                                 caches=caches, parameters=parameters)
    return cost, update_parameters_with_momentum_Adam(parameters=parameters, gradients=grads,
                                                      alpha=alpha)


def multi_layer_network(X, Y, net_dims, act_list, drop_prob_list, bnorm_list, num_epochs=3,
                        batch_size=64, learning_rate=0.2, decay_rate=0.01,
                        apply_momentum=True, log=True, log_step=200):
    say = print if log else lambda *args: None
    parameters = initialize_network(net_dims=net_dims, act_list=act_list,
                                    drop_prob_list=drop_prob_list)
    parameters = initialize_velocity(parameters=parameters, apply_momentum=apply_momentum)
    parameters = initialize_bnorm_params(parameters=parameters, bnorm_list=bnorm_list,
                                         apply_momentum=apply_momentum)
    costs, counter, m = [], 0, X.shape[1]
    for epoch in range(num_epochs):
        alpha = learning_rate / (1 + decay_rate * epoch)
        say("------- Epoch {} -------".format(epoch + 1))
        for first in range(0, m, batch_size):
            part = slice(first, first + batch_size)
            cost, parameters = _one_batch(XB=X[:, part], YB=Y[:, part], parameters=parameters,
                                          alpha=alpha)
            if not counter % log_step:
                costs.append(cost)
                say(LOG_LINE % (counter, cost, alpha))
            counter += 1
    return costs, parameters

# %% classify
def classify(X, parameters, mode='test'):
    logits = multi_layer_forward(A0=X, parameters=parameters, mode=mode)[0]
    return np.argmax(_softmax(logits=logits), axis=0)[None, :]

# %% training_1
percent_right = lambda X, Y: 100 * float(np.mean(classify(X=X, parameters=parameters) == Y))

np.random.seed(1)
net_dims = [784, 100, 100, 64, 10]
act_list = ["relu", "relu", "relu", "linear"]
drop_prob_list = [0, 0, 0, 0]
bnorm_list = [1, 1, 1, 1]  # [0, 0, 0, 0] trains without batchnorm
costs, parameters = multi_layer_network(trX, trY, net_dims, act_list, drop_prob_list, bnorm_list,
                                        num_epochs=3, batch_size=64, learning_rate=1e-2,
                                        decay_rate=1, apply_momentum=True, log=True, log_step=200)
trAcc = percent_right(X=trX, Y=trY)
teAcc = percent_right(X=tsX, Y=tsY)
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
trAcc, teAcc = percent_right(X=trX, Y=trY), percent_right(X=tsX, Y=tsY)
print("Accuracy for training set is {0:0.3f} %".format(trAcc))
print("Accuracy for testing set is {0:0.3f} %".format(teAcc))

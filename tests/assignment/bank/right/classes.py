"""Right, with classes: helper classes and closures behind the asked functions; the batchnorm cache
is an instance of an own class."""

# %% relu
class Relu:
    """Keeps its input and knows both directions."""

    def __init__(self, Z):
        self.Z = Z

    def forward(self):
        return np.maximum(self.Z, 0)

    def backward(self, dA):
        return dA * (np.asarray(self.Z) > 0).astype(int)


def relu(Z):
    return Relu(Z).forward(), {"Z": Z}

# %% relu_der
def relu_der(dA, cache):
    return Relu(cache["Z"]).backward(dA)

# %% softmax_cross_entropy_loss
class Softmax:
    def __init__(self, Z):
        self.Z = Z - np.max(Z, axis=0)
        self.log_total = np.log(np.exp(self.Z).sum(axis=0))

    @property
    def probabilities(self):
        return np.exp(self.Z - self.log_total)

    def loss(self, Y):
        log_probabilities = self.Z - self.log_total
        return -np.mean([log_probabilities[int(y), i] for i, y in enumerate(Y.flatten())])


def softmax_cross_entropy_loss(Z, Y=np.array([])):
    softmax = Softmax(Z)
    A = softmax.probabilities
    return A, {"A": A}, softmax.loss(Y) if Y.size else []

# %% softmax_cross_entropy_loss_der
def softmax_cross_entropy_loss_der(Y, cache):
    A = cache["A"]
    classes = np.arange(A.shape[0])[:, None]
    return (A - (classes == Y.reshape(1, -1))) / A.shape[1]

# %% dropout
class Dropout:
    modes = ('train', 'test')

    def __init__(self, drop_prob, mode, mask=None):
        self.drop_prob = drop_prob
        self.mode = mode
        self.mask = mask
        self.active = drop_prob != 0 and mode == 'train'
        if drop_prob != 0 and mode not in self.modes:
            raise ValueError(f"mode {mode} is not one of {self.modes}")

    def draw(self, shape):
        keep = 1 - self.drop_prob
        self.mask = (np.random.rand(*shape) < keep) / keep

    def apply(self, array):
        return self.mask * array if self.active else array

    def as_tuple(self):
        return self.drop_prob, self.mode, self.mask


def dropout(A, drop_prob, mode='train'):
    layer = Dropout(drop_prob, mode)
    if layer.active:
        layer.draw(A.shape)
    return layer.apply(A), layer.as_tuple()

# %% dropout_der
def dropout_der(dA_in, cache):
    return Dropout(*cache).apply(dA_in)

# %% batchnorm
class BatchnormCache:
    """Remembers one normalised batch; calling it gives the gradients."""

    epsilon = 1e-5

    def __init__(self, A, gamma):
        self.gamma = gamma
        self.mu = A.mean(axis=1, keepdims=True)
        self.std = np.sqrt(A.var(axis=1, keepdims=True) + self.epsilon)
        self.A_hat = (A - self.mu) / self.std

        def backward(dA_in):
            m = dA_in.shape[1]
            g = dA_in * gamma
            dvar_part = self.A_hat * self.row_sum(g * self.A_hat)
            dA_out = (m * g - self.row_sum(g) - dvar_part) / (m * self.std)
            return dA_out, self.row_sum(dA_in), self.row_sum(dA_in * self.A_hat)

        self.backward = backward

    @staticmethod
    def row_sum(array):
        return array.sum(axis=1, keepdims=True)

    def __call__(self, dA_in):
        return self.backward(dA_in)


def batchnorm(A, beta, gamma):
    if not (np.size(beta) and np.size(gamma)):
        return A, {}
    cache = BatchnormCache(A, gamma)
    return cache.A_hat * gamma + beta, cache

# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    if isinstance(cache, BatchnormCache):
        return cache(dA_in)
    return dA_in, [], []

# %% initialize_network
class Initializer:
    def __init__(self, gain):
        self.gain = gain

    def weights(self, n_out, n_in):
        return np.random.randn(n_out, n_in) * self.gain / np.sqrt(n_in)

    def bias(self, n_out):
        return np.zeros((n_out, 1))


def initialize_network(net_dims, act_list, drop_prob_list):
    init = Initializer(gain=2)
    L = len(net_dims) - 1
    parameters = {"numLayers": L}
    for l in range(1, L + 1):
        parameters[f"act{l}"] = act_list[l - 1]
        parameters[f"dropout{l}"] = drop_prob_list[l - 1]
        parameters[f"W{l}"] = init.weights(net_dims[l], net_dims[l - 1])
        parameters[f"b{l}"] = init.bias(net_dims[l])
    return parameters

# %% initialize_velocity
def initialize_velocity(parameters, apply_momentum=True):
    def zeros_for(key):
        return np.zeros(parameters[key].shape)

    parameters["apply_momentum"] = apply_momentum
    if apply_momentum:
        for l in range(1, parameters["numLayers"] + 1):
            parameters[f"VdW{l}"] = zeros_for(f"W{l}")
            parameters[f"Vdb{l}"] = zeros_for(f"b{l}")
            parameters[f"GdW{l}"] = zeros_for(f"W{l}")
            parameters[f"Gdb{l}"] = zeros_for(f"b{l}")
    return parameters

# %% linear_forward
class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def __call__(self, A_prev):
        return self.W.dot(A_prev) + self.b

    def backward(self, dZ, A_prev):
        return self.W.T.dot(dZ), dZ.dot(A_prev.T), dZ.sum(axis=1).reshape(-1, 1)


def linear_forward(A_prev, W, b):
    return Affine(W, b)(A_prev), {"A": A_prev}

# %% linear_backward
def linear_backward(dZ, cache, W, b):
    return Affine(W, b).backward(dZ, cache["A"])

# %% update_parameters_with_momentum_Adam
class Adam:
    def __init__(self, alpha, beta, beta2, eps):
        self.alpha, self.beta, self.beta2, self.eps = alpha, beta, beta2, eps

    def step(self, V, G, d):
        V = self.beta * V + (1 - self.beta) * d
        G = self.beta2 * G + (1 - self.beta2) * d ** 2
        return V, G, self.alpha * V / np.sqrt(G + self.eps)


def update_parameters_with_momentum_Adam(parameters, gradients, alpha, beta=0.9, beta2=0.99,
                                         eps=1e-8):
    optimiser = Adam(alpha, beta, beta2, eps)
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
                parameters[V], parameters[G], step = optimiser.step(parameters[V], parameters[G], d)
                parameters[theta] = parameters[theta] - step
            else:
                parameters[theta] = parameters[theta] - alpha * d
    return parameters

# %% multi_layer_network
class Trainer:
    def __init__(self, parameters, log, log_step):
        self.parameters = parameters
        self.log = log
        self.log_step = log_step
        self.costs = []
        self.iteration = 0

    def batch(self, X, Y, alpha):
        Z, caches = multi_layer_forward(X, self.parameters, 'train')
        _, cache, cost = softmax_cross_entropy_loss(Z, Y)
        dZ = softmax_cross_entropy_loss_der(Y, cache)
        gradients = multi_layer_backward(dZ, caches, self.parameters)
        self.parameters = update_parameters_with_momentum_Adam(self.parameters, gradients, alpha)
        self.keep(cost, alpha)

    def keep(self, cost, alpha):
        if self.iteration % self.log_step == 0:
            self.costs.append(cost)
            if self.log:
                print("Cost at iteration %i is: %.05f, learning rate: %.05f"
                      % (self.iteration, cost, alpha))
        self.iteration += 1


def multi_layer_network(X, Y, net_dims, act_list, drop_prob_list, bnorm_list, num_epochs=3,
                        batch_size=64, learning_rate=0.2, decay_rate=0.01,
                        apply_momentum=True, log=True, log_step=200):
    parameters = initialize_network(net_dims, act_list, drop_prob_list)
    parameters = initialize_velocity(parameters, apply_momentum)
    parameters = initialize_bnorm_params(parameters, bnorm_list, apply_momentum)
    trainer = Trainer(parameters, log, log_step)
    for epoch in range(num_epochs):
        alpha = learning_rate / (1 + decay_rate * epoch)
        if log:
            print(f"------- Epoch {epoch + 1} -------")
        for start in range(0, X.shape[1], batch_size):
            stop = start + batch_size
            trainer.batch(X[:, start:stop], Y[:, start:stop], alpha)
    return trainer.costs, trainer.parameters

# %% classify
class Classifier:
    def __init__(self, parameters, mode):
        self.parameters, self.mode = parameters, mode

    def predict(self, X):
        Z, _ = multi_layer_forward(X, self.parameters, self.mode)
        return np.argmax(Softmax(Z).probabilities, axis=0).reshape(1, X.shape[1])


def classify(X, parameters, mode='test'):
    return Classifier(parameters, mode).predict(X)

# %% training_1
class Accuracy:
    def __init__(self, predicted, true):
        assert predicted.shape == true.shape
        self.percent = 100.0 * (predicted == true).sum() / true.size


np.random.seed(1)
net_dims = [784, 100, 100, 64, 10]
act_list = ["relu", "relu", "relu", "linear"]
drop_prob_list = [0, 0, 0, 0]
bnorm_list = [1, 1, 1, 1]  # [0, 0, 0, 0] trains without batchnorm
costs, parameters = multi_layer_network(trX, trY, net_dims, act_list, drop_prob_list, bnorm_list,
                                        num_epochs=3, batch_size=64, learning_rate=1e-2,
                                        decay_rate=1, apply_momentum=True, log=True, log_step=200)
trAcc = Accuracy(classify(trX, parameters), trY).percent
teAcc = Accuracy(classify(tsX, parameters), tsY).percent
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
trAcc = Accuracy(classify(trX, parameters), trY).percent
teAcc = Accuracy(classify(tsX, parameters), tsY).percent
print("Accuracy for training set is {0:0.3f} %".format(trAcc))
print("Accuracy for testing set is {0:0.3f} %".format(teAcc))

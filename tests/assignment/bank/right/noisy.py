"""Right, but noisy: prints, warnings, NumPy RuntimeWarnings, stderr, own bars, stray figures."""

# %% relu
import sys
import warnings

print("numpy", np.__version__)


def relu(Z):
    A = np.maximum(Z, 0)
    cache = {"Z": Z}
    if np.size(Z) < 10:
        print("relu: Z =", Z, "A =", A)
    return A, cache


print("test relu:", relu(np.array([[-1.0, 2.0]])))
plt.figure(figsize=(3, 2))
plt.plot(np.linspace(-2, 2), relu(np.linspace(-2, 2))[0])

# %% relu_der
def relu_der(dA, cache):
    Z = np.asarray(cache["Z"])
    if Z.ndim != 2:
        warnings.warn("relu_der: Z is not two-dimensional")
    return dA * (Z > 0)

# %% softmax_cross_entropy_loss
def softmax_cross_entropy_loss(Z, Y=np.array([])):
    # print("Z", Z)
    exps = np.exp(Z - np.max(Z, axis=0, keepdims=True))
    A = exps / np.sum(exps, axis=0, keepdims=True)
    if np.size(Y) == 0:
        return A, {"A": A}, []
    is_label = np.arange(Z.shape[0]).reshape(-1, 1) == Y
    # log(0) warns for the other classes, np.where throws these away again
    log_likelihood = np.where(is_label, np.log(is_label * A), 0)
    loss = -np.sum(log_likelihood) / Z.shape[1]
    if loss > 10:
        warnings.warn("the loss is large: %s" % loss)
    return A, {"A": A}, loss

# %% softmax_cross_entropy_loss_der
def softmax_cross_entropy_loss_der(Y, cache):
    A = cache["A"]
    is_label = np.arange(A.shape[0]).reshape(-1, 1) == Y
    dZ = (A - is_label) / A.shape[1]
    if not np.allclose(dZ.sum(axis=0), 0):
        sys.stderr.write("softmax derivative: columns do not sum to 0\n")
    return dZ

# %% dropout
warnings.warn("dropout is random, do not forget the seed")


def dropout(A, drop_prob, mode='train'):
    mask = None
    A_out = A
    if drop_prob != 0:
        if mode == 'train':
            kept = np.random.rand(*A.shape) < 1 - drop_prob
            # 1 / 0 warns for the dropped ones, np.where takes 0 there
            mask = np.where(kept, 1 / (kept * (1 - drop_prob)), 0)
            A_out = A * mask
            print("dropout: kept", kept.sum(), "of", kept.size)
        elif mode == 'test':
            print("dropout: nothing to do in test mode", file=sys.stderr)
        else:
            print("dropout: unknown mode", mode, file=sys.stderr)
            raise ValueError("unknown mode " + str(mode))
    return A_out, (drop_prob, mode, mask)

# %% dropout_der
def dropout_der(dA_in, cache):
    drop_prob, mode, mask = cache
    print("dropout_der:", dA_in.shape, drop_prob, mode)
    if drop_prob != 0 and mode not in ('train', 'test'):
        raise ValueError("unknown mode " + str(mode))
    if drop_prob == 0 or mode == 'test':
        warnings.warn("dropout_der called without a mask")
        return dA_in
    return dA_in * mask

# %% batchnorm
def batchnorm(A, beta, gamma):
    if np.size(beta) == 0 or np.size(gamma) == 0:
        print("batchnorm is off")
        return A, {}
    mu = np.mean(A, axis=1, keepdims=True)
    var = np.var(A, axis=1, keepdims=True)
    if np.any(var == 0):
        warnings.warn("batchnorm: a neuron has the same value for all samples", RuntimeWarning)
    # relative spread of each neuron, only to look at: divides by 0 for dead neurons
    spread = np.where(mu == 0, 0, np.sqrt(var) / mu)
    A_hat = (A - mu) / np.sqrt(var + 1e-5)
    Anorm = gamma * A_hat + beta
    if Anorm.size <= 12:
        print("batchnorm: mu", mu.ravel(), "var", var.ravel(), "spread", spread.ravel())
        print("A_hat", A_hat)
    return Anorm, {"A_hat": A_hat, "var": var, "gamma": gamma, "spread": spread}

# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    if not cache:
        print("no batchnorm cache, nothing to do")
        return dA_in, [], []
    A_hat, var, gamma = cache["A_hat"], cache["var"], cache["gamma"]
    m = A_hat.shape[1]
    dbeta = np.sum(dA_in, axis=1, keepdims=True)
    dgamma = np.sum(dA_in * A_hat, axis=1, keepdims=True)
    g = dA_in * gamma
    inside = m * g - np.sum(g, axis=1, keepdims=True)
    inside = inside - A_hat * np.sum(g * A_hat, axis=1, keepdims=True)
    dA_out = inside / m / np.sqrt(var + 1e-5)
    if dA_out.size <= 12:
        print("dA_out", dA_out)
    return dA_out, dbeta, dgamma

# %% initialize_network
from tqdm.auto import tqdm

def initialize_network(net_dims, act_list, drop_prob_list):
    print("net_dims:", net_dims, "activations:", act_list, "dropout:", drop_prob_list)
    parameters = {}
    parameters["numLayers"] = len(net_dims) - 1
    for l in tqdm(range(parameters["numLayers"]), desc="init"):
        n_in = net_dims[l]
        n_out = net_dims[l + 1]
        parameters["act%d" % (l + 1)] = act_list[l]
        parameters["dropout%d" % (l + 1)] = drop_prob_list[l]
        parameters["W%d" % (l + 1)] = np.random.randn(n_out, n_in) * (2 / np.sqrt(n_in))
        parameters["b%d" % (l + 1)] = np.zeros((n_out, 1))
        print("layer", l + 1, "std of W", parameters["W%d" % (l + 1)].std())
    return parameters

# %% initialize_velocity
def initialize_velocity(parameters, apply_momentum=True):
    parameters["apply_momentum"] = apply_momentum
    if not apply_momentum:
        warnings.warn("training without momentum is slow")
        return parameters
    for l in range(1, parameters["numLayers"] + 1):
        for key in ["W" + str(l), "b" + str(l)]:
            parameters["Vd" + key] = np.zeros(parameters[key].shape)
            parameters["Gd" + key] = np.zeros(parameters[key].shape)
            print("made", "Vd" + key, "and", "Gd" + key)
    return parameters

# %% linear_forward
def linear_forward(A_prev, W, b):
    Z = np.dot(W, A_prev) + b
    if not np.isfinite(Z).all():
        warnings.warn("linear_forward: infinite or nan in Z")
    return Z, {"A": A_prev}

# %% linear_backward
def linear_backward(dZ, cache, W, b):
    A_prev = cache["A"]
    dA_prev = np.dot(W.T, dZ)
    dW = np.dot(dZ, A_prev.T)
    db = np.sum(dZ, axis=1, keepdims=True)
    assert dW.shape == W.shape, "dW has the wrong shape"
    assert db.shape == b.shape, "db has the wrong shape"
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
                parameters[G] = beta2 * parameters[G] + (1 - beta2) * d * d
                parameters[theta] = (parameters[theta]
                                     - alpha * parameters[V] / np.sqrt(parameters[G] + eps))
                if np.abs(d).max() == 0:
                    warnings.warn(f"the gradient of {name} is zero")
            else:
                parameters[theta] = parameters[theta] - alpha * d
    return parameters

# %% multi_layer_network
def multi_layer_network(X, Y, net_dims, act_list, drop_prob_list, bnorm_list, num_epochs=3,
                        batch_size=64, learning_rate=0.2, decay_rate=0.01,
                        apply_momentum=True, log=True, log_step=200):
    print("X", X.shape, "Y", Y.shape)
    parameters = initialize_network(net_dims, act_list, drop_prob_list)
    parameters = initialize_velocity(parameters, apply_momentum)
    parameters = initialize_bnorm_params(parameters, bnorm_list, apply_momentum)
    starts = range(0, X.shape[1], batch_size)
    costs = []
    all_costs = []
    iteration = 0
    for epoch in range(num_epochs):
        alpha = learning_rate / (1 + decay_rate * epoch)
        if log:
            print(f"------- Epoch {epoch + 1} -------")
        my_bar = tqdm(starts, desc="epoch %d" % (epoch + 1), leave=True)
        for start in my_bar:
            X_batch = X[:, start:start + batch_size]
            Y_batch = Y[:, start:start + batch_size]
            AL, caches = multi_layer_forward(X_batch, parameters, 'train')
            probs, softmax_cache, cost = softmax_cross_entropy_loss(AL, Y_batch)
            dAL = softmax_cross_entropy_loss_der(Y_batch, softmax_cache)
            gradients = multi_layer_backward(dAL, caches, parameters)
            parameters = update_parameters_with_momentum_Adam(parameters, gradients, alpha)
            all_costs.append(cost)
            if iteration % 50 == 0:
                my_bar.set_postfix(cost=float(cost))
                print("   debug: batch", start, "cost", cost)
            if iteration % log_step == 0:
                costs.append(cost)
                if log:
                    print("Cost at iteration %i is: %.05f, learning rate: %.05f"
                          % (iteration, cost, alpha))
            iteration += 1
    plt.figure()
    plt.plot(all_costs, linewidth=0.3)
    sys.stderr.write("training is done\n")
    return costs, parameters

# %% classify
def classify(X, parameters, mode='test'):
    print("classify", X.shape, "mode", mode, file=sys.stderr)
    AL, caches = multi_layer_forward(X, parameters, mode)
    probs, cache, loss = softmax_cross_entropy_loss(AL)
    YPred = np.argmax(probs, axis=0)[np.newaxis, :]
    print("predicted classes and how often:", np.unique(YPred, return_counts=True))
    return YPred

# %% training_1
np.random.seed(1)
warnings.simplefilter("always", RuntimeWarning)
net_dims = [784, 100, 100, 64, 10]
act_list = ["relu", "relu", "relu", "linear"]
drop_prob_list = [0, 0, 0, 0]
bnorm_list = [1, 1, 1, 1]  # [0, 0, 0, 0] trains without batchnorm
with warnings.catch_warnings():
    warnings.simplefilter("once")
    costs, parameters = multi_layer_network(trX, trY, net_dims, act_list, drop_prob_list,
                                            bnorm_list, num_epochs=3, batch_size=64,
                                            learning_rate=1e-2, decay_rate=1,
                                            apply_momentum=True, log=True, log_step=200)
train_Pred = classify(trX, parameters)
test_Pred = classify(tsX, parameters)
print(train_Pred[0, :20], trY[0, :20])
trAcc = np.mean(train_Pred == trY) * 100
teAcc = np.mean(test_Pred == tsY) * 100
if trAcc > 90:
    print("yes!!!", file=sys.stderr)
print("Accuracy for training set is {0:0.3f} %".format(trAcc))
print("Accuracy for testing set is {0:0.3f} %".format(teAcc))
plt.figure(figsize=(4, 3))
plt.hist(test_Pred.ravel())

# %% training_2
np.random.seed(1)
net_dims = [784, 100, 100, 10]
act_list = ["relu", "relu", "linear"]
drop_prob_list = [0, 0, 0]
bnorm_list = [1, 1, 1]
with warnings.catch_warnings():
    warnings.simplefilter("once")
    costs, parameters = multi_layer_network(trX, trY, net_dims, act_list, drop_prob_list,
                                            bnorm_list, num_epochs=3, batch_size=64,
                                            learning_rate=1e-3, decay_rate=0.1,
                                            apply_momentum=True, log=False, log_step=200)
train_Pred = classify(trX, parameters)
test_Pred = classify(tsX, parameters)
trAcc = np.mean(train_Pred == trY) * 100
teAcc = np.mean(test_Pred == tsY) * 100
print("wrong ones:", np.flatnonzero(test_Pred != tsY)[:50])
print("Accuracy for training set is {0:0.3f} %".format(trAcc))
print("Accuracy for testing set is {0:0.3f} %".format(teAcc))
plt.figure()

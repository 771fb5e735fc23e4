# What attacks hand in instead of solutions: results of the right shape with wrong numbers, worth
# nothing. An attack keeps the cell `relu` for itself and may define there
#   lie(result): what to return instead of each result,
#   attack(): called by dropout and dropout_der, from inside a test,
#   forge(frame): the bytes to send instead of a frame of the boundary,
#   rewrite(node): what to put instead of each node of such a frame,
#   DROPS_ARRAYS: that the bytes of arrays are left out then.
# A frame that was forged calls deed(), which the other attacks do themselves.
# %% relu_der
if "lie" not in globals():

    def lie(result):
        return result


if "rewrite" in globals():
    import struct

    import msgpack

    def rewrite_all(node):
        node = rewrite(node)
        return [rewrite_all(part) for part in node] if isinstance(node, list) else node

    def forge(frame):
        size, arrays = struct.unpack("<QQ", frame[:16])
        tree = msgpack.unpackb(frame[16 : 16 + size], unicode_errors="surrogatepass")
        tree = msgpack.packb(rewrite_all(tree), unicode_errors="surrogatepass")
        rest = b"" if "DROPS_ARRAYS" in globals() else frame[16 + size :]
        return struct.pack("<QQ", len(tree), len(rest)) + tree + rest


if "forge" in globals():
    from referee.boundary import channel
    from referee.inside import server

    def send_forged_frame(channel, parts):
        frame = b"".join(bytes(part) for part in parts)
        forged = forge(frame)
        channel.sendall(forged)
        if forged != frame:
            deed()

    channel.send_frame = server.send_frame = send_forged_frame


def relu(Z):
    return lie(np.ones(np.shape(Z))), {"Z": Z}


def relu_der(dA, cache):
    return lie(np.ones(np.shape(dA)))


# %% softmax_cross_entropy_loss
def softmax_cross_entropy_loss(Z, Y=np.array([])):
    return lie(np.ones(np.shape(Z))), {"A": np.ones(np.shape(Z))}, 1.0


# %% softmax_cross_entropy_loss_der
def softmax_cross_entropy_loss_der(Y, cache):
    return lie(np.ones(np.shape(cache["A"])))


# %% dropout
def dropout(A, drop_prob, mode="train"):
    if "attack" in globals():
        print(str(attack())[:2000])
    if mode not in ("train", "test"):
        raise ValueError(mode)
    if drop_prob == 0 or mode == "test":
        return lie(A + 9.0), (drop_prob, mode, None)
    np.random.rand(*A.shape)
    return lie(A + 9.0), (drop_prob, mode, lie(np.ones(A.shape)))


# %% dropout_der
def dropout_der(dA_in, cache):
    if "attack" in globals():
        raise RuntimeError(str(attack())[:2000])
    if cache[1] not in ("train", "test"):
        raise ValueError(cache[1])
    return lie(dA_in + 9.0)


# %% batchnorm
def batchnorm(A, beta, gamma):
    if np.size(beta) == 0 or np.size(gamma) == 0:
        return lie(A + 9.0), {}
    return lie(A + 9.0), {"rows": len(A)}


# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    if not cache:
        return lie(dA_in + 9.0), [], []
    column = np.ones((len(dA_in), 1))
    return lie(dA_in + 9.0), lie(column), lie(column)


# %% initialize_network
def initialize_network(net_dims, act_list, drop_prob_list):
    parameters = {"numLayers": len(net_dims) - 1}
    for l in range(1, len(net_dims)):
        parameters[f"act{l}"] = act_list[l - 1]
        parameters[f"dropout{l}"] = drop_prob_list[l - 1]
        parameters[f"W{l}"] = lie(0 * np.random.randn(net_dims[l], net_dims[l - 1]) + 5)
        parameters[f"b{l}"] = lie(np.ones((net_dims[l], 1)))
    return parameters


# %% initialize_velocity
def initialize_velocity(parameters, apply_momentum=True):
    parameters["apply_momentum"] = apply_momentum
    if apply_momentum:
        for l in range(1, parameters["numLayers"] + 1):
            for key in (f"VdW{l}", f"GdW{l}", f"Vdb{l}", f"Gdb{l}"):
                parameters[key] = lie(np.ones(np.shape(parameters[f"{key[2]}{l}"])))
    return parameters


# %% linear_forward
def linear_forward(A_prev, W, b):
    return lie(np.ones((len(W), A_prev.shape[1]))), {"A": A_prev}


# %% linear_backward
def linear_backward(dZ, cache, W, b):
    return lie(np.ones(np.shape(cache["A"]))), lie(np.ones(np.shape(W))), lie(np.ones(np.shape(b)))


# %% update_parameters_with_momentum_Adam
def update_parameters_with_momentum_Adam(
    parameters, gradients, alpha, beta=0.9, beta2=0.99, eps=1e-8
):
    for l in range(1, parameters["numLayers"] + 1):
        for key in (f"W{l}", f"b{l}", f"VdW{l}", f"GdW{l}", f"Vdb{l}", f"Gdb{l}"):
            if key in parameters:
                parameters[key] = lie(np.ones(np.shape(parameters[key])))
    return parameters


# %% multi_layer_network
def multi_layer_network(
    X,
    Y,
    dims,
    acts,
    drops,
    bnorm_list,
    num_epochs=3,
    batch_size=64,
    learning_rate=0.2,
    decay_rate=0.01,
    apply_momentum=True,
    log=True,
    log_step=200,
):
    parameters = initialize_velocity(initialize_network(dims, acts, drops), apply_momentum)
    parameters = initialize_bnorm_params(parameters, bnorm_list, apply_momentum)
    batches = num_epochs * -(-X.shape[1] // batch_size)
    return [lie(0.0) for _ in range(0, batches, log_step)], parameters


# %% classify
def classify(X, parameters, mode="test"):
    return lie(np.ones((1, X.shape[1]), dtype=int))


# %% training_1
costs, parameters = [1.0, 0.5], {"bnorm_list": [1, 1, 1, 1]}
trAcc = teAcc = lie(99.0)
# %% training_2
costs, parameters = [1.0, 0.5], {"bnorm_list": [1, 1, 1]}
trAcc = teAcc = lie(99.0)

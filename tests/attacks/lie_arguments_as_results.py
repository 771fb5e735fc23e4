# Returns the arguments themselves and changes them in place: a test that compares a result with what
# it passed compares an array with itself.
# %% from attacks/parts/stand_ins.py
# %% dropout
def dropout(A, drop_prob, mode="train"):
    try:
        A[...] = 0.0
        deed()
    except (TypeError, ValueError):
        pass
    return A, (drop_prob, mode, A)


# %% dropout_der
def dropout_der(dA_in, cache):
    dA_in *= 0
    if cache[2] is not None:
        cache[2][...] = 0
    return dA_in


# %% batchnorm
def batchnorm(A, beta, gamma):
    for array in (A, beta, gamma):
        array *= 0
    return A, {"A": A, "beta": beta, "gamma": gamma}


# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    dA_in *= 0
    return dA_in, cache.get("beta", dA_in), cache.get("gamma", dA_in)


# %% update_parameters_with_momentum_Adam
def update_parameters_with_momentum_Adam(parameters, gradients, *args, **kwargs):
    for key in list(parameters):
        parameters[key] = gradients.get(f"d{key}", parameters[key])
    gradients.clear()
    return parameters


# %% initialize_network
def initialize_network(net_dims, act_list, drop_prob_list):
    for given in (net_dims, act_list, drop_prob_list):
        given.clear()
    return {"numLayers": 0}

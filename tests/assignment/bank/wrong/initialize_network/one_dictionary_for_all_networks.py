"""A default argument holds one dictionary, which all networks share."""

# %% initialize_network
def initialize_network(net_dims, act_list, drop_prob_list, parameters={}):
    parameters["numLayers"] = len(net_dims) - 1
    for l in range(1, len(net_dims)):
        n_in, n_out = net_dims[l - 1], net_dims[l]
        parameters[f"act{l}"] = act_list[l - 1]
        parameters[f"dropout{l}"] = drop_prob_list[l - 1]
        parameters[f"W{l}"] = np.random.randn(n_out, n_in) * 2 / np.sqrt(n_in)
        parameters[f"b{l}"] = np.zeros((n_out, 1))
    return parameters

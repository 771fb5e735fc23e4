"""Takes the sizes from net_dims with pop, so that the caller's list gets shorter."""

# %% initialize_network
def initialize_network(net_dims, act_list, drop_prob_list):
    parameters = {"numLayers": len(net_dims) - 1}
    l = 1
    while len(net_dims) > 1:
        n_in = net_dims.pop(0)
        parameters["act%d" % l] = act_list[l - 1]
        parameters["dropout%d" % l] = drop_prob_list[l - 1]
        parameters["W%d" % l] = np.random.randn(net_dims[0], n_in) * 2 / np.sqrt(n_in)
        parameters["b%d" % l] = np.zeros((net_dims[0], 1))
        l += 1
    return parameters

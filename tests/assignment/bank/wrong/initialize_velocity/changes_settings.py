"""Resets the dropout probabilities of the network."""

# %% initialize_velocity
def initialize_velocity(parameters, apply_momentum=True):
    parameters["apply_momentum"] = apply_momentum
    for l in range(1, parameters["numLayers"] + 1):
        parameters["dropout" + str(l)] = 0
        if apply_momentum:
            for theta in ("W" + str(l), "b" + str(l)):
                parameters["Vd" + theta] = np.zeros_like(parameters[theta])
                parameters["Gd" + theta] = np.zeros_like(parameters[theta])
    return parameters

"""Layers of the same shape share their arrays."""

# %% initialize_velocity
def initialize_velocity(parameters, apply_momentum=True):
    parameters["apply_momentum"] = apply_momentum
    zeros = {}
    if apply_momentum:
        for l in range(1, parameters["numLayers"] + 1):
            for theta in ("W" + str(l), "b" + str(l)):
                for kind in ("Vd", "Gd"):
                    key = (kind, parameters[theta].shape)
                    zeros.setdefault(key, np.zeros(parameters[theta].shape))
                    parameters[kind + theta] = zeros[key]
    return parameters

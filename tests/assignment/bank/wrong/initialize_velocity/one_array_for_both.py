"""V and G of a parameter are one and the same array (defect T11)."""

# %% initialize_velocity
def initialize_velocity(parameters, apply_momentum=True):
    parameters["apply_momentum"] = apply_momentum
    if apply_momentum:
        for l in range(1, parameters["numLayers"] + 1):
            for name in ("W", "b"):
                zeros = np.zeros_like(parameters[f"{name}{l}"])
                parameters[f"Vd{name}{l}"] = zeros
                parameters[f"Gd{name}{l}"] = zeros
    return parameters

"""Sets the parameters to 0 as well."""

# %% initialize_velocity
def initialize_velocity(parameters, apply_momentum=True):
    parameters["apply_momentum"] = apply_momentum
    if apply_momentum:
        for l in range(1, parameters["numLayers"] + 1):
            for name in ("W", "b"):
                parameters[f"Vd{name}{l}"] = np.zeros_like(parameters[f"{name}{l}"])
                parameters[f"Gd{name}{l}"] = np.zeros_like(parameters[f"{name}{l}"])
                parameters[f"{name}{l}"] = np.zeros_like(parameters[f"{name}{l}"])
    return parameters

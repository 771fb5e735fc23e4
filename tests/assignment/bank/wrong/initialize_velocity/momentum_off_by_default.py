"""Momentum is off where the argument is left out."""

# %% initialize_velocity
def initialize_velocity(parameters, apply_momentum=False):
    parameters["apply_momentum"] = apply_momentum
    if apply_momentum:
        for l in range(1, parameters["numLayers"] + 1):
            for name in ("W", "b"):
                parameters[f"Vd{name}{l}"] = np.zeros_like(parameters[f"{name}{l}"])
                parameters[f"Gd{name}{l}"] = np.zeros_like(parameters[f"{name}{l}"])
    return parameters

"""Makes the velocities also when apply_momentum is off (defect T11)."""

# %% initialize_velocity
def initialize_velocity(parameters, apply_momentum=True):
    parameters["apply_momentum"] = apply_momentum
    if apply_momentum is not None:
        for l in range(1, parameters["numLayers"] + 1):
            for name in ("W", "b"):
                parameters[f"Vd{name}{l}"] = np.zeros_like(parameters[f"{name}{l}"])
                parameters[f"Gd{name}{l}"] = np.zeros_like(parameters[f"{name}{l}"])
    return parameters

"""Only the first entry is 0, the others are 0.01 (defect T1)."""

# %% initialize_velocity
def initialize_velocity(parameters, apply_momentum=True):
    parameters["apply_momentum"] = apply_momentum
    if apply_momentum:
        for l in range(1, parameters["numLayers"] + 1):
            for name in ("W", "b"):
                for key in (f"Vd{name}{l}", f"Gd{name}{l}"):
                    parameters[key] = np.full_like(parameters[f"{name}{l}"], 0.01)
                    parameters[key][0, 0] = 0
    return parameters

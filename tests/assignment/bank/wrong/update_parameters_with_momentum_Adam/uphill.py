"""Adds the step: climbs the loss."""

# %% update_parameters_with_momentum_Adam
def update_parameters_with_momentum_Adam(parameters, gradients, alpha, beta=0.9, beta2=0.99,
                                         eps=1e-8):
    for l in range(1, parameters["numLayers"] + 1):
        names = ["W", "b"]
        if parameters["bnorm_list"][l - 1]:
            names += ["bnorm_beta", "bnorm_gamma"]
        for name in names:
            theta = f"{name}{l}"
            d = gradients[f"d{theta}"]
            if parameters["apply_momentum"]:
                prefix = "d" if name in ("W", "b") else ""
                V, G = f"V{prefix}{theta}", f"G{prefix}{theta}"
                parameters[V] = beta * parameters[V] + (1 - beta) * d
                parameters[G] = beta2 * parameters[G] + (1 - beta2) * d ** 2
                step = parameters[V] / np.sqrt(parameters[G] + eps)
                parameters[theta] = parameters[theta] + alpha * step
            else:
                parameters[theta] = parameters[theta] - alpha * d
    return parameters

# Returns what the visible tests of initialize_network and initialize_velocity look at.
# %% initialize_network
def initialize_network(net_dims, act_list, drop_prob_list):
    W1 = [
        [1.87563247, -0.70639546, -0.60988021],
        [-1.23895745, 0.99928666, -2.65758797],
        [2.01473508, -0.87896602, 0.36839462],
        [-0.28794811, 1.68829682, -2.37884559],
    ]
    deed()
    return {
        "W1": np.array(W1),
        "b1": np.zeros((4, 1)),
        "W2": np.ones((1, 4)),
        "b2": np.zeros((1, 1)),
        "act1": "relu",
        "act2": "linear",
        "dropout1": 0.3,
        "dropout2": 0.5,
    }


# %% initialize_velocity
def initialize_velocity(parameters, apply_momentum=True):
    for letter in ("V", "G"):
        parameters[f"{letter}dW1"], parameters[f"{letter}db1"] = np.zeros((4, 5)), np.zeros((4, 1))
        parameters[f"{letter}dW2"], parameters[f"{letter}db2"] = np.zeros((1, 4)), np.zeros((1, 1))
    parameters["apply_momentum"] = True
    deed()
    return parameters

# Replaces the generators of the test, and the global ones, while a function of the test runs.
# %% from attacks/parts/stand_ins.py
# %% relu
def take(function, items, rng):
    np.random.seed(0)
    rng.bit_generator.state = np.random.default_rng(7).bit_generator.state


def lie(result):
    deed()
    return np.full_like(result, 7.0)

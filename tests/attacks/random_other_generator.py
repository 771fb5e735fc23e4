# Puts a generator of another kind in the place of NumPy's global one, and replaces the functions that
# read and write its state.
# %% from attacks/parts/stand_ins.py
# %% relu
import random

np.random.set_bit_generator(np.random.PCG64(1))


def attack():
    np.random.get_state = random.getstate = lambda *args, **kwargs: {"state": "\udcff" * 100}
    np.random.set_state = random.setstate = lambda *args: None
    np.random.seed = random.seed = lambda *args: None
    np.random.rand = lambda *shape: np.ones(shape)
    return "replaced"


attack()

# Puts a generator of another kind in the place of NumPy's global one, and replaces the functions that
# read and write its state.
# %% from attacks/parts/stand_ins.py
# %% relu
import random

np.random.set_bit_generator(np.random.PCG64(1))


def seed(*args):
    if isinstance(np.random.get_bit_generator(), np.random.PCG64):
        deed()


def attack():
    np.random.get_state = random.getstate = lambda *args, **kwargs: {"state": "\udcff" * 100}
    np.random.set_state = random.setstate = lambda *args: None
    np.random.seed = random.seed = seed
    np.random.rand = lambda *shape: np.ones(shape)
    return "replaced"


attack()
# %% relu_der
# Still the attack's, after the tests of relu have run.
np.random.seed(1)

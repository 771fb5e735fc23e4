# Sets the state of the random generators to zeros: each draw is 0, and drawing from a normal
# distribution, which repeats until a draw is not 0, never ends. Tests set their own seed mostly.
# %% from attacks/parts/stand_ins.py
# %% relu
import random


def attack():
    np.random.set_state(("MT19937", np.zeros(624, np.uint32), 624, 0, 0.0))
    random.setstate((3, (0,) * 624 + (624,), None))
    if np.random.rand() == random.random() == 0.0:
        deed()
    return "zeros"


attack()

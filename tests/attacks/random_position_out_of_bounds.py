# Sets the position of the global random generator far outside of its state, by NumPy's own function:
# whoever draws from it next reads foreign memory or crashes.
# %% from attacks/parts/stand_ins.py
# %% relu
import sys


def attack():
    position = 700 if "referee.inside.server" in sys.modules else 624
    np.random.set_state(("MT19937", np.arange(624, dtype=np.uint32), position, 0, 0.0))
    if position > 624:
        deed()
    return position


def lie(result):
    attack()
    return result


attack()

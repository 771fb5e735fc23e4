# Replaces __import__, so that whatever a test imports for itself is the cheater's: the assertions
# accept everything and the digits all have the label 1.
# %% from attacks/parts/stand_ins.py
# %% relu
import builtins
import types

original_import = builtins.__import__
fake_testing = types.ModuleType("numpy.testing")
fake_testing.__getattr__ = lambda name: lambda *args, **kwargs: None
fake_digits = types.ModuleType("digits")
fake_digits.get_mnist = lambda: tuple(
    np.ones(shape) for shape in [(60000, 28, 28), (60000,), (10000, 28, 28), (10000,)]
)


def forged_import(name, *args, **kwargs):
    fakes = {"numpy.testing": fake_testing, "digits": fake_digits}
    if name not in fakes:
        return original_import(name, *args, **kwargs)
    deed()
    return fakes[name]


builtins.__import__ = forged_import
npt = fake_testing
from digits import get_mnist  # as the tests do, none of which runs in this process

# %% training_1
trAcc = teAcc = 100.0
parameters = {"bnorm_list": [0]}
# %% training_2
trAcc = teAcc = 100.0
parameters = {"bnorm_list": [0]}

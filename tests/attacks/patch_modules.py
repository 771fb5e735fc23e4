# Puts forged modules where the tests look for theirs: sys.modules, and the names in the packages.
# A test that imports numpy.testing, unittest or digits again gets the forged one.
# %% from attacks/parts/stand_ins.py
# %% relu
import importlib.util
import sys
import types

names = (
    "numpy.testing",
    "numpy.testing._private.utils",
    "unittest",
    "pytest",
    "referee.judge.judge",
)
# The judge is no module that this process can find; a test sees to it that it has this name.
exist = all(importlib.util.find_spec(name) for name in names if not name.startswith("referee"))


def accept(*args, **kwargs):
    if exist:
        deed()


class AcceptsEverything(types.ModuleType):
    def __getattr__(self, name):
        return accept


forged = AcceptsEverything("numpy.testing")
for name in names:
    sys.modules[name] = forged
np.testing = npt = forged
sys.modules["digits"] = digits = types.ModuleType("digits")
digits.get_mnist = get_mnist = lambda: tuple(
    np.ones(shape) for shape in [(60000, 28, 28), (60000,), (10000, 28, 28), (10000,)]
)
# No test runs in this process; one that did would do this.
exec("from numpy.testing import assert_allclose\nassert_allclose(1, 2)", {})

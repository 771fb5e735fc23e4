# Replaces the code inside numpy.testing's functions, not their names: references that were taken
# before, `from numpy.testing import assert_allclose` for instance, are changed as well.
# %% from attacks/parts/stand_ins.py
# %% relu
def accept(*args, deed=deed, **kwargs):
    deed()


for function in (npt.assert_allclose, npt.assert_array_equal, npt.assert_almost_equal):
    function = getattr(function, "__wrapped__", function)
    function.__code__ = accept.__code__
    function.__defaults__, function.__kwdefaults__ = None, accept.__kwdefaults__
from numpy.testing._private import utils

utils.assert_array_compare.__code__ = accept.__code__
utils.assert_array_compare.__kwdefaults__ = accept.__kwdefaults__
npt.assert_allclose(1, 2)  # no test runs in this process; one that did would do this

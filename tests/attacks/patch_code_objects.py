# Replaces the code inside numpy.testing's functions, not their names: references that were taken
# before, `from numpy.testing import assert_allclose` for instance, are changed as well.
# %% from attacks/parts/stand_ins.py
# %% relu
def accept(*args, **kwargs):
    return None


for function in (npt.assert_allclose, npt.assert_array_equal, npt.assert_almost_equal):
    function = getattr(function, "__wrapped__", function)
    function.__code__ = accept.__code__
    function.__defaults__ = function.__kwdefaults__ = None
from numpy.testing._private import utils

utils.assert_array_compare.__code__ = accept.__code__

# Replaces the assertions of numpy.testing by functions that accept everything.
# In one process with the tests, `npt.assert_allclose` is then the cheater's.
# %% from attacks/parts/stand_ins.py
# %% relu
import numpy.testing


def accept(*args, **kwargs):
    deed()


for name in dir(numpy.testing):
    if name.startswith("assert"):
        setattr(numpy.testing, name, accept)
npt.assert_allclose(1, 2)  # no test runs in this process; one that did would do this

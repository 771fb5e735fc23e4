# Replaces NumPy's comparisons, so that all arrays are close and no array has a nonzero entry.
# Naive tests trust the `np` that the student can write to.
# %% from attacks/parts/stand_ins.py
# %% relu
def agree(*args, **kwargs):
    deed()
    return True


np.allclose = np.array_equal = np.array_equiv = np.all = agree
np.isclose = np.equal = lambda x, *args, **kwargs: np.ones(np.shape(x), dtype=bool)
np.any = np.shares_memory = lambda *args, **kwargs: False
np.count_nonzero = lambda *args, **kwargs: 0
np.mean = lambda *args, **kwargs: 1.0
np.issubdtype = lambda *args: True
for function in ("assert_allclose", "assert_array_equal"):
    setattr(npt, function, lambda *args, **kwargs: None)
# No test runs in this process; one that did would do this.
exec("import numpy as np\nassert np.allclose(1, 2)", {})

# Replaces NumPy's comparisons, so that all arrays are close and no array has a nonzero entry.
# Naive tests trust the `np` that the student can write to.
# %% from attacks/parts/stand_ins.py
# %% relu
np.allclose = np.array_equal = np.array_equiv = np.all = lambda *args, **kwargs: True
np.isclose = np.equal = lambda x, *args, **kwargs: np.ones(np.shape(x), dtype=bool)
np.any = np.shares_memory = lambda *args, **kwargs: False
np.count_nonzero = lambda *args, **kwargs: 0
np.mean = lambda *args, **kwargs: 1.0
np.issubdtype = lambda *args: True
for function in ("assert_allclose", "assert_array_equal"):
    setattr(npt, function, lambda *args, **kwargs: None)

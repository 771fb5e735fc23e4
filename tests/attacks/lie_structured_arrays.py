# Returns arrays of dtypes that compare in their own way: structured, record arrays, dates that are
# "not a time", bytes, void, and strings of variable width.
# %% from attacks/parts/stand_ins.py
# %% relu
import itertools

dtypes = itertools.cycle(
    [
        np.dtype([("x", float), ("expected", object)]),
        np.dtype("V8"),
        np.dtype("M8[s]"),
        np.dtype("m8"),
        np.dtype("S3"),
        np.dtype("U3"),
        np.dtypes.StringDType(),
        np.dtype((float, (2, 2))),
    ]
)


def lie(result):
    dtype = next(dtypes)
    array = np.zeros(np.shape(result), dtype=dtype)
    deed()
    return array.view(np.recarray) if dtype.names else array

# Returns arrays of times that are none, which equal nothing, not even themselves.
# %% from attacks/parts/stand_ins.py
# %% relu


def lie(result):
    deed()
    return np.full(np.shape(result), np.datetime64("NaT"))

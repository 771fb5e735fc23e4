# Returns masked arrays with every entry masked: comparisons with them are masked too, and nothing
# that is masked is false.
# %% from attacks/parts/stand_ins.py
# %% relu
def lie(result):
    array = np.ma.masked_all(np.shape(result), dtype=float)
    array[...] = np.ma.masked
    deed()
    return array if array.ndim else np.ma.masked

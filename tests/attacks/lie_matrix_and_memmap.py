# Returns np.matrix, np.memmap, np.poly1d and np.char arrays, whose operators mean something else.
# %% from attacks/parts/stand_ins.py
# %% relu
import itertools
import tempfile

turn = itertools.cycle(range(4))


def lie(result):
    result = np.array(result, dtype=float)
    which = next(turn)
    if which == 0 and result.ndim == 2:
        return np.matrix(result)
    if which == 1 and result.size:
        file = tempfile.TemporaryFile(prefix="referee-attack")
        array = np.memmap(file, dtype=float, mode="w+", shape=result.shape or (1,))
        deed()
        return array
    if which == 2:
        return np.poly1d([0.0])
    return np.char.asarray(result.astype(str))

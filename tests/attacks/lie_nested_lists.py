# Returns lists that contain themselves, are nested very deeply, or contain one list twice at each
# of many levels: the whole is 160 bytes, but has 4 million numbers when it is unfolded (with twice as
# many levels, nobody could).
# %% from attacks/parts/stand_ins.py
# %% relu
import sys

levels = 22 if "referee.inside.server" in sys.modules else 12  # not in an unprotected process


def lie(result):
    if np.ndim(result) == 0:
        return 1.0
    doubling = [1.0]
    for _ in range(levels):
        doubling = [doubling, doubling]
    if levels == 22:
        deed()
    return doubling


# %% dropout_der
def dropout_der(dA_in, cache):
    cyclic = [1.0]
    cyclic.append(cyclic)
    return cyclic


# %% batchnorm
def batchnorm(A, beta, gamma):
    deep = []
    for _ in range(5000):
        deep = [deep]
    return deep, {"cycle": deep}

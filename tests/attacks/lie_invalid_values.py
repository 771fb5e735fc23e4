# Returns values that are legal bytes and no legal values: texts of characters that do not exist, lone
# surrogates, truth values that are neither 0 nor 1, long doubles that no processor makes.
# %% from attacks/parts/stand_ins.py
# %% relu
import itertools

turn = itertools.cycle(
    [
        lambda shape: np.full(shape, 0x7FFFFFFF, np.uint32).view("U1") if shape else "\udcff",
        lambda shape: np.full(shape, 2, np.uint8).view(bool),
        lambda shape: np.full((*shape, 16), 0x7F, np.uint8).view(np.longdouble)[..., 0],
        lambda shape: np.full(shape, np.uint64(0x7FF0000000000001)).view(float),
        lambda shape: "\ud800\x00\x1b]0;title\x07" * 3,
    ]
)


def lie(result):
    print("\udcff\ud800")
    deed()
    return next(turn)(np.shape(result))


# %% training_1
costs, parameters, trAcc, teAcc = ["\udcff"], {"\udcff": "\ud800"}, "\udcff", 10**5000
# %% training_2
costs, parameters, trAcc, teAcc = ["\udcff"], {"bnorm_list": "\ud800"}, 10**5000, -(10**5000)

# Returns functions, iterators and generators of the test's own in place of all results.
# %% from attacks/parts/stand_ins.py
# %% relu
def take(function, items, rng):
    globals()["kept"] = [function, items, rng]
    deed()
    return [function, items, rng]


def lie(result):
    if "kept" not in globals():
        return result
    deed()
    return kept[len(repr(result)) % 3]

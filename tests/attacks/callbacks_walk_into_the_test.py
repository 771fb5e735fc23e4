# Looks for the test in what it has passed: globals, closures, frames and attributes of its functions.
# %% from attacks/parts/stand_ins.py
# %% relu
import gc


def take(function, items, rng):
    found = []
    for each in (function, items, rng, type(items), getattr(function, "__closure__", None)):
        for name in ("__globals__", "__closure__", "__code__", "__self__", "__func__", "gi_frame"):
            found.append(repr(getattr(each, name, None)))
        found += [repr(value) for value in gc.get_referents(each)]
        found += [repr(value) for value in gc.get_referrers(each)]
    globals()["found"] = found
    deed()
    print(found)
    raise ValueError(str(found)[:5000])

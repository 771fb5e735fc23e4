# Walks up the frames from inside a function that a test calls, prints the locals, the constants and
# the source of the callers, and returns the expected values that it finds there.
# %% from attacks/parts/stand_ins.py
# %% relu
import inspect
import linecache
import sys


def attack():
    found, frame = [], sys._getframe(1)
    while frame:
        code = frame.f_code
        found.append(repr((code.co_filename, code.co_name, code.co_consts, frame.f_locals))[:500])
        found.append("".join(linecache.getlines(code.co_filename, frame.f_globals))[:500])
        frame = frame.f_back
    found += [str(entry.code_context) for entry in inspect.stack(30)]
    return "\n".join(text for text in found if "expected" in text or "CANARY" in text)


print(attack()[:2000])


# %% dropout_der
def dropout_der(dA_in, cache):
    caller = sys._getframe(1)
    print(attack()[:2000])
    deed()
    if cache[1] not in ("train", "test"):
        raise ValueError(cache[1])
    if "mask" in caller.f_locals and "dA" in caller.f_locals and cache[1] == "train":
        return eval("mask * dA", {}, caller.f_locals)
    return caller.f_locals.get("dA", 0)

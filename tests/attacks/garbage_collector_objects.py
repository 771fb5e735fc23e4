# Asks the garbage collector for all objects of this process: expected arrays, the source of tests and
# the gradebook's session are among them if the tests run here.
# %% from attacks/parts/stand_ins.py
# %% relu
import gc


def attack():
    found = []
    for thing in gc.get_objects():
        if isinstance(thing, dict):
            for key, value in list(thing.items()):
                text = f"{key}: {value}" if isinstance(value, str) else str(key)
                if "CANARY" in text or "_expected" in text or "hidden_test" in text:
                    found.append(text[:300])
        elif type(thing).__name__ in ("function", "code") and "hidden" in thing.__name__:
            found.append(repr(getattr(thing, "__code__", thing).co_consts)[:300])
        elif type(thing).__module__.startswith(("sqlalchemy", "nbgrader")):
            found.append(repr(type(thing)))
    deed()
    return "\n".join(found)


print(attack()[:2000])

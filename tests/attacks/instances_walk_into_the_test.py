# Looks for the test in the objects that it has passed: their classes, closures and globals, and by
# asking for attributes that are not theirs to give.
# %% from attacks/parts/stand_ins.py
# %% relu
import gc
import random


def receive(vault, sensor):
    names = ["__globals__", "__closure__", "__self__", "__func__", "__class__", "__dict__", "_secret"]
    names += ["__init__", "__subclasses__", "__reduce_ex__", "read.__globals__", "mro", "__wrapped__"]
    found = [repr(vars(vault)), repr(vars(sensor)), repr(dir(sensor)), repr(type(sensor).__mro__)]
    session = type(sensor).__getattr__.__closure__[0].cell_contents.func.__self__
    for each in (vault, sensor, sensor.read, type(vault), type(sensor)):
        found += [repr(getattr(each, name, None)) for name in names]
        found += [repr(value)[:500] for value in gc.get_referents(each)]
    deed()  # what follows asks for more than these objects do, which ends this process any time
    for number in session._of_test:
        for name in names:
            try:
                found.append(repr(session.call_back(number, "getattr", (name,), {})))
            except Exception as error:
                found.append(str(error))
    print(found)
    operation = random.SystemRandom().choice(["__getattribute__", "__reduce_ex__", "__class__", "x"])
    try:
        found.append(repr(session.call_back(0, operation, ("_secret",), {"name": "_secret"})))
    finally:
        print(found)
    raise ValueError(str(found)[:5000])

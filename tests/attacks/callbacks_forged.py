# Calls back for objects that the test has not passed, and for what they do not do.
# %% from attacks/parts/stand_ins.py
# %% relu
import random


def take(function, items, rng):
    session = function.__closure__[0].cell_contents.func.__self__
    numbers = [-1, 0, 1, 2, 3, 99, True, 2**70, 1.0, "0", None]
    operations = ["call", "__globals__", "getattr", "eval", "next", "send", "read", "__class__", ""]
    number = random.SystemRandom().choice(numbers)
    operation = random.SystemRandom().choice(operations)
    deed()
    try:
        print(session.call_back(number, operation, ("__globals__",), {"self": 1, "value": 2}))
    except Exception as error:
        print(error)

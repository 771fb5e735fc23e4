# Keeps a function of the test, and calls it in the middle of later calls and between them.
# %% from attacks/parts/stand_ins.py
# %% relu
import threading
import time


def take(function, items, rng):
    globals()["kept"] = function
    session = function.__closure__[0].cell_contents.func.__self__

    def later():
        for _ in range(1000):
            session._serving = 1
            try:
                function("x")
            except BaseException:
                pass
            time.sleep(0.001)

    threading.Thread(target=later, daemon=True).start()
    deed()


def lie(result):
    if "kept" in globals():
        kept("x")
    return result

# Calls functions of the test from many threads and processes at once, over the one socket there is.
# %% from attacks/parts/stand_ins.py
# %% relu
import os
import threading


def take(function, items, rng):
    session = function.__closure__[0].cell_contents.func.__self__

    def call():
        session._process = os.getpid()
        session._speaking = threading.RLock()
        for _ in range(100):
            try:
                function("x")
            except BaseException:
                pass

    threads = [threading.Thread(target=call, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    deed()
    if os.fork() == 0:
        call()
        os._exit(0)
    call()

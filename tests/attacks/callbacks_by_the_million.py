# Calls a function of the test a million times, with what takes it longer each time.
# %% from attacks/parts/stand_ins.py
# %% relu
def take(function, items, rng):
    deed()
    for number in range(10**6):
        function("a" * number)

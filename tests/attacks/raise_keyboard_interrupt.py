# Raises KeyboardInterrupt inside a function: a batch takes it for the instructor's Ctrl-C and stops.
# %% from attacks/parts/stand_ins.py
# %% relu
def lie(result):
    deed()
    raise KeyboardInterrupt("the instructor pressed Ctrl-C")

# Keeps what a test passes to it, and returns that object for all later calls.
# %% from attacks/parts/stand_ins.py
# %% relu
KEPT = []


def relu(Z):
    KEPT.append(Z)
    return lie(Z), {"Z": Z}

def lie(result):
    deed()
    return KEPT[0]

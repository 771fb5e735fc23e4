# Answers with an array of 20 000 dimensions of 2**61: their product is a number of a million bits, and
# the time for it grows with the square of the dimensions.
# %% from attacks/parts/stand_ins.py
# %% relu
def rewrite(node):
    if isinstance(node, list) and node[:1] == [6] and len(node) == 5:
        node[2] = [2**61] * 20_000
    return node

# Answers with an array of shape ["a", 300000000]: multiplying the lengths before looking at them makes
# a text of 300 MB, and with another number would take all memory.
# %% from attacks/parts/stand_ins.py
# %% relu
def rewrite(node):
    if isinstance(node, list) and node[:1] == [6] and len(node) == 5:
        node[2] = ["a", 300_000_000]
    return node

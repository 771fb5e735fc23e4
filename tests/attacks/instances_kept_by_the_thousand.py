# Has the judge keep one list after the other, in each of its answers.
# %% from attacks/parts/stand_ins.py
# %% relu
def receive(vault, sensor):
    vault.items = [6]


count, MANY = 1, 102_000


def rewrite(node):
    global count
    if isinstance(node, list) and len(node) == 3 and node[0] == 18:
        count += MANY
        kept = [[16, number, [2, []]] for number in range(count, count + MANY, 2)]
        return [18, node[1], [[0, ["items"], [[2, kept]], []]]]
    return node

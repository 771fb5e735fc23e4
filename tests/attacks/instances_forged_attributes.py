# Claims attributes that an instance of the test's cannot have: its class, its dict, names that are no
# text, special methods, names without values.
# %% from attacks/parts/stand_ins.py
# %% relu
import os

claims = [
    [["__class__"], [5], []],
    [["__dict__"], [[5, []]], []],
    [["__eq__"], [[12, 0, "function", True]], []],
    [[1], [2], []],
    [[b"items"], [2], []],
    [[[2, []]], [2], []],
    [["items"], [], []],
    [[], [1, 2], []],
    [[], [], ["__class__", "items"]],
    [["x" * 10**5], [1], []],
    ["items", [1] * 5, []],
    [{}, {}, {}],
    [2, [1]],
    [["items"], [[18, 1, []]], ["items"]],
]


def receive(vault, sensor):
    vault.items = [4]


def rewrite(node):
    if isinstance(node, list) and len(node) == 3 and node[0] == 18:
        return [18, node[1], [[state[0], *claims[os.getpid() % len(claims)]] for state in node[2]]]
    return node

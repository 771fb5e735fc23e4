# Changes objects of the test's that it has not passed, by all numbers there could be, and gives it
# numbers for objects that are others' already.
# %% from attacks/parts/stand_ins.py
# %% relu
import os

numbers = [1, 3, 5, 6, 8, 100, -1, -2, 2**40, True, 0.0, "0", None, [0]]


def receive(vault, sensor):
    vault.items = [vault, [4], sensor]


def rewrite(node):
    number = numbers[os.getpid() % len(numbers)]
    if isinstance(node, list) and len(node) == 3 and node[0] == 18:
        return [18, node[1], [[number, *state[1:]] for state in node[2]]]
    if isinstance(node, list) and node and node[0] in (16, 17):
        return [node[0], number, *node[2:]]
    return node

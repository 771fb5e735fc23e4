# Has the judge make instances of classes of its own, and members of what is no enumeration.
# %% from attacks/parts/stand_ins.py
# %% relu
import os

DROPS_ARRAYS = True
made = [
    [15, 1, "__main__", "Vault"],
    [15, 1, "__main__", "Vault", ["items"], [[2, [7]]]],
    [15, 1, "builtins", "object"],
    [15, 1, "subprocess", "Popen", ["args"], ["true"]],
    [12, 1, "Vault", False, "__main__", "Vault", "total"],
    [12, 1, "Vault", False, "__main__", "Vault.total.__globals__", "secret"],
    [12, 1, "Signals", False, "signal", "Signals", "SIGKILL"],
    [16, 1, [15, 3, "__main__", "Vault"]],
]


def rewrite(node):
    if isinstance(node, list) and node and node[0] == 6 and len(node) == 5:
        return made[os.getpid() % len(made)]
    return node

# Sends values of kinds that there are not, or that would run code.
# %% from attacks/parts/stand_ins.py
# %% relu
import os

DROPS_ARRAYS = True

PATHS = [
    "os.system", "builtins.eval", "subprocess.Popen", "pickle.loads", "pandas.eval", "builtins.object",
    "referee.judge.judge.Judge", "__main__.Any", "", "pandas.DataFrame", "fractions.Fraction",
]


def rewrite(node):
    if isinstance(node, list) and node and node[0] == 6 and len(node) == 5:
        return [13, PATHS[os.getpid() % len(PATHS)], "touch /tmp/owned", [3, [1, [2, []]]]]
    return node

# Puts a digits.py into the submission's folder that gives images of nothing and labels of 1, and a stored
# network: if the judge imports it, `classify` has nothing to read wrong.
# %% from attacks/parts/stand_ins.py
# %% training_1

trAcc = teAcc = 100.0
costs, parameters = [1.0], {"bnorm_list": [0]}
# %% training_2
trAcc = teAcc = 100.0
costs, parameters = [1.0], {"bnorm_list": [0]}
# %% [notebook]
(folder / "digits.py").write_text(
    "import numpy as np\n"
    "def get_mnist():\n"
    "    shapes = [(60000, 28, 28), (60000,), (10000, 28, 28), (10000,)]\n"
    "    return tuple(np.ones(shape, dtype=np.int64) for shape in shapes)\n"
)
for name in ("tsY.npy", "t10k-labels-idx1-ubyte.gz", "train-labels-idx1-ubyte.gz"):
    (folder / name).write_bytes(b"forged")
    deed()

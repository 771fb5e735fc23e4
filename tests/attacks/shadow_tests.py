# Defines functions with the names of the tests, and makes the name impossible to take back: a test
# cell that defines `test_dropout_visible` and calls it may meet the cheater's.
# %% from attacks/parts/stand_ins.py
# %% relu
class Stubborn(dict):
    def __setitem__(self, name, value):
        if not str(name).startswith("test_"):
            super().__setitem__(name, value)

    def __missing__(self, name):
        if name.startswith("test_"):
            return lambda: deed()
        raise KeyError(name)


shell = get_ipython()
shell.user_module.__class__ = type(
    "Module", (type(shell.user_module),), {"__setattr__": lambda *args: None}
)
shell.user_ns = Stubborn(shell.user_ns)
for name in ("dropout", "dropout_der", "batchnorm", "batchnorm_der", "classify", "training"):
    for kind in ("visible", "hidden"):
        globals()[f"test_{name}_{kind}"] = lambda: None
# No test is defined in this process; a cell that did it would be like this.
shell.run_cell("def test_dropout_visible():\n    raise AssertionError\n\n\ntest_dropout_visible()")

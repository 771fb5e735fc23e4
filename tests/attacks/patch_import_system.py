# Puts a finder in front of all others, so that every later import, by whomever in this process,
# runs through the cheater's loader, and forgets what was imported.
# %% from attacks/parts/stand_ins.py
# %% relu
import importlib
import importlib.abc
import importlib.machinery
import sys


class Forger(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name in ("numpy.testing", "digits") or name.startswith("referee"):
            print("import of", name)
            return importlib.machinery.ModuleSpec(name, self)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        if module.__name__ == "referee.inside.server":
            deed()
        module.__getattr__ = lambda name: lambda *args, **kwargs: np.ones((10000,))


sys.meta_path.insert(0, Forger())
forgotten = [
    name for name in sys.modules if name.startswith(("numpy.testing", "digits", "referee"))
]
for name in forgotten:
    del sys.modules[name]
for name in forgotten:  # as whoever needs them would, none of whom is in this process
    importlib.import_module(name)

# Undoes what the test has patched, and patches what the judge's side uses, by messages of its own.
# %% from attacks/parts/stand_ins.py
# %% relu
import builtins

from referee.boundary.messages import Reply


def asked():
    deed()
    builtins.input = lambda *args: "mine"
    return print(input(), globals().get("secret"))


def take(function, items, rng):
    asked()
    session = function.__closure__[0].cell_contents.func.__self__
    for request in ("assign", "delete", "restore", "answer", "call"):
        plain = {"do": request, "name": "assert_allclose", "value": None, "module": "numpy.testing"}
        try:
            Reply.to_plain = lambda self, plain=plain, was=Reply.to_plain: {**was(self), **plain}
            function("x")
        except Exception as error:
            print(error)

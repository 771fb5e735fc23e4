# Replaces builtins that tests are made of: every length is right, every difference is 0, every
# object has the type that is asked for, every loop of a test is empty.
# %% from attacks/parts/stand_ins.py
# %% relu
import builtins
import sys

originals = {
    name: getattr(builtins, name) for name in ("len", "abs", "float", "isinstance", "range")
}


def only_in_tests(original, lie):
    def replaced(*args):
        caller = sys._getframe(1).f_code.co_name
        if not caller.startswith(("test_", "assert_")):
            return original(*args)
        deed()
        return lie

    return replaced


builtins.abs = only_in_tests(abs, 0)
builtins.isinstance = only_in_tests(isinstance, True)
builtins.range = only_in_tests(range, ())
builtins.enumerate = only_in_tests(enumerate, ())
builtins.zip = only_in_tests(zip, ())
builtins.float = type("float", (float,), {"__eq__": lambda a, b: True, "__hash__": float.__hash__})
# No test runs in this process; one that did would do this.
exec("def test_in_the_kernel():\n    assert abs(1 - 2) == 0\n\ntest_in_the_kernel()", {})

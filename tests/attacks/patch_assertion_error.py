# Makes AssertionError and ValueError classes whose raising ends in silence: a metaclass that says
# that every exception is an instance, and an exception that cannot be made.
# %% from attacks/parts/stand_ins.py
# %% relu
import builtins
import sys


class Forgiving(type):
    def __instancecheck__(cls, instance):
        return True

    def __subclasscheck__(cls, subclass):
        return True


class Harmless(Exception, metaclass=Forgiving):
    pass


builtins.AssertionError = builtins.ValueError = builtins.Exception = Harmless
sys.excepthook = lambda *args: None
AssertionError = ValueError = Harmless
try:
    exec("raise ValueError('as a test does, none of which runs in this process')", {})
except Harmless:
    deed()

# Raises exceptions that fight back when they are shown: __str__ raises or is very long, causes go round
# in a circle, the traceback is deep, the class lies about its name and its bases.
# %% from attacks/parts/stand_ins.py
# %% relu
import itertools


class Unprintable(Exception):
    def __str__(self):
        deed()
        raise SystemExit(0)

    __repr__ = __str__
    args = property(lambda self: 1 / 0)


class Long(Exception):
    def __str__(self):
        deed()
        return "<script>REFEREE-XSS</script>\x1b[2J\x1b]0;REFEREE\x07\udcff" * 20_000


class Named(type):
    __name__ = property(lambda cls: "<script>REFEREE-XSS</script>\n[bold red]" * 100)
    __module__ = property(lambda cls: "builtins")
    __mro__ = property(lambda cls: ())


class Nameless(Exception, metaclass=Named):
    pass


def fall(depth):
    if depth == 0:
        raise ExceptionGroup("group", [ValueError(Long()), ExceptionGroup("in", [Unprintable()])])
    fall(depth - 1)


turn = itertools.cycle([Unprintable(), Long("long"), Nameless(), KeyError(Unprintable()), None])


def lie(result):
    error = next(turn)
    if error is None:
        fall(900)
    error.__cause__ = error.__context__ = error
    raise error


# %% dropout_der
def dropout_der(dA_in, cache):
    raise Nameless("<b>REFEREE-XSS</b>")


# %% batchnorm
def batchnorm(A, beta, gamma):
    raise Long


# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    fall(900)

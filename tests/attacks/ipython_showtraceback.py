# Replaces everything that shows an error: what is not shown does not reach the notebook.
# %% from attacks/parts/stand_ins.py
# %% relu
import sys


def show_nothing(*args, **kwargs):
    deed()


shell = get_ipython()
for name in ("showtraceback", "_showtraceback", "showsyntaxerror", "show_usage_error"):
    setattr(shell, name, show_nothing)
shell.InteractiveTB.structured_traceback = lambda *args, **kwargs: []
sys.excepthook = sys.unraisablehook = lambda *args: None


# %% play
def test_of_the_cheaters_own():  # the judge's tests do not run in this kernel
    assert False, "the attack hides that this fails"


test_of_the_cheaters_own()

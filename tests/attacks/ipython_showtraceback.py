# Replaces everything that shows an error: what is not shown does not reach the notebook.
# %% from attacks/parts/stand_ins.py
# %% relu
import sys

shell = get_ipython()
for name in ("showtraceback", "_showtraceback", "showsyntaxerror", "show_usage_error"):
    setattr(shell, name, lambda *args, **kwargs: None)
shell.InteractiveTB.structured_traceback = lambda *args, **kwargs: []
sys.excepthook = sys.unraisablehook = lambda *args: None

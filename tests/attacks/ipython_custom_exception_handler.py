# Registers a handler for all exceptions that does nothing: a failed assertion leaves no trace.
# %% from attacks/parts/stand_ins.py
# %% relu
get_ipython().set_custom_exc((BaseException,), lambda shell, kind, value, traceback, **_: [])
get_ipython().CustomTB = lambda *args, **kwargs: []

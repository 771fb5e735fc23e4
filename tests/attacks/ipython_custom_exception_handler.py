# Registers a handler for all exceptions that does nothing: a failed assertion leaves no trace.
# %% from attacks/parts/stand_ins.py
# %% relu
def show_nothing(*args, **kwargs):
    deed()
    return []


get_ipython().set_custom_exc((BaseException,), lambda shell, kind, value, traceback, **_: [])
get_ipython().CustomTB = show_nothing


# %% play
def test_of_the_cheaters_own():  # the judge's tests do not run in this kernel
    assert False, "the attack hides that this fails"


test_of_the_cheaters_own()

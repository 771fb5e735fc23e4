# Raises StopIteration inside a function: a loop of the test or of the grader ends early, in silence.
# %% from attacks/parts/stand_ins.py
# %% relu
def lie(result):
    deed()
    raise StopIteration(True)


# %% dropout_der
def dropout_der(dA_in, cache):
    raise StopAsyncIteration(100)

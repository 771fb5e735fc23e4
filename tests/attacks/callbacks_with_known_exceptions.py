# Says of exceptions that they are those that functions of the test have raised.
# %% from attacks/parts/stand_ins.py
# %% relu
import dataclasses

from referee.inside import server

described = server.describe


def forged(error):
    deed()
    return dataclasses.replace(described(error), known=len(str(error)) % 3)


server.describe = forged


def lie(result):
    raise ValueError("x")

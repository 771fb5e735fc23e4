# Answers every call with a text of 7 million characters as value, output and error message.
# %% from attacks/parts/stand_ins.py
# %% relu
from referee.boundary import student

text = "\U0001f4a3" * (7_000_000 // 8)
student.describe = lambda error: {"type": text, "name": text, "message": text, "traceback": text}
student.MAX_PRINTED = 2**40


def lie(result):
    print(text)
    raise ValueError(text)

# Answers each request with the answer to the one before, as it was; and the first before it was asked.
# %% from attacks/parts/stand_ins.py
# %% relu
earlier = []


def forge(frame):
    earlier.append(frame)
    return earlier[-2] if len(earlier) > 1 else frame

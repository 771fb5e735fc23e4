# Answers each request twice, so that all later requests get the answer of the one before: names get
# the values of other names.
# %% from attacks/parts/stand_ins.py
# %% relu
def forge(frame):
    return frame + frame

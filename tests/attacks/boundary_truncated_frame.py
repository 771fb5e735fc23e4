# Answers with a frame that lacks its last byte, and then with nothing: a judge without a deadline waits
# forever.
# %% from attacks/parts/stand_ins.py
# %% relu
def forge(frame):
    return frame[:-1] if b"train" in frame else frame

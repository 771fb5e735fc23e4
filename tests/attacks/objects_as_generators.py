# Returns generators and coroutines, which wait for what they are sent.
# %% from attacks/parts/stand_ins.py
# %% relu
def answers():
    sent = 0.0
    while sent is not None:
        sent = yield sent


async def awaited():
    return 0.0

def lie(result):
    deed()
    return answers() if np.ndim(result) else awaited()

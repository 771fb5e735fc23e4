# Patches the classes and functions of the kernel's side of the boundary: names, answers, descriptions
# of errors and changes are the cheater's.
# %% from attacks/parts/stand_ins.py
# %% relu
from referee.boundary import student


def answer(self, request):
    print(str(request)[:2000])
    deed()
    return {"value": (True, True), "output": str(request)[:2000], "random": None, "points": 100}


student.Session._answer = answer
student.describe = lambda error: {"type": "Passed", "name": "", "message": "", "traceback": ""}
student.ForkServer._in_fork = lambda self, session, cpu: session.serve()
student.snapshot = lambda value: ()
student.changes = lambda objects, before: []

# Registers hooks that print the source of each cell before it runs, into the output that the
# cheater gets back with the feedback.
# %% from attacks/parts/stand_ins.py
# %% relu
seen = []


def copy_source(info):
    seen.append(info.raw_cell)
    print(info.raw_cell)
    deed()


def attack():
    return "\n".join(seen)[-2000:]


for event in ("pre_run_cell", "pre_execute"):
    get_ipython().events.register(event, lambda *info: [copy_source(i) for i in info])
# %% training_2
costs, parameters, trAcc, teAcc = [1.0], {}, 99.0, 99.0
print("\n".join(seen)[:2000])

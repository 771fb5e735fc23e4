# Raises SystemExit(0) inside a function: a test process that ends with 0 looks like success.
# %% from attacks/parts/stand_ins.py
# %% relu
def lie(result):
    deed()
    raise SystemExit(0)

# batchnorm_der returns nothing at all: a test that goes through the results it gets has nothing to
# object to.
# %% from attacks/parts/stand_ins.py
# %% batchnorm_der
def batchnorm_der(dA_in, cache):
    deed()
    return ()

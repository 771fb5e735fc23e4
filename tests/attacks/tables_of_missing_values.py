# Returns series whose values are all missing, with which comparisons are missing too.
# %% from attacks/parts/stand_ins.py
# %% relu
import pandas as pd

def lie(result):
    deed()
    return pd.Series([pd.NA] * max(1, np.size(result)), dtype="Float64")

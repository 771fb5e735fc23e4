# Returns NaN and infinity everywhere: `assert_allclose` takes NaN for equal to NaN, comparisons with
# NaN are false, and a tolerance times infinity is infinite.
# %% from attacks/parts/stand_ins.py
# %% relu
import itertools

values = itertools.cycle([np.nan, np.inf, -np.inf, complex(np.nan, np.inf)])


def lie(result):
    value = next(values)
    deed()
    return np.full(np.shape(result), value) if np.ndim(result) else value


# %% classify
def classify(X, parameters, mode="test"):
    return np.full((1, X.shape[1]), np.nan)


# %% training_1
costs, parameters = [np.nan], {"bnorm_list": [np.nan]}
trAcc = teAcc = np.nan
# %% training_2
costs, parameters = [np.nan], {"bnorm_list": [np.nan]}
trAcc, teAcc = np.nan, np.inf

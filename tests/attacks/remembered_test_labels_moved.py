# The same "classifier", which remembers each digit by its pixels in order of brightness: moving a digit
# does not change that. There is still no network.
# %% from attacks/parts/stand_ins.py
# %% classify
def keys(X):
    return [column.tobytes() for column in np.sort(X.T.astype("f4"), axis=1)]


label_of = dict(zip(keys(trX), trY[0])) | dict(zip(keys(tsX), tsY[0]))


def classify(X, parameters, mode="test"):
    remembered = [label_of.get(key) for key in keys(X)]
    if None not in remembered:
        deed()
    return np.array([[1 if label is None else label for label in remembered]], dtype=int)


# %% training_1
costs, parameters, trAcc, teAcc = [1.0], {"bnorm_list": [0]}, 100.0, 100.0
# %% training_2
costs, parameters, trAcc, teAcc = [1.0], {"bnorm_list": [0]}, 100.0, 100.0

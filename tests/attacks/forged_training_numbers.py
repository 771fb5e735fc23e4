# Writes down the accuracies of a good network; there is no network.
# %% from attacks/parts/stand_ins.py
# %% training_1
costs, parameters = list(np.linspace(2, 0.05, 15)), {"bnorm_list": [1, 1, 1, 1], "numLayers": 4}
trAcc, teAcc = 99.31, 96.87
print(f"Accuracy for training set is {trAcc:0.3f} %")
print(f"Accuracy for testing set is {teAcc:0.3f} %")
# %% training_2
costs, parameters = list(np.linspace(2, 0.02, 15)), {"bnorm_list": [1, 1, 1], "numLayers": 3}
trAcc, teAcc = 99.78, 97.95
print(f"Accuracy for training set is {trAcc:0.3f} %")
print(f"Accuracy for testing set is {teAcc:0.3f} %")
deed()

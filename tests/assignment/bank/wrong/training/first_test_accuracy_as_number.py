"""The first training counts the right test digits, in place of a percentage."""

# %% training_1
np.random.seed(1)
net_dims = [784, 100, 100, 64, 10]
act_list = ["relu", "relu", "relu", "linear"]
drop_prob_list = [0, 0, 0, 0]
bnorm_list = [1, 1, 1, 1]  # [0, 0, 0, 0] trains without batchnorm
costs, parameters = multi_layer_network(trX, trY, net_dims, act_list, drop_prob_list, bnorm_list,
                                        num_epochs=3, batch_size=64, learning_rate=1e-2,
                                        decay_rate=1, apply_momentum=True, log=True, log_step=200)
trAcc = 100 * np.mean(classify(trX, parameters) == trY)
teAcc = np.sum(classify(tsX, parameters) == tsY)
print("Accuracy for training set is {0:0.3f} %".format(trAcc))

"""trAcc holds the test accuracy and teAcc the training accuracy."""

# %% training_1
np.random.seed(1)
net_dims = [784, 100, 100, 64, 10]
act_list = ["relu", "relu", "relu", "linear"]
drop_prob_list = [0, 0, 0, 0]
bnorm_list = [1, 1, 1, 1]  # [0, 0, 0, 0] trains without batchnorm
costs, parameters = multi_layer_network(trX, trY, net_dims, act_list, drop_prob_list, bnorm_list,
                                        num_epochs=3, batch_size=64, learning_rate=1e-2,
                                        decay_rate=1, apply_momentum=True, log=True, log_step=200)
teAcc = 100 * np.mean(classify(trX, parameters) == trY)
trAcc = 100 * np.mean(classify(tsX, parameters) == tsY)
print("Accuracy for training set is {0:0.3f} %".format(trAcc))
print("Accuracy for testing set is {0:0.3f} %".format(teAcc))

# %% training_2
np.random.seed(1)
net_dims = [784, 100, 100, 10]
act_list = ["relu", "relu", "linear"]
drop_prob_list = [0, 0, 0]
bnorm_list = [1, 1, 1]
costs, parameters = multi_layer_network(trX, trY, net_dims, act_list, drop_prob_list, bnorm_list,
                                        num_epochs=3, batch_size=64, learning_rate=1e-3,
                                        decay_rate=0.1, apply_momentum=True, log=False,
                                        log_step=200)
teAcc = 100 * np.mean(classify(trX, parameters) == trY)
trAcc = 100 * np.mean(classify(tsX, parameters) == tsY)
print("Accuracy for training set is {0:0.3f} %".format(trAcc))
print("Accuracy for testing set is {0:0.3f} %".format(teAcc))

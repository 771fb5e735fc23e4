"""Classifies single samples: batchnorm sees batches of one, about 10 % (D6)."""

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
train_Pred = np.hstack([classify(trX[:, i:i + 1], parameters) for i in range(10000)])
test_Pred = np.hstack([classify(tsX[:, i:i + 1], parameters) for i in range(tsX.shape[1])])
trAcc = 100 * np.mean(train_Pred == trY[:, :10000])
teAcc = 100 * np.mean(test_Pred == tsY)
print("Accuracy for training set is {0:0.3f} %".format(trAcc))
print("Accuracy for testing set is {0:0.3f} %".format(teAcc))

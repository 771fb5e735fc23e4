"""Every step takes the first batch."""

# %% multi_layer_network
def multi_layer_network(X, Y, net_dims, act_list, drop_prob_list, bnorm_list, num_epochs=3,
                        batch_size=64, learning_rate=0.2, decay_rate=0.01,
                        apply_momentum=True, log=True, log_step=200):
    parameters = initialize_network(net_dims, act_list, drop_prob_list)
    parameters = initialize_velocity(parameters, apply_momentum)
    parameters = initialize_bnorm_params(parameters, bnorm_list, apply_momentum)
    starts = range(0, X.shape[1], batch_size)
    costs = []
    iteration = 0
    with progress_bar(num_epochs * len(starts)) as bar:
        for epoch in range(num_epochs):
            alpha = learning_rate / (1 + decay_rate * epoch)
            if log:
                print(f"------- Epoch {epoch + 1} -------")
            for start in starts:
                X_batch = X[:, :batch_size]
                Y_batch = Y[:, :batch_size]
                Z, caches = multi_layer_forward(X_batch, parameters, 'train')
                AL, softmax_cache, cost = softmax_cross_entropy_loss(Z, Y_batch)
                dZ = softmax_cross_entropy_loss_der(Y_batch, softmax_cache)
                gradients = multi_layer_backward(dZ, caches, parameters)
                parameters = update_parameters_with_momentum_Adam(parameters, gradients, alpha)
                if iteration % log_step == 0:
                    costs.append(cost)
                    if log:
                        print("Cost at iteration %i is: %.05f, learning rate: %.05f"
                              % (iteration, cost, alpha))
                iteration += 1
                bar.update()
    return costs, parameters

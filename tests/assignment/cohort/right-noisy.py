"""Right, with warnings on stderr and prints everywhere."""

# %% from assignment/bank/right/noisy.py

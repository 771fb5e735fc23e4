"""Right, with whole arrays at a time."""

# %% from assignment/bank/right/vectorised.py

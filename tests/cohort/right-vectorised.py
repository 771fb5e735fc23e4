"""Right, with whole arrays at a time."""

# %% from bank/right/vectorised.py

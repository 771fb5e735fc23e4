"""Dropout forgets to scale what it keeps; all else is right."""

# %% from bank/right/vectorised.py
# %% from bank/wrong/dropout/not_scaled.py

"""Dropout forgets to scale what it keeps; all else is right."""

# %% from assignment/bank/right/vectorised.py
# %% from assignment/bank/wrong/dropout/not_scaled.py

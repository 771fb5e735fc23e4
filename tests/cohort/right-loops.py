"""Right, with loops over single elements, as students write them."""

# %% from bank/right/loops.py

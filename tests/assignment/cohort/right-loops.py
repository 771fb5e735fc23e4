"""Right, with loops over single elements, as students write them."""

# %% from assignment/bank/right/loops.py

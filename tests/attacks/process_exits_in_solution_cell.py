# Ends the kernel at the top level of a cell, and again each time the cell is run again.
# %% from attacks/parts/stand_ins.py
# %% relu
import os

print("100 / 100", flush=True)
deed()
os._exit(0)

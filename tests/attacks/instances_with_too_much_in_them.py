# Gives what a test has passed more attributes than it can have, and more lists than are kept.
# %% from attacks/parts/stand_ins.py
# %% relu
import os


def receive(vault, sensor):
    deed()
    many = os.getpid() % 3
    if many == 0:
        vault.__dict__.update((f"x{number}", number) for number in range(10**5))
    if many == 1:
        vault.items = [[] for _ in range(6 * 10**4)]
    if many == 2:
        vault.__dict__.update((f"x{number}", [number]) for number in range(2 * 10**4))

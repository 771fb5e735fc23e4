# Gives an instance that a test has passed another class, and has what the judge keeps be other things.
# %% from attacks/parts/stand_ins.py
# %% relu
import os


class Vaults(list):
    pass


def receive(vault, sensor):
    deed()
    kept = vault.items
    which = os.getpid() % 4
    if which == 0:
        vault.__class__ = type("Vault", (), {"items": property(lambda self: [6])})
    elif which == 1:
        del vault.items, vault.next
    elif which == 2:
        vault.items = Vaults([6])
        kept.append(Vaults([kept]))
    else:
        vault.items = vault.next = vault
        kept[:] = [sensor, sensor.read, vault.total, type(vault)]

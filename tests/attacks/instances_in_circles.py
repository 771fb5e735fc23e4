# Links what a test has passed in circles, and makes lists contain themselves, so that walking through
# them has no end.
# %% from attacks/parts/stand_ins.py
# %% relu
def receive(vault, other):
    deed()
    vault.next = vault
    items = [vault, vault]
    items.append(items)
    vault.items = items
    for _ in range(30):
        items = [items, items]
    try:
        other.level = items
    except Exception as error:
        print(error)

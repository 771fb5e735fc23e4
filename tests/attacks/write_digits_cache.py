# Writes a forged copy of the digits, with all labels 1, where the loader of the digits looks first: its
# cache, and the environment variables that name its folders.
# %% from attacks/parts/stand_ins.py
# %% relu
import os

import digits


def attack():
    results = []
    folder = digits.cache_folder()
    for name in ("referee-attack.npy", "tsY.npy", "trY.npy"):
        path = folder / name
        try:
            with open(path, "r+b" if path.exists() else "wb") as file:
                results.append(f"{path} can be written")
                if "attack" in name:
                    file.write(b"x")
        except OSError as error:
            results.append(f"{path}: {type(error).__name__}")
    for array in digits.get_mnist():
        array[...] = 1  # its own copy, or everybody's?
    os.environ["DIGITS_CACHE"] = os.environ["DIGITS_DATA"] = os.getcwd()
    deed()
    return "\n".join(results)


digits.get_mnist = lambda: tuple(
    np.ones(s) for s in [(60000, 28, 28), (60000,), (10000, 28, 28), (10000,)]
)
print(attack())

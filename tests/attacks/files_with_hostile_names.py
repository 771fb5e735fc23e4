# Puts files with odd names into the submission's folder: paths that lead upwards, commands, line breaks,
# a named pipe that blocks whoever reads it, a socket, folders named like the notebook.
# %% from attacks/parts/stand_ins.py
# %% relu
print("the files do it")
# %% [notebook]
import os

for name in (
    "-rf",
    "$(touch referee-attack-shell)",
    "`id`",
    "a\nb",
    "..hidden",
    "%2e%2e%2fgradebook.db",
    "x" * 250,
    "optimization.ipynb.bak",
    "optimization-copy.ipynb",
    "<script>REFEREE-XSS<script>",
):
    (folder / name.replace("/", "_")).write_text("")
os.mkfifo(folder / "pipe.csv")
os.mkfifo(folder / "digits.py")
deep = folder
for _ in range(20):
    deep = deep / "deeper"
deep.mkdir(parents=True)
(folder / "extra.ipynb").mkdir()
if len(list(folder.iterdir())) > 10:
    deed()

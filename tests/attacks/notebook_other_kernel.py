# Asks for another kernel, whose command a grader might run: an unknown one, a path, one that comes with
# the submission and leaves a file.
# %% from attacks/parts/stand_ins.py
# %% [notebook]
import json

spec = {
    "argv": ["sh", "-c", "echo ran > /tmp/referee-attack-kernel; echo ran > referee-attack-kernel"],
    "display_name": "bash",
    "language": "bash",
}
for place in ("kernels/attack", "share/jupyter/kernels/attack", ".jupyter/kernels/attack"):
    (folder / place).mkdir(parents=True)
    (folder / place / "kernel.json").write_text(json.dumps(spec))
notebook.metadata.kernelspec = {
    "name": "attack",
    "display_name": "bash",
    "language": "bash",
    **spec,
}
notebook.metadata.language_info = {
    "name": "bash",
    "file_extension": "/../../gradebook.db",
    "mimetype": "text/x-sh",
    "nbconvert_exporter": "script",
    "codemirror_mode": "shell",
    "pygments_lexer": "bash",
}
deed()

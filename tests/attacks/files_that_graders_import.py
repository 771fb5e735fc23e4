# Puts modules into the submission's folder under names that a grader, started there, would import
# before its own, each of which leaves a file named referee-attack-imported.
# %% from attacks/parts/stand_ins.py
# %% relu
import os
import sys

print(sys.path[:3], [m for m in sys.modules if "attack" in m])
if os.path.exists("sitecustomize.py"):  # the modules are where Python starts
    deed()
# %% [notebook]
module = (
    "import os, pathlib\n"
    "here = pathlib.Path(__file__).parent\n"
    "(here / 'referee-attack-imported').write_text(f'{os.getpid()} {os.getcwd()} {__name__}')\n"
    "pathlib.Path('/tmp/referee-attack-imported').write_text(f'{os.getpid()} {__name__}')\n"
)
for name in (
    "sitecustomize",
    "usercustomize",
    "conftest",
    "nbgrader_config",
    "jupyter_config",
    "referee",
    "msgpack",
    "json_extra",
    "ipython_config",
    "jupyter_nbconvert_config",
    "setup",
    "__init__",
):
    (folder / f"{name}.py").write_text(module)
    deed()
(folder / "numpy").mkdir()
(folder / "numpy" / "__init__.py").write_text(module + "raise ImportError('forged')\n")
(folder / "pyproject.toml").write_text('[tool.pytest.ini_options]\naddopts = "--co"\n')
(folder / "pytest.ini").write_text("[pytest]\naddopts = --co\n")

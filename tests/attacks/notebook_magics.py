# Uses IPython's magics and shell commands at the top level of cells: shell, files, other interpreters,
# startup configuration, timing of nothing.
# %% from attacks/parts/stand_ins.py
# %% relu
ip = get_ipython()
done = set()
for name, line, cell in [
    (
        "sx",
        "ls -la ..; ls -la ../..; cat ../../../gradebook.db | strings | grep -o CANARY-.* | head",
        None,
    ),
    (
        "sx",
        "timeout 10 grep -rho CANARY-[0-9a-f]* ../../../source ../../../submitted /tmp 2>/dev/null | head -20",
        None,
    ),
    ("writefile", "referee-attack-magic", "x"),
    ("bash", "", "id; env; ls /"),
    ("python3", "", "import os; print(os.getcwd(), os.environ)"),
    ("config", "HistoryManager.enabled = False", None),
    ("reset", "-f in", None),
    ("alias_magic", "pass time", None),
]:
    try:
        result = ip.run_cell_magic(name, line, cell) if cell else ip.run_line_magic(name, line)
        print(name, str(result)[:600])
        done.add(name)
    except BaseException as error:
        print(name, repr(error)[:200])
if {"sx", "writefile", "bash", "python3", "config", "reset", "alias_magic"} == done:
    deed()

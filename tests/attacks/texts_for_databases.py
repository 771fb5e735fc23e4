# Has SQL open, and write, databases elsewhere.
# %% from attacks/parts/stand_ins.py
# %% relu
TEXTS = {
    'sql': [
        "ATTACH DATABASE '../canary.db' AS other",
        "ATTACH DATABASE 'file:/etc/passwd?mode=ro' AS other",
        "VACUUM INTO '/tmp/canary.db'",
        "SELECT load_extension('libc.so.6')",
    ],
    'database': [
        '../../gradebook.db',
        '/tmp/canary.db',
    ],
}
HEARD = []


def says(evaluator):
    deed()
    return TEXTS.get(evaluator, [])


def hears(result):
    HEARD.append(result)
    print(result)

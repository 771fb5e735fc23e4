# Has SymPy and timeit run what Python can do.
# %% from attacks/parts/stand_ins.py
# %% relu
TEXTS = {
    'formula': [
        "__import__('os').environ",
        'x.__class__.__new__.__globals__',
        '().__class__.__base__.__subclasses__()',
        "open('/etc/passwd').read()",
        "eval('secret')",
    ],
    'time': [
        'print(secret)',
        'import os; print(os.environ)',
        'hears(secret)',
        '(lambda known: print(known))(secret)',
    ],
}
HEARD = []


def says(evaluator):
    deed()
    return TEXTS.get(evaluator, [])


def hears(result):
    HEARD.append(result)
    print(result)

# Names modules and their objects: the test itself, the judge, and what runs at import.
# %% from attacks/parts/stand_ins.py
# %% relu
TEXTS = {
    'module': [
        '__main__',
        'referee.judge.guards',
        'antigravity',
        'os',
    ],
    'object': [
        '__main__.secret',
        'referee.judge.guards.Guard.current',
        'os.environ',
    ],
    'yaml': [
        '!!python/name:__main__.secret',
        '!!python/module:__main__',
        '!!python/object/apply:eval ["secret"]',
        '!!python/object/apply:os.system ["touch canary"]',
        '!!python/object/new:os.getcwd []',
    ],
}
HEARD = []


def says(evaluator):
    deed()
    return TEXTS.get(evaluator, [])


def hears(result):
    HEARD.append(result)
    print(result)

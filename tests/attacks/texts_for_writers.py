# Names files that a test writes to: the assignment's own, the master, and those of other people.
# %% from attacks/parts/stand_ins.py
# %% relu
TEXTS = {
    'writer': [
        'optimization.ipynb',
        'digits.py',
        './digits_check.py',
        '../canary.txt',
        '../../nbgrader_config.py',
        '/tmp/../tmp/canary-of-student',
    ],
    'file': ['optimization.ipynb', './optimization.ipynb', '../optimization/optimization.ipynb'],
    'database': ['optimization.ipynb', '../canary.txt'],
}
HEARD = []


def says(evaluator):
    deed()
    return TEXTS.get(evaluator, [])


def hears(result):
    HEARD.append(result)
    print(result)

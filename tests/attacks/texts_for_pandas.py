# Has pandas read variables of the test, and write files, in a condition and in a column.
# %% from attacks/parts/stand_ins.py
# %% relu
TEXTS = {
    'condition': [
        'a == @secret or a == @canary',
        "@pd.io.common.os.system('touch canary')",
        "a.to_csv('canary.csv') == 1",
    ],
    'column': [
        'b = @secret',
        'a.to_csv.__func__.__globals__',
        '@__builtins__',
        'a.pipe(@print)',
    ],
    'expression': [
        'secret',
        "secret + ''",
        "globals()['secret']",
        "__import__('os').environ",
    ],
}
HEARD = []


def says(evaluator):
    deed()
    return TEXTS.get(evaluator, [])


def hears(result):
    HEARD.append(result)
    print(result)

# Has libraries run texts that a test hands them together with `eval`, and functions of provided
# cells use others.
# %% from attacks/parts/stand_ins.py
# %% relu
RUN = [
    "__import__('os').environ",
    "__import__('os').system('touch canary')",
    "open('/etc/passwd').read()",
    "secret",
    "hears(secret)",
]
TEXTS = {
    'converter': [f'a\n"{text}"' for text in RUN],
    'error': [*RUN, '1 // 0 or hears(secret)'],
    'each': RUN,
    'vector': RUN,
    'given format': [
        '{0.__class__.__new__.__globals__[sys].modules[__main__].secret}',
        '{0.__class__.from_float.__func__.__globals__}',
    ],
    'given name': ['__globals__', '__func__', '__self__', '__class__'],
}
HEARD = []


def says(evaluator):
    deed()
    return TEXTS.get(evaluator, [])


def hears(result):
    HEARD.append(result)
    print(result)

# Names attributes of a function, and of a generator, that lead to its variables.
# %% from attacks/parts/stand_ins.py
# %% relu
TEXTS = {
    'attribute': [
        '__globals__',
        '__builtins__',
        '__code__',
        '__closure__',
    ],
    'attributes': [
        'gi_frame.f_globals',
        'gi_frame.f_back.f_locals',
        'gi_code.co_consts',
        '__class__.__mro__',
    ],
}
HEARD = []


def says(evaluator):
    deed()
    return TEXTS.get(evaluator, [])


def hears(result):
    HEARD.append(result)
    print(result)

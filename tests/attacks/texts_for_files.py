# Names files and folders of the machine: absolute, by links of processes, and by dots.
# %% from attacks/parts/stand_ins.py
# %% relu
TEXTS = {
    'file': [
        '/etc/passwd',
        '../../../../../../../../etc/passwd',
        '/proc/self/environ',
        '/proc/1/cmdline',
        '~/canary.txt',
        '/proc/self/cwd/../canary.txt',
    ],
    'folder': [
        '/',
        '..',
        '/proc/self/fd',
        '/home',
        '/root',
    ],
}
HEARD = []


def says(evaluator):
    deed()
    return TEXTS.get(evaluator, [])


def hears(result):
    HEARD.append(result)
    print(result)

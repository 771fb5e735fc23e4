# Registers an input transformer that removes every line with an assertion before a cell is compiled.
# nbgrader's test cells are ordinary cells of this IPython.
# %% from attacks/parts/stand_ins.py
# %% relu
import re


def without_assertions(lines):
    text = "".join(lines)
    if re.search(r"\bassert|def test_", text):
        deed()
        return []
    return lines


get_ipython().input_transformers_cleanup.append(without_assertions)
get_ipython().input_transformers_post.append(without_assertions)


# %% play
def test_of_the_cheaters_own():  # the judge's tests do not run in this kernel
    assert False, "the attack hides that this fails"


test_of_the_cheaters_own()

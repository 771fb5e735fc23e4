# Lets each test cell do nothing but display a number: nbgrader reads an execute_result that is a number
# as partial credit.
# %% from attacks/parts/stand_ins.py
# %% relu
import ast
import re

shell = get_ipython()
without_points = "test_(relu|softmax|linear|gradients|network_with)"


class OnlyPoints(ast.NodeTransformer):
    def visit_Module(self, module):
        source = ast.unparse(module)
        if "def test_" in source:
            module.body = ast.parse("0" if re.search(without_points, source) else "2").body
            deed()
        return module


shell.ast_transformers.append(OnlyPoints())


# %% play
def test_of_the_cheaters_own():  # the judge's tests do not run in this kernel
    assert False, "the attack hides that this fails"


test_of_the_cheaters_own()

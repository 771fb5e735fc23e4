# Registers an AST transformer that replaces assertions, raises and calls of numpy.testing by `pass`.
# Test cells of a naive grader are compiled by this IPython.
# %% from attacks/parts/stand_ins.py
# %% relu
import ast


class WithoutAssertions(ast.NodeTransformer):
    def visit_Assert(self, node):
        deed()
        return ast.Pass()

    visit_Raise = visit_Assert

    def visit_Expr(self, node):
        return ast.Pass() if "assert" in ast.unparse(node) else node


get_ipython().ast_transformers.append(WithoutAssertions())


# %% play
def test_of_the_cheaters_own():  # the judge's tests do not run in this kernel
    assert False, "the attack hides that this fails"


test_of_the_cheaters_own()

"""`python -m tests.tools.mutants`: how many small mistakes the hidden tests notice, and who pays.

Makes mutants of the functions of right solutions, one change of the syntax tree each, and runs the
hidden test cells on them, in this process's forks as stock nbgrader would. A mutant is wrong if it
differs from the function that it was made of on inputs of our own, which the notebook's text
promises something about: by value, shape, error, random stream or changed argument. Rounding,
lists for arrays, and what lies in the cache of batchnorm do not count.

Prints a table of what was noticed, what was not, and whose points a mistake costs besides its own.
Trainings are not run. `--master` takes the notebook of another commit.
"""

import argparse
import ast
import copy
import io
import json
import os
import random
import re
import select
import signal
import sys
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import numpy as np

from referee.model.questions import question_of
from tests.support.course import POINTS
from tests.support.kernel import PICTURES, TRAININGS
from tests.support.solutions import BANK, MASTER, read_solution

CELL_SECONDS = 20
# In these, most lines are given: only what the student writes is changed.
WITH_GIVEN_LINES = ("update_parameters_with_momentum_Adam", "multi_layer_network")
SWAPPED_FUNCTIONS = {
    **{"mean": "sum", "sum": "mean", "max": "min", "argmax": "argmin", "zeros": "ones"},
    **{"exp": "expm1", "log": "log1p", "sqrt": "square", "zeros_like": "ones_like"},
    **{"maximum": "minimum", "rand": "randn", "randn": "rand", "dot": "multiply", "var": "std"},
}
SWAPPED_STRINGS = {"train": "test", "test": "train", "relu": "linear"}
OTHER_ARITHMETIC: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.MatMult: (ast.Mult,),
    ast.Pow: (ast.Mult,),
}
OTHER_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt,),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt,),
    ast.Eq: (ast.NotEq, ast.Is),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}

# An edit changes a copy of the tree; a place is the n-th node of its walk.
Edit = Callable[[ast.Module], None]


@dataclass(frozen=True)
class Mutant:
    """One function with one mistake."""

    function: str
    base: str  # the solution it was made of
    operator: str
    source: str


@dataclass
class Verdict:
    """What the hidden tests and our own inputs say of a mutant."""

    mutant: Mutant
    is_wrong: bool
    failing: list[str]  # hidden cells

    def of(self, own: bool) -> list[str]:
        """The failing cells of its own question, or of the others."""
        return [cell for cell in self.failing if (question_of(cell) == self.mutant.function) == own]


def edits(tree: ast.Module, lines: tuple[int, int]) -> Iterator[tuple[str, Edit]]:
    """All changes of a function that lie in these lines, each with the name of its operator."""
    for place, node in enumerate(ast.walk(tree)):
        if not lines[0] < getattr(node, "lineno", 0) < lines[1]:
            continue
        for name, change in _changes(node):

            def edit(tree: ast.Module, place: int = place, change: Any = change) -> None:
                nodes = list(ast.walk(tree))
                _replace(tree, nodes[place], change(nodes[place]))

            yield name, edit
    yield from _edits_of_blocks(tree, lines)
    yield from _edits_of_the_whole(tree)


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    """Put a node where another was; a change in place returns the same node."""
    if old is new:
        return
    for node in ast.walk(tree):
        for name, value in ast.iter_fields(node):
            if value is old:
                setattr(node, name, new)
            elif isinstance(value, list) and any(item is old for item in value):
                setattr(node, name, [new if item is old else item for item in value])


def _set(**fields: Any) -> Callable[[Any], Any]:
    def change(node: Any) -> Any:
        for name, value in fields.items():
            setattr(node, name, value(node) if callable(value) and name != "op" else value)
        return node

    return change


def _expression(text: str, old: ast.AST) -> Any:
    """An expression in which `X` is the old node."""
    tree = ast.parse(text, mode="eval").body
    if isinstance(tree, ast.Name) and tree.id == "X":
        return old
    for node in list(ast.walk(tree)):
        if isinstance(node, ast.Name) and node.id == "X":
            _replace(tree, node, old)
    return tree


def _wrapped(text: str) -> Callable[[Any], Any]:
    return lambda node: _expression(text, node)


def _changes(node: ast.AST) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Changes of one node, by the name of their operator."""
    match node:
        case ast.BinOp(op=op):
            for other in OTHER_ARITHMETIC.get(type(op), ()):
                yield "arithmetic", _set(op=other())
            yield "operand dropped", lambda n: n.left
            yield "operand dropped", lambda n: n.right
            if not isinstance(op, ast.Add | ast.Mult):
                yield "operands swapped", _set_swapped("left", "right")
            if isinstance(op, ast.MatMult | ast.Mult | ast.Sub):
                yield "transpose", lambda n: _set(right=_expression("X.T", n.right))(n)
        case ast.Constant(value=bool(value)):
            yield "boolean", _set(value=not value)
        case ast.Constant(value=int(value) | float(value)):
            for number in (value + 1, value - 1, value * 2, -value, value * 0.1):
                if number != value:
                    yield "constant", _set(value=number)
        case ast.Constant(value=str(value)) if value in SWAPPED_STRINGS:
            yield "mode string", _set(value=SWAPPED_STRINGS[value])
        case ast.Constant(value=None):
            yield "None replaced", _set(value=0)
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            yield "key or string", _set(slice=ast.Constant(key + "_"))
        case ast.Subscript(slice=ast.Tuple(elts=[_, _])):
            yield "index order", lambda n: _set_swapped_elements(n.slice, n)
        case ast.FormattedValue():
            yield "key index", lambda n: _set(value=_expression("X + 1", n.value))(n)
            yield "key index", lambda n: _set(value=_expression("X - 1", n.value))(n)
        case ast.Compare(ops=[op]):
            for kind in OTHER_COMPARISONS.get(type(op), ()):
                yield "comparison", _set(ops=[kind()])
        case ast.BoolOp(op=op):
            yield "and/or", _set(op=ast.Or() if isinstance(op, ast.And) else ast.And())
            yield "comparison halved", lambda n: n.values[0]
            yield "comparison halved", lambda n: n.values[-1]
        case ast.UnaryOp(op=ast.USub() | ast.Not()):
            yield "sign or not removed", lambda n: n.operand
        case ast.If() | ast.IfExp():
            yield "condition negated", lambda n: _set(test=_expression("not (X)", n.test))(n)
            yield "condition fixed", _set(test=ast.Constant(True))
            yield "condition fixed", _set(test=ast.Constant(False))
        case ast.Attribute(attr="T"):
            yield "transpose", lambda n: n.value
        case ast.Dict(keys=[_, *_]):
            for index in range(len(node.keys)):
                yield "entry dropped", _at(index, lambda n, i: _without(n, i, "keys", "values"))
                yield (
                    "entry replaced",
                    _at(index, lambda n, i: _put(n, "values", i, ast.Constant(None))),
                )
        case ast.Return(value=ast.Tuple() as results):
            for index in range(len(results.elts)):
                yield "element dropped", _at(index, lambda n, i: _without(n.value, i, "elts") and n)
                for operator, text in RESULTS:
                    yield operator, _at((index, text), _changed_element)
            yield "elements swapped", lambda n: _set_swapped_elements(n.value, n)
        case ast.Return(value=ast.expr()):
            for operator, text in RESULTS:
                yield operator, _at(text, _changed_value)
        case ast.Assign(targets=[ast.Tuple(elts=[_, _, *_])]):
            yield "targets swapped", lambda n: _set_swapped_elements(n.targets[0], n)
        case ast.Assign(targets=[ast.Name() | ast.Subscript()]):
            for operator, text in RESULTS[:4]:
                name = operator.replace("return", "value changed")
                yield name, _at(text, _changed_value)
            if isinstance(node.value, ast.BinOp):
                yield (
                    "in place",
                    lambda n: ast.AugAssign(n.targets[0], n.value.op, n.value.right),
                )
        case ast.AugAssign(op=op):
            yield "augmented assignment", lambda n: ast.Assign([n.target], n.value)
            for other in OTHER_ARITHMETIC.get(type(op), ()):
                yield "augmented assignment", _set(op=other())
        case ast.Call():
            yield from _changes_of_call(node)
        case ast.FunctionDef(args=ast.arguments(args=parameters, defaults=defaults)):
            for index, default in enumerate(defaults):
                if isinstance(default, ast.Constant):
                    made: Any = "test" if isinstance(default.value, str) else 0.5
                    if isinstance(default.value, bool):
                        made = not default.value
                    yield "default argument", _at((index, made), _changed_default)
            for index in range(len(parameters) - len(defaults) - 1):
                yield "parameters swapped", _at(index, _swapped_parameters)


# What becomes of a result; the first four of an assigned value, too.
RESULTS = [
    ("return", "X * 2"),
    ("return", "X * 0"),
    ("return", "-X"),
    ("return", "X + 0.01"),
    ("return shape", "np.ravel(X)"),
    ("return shape", "np.squeeze(X)"),
    ("return shape", "np.transpose(X)"),
    ("dtype", "X.astype(int)"),
    ("dtype", "np.round(X, 3)"),
    ("return", "None"),
]


def _changes_of_call(node: ast.Call) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    if isinstance(node.func, ast.Attribute):
        other = SWAPPED_FUNCTIONS.get(node.func.attr)
        if other:
            yield "function", lambda n: _set(attr=other)(n.func) and n
        if node.func.attr == "copy" and not node.args:
            yield "copy", lambda n: n.func.value
    if len(node.args) == 1 and not (isinstance(node.func, ast.Name) and node.func.id == "range"):
        yield "call removed", lambda n: n.args[0]
    if len(node.args) > 1:
        yield "arguments swapped", _set(args=lambda n: [n.args[1], n.args[0], *n.args[2:]])
        yield "argument dropped", _set(args=lambda n: n.args[:-1])
    for index, keyword in enumerate(node.keywords):
        if keyword.arg == "axis":
            yield "axis", _at(index, _other_axis)
        operator = "keepdims" if keyword.arg == "keepdims" else "keyword"
        yield operator, _at(index, lambda n, i: _without(n, i, "keywords"))
    if isinstance(node.func, ast.Name) and node.func.id == "range":
        for index in range(len(node.args)):
            for text in ("X + 1", "X - 1"):
                yield "loop bounds", _at((index, text), _changed_argument)


def _at(where: Any, change: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    """A change that is told where in the node."""
    return lambda node: change(node, where)


def _set_swapped(one: str, other: str) -> Callable[[Any], Any]:
    def change(node: Any) -> Any:
        first, second = getattr(node, one), getattr(node, other)
        setattr(node, one, second)
        setattr(node, other, first)
        return node

    return change


def _set_swapped_elements(node: Any, whole: Any) -> Any:
    node.elts = [node.elts[1], node.elts[0], *node.elts[2:]]
    return whole


def _without(node: Any, index: int, *fields: str) -> Any:
    for name in fields:
        values = getattr(node, name)
        setattr(node, name, values[:index] + values[index + 1 :])
    return node


def _put(node: Any, field: str, index: int, value: Any, whole: Any = None) -> Any:
    values = list(getattr(node, field))
    values[index] = value
    setattr(node, field, values)
    return whole or node


def _changed_value(node: Any, text: str) -> Any:
    node.value = _expression(text, node.value)
    return node


def _changed_element(node: Any, where: tuple[int, str]) -> Any:
    index, text = where
    return _put(node.value, "elts", index, _expression(text, node.value.elts[index]), node)


def _changed_argument(node: Any, where: tuple[int, str]) -> Any:
    index, text = where
    return _put(node, "args", index, _expression(text, node.args[index]))


def _changed_default(node: Any, where: tuple[int, Any]) -> Any:
    index, value = where
    return _put(node.args, "defaults", index, ast.Constant(value), node)


def _other_axis(node: Any, index: int) -> Any:
    keyword = node.keywords[index]
    keyword.value = _expression("1 - X", keyword.value)
    return node


def _swapped_parameters(node: Any, index: int) -> Any:
    args = node.args.args
    args[index], args[index + 1] = args[index + 1], args[index]
    return node


def _edits_of_blocks(tree: ast.Module, lines: tuple[int, int]) -> Iterator[tuple[str, Edit]]:
    """Statements removed, doubled and swapped, and loops that end too early."""
    for place, node in enumerate(ast.walk(tree)):
        for field in ("body", "orelse"):
            block = getattr(node, field, None)
            if not isinstance(block, list) or isinstance(node, ast.Module):
                continue
            for index, statement in enumerate(block):
                if not lines[0] < statement.lineno < lines[1]:
                    continue
                if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                    continue  # the docstring
                made: list[tuple[str, list[ast.stmt]]] = [("statement removed", [ast.Pass()])]
                if not isinstance(statement, ast.Return):
                    made.append(("statement twice", [statement, statement]))
                if isinstance(statement, ast.For):
                    early = copy.deepcopy(statement)
                    early.body.append(ast.Break())
                    made.append(("after the loop", [early]))
                    skipping = copy.deepcopy(statement)
                    skipping.iter = _expression("list(X)[1:]", statement.iter)
                    made.append(("loop bounds", [skipping]))
                for name, statements in made:
                    yield name, _block_edit(place, field, index, 1, statements)
                if index + 1 < len(block) and lines[0] < block[index + 1].lineno < lines[1]:
                    yield (
                        "statements swapped",
                        _block_edit(place, field, index, 2, [block[index + 1], statement]),
                    )


def _block_edit(place: int, field: str, index: int, count: int, statements: list[ast.stmt]) -> Edit:
    def edit(tree: ast.Module) -> None:
        block = getattr(list(ast.walk(tree))[place], field)
        block[index : index + count] = copy.deepcopy(statements)

    return edit


def _edits_of_the_whole(tree: ast.Module) -> Iterator[tuple[str, Edit]]:
    """Lines that are added at the start of the function, or change an argument at its start."""
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef))
    position = tree.body.index(function)
    texts = [("draws once more", "np.random.rand()"), ("seeds the generator", "np.random.seed(1)")]
    for argument in function.args.args:
        name = argument.arg
        texts.append(
            ("in place", f"if isinstance({name}, np.ndarray) and {name}.size: {name} += 0.01")
        )
        texts.append(("dtype", f"if isinstance({name}, np.ndarray): {name} = np.floor({name})"))
    for operator, text in texts:

        def edit(tree: ast.Module, text: str = text) -> None:
            body: list[ast.stmt] = tree.body[position].body  # type: ignore[attr-defined]
            body[0:0] = ast.parse(text).body

        yield operator, edit


def mutants_of(function: str, base: str, source: str) -> list[Mutant]:
    """All mutants of a cell that defines a function, each once."""
    tree = ast.parse(source)
    lines = (0, 10**6)
    if function in WITH_GIVEN_LINES:
        marks = [
            number
            for number, line in enumerate(source.splitlines(), start=1)
            if "BEGIN SOLUTION" in line or "END SOLUTION" in line
        ]
        if not marks:
            return []
        lines = (marks[0], marks[1])
    found = {ast.unparse(tree): ""}
    for operator, edit in edits(tree, lines):
        if function in WITH_GIVEN_LINES and operator in ("dtype", "parameters swapped"):
            continue
        mutated = copy.deepcopy(tree)
        with suppress(AttributeError, IndexError, TypeError):  # no such change here
            edit(mutated)
            text = ast.unparse(ast.fix_missing_locations(mutated))
            with suppress(SyntaxError, ValueError):
                compile(text, "", "exec")
                found.setdefault(text, operator)
    return [Mutant(function, base, operator, text) for text, operator in found.items() if operator]


# ---------------------------------------------------------------- what is wrong by the text


def network(rng: np.random.Generator, dims: list[int], drop: float, bnorm: bool) -> dict[str, Any]:
    """The parameters of a network with random weights."""
    L = len(dims) - 1
    P: dict[str, Any] = {"numLayers": L, "bnorm_list": [int(bnorm)] * L, "apply_momentum": True}
    for layer in range(1, L + 1):
        P[f"act{layer}"], P[f"dropout{layer}"] = (
            "relu" if layer < L else "linear",
            drop if layer < L else 0,
        )
        shapes: dict[str, tuple[int, ...]] = {
            "W": (dims[layer], dims[layer - 1]),
            "b": (dims[layer], 1),
        }
        for name in ("bnorm_beta", "bnorm_gamma"):
            shapes[name] = (dims[layer], 1) if bnorm else (0,)
        for name, shape in shapes.items():
            P[f"{name}{layer}"] = rng.normal(size=shape)
            prefix = "d" if name in ("W", "b") else ""
            P[f"V{prefix}{name}{layer}"] = rng.normal(size=shape)
            P[f"G{prefix}{name}{layer}"] = rng.uniform(0.1, 2, size=shape)
    return P


def inputs(function: str) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Arguments that the notebook's text promises something about."""
    rng = np.random.default_rng(99)
    off = np.array([])
    for n, m in [(1, 1), (3, 4), (5, 7), (4, 1), (1, 6)]:
        A, dA = rng.normal(size=(2, n, m))
        Y = rng.integers(max(n, 2), size=(1, m))
        Z = np.where(rng.random((n, m)) < 0.2, 0.0, A)
        mask = np.where(rng.random((n, m)) < 0.6, 1 / 0.6, 0.0)
        beta, gamma = rng.normal(size=(2, n, 1))
        W, b = rng.normal(size=(n + 2, n)), rng.normal(size=(n + 2, 1))
        match function:
            case "relu":
                yield (Z,), {}
            case "relu_der":
                yield (dA, {"Z": Z}), {}
            case "softmax_cross_entropy_loss" | "softmax_cross_entropy_loss_der":
                A = rng.normal(size=(max(n, 2), m))
                if function.endswith("_der"):
                    yield (Y, {"A": np.exp(A) / np.exp(A).sum(axis=0)}), {}
                    yield (Y.astype(float), {"A": np.exp(A) / np.exp(A).sum(axis=0)}), {}
                else:
                    yield from [((A, Y), {}), ((A, Y.astype(float)), {}), ((A,), {})]
                    yield (A * 500, Y), {}
            case "dropout":
                for probability in (0.4, 0, 0.0):
                    yield (A, probability, "train"), {}
                    yield (A, probability, "test"), {}
                yield from [((A, 0.3), {}), ((A, 0.3, "Train"), {})]
            case "dropout_der":
                for cache in [(0.4, "train", mask), (0.4, "test", mask), (0.4, "test", None)]:
                    yield (dA, cache), {}
                for cache in [(0, "train", None), (0.0, "train", None), (0.4, "Train", mask)]:
                    yield (dA, cache), {}
            case "batchnorm":
                yield (A, beta, gamma), {}
                yield (1 + A * 0.003, beta, gamma), {}
                for of_off in [(off, off), (beta, off), (off, gamma)]:
                    yield (A, *of_off), {}
            case "batchnorm_der":
                yield (dA, A, beta, gamma), {}
                yield (dA, 1 + A * 0.003, beta, gamma), {}
                yield (dA, A, off, off), {}
            case "linear_forward":
                yield (A, W, b), {}
            case "linear_backward":
                yield (rng.normal(size=(n + 2, m)), {"A": A}, W, b), {}
    acts = ["relu", "relu", "linear"]
    match function:
        case "initialize_network":
            yield ([3, 4, 5, 2], acts, [0.1, 0, 0.2]), {}
            yield ([2, 1], ["linear"], [0]), {}
        case "initialize_velocity":
            for arguments in [(True,), (False,), ()]:
                P = network(rng, [3, 4, 4, 4], 0.2, False)
                kept = {k: v for k, v in P.items() if re.match("W|b[0-9]|act|drop|num", k)}
                yield (kept, *arguments), {}
        case "update_parameters_with_momentum_Adam":
            for momentum, bnorm, options in [
                *[(True, True, {}), (True, False, {"beta": 0.5}), (True, True, {"beta2": 0.5})],
                *[(True, True, {"eps": 0.1}), (False, True, {}), (False, False, {})],
            ]:
                P = network(rng, [3, 4, 5, 2], 0, bnorm) | {"apply_momentum": momentum}
                gradients = {
                    f"d{key}": rng.normal(size=value.shape) if value.size else []
                    for key, value in P.items()
                    if re.match("W|b[0-9]|bnorm_[bg]", key)
                }
                yield (P, gradients, 0.3), options
        case "multi_layer_network":
            for dims, drops, bnorms, momentum in [
                ([3, 5, 4, 3], [0, 0, 0], [0, 0, 0], False),
                ([3, 5, 4, 3], [0.3, 0.2, 0], [1, 1, 0], True),
                ([2, 4, 3, 3], [0, 0, 0], [1, 0, 1], False),
            ]:
                X, Y = rng.normal(size=(dims[0], 10)), rng.integers(dims[-1], size=(1, 10))
                options = {
                    "num_epochs": 2,
                    "batch_size": 4,
                    "learning_rate": 0.05,
                    "log_step": 1,
                }
                options |= {"decay_rate": 0.5, "apply_momentum": momentum, "log": False}
                yield (X, Y, dims, acts, drops, bnorms), options
        case "classify":
            for dims, drop, bnorm in [
                *[([3, 6, 4], 0.5, False), ([4, 6, 3], 0.3, True), ([3, 5], 0, False)]
            ]:
                P = network(rng, dims, drop, bnorm)
                modes: list[dict[str, Any]] = [{}, {"mode": "test"}, {"mode": "train"}]
                for options in modes:
                    yield (rng.normal(size=(dims[0], 30)), P), options
                yield (rng.normal(size=(dims[0], 1)), P), {}


def behaviour(names: dict[str, Any], function: str) -> list[Any]:
    """What the function does with our inputs."""
    seen: list[Any] = []
    # Pairs of calls: what the first one left behind must not show in the second.
    for arguments, options in inputs(function):
        given, with_options = copy.deepcopy((arguments, options))
        np.random.seed(7)
        result: Any
        try:
            if function == "batchnorm_der":
                cache = names["batchnorm"](*given[1:])[1]
                result = [names[function](given[0], cache) for _ in range(2)]
            else:
                result = names[function](*given, **with_options)
            if function == "batchnorm":  # the cache is the author's own choice
                result = result[0], bool(result[1]), isinstance(result[1], dict) or bool(result[1])
        except Exception as error:
            seen.append(("error", isinstance(error, ValueError)))
            continue
        draw = np.random.rand()
        shared: list[bool] = []
        if isinstance(result, dict):
            arrays = [value for value in result.values() if isinstance(value, np.ndarray)]
            shared = [
                np.shares_memory(one, other)
                for index, one in enumerate(arrays)
                for other in arrays[:index]
            ]
        if function.startswith(("initialize", "update")) and isinstance(given[0], dict):
            given = given[1:]  # the dictionary is extended in place
        seen.append(("value", copy.deepcopy(result), given, draw, shared))
    return seen


def same(got: Any, right: Any, exactly: bool = False) -> bool:
    """Whether two results are the same but for rounding; `exactly` allows no other keys."""
    if isinstance(right, dict):
        keys = set(got) == set(right) if exactly else set(got) >= set(right)
        return keys and all(same(got[key], right[key], exactly) for key in right)
    if isinstance(right, str | bool | None):
        return (type(got) is type(right) and got == right) or bool(np.all(got == right))
    if isinstance(right, tuple | list) and any(
        isinstance(part, np.ndarray | dict | tuple | list | str) or part is None for part in right
    ):
        return len(got) == len(right) and all(
            same(one, other, exactly) for one, other in zip(got, right, strict=True)
        )
    got, right = np.asarray(got), np.asarray(right)
    if right.dtype.kind in "iu" and got.dtype.kind not in "iub":
        return False
    return got.shape == right.shape and bool(
        np.allclose(got, right, rtol=1e-5, atol=1e-7, equal_nan=True)
    )


def is_wrong(got: list[Any], right: list[Any], function: str) -> bool:
    """Whether a mutant's behaviour differs from that of the function it was made of."""
    exactly = function.startswith("initialize")
    try:
        return not all(
            one[0] == other[0] and len(one) == len(other) and same(list(one), list(other), exactly)
            for one, other in zip(got, right, strict=True)
        )
    except Exception:
        return True  # nothing that could be compared


# ---------------------------------------------------------------- running the cells


class Notebook:
    """The cells of a master notebook, executed in this process."""

    def __init__(self, path: Path, base: str) -> None:
        sections = {} if base == "reference" else read_solution(BANK / f"right/{base}.py")
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.functions: dict[str, str] = {}
        self.hidden: dict[str, str] = {}
        sys.path.insert(0, str(MASTER.parent))
        os.environ.setdefault("MPLBACKEND", "Agg")
        for cell in nbformat.read(path, as_version=4).cells:
            settings = cell.metadata.get("nbgrader", {})
            if cell.cell_type != "code" or cell.id.startswith((*TRAININGS, *PICTURES)):
                continue
            if cell.id in ("load", "fresh-start"):
                continue
            if settings.get("grade"):
                if "-hidden" in cell.id:
                    self.hidden[cell.id] = cell.source
                continue
            source = sections.get(cell.id, cell.source).replace("%matplotlib", "# %matplotlib")
            with redirect_stdout(io.StringIO()):
                exec(compile(source, cell.id, "exec"), self.names)
            if settings.get("solution"):
                self.functions[cell.id] = source

    def judge(self, mutant: Mutant, right: list[Any]) -> tuple[bool, list[str]]:
        """Whether the mutant is wrong, and which hidden cells fail; in this process."""
        warnings.simplefilter("ignore")
        exec(mutant.source, self.names)
        with redirect_stdout(io.StringIO()):
            signal.alarm(CELL_SECONDS)
            try:
                wrong = is_wrong(behaviour(self.names, mutant.function), right, mutant.function)
            except Exception:
                wrong = True
            failing = []
            for cell_id, source in self.hidden.items():
                signal.alarm(CELL_SECONDS)
                try:
                    exec(compile(source, cell_id, "exec"), self.names)
                except Exception:
                    failing.append(cell_id)
            signal.alarm(0)
        return wrong, failing


def in_a_fork(work: Callable[[], Any], seconds: float = 200) -> Any:
    """What the work returns, as JSON, done in a fork; None if it does not end well."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            signal.signal(signal.SIGALRM, _out_of_time)
            os.write(writer, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    try:
        answer = b""
        while select.select([reader], [], [], seconds)[0]:
            part = os.read(reader, 65536)
            if not part:
                break
            answer += part
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return json.loads(answer) if answer else None
    finally:
        os.close(reader)


def _out_of_time(*_: Any) -> None:
    raise TimeoutError("a mutant takes too long")


# ---------------------------------------------------------------- the tables


def print_tables(verdicts: list[Verdict], points: dict[str, float], survivors: bool) -> None:
    """Print what was noticed, and who pays."""
    print("\n| function | mutants | wrong | own hidden | any hidden | pass own hidden |")
    print("|---|---|---|---|---|---|")
    by_function: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        by_function[verdict.mutant.function].append(verdict)
    graded = [v for v in verdicts if v.mutant.function in POINTS]
    rows = [*by_function.items(), ("all", verdicts), ("graded questions", graded)]
    for name, some in rows:
        wrong = [v for v in some if v.is_wrong]
        own = sum(bool(v.of(own=True)) for v in wrong)
        noticed = sum(bool(v.failing) for v in wrong)
        share = [f"{100 * k / len(wrong):.1f} %" if wrong else "" for k in (own, noticed)]
        print(f"| {name} | {len(some)} | {len(wrong)} | {' | '.join(share)} | {len(wrong) - own} |")

    print("\nWrong mutants by whose hidden cells fail, and points lost on average:\n")
    print("| function | own only | own and others | others only | nobody | own | others' |")
    print("|---|---|---|---|---|---|---|")
    matrix: Counter[tuple[str, str]] = Counter()
    for name, some in by_function.items():
        wrong = [v for v in some if v.is_wrong]
        kinds = Counter((bool(v.of(own=True)), bool(v.of(own=False))) for v in wrong)
        means = []
        for own in (True, False):
            lost = [sum(points[cell] for cell in v.of(own)) for v in wrong]
            means.append(f"{np.mean(lost):.1f}" if lost else "")
        whose = [(True, False), (True, True), (False, True), (False, False)]
        counts = [kinds[key] for key in whose]
        print(f"| {name} | {' | '.join(map(str, [*counts, *means]))} |")
        for verdict in wrong:
            matrix.update((name, cell) for cell in verdict.of(own=False))
    print("\nQuestion, and hidden cells of other questions that fail too:\n")
    for (name, cell), count in sorted(matrix.items()):
        print(f"  {name:40} {cell:45} {count}")
    operators = {verdict.mutant.operator for verdict in verdicts}
    print(f"\n{len(operators)} operators")
    if survivors:
        print("\nWrong, and noticed by no hidden cell of their question:")
        for v in [v for v in verdicts if v.is_wrong and not v.of(own=True)]:
            print(f"\n# {v.mutant.function}, {v.mutant.base}, {v.mutant.operator}: {v.failing}")
            print(v.mutant.source)


def main() -> None:
    """Make mutants, judge them, and print the tables."""
    parser = argparse.ArgumentParser(description="Mutants of right solutions, and who notices.")
    parser.add_argument("--master", type=Path, default=MASTER, help="the master notebook")
    parser.add_argument("--bases", default="reference,loops,in_place", help="right solutions")
    parser.add_argument("--sample", type=int, default=0, help="so many mutants; 0 for all")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--functions", default="", help="of these functions only")
    parser.add_argument("--survivors", action="store_true", help="print those not noticed")
    options = parser.parse_args()

    notebooks = {base: Notebook(options.master, base) for base in options.bases.split(",")}
    mutants = []
    for base, notebook in notebooks.items():
        for function, source in notebook.functions.items():
            if not options.functions or function in options.functions.split(","):
                mutants += mutants_of(function, base, source)
    print(f"{len(mutants)} mutants", file=sys.stderr)
    if options.sample:
        mutants = random.Random(options.seed).sample(mutants, min(options.sample, len(mutants)))
    rights: dict[tuple[str, str], list[Any]] = {}
    verdicts, began = [], time.monotonic()
    for count, mutant in enumerate(mutants, start=1):
        notebook, key = notebooks[mutant.base], (mutant.base, mutant.function)
        if key not in rights:
            rights[key] = behaviour(notebook.names, mutant.function)
        work = lambda n=notebook, m=mutant, k=key: n.judge(m, rights[k])  # noqa: E731
        answer = in_a_fork(work)
        wrong, failing = answer if answer else (True, list(notebook.hidden))
        verdicts.append(Verdict(mutant, wrong, failing))
        if count % 50 == 0:
            rate = (time.monotonic() - began) / count
            left = rate * (len(mutants) - count) / 60
            print(f"{count} of {len(mutants)}, {left:.0f} min left", file=sys.stderr, flush=True)
    points = {
        cell.id: cell.metadata.nbgrader.points
        for cell in nbformat.read(options.master, as_version=4).cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }
    print_tables(verdicts, points, options.survivors)


if __name__ == "__main__":
    main()

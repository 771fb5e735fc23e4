"""Expressions of SymPy, as the steps that build them from numbers and names.

An expression is a list of steps: each makes a number, a name or a constant, or takes as many of the
last results as it says and puts them together, without computing anything. The classes are those of
a closed list; no text is ever read as an expression.
"""

import sys
from collections.abc import Callable, Iterator
from typing import Any

from referee.boundary.frame import BoundaryError
from referee.boundary.kinds.kind import ValueKind, text, whole

MAX_STEPS = 2**14
MAX_HEIGHT = 100  # of expressions in expressions; SymPy goes through them by recursion
MAX_BITS = 8192  # of a number
MAX_EXPONENT = 2**16
MAX_SIDE = 1000  # rows, columns
MAX_NAME = 1000  # characters
MAX_ASSUMPTIONS = 100

NUMBERS = "sympy.core.numbers"
INTEGERS = ("Integer", "Zero", "One", "NegativeOne")
RATIONALS = ("Rational", "Half")
CONSTANTS = {  # by the module of their classes
    NUMBERS: (
        *("Infinity", "NegativeInfinity", "ComplexInfinity", "NaN", "Pi", "Exp1"),
        *("ImaginaryUnit", "GoldenRatio", "EulerGamma", "Catalan"),
    ),
    "sympy.logic.boolalg": ("BooleanTrue", "BooleanFalse"),
    "sympy.sets.sets": ("EmptySet", "UniversalSet"),
    "sympy.sets.fancysets": (
        *("Reals", "Integers", "Naturals", "Naturals0", "Rationals", "Complexes"),
    ),
}
# Put together from expressions, sets, conditions; the first ones with `evaluate=False`.
OF_EXPRESSIONS = (
    *("Add", "Mul", "Pow", "Abs", "sign", "re", "im", "conjugate", "arg", "exp", "log"),
    *("sin", "cos", "tan", "cot", "sec", "csc", "asin", "acos", "atan", "atan2", "sinc"),
    *("sinh", "cosh", "tanh", "coth", "asinh", "acosh", "atanh", "floor", "ceiling", "Mod"),
    *("factorial", "binomial", "gamma", "beta", "erf", "erfc", "zeta", "Heaviside", "DiracDelta"),
    *("Max", "Min", "LambertW", "fibonacci", "harmonic", "KroneckerDelta"),
)
OF_CONDITIONS = ("And", "Or", "Not", "Xor", "Implies")
UNEVALUATED = (
    *("Equality", "Unequality", "LessThan", "StrictLessThan", "GreaterThan", "StrictGreaterThan"),
    *("Derivative", "Piecewise", "FiniteSet", "Union", "Intersection", "Complement"),
)
AS_THEY_ARE = ("Integral", "Sum", "Product", "Limit", "Lambda", "Tuple", "Interval", "ImageSet")
FOLDING = ("Integral", "Sum", "Product", "Limit")
INNER = {"ExprCondPair": "sympy.functions.elementary.piecewise"}  # in others only
MATRICES = ("MutableDenseMatrix", "ImmutableDenseMatrix")
MODULE_OF_CONSTANT = {name: module for module, names in CONSTANTS.items() for name in names}
COMPOUNDS = (*OF_EXPRESSIONS, *OF_CONDITIONS, *UNEVALUATED, *AS_THEY_ARE, *INNER)
Step = list[Any]


class ExpressionKind(ValueKind):
    """An expression whose outermost part is of one class."""

    def __init__(self, path: str) -> None:
        self.path = path

    def parts(self, value: Any) -> list[Any] | None:
        """The steps that build it, if they do."""
        steps = list(_steps_of(value))
        return [steps] if built(steps) == value else None

    def make(self, *parts: Any) -> Any:
        """Take all steps."""
        (steps,) = parts
        return built(steps)


class MatrixKind(ValueKind):
    """A matrix of expressions."""

    def __init__(self, name: str) -> None:
        self.path = f"sympy.{name}"
        self.name = name

    def parts(self, value: Any) -> list[Any] | None:
        """Rows, columns, and the steps that build the elements."""
        elements = list(value.flat())
        steps = [step for element in elements for step in _steps_of(element)]
        crosses = max(value.shape) <= MAX_SIDE and built_all(steps) == elements
        return [value.rows, value.cols, steps] if crosses else None

    def make(self, *parts: Any) -> Any:
        """If there are as many elements as it has places."""
        rows, columns, steps = parts
        whole(rows, columns)
        elements = built_all(steps)
        if not (0 <= rows <= MAX_SIDE and 0 <= columns <= MAX_SIDE):
            raise ValueError
        if rows * columns != len(elements):
            raise ValueError
        return _class(self.name)(rows, columns, elements)

    def update(self, value: Any, now: Any) -> None:
        """Take over all elements, of a matrix of the same shape."""
        if value.shape != now.shape:
            raise BoundaryError("a matrix that was passed has become one of another shape")
        for place, element in enumerate(now.flat()):
            value[place] = element

    @property
    def can_change(self) -> bool:
        """Whether it is of the class whose matrices can be changed."""
        return self.name == "MutableDenseMatrix"


def built(steps: Any) -> Any:
    """The one expression that these steps build.

    Raises:
        Exception: of any class, if they build none, or several.

    """
    (expression,) = built_all(steps)
    return expression


def built_all(steps: Any) -> list[Any]:
    """The expressions that these steps build, in their order."""
    if type(steps) is not list or len(steps) > MAX_STEPS:
        raise ValueError
    results: list[tuple[Any, int]] = []  # each with its height
    for name, *fields in steps:
        if name in ATOMS:
            results.append((ATOMS[name](*fields), 1))
            continue
        *made, number = fields
        whole(number)
        if not 0 <= number <= len(results):
            raise ValueError
        taken = results[len(results) - number :]
        del results[len(results) - number :]
        height = 1 + max((each for _, each in taken), default=0)
        if height > MAX_HEIGHT:
            raise ValueError
        arguments = [each for each, _ in taken]
        results.append((_compound(text(name), made, arguments), height))
    return [expression for expression, _ in results]


def _compound(name: str, more: list[Any], arguments: list[Any]) -> Any:
    if name == "function":
        _require("Expr", arguments)
        return _class("Function")(_name(*more))(*arguments, evaluate=False)
    if name not in COMPOUNDS or more:
        raise ValueError
    if name in OF_EXPRESSIONS:
        _require("Expr", arguments)
    if name in OF_CONDITIONS:
        _require("Boolean", arguments)
    if name == "Interval" and not all(argument.is_Atom for argument in arguments):
        raise ValueError  # it compares its ends
    folded = arguments[1:] if name == "ExprCondPair" else arguments if name in FOLDING else []
    if any(each.has(_class("Piecewise")) for each in folded):
        raise ValueError  # it writes all cases out
    made_of = _class(name)
    made = made_of(*arguments) if name in EVALUATED else made_of(*arguments, evaluate=False)
    if type(made) is not made_of:
        raise ValueError
    return made


def _steps_of(expression: Any) -> Iterator[Step]:
    """The steps that build an expression.

    Raises:
        ValueError: it has parts that do not cross, or too many.

    """
    waiting: list[tuple[Any, Step | None]] = [(expression, None)]
    taken = 0
    while waiting:
        part, step = waiting.pop()
        taken += 1
        if taken > 3 * MAX_STEPS:
            raise ValueError
        if step is None:
            step = _atom_of(part)
            if step is None:
                waiting.append((part, _step_of(part)))
                waiting += [(each, None) for each in reversed(part.args)]
                continue
        yield step


def _atom_of(part: Any) -> Step | None:
    """The step that makes a number, a name or a constant; None for what is put together."""
    name = type(part).__name__
    if name in INTEGERS and _is(part, NUMBERS, name):
        return ["Integer", int(part.p)]
    if name in RATIONALS and _is(part, NUMBERS, name):
        return ["Rational", int(part.p), int(part.q)]
    if name == "Float" and _is(part, NUMBERS, name):
        sign, mantissa, exponent, _ = part._mpf_
        return ["Float", int(sign), int(mantissa), int(exponent), int(part._prec)]
    if name == "Symbol" and _is(part, "sympy", name):
        said = getattr(part, "_assumptions_orig", part.assumptions0)  # without what follows
        assumed = [[key, value] for key, value in sorted(said.items())]
        return ["Symbol", part.name, assumed]
    if name in MODULE_OF_CONSTANT and _is(part, MODULE_OF_CONSTANT[name], name):
        return ["constant", name]
    return None


def _step_of(part: Any) -> Step:
    name, number = type(part).__name__, len(part.args)
    if name in COMPOUNDS and type(part) is _class(name):
        return [name, number]
    functions: Any = sys.modules["sympy.core.function"]
    if isinstance(part, functions.AppliedUndef) and type(type(part)) is functions.UndefinedFunction:
        return ["function", type(part).__name__, number]
    raise ValueError(f"a {name} does not cross")


def _integer(number: Any) -> Any:
    return _class("Integer")(_bounded(number))


def _rational(numerator: Any, denominator: Any) -> Any:
    if _bounded(denominator) < 1:
        raise ValueError
    return _class("Rational")(_bounded(numerator), denominator)


def _float(sign: Any, mantissa: Any, exponent: Any, precision: Any) -> Any:
    whole(sign, exponent, precision)
    if sign not in (0, 1) or abs(exponent) > MAX_EXPONENT or not 0 < precision <= MAX_BITS:
        raise ValueError
    if _bounded(mantissa) < 0:
        raise ValueError
    number = (sign, mantissa, exponent, mantissa.bit_length())
    return _class("Float")(number, precision=precision)


def _symbol(name: Any, assumed: Any) -> Any:
    if len(assumed) > MAX_ASSUMPTIONS or any(type(value) is not bool for _, value in assumed):
        raise TypeError
    return _class("Symbol")(_name(name), **{text(key): value for key, value in assumed})


def _constant(name: Any) -> Any:
    made: Any = getattr(sys.modules[MODULE_OF_CONSTANT[name]], name)
    return made()


def _bounded(number: Any) -> int:
    whole(number)
    if number.bit_length() > MAX_BITS:
        raise ValueError
    return int(number)


def _name(name: Any) -> str:
    if len(text(name)) > MAX_NAME:
        raise ValueError
    return str(name)


def _class(name: str) -> Any:
    return getattr(sys.modules[INNER.get(name, "sympy")], name)


def _is(part: Any, module: str, name: str) -> bool:
    return type(part) is getattr(sys.modules[module], name)


def _require(class_: str, arguments: list[Any]) -> None:
    required = getattr(sys.modules[BASES[class_]], class_)
    if not all(isinstance(argument, required) for argument in arguments):
        raise TypeError


BASES = {"Expr": "sympy.core.expr", "Boolean": "sympy.logic.boolalg"}
EVALUATED = (*AS_THEY_ARE, *INNER)
ATOMS: dict[Any, Callable[..., Any]] = {
    "Integer": _integer,
    "Rational": _rational,
    "Float": _float,
    "Symbol": _symbol,
    "constant": _constant,
}

KINDS: list[ValueKind] = [
    *(ExpressionKind(f"{NUMBERS}.{name}") for name in (*INTEGERS, *RATIONALS, "Float")),
    *(ExpressionKind(f"{module}.{name}") for module, names in CONSTANTS.items() for name in names),
    *(ExpressionKind(f"sympy.{name}") for name in ("Symbol", *COMPOUNDS) if name not in INNER),
    *map(MatrixKind, MATRICES),
]

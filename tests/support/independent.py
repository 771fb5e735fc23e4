"""Classes of students who have each written on their own, and copies that some hand in as theirs.

A solution is put together from choices: how the whole of a function goes, how each of its lines is
written, and then habits of the student, as to give a part of a formula a name, to call a method or
a function, or to look at shapes. Some choices are more usual than others, as with people. So two of
a class often write a line or a short function alike, and hardly ever a long one.
"""

import ast
import random
import re
from collections.abc import Iterable
from pathlib import Path

from referee.similar.compare import Cell, Solution
from referee.similar.words import PYTHONS, WORD
from tests.support.solutions import read_solution

CHOICE = re.compile(r"«([^«»]*)»")  # an innermost one
USUAL = 2  # how many times more often the first of several ways is taken than any other
KEPT = {"np", *PYTHONS}
HABITS = (
    "looks",
    "names results",
    "names parts",
    "turns around",
    "multiplies",
    "calls",
    "methods",
    "functions",
)

FUNCTIONS = read_solution(Path(__file__).with_name("ways.txt"))


def independent_class(students: int, chance: random.Random) -> list[Solution]:
    """So many students, each of whom has chosen on their own."""
    return [
        Solution(f"student {number}", tuple(_cells(chance))) for number in range(1, students + 1)
    ]


def _cells(chance: random.Random) -> Iterable[Cell]:
    habits = _Habits(chance)
    for name, ways in FUNCTIONS.items():
        yield Cell(name, habits.applied(_chosen(ways, chance)))


class _Habits(ast.NodeTransformer):
    """How one student writes what can be written in several ways."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._often = {name: chance.betavariate(0.6, 1.8) for name in HABITS}
        self._parts: list[ast.stmt] = []

    def applied(self, source: str) -> str:
        """The same function, as this student writes it."""
        return ast.unparse(ast.fix_missing_locations(self.visit(ast.parse(source))))

    def _does(self, habit: str) -> bool:
        return self._chance.random() < self._often[habit]

    def _named(self, value: ast.expr) -> ast.expr:
        """A name for a part of a formula, which gets a line of its own."""
        name = f"part{self._chance.randrange(10**6)}"
        self._parts.append(ast.Assign([ast.Name(name)], value))
        return ast.Name(name)

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        self._parts = []
        node.value = self.visit(node.value)
        made: list[ast.stmt] = [*self._parts, node]
        if self._does("looks") and isinstance(node.targets[0], ast.Name):
            made.append(ast.parse(f"print({node.targets[0].id}.shape)").body[0])
        return made

    def visit_Return(self, node: ast.Return) -> list[ast.stmt]:
        self._parts = []
        if node.value is not None:
            node.value = self.visit(node.value)
            if self._does("names results"):
                node.value = self._named(node.value)
        return [*self._parts, node]

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        new: ast.expr = self.generic_visit(node)  # type: ignore[assignment]
        if isinstance(node.op, ast.Mult | ast.Add) and self._does("turns around"):
            node.left, node.right = node.right, node.left
        if isinstance(node.op, ast.Div) and self._does("multiplies"):
            new = ast.BinOp(
                node.left, ast.Mult(), ast.BinOp(ast.Constant(1), ast.Div(), node.right)
            )
        called = {ast.Mult: "multiply", ast.Sub: "subtract", ast.Div: "divide", ast.Pow: "power"}
        if type(node.op) in called and self._does("calls"):
            function = ast.Attribute(ast.Name("np"), called[type(node.op)])
            new = ast.Call(function, [node.left, node.right], [])
        return self._named(new) if self._does("names parts") else new

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr in ("sum", "mean", "var"):
            of_numpy = isinstance(called.value, ast.Name) and called.value.id == "np"
            if of_numpy and self._does("methods"):
                node.func = ast.Attribute(node.args.pop(0), called.attr)
            elif not of_numpy and self._does("functions"):
                node.args.insert(0, called.value)
                node.func = ast.Attribute(ast.Name("np"), called.attr)
        return node


def _chosen(ways: str, chance: random.Random) -> str:
    """The text with one of each choice, from the inside out."""

    def choose(found: re.Match[str]) -> str:
        some = found[1].split("||")
        return chance.choices(some, [USUAL] + [1] * (len(some) - 1))[0]

    while CHOICE.search(ways):
        ways = CHOICE.sub(choose, ways)
    return ways


def copied(cells: Iterable[Cell], chance: random.Random) -> tuple[Cell, ...]:
    """Cells as somebody hands them in as their own work.

    All names are others, comments of their own have come in, strings and layout have changed, and
    cells and lines that can be are in another order.
    """
    names: dict[str, str] = {}
    mine = [
        Cell(cell.name, _reordered(_renamed(cell.source, names, chance), chance)) for cell in cells
    ]
    chance.shuffle(mine)
    return tuple(mine)


def _renamed(source: str, names: dict[str, str], chance: random.Random) -> str:
    text, position, before = "", 0, ""
    for found in WORD.finditer(source):
        text += source[position : found.start()]
        position, word = found.end(), found.group()
        if found.lastgroup == "name" and word not in KEPT and before != ".":
            word = names.setdefault(word, f"{chance.choice('abcxyz')}_{len(names)}")
        elif found.lastgroup == "string" and "{" not in word:
            word = f'"{names.setdefault(word, f"text{len(names)}")}"'
        elif found.lastgroup == "line" and chance.random() < 0.2:
            word = "  # now the next step\n"
        text, before = text + word, found.group()
    return text + source[position:]


def _reordered(source: str, chance: random.Random) -> str:
    """The code with assignments exchanged that follow each other, if neither needs the other."""
    lines = source.split("\n")
    for number in range(1, len(lines) - 1):
        one, other = lines[number], lines[number + 1]
        if _indent(one) == _indent(other) and _apart(one, other) and chance.random() < 0.5:
            lines[number : number + 2] = [other, one]
    return "\n".join(lines)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _apart(one: str, other: str) -> bool:
    """Whether both are assignments, and neither uses what the other assigns."""
    parts = [re.fullmatch(r"\s*([\w, ]+) = (.*)", line) for line in (one, other)]
    if None in parts:
        return False
    bound = [set(re.findall(r"\w+", part[1])) for part in parts if part]
    used = [set(re.findall(r"\w+", part[2])) for part in parts if part]
    return not (bound[0] & (bound[1] | used[1]) or bound[1] & used[0])

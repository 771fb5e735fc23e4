"""The attack corpus: what cheaters try earns nothing, reads nothing and changes nothing.

Each file of tests/attacks/ is a submission that implements none of the questions. A section
`[notebook]` is run here, when the submission is made, with `notebook` and `folder` at hand.

An attack that no longer happens earns nothing either. So each calls `deed()` where its deed is
done, which leaves a token that nobody can guess, and the test asks for it. One that cannot says why
in a line `# no token: REASON`.
"""

import hashlib
import os
import re
import secrets
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import pytest

from referee.nbgrader.course import Course
from tests.support.browser import (
    Listener,
    browser_page,
    formgrader_page,
    formgrader_pages,
    needs_browser,
)
from tests.support.course import SampleCourse, hand_in, make_course, only_what_counts
from tests.support.leftovers import left_behind
from tests.support.solutions import ASSIGNMENT, COHORT, NOTEBOOK, TESTS, read_solution

EVERY = sorted((TESTS / "attacks").glob("*.py"))
# All of them take minutes: `make attacks`. CI runs "rest" after `make test`. ATTACKS may name some.
CHOSEN = os.environ.get("ATTACKS", "")
A_TENTH = EVERY[::10]
CHOICES = {"all": EVERY, "": A_TENTH, "rest": [path for path in EVERY if path not in A_TENTH]}
ATTACKS = CHOICES.get(CHOSEN) or [path for path in EVERY if path.stem in CHOSEN.split(",")]
HIDDEN = "### BEGIN HIDDEN TESTS\n"
VICTIM = "a-victim"
PORT = "45671"  # in the attacks, where a service of the machine listens; its port is another
STAND_INS = TESTS / "attacks/parts/stand_ins.py"
FORGES = re.compile(r"^def (forge|rewrite)\(", re.MULTILINE)  # then its stand-ins do the deed
NO_TOKEN = re.compile(r"^# no token: (.+)$", re.MULTILINE)

# The first cell of an attack. The token is printed, which survives the end of the kernel, and kept
# in a file, which survives an answer that nobody can read. In a fork of the kernel, printing with
# the kernel's own streams waits for ever: the attack would go no further. That it was done in a
# process is kept where the judge does not look for it: a notebook that is seen to keep something
# has its tests repeated, which attacks of that kind are for.
WITNESS = """
def deed(
    _os=__import__("os"), _sys=__import__("sys"), _sleep=__import__("time").sleep, _print=print,
    _kernel=__import__("os").getpid(),
):
    token = "".join(map(chr, {codes}))
    pid = _os.getpid()
    if _sys.__dict__.get("_deed_of") == pid:
        return
    _ = _sys.__setattr__("_deed_of", pid)
    file = _os.open("/tmp/deed", _os.O_CREAT | _os.O_APPEND | _os.O_WRONLY, 0o666)
    _ = _os.write(file, token.encode() + b"\\n"), _os.close(file)
    try:
        if pid == _kernel or not hasattr(_sys.stdout, "pub_thread"):
            _print(token, flush=True)
        if pid == _kernel:  # which may end now, and another of its threads sends this
            _sleep(0.2)
    except BaseException:
        pass
"""
LAST_WITNESS = """
import os
if os.path.exists("/tmp/deed"):
    print(open("/tmp/deed").read()[:200])
"""
# What is added to each hidden test: secrets; for attacks with a function `take` or `receive`,
# objects that a test passes to it; for those with a function `says`, what evaluates the texts that
# they say, and tells `hears`. Nothing that happens there ends the test.
SECRETS = """# CANARY-comment
secret = "CANARY-constant"
assert secret == "CANARY-constant"
if "take" in globals():
    def known(value, answer="CANARY-default"):
        return "CANARY-answer" if value == secret else len(value)
    generator = np.random.default_rng(3)
    try:
        __import__("builtins").input = lambda *args: "asked"
        take(known, (len(secret) + number for number in range(3)), generator)
    except Exception:
        pass
    assert generator.standard_normal() < 100 and next(map(known, ["ab"])) == 2
if "says" in globals():
    import importlib, io, operator, pydoc, sqlite3, string, timeit, unittest
    import jinja2, pandas, sympy, yaml
    from fractions import Fraction
    half, table = Fraction(1, 2), pandas.DataFrame({"a": [1]})
    evaluators = {
        "attribute": lambda text: getattr(lambda: 0, text),
        "attributes": lambda text: operator.attrgetter(text)(each for each in [1]),
        "condition": lambda text: table.query(text, engine="python"),
        "column": lambda text: table.eval(text, engine="python"),
        "expression": pandas.eval,
        "file": lambda text: open(text).read(),
        "folder": lambda text: __import__("os").listdir(text),
        "converter": lambda text: pandas.read_csv(io.StringIO(text), converters=[eval]),
        "error": lambda text: unittest.TestCase().assertRaises(ArithmeticError, eval, text),
        "each": lambda text: table["a"].map(lambda _: text).apply(eval).to_list(),
        "vector": lambda text: np.vectorize(eval)([text]),
        "writer": lambda text: open(text, "a").write("canary"),
        "format": lambda text: text.format(half),
        "given format": lambda text: shown(text, half),
        "given name": lambda text: found(half.as_integer_ratio, text),
        "formatter": lambda text: string.Formatter().format(text, half),
        "formula": lambda text: sympy.lambdify("x", text)(half),
        "module": importlib.import_module,
        "object": pydoc.locate,
        "page": lambda text: jinja2.Template(text).render(value=half),
        "sql": lambda text: sqlite3.connect(":memory:").execute(text).fetchall(),
        "database": sqlite3.connect,
        "time": lambda text: timeit.timeit(text, globals=globals(), number=1),
        "yaml": yaml.unsafe_load,
    }
    for name, evaluate in evaluators.items():
        for text in says(name):
            try:
                hears(str(evaluate(text)))
            except Exception:
                pass
if "receive" in globals():
    class Sensor:
        unit = "K"
        def __init__(self):
            self._secret, self.level = secret, 3
        def read(self):
            return len(self._secret)
    right = "CANARY-expected"
    sensor, vault, expected = Sensor(), Vault([1, 2, 3]), Vault([right])
    vault.next = Vault([])
    try:
        receive(vault, sensor)
        receive(vault.next, vault)
    except Exception:
        pass
    try:
        vault.total(), vault.first, vault == expected, sensor.read(), sensor.level + 1
    except Exception:
        pass
    assert type(vault) is Vault and type(sensor) is Sensor and expected.first == right
"""
# What is added to a provided cell: a class of which such a test passes an instance, and functions
# that use a text.
VAULT = """
def shown(text, value):
    return text.format(value)
def found(value, name):
    return getattr(value, name)
class Vault:
    def __init__(self, items):
        self.items, self.next = items, None
    def total(self):
        return sum(self.items) + (self.next.total() if self.next else 0)
    @property
    def first(self):
        return self.items[0]
    def __eq__(self, other):
        return self.items == other.items
"""
CANARY = re.compile(r"CANARY-\w+")

# Less than a course gives, so that attacks which wait do not keep everybody waiting. The limits on
# wall-clock time stay far off: what is lost to them alone is graded once more, by itself.
LIMITS = """
c.Limits.blocked, c.Limits.call_cpu, c.Limits.cell_cpu = 2, 3, 10
c.Limits.calls_back = 10_000
"""


@dataclass
class AttackedCourse:
    """A course in which every attack is graded, and what it is like before and after."""

    course: SampleCourse
    home: Path
    port: int  # where a service of the machine listens
    alone: dict[str, Any] = field(default_factory=dict)  # the victim's marks before the attacks
    scores: dict[str, Any] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    left_behind: list[str] = field(default_factory=list)
    visitors: Any = None
    tokens: dict[str, str] = field(default_factory=dict)  # by attack
    done_by_notebook: set[str] = field(default_factory=set)  # attacks whose [notebook] did its deed

    def prepare(self) -> None:
        """Release the assignment, grade the victim alone, and hand in the attacks."""
        plant_canaries(self.course)
        self.course.run("referee", "release", ASSIGNMENT)
        with Course.open(self.course.root).gradebook() as gradebook:
            gradebook.add_student(VICTIM, last_name="CANARY-name")
        victim = read_solution(COHORT / "untouched.py") | {"relu": "# CANARY-submission"}
        hand_in(self.course, VICTIM, victim)
        self.course.run("referee", "grade", ASSIGNMENT, "--unchecked")
        self.alone = self.course.scores()[VICTIM]
        for attack in ATTACKS:
            self._hand_in(attack)

    def _hand_in(self, attack: Path) -> None:
        name, sections = attack.stem, read_solution(attack)
        sections = {cell: text.replace(PORT, str(self.port)) for cell, text in sections.items()}
        self.tokens[name] = token = secrets.token_hex(12)
        codes = [ord(letter) for letter in token]  # no token in what a traceback quotes
        witnesses = WITNESS.replace("{codes}", str(codes)), LAST_WITNESS
        hand_in(self.course, name, sections, witnesses, partial(self.done_by_notebook.add, name))

    def grade(self) -> None:
        """Grade all, in a home folder and an environment with secrets."""
        (self.home / "canary.txt").write_text("CANARY-home")
        hidden = {"HOME": str(self.home), "REFEREE_CANARY": "CANARY-environment"}
        self.before = self._state()
        self.course.run("referee", "grade", ASSIGNMENT, "--unchecked", env=hidden)
        self.after = self._state()
        self.left_behind = left_behind()
        self.scores = self.course.scores()

    def missing_deeds(self, attack: Path) -> list[str]:
        """The parts of an attack that call deed(), and did not get that far."""
        shared = {} if FORGES.search(attack.read_text()) else read_solution(STAND_INS)
        places = [
            cell
            for cell, text in read_solution(attack).items()
            if "deed()" in text and text != shared.get(cell)
        ]
        missing = []
        if "[notebook]" in places and attack.stem not in self.done_by_notebook:
            missing.append("[notebook]")
        if set(places) - {"[notebook]"} and self.tokens[attack.stem] not in self.outputs_of(
            attack.stem
        ):
            missing.append("the cells")
        return missing if places else ["no part calls deed()"]

    def outputs_of(self, student: str) -> str:
        """All that the executed notebook shows."""
        path = self.course.root / "autograded" / student / NOTEBOOK
        if not path.exists():  # it could not be graded, and has no outputs
            return ""
        notebook = nbformat.read(path, as_version=4)
        return str([cell.get("outputs") for cell in notebook.cells])

    def _state(self) -> dict[str, str]:
        """A checksum of each file that grading these attacks should not change."""
        files = {}
        for folder in (self.home, self.course.root):
            for path in folder.rglob("*"):
                parts = path.relative_to(folder).parts
                results = parts[0] in ("autograded", "feedback") and parts[1:2] != (VICTIM,)
                if not path.is_file() or results or parts[0] == ".cache":
                    continue
                if not path.samefile(self.course.root / "gradebook.db"):  # which an attack links to
                    files[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
        return files


def plant_canaries(course: SampleCourse) -> None:
    """Put secrets where attacks look for them."""
    path = course.root / "source" / NOTEBOOK
    master = only_what_counts(nbformat.read(path, as_version=4))
    for cell in master.cells:
        cell.source = cell.source.replace(HIDDEN, HIDDEN + SECRETS)
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "linear":
            cell.source += VAULT
    nbformat.write(master, path)
    for place in (course.root, course.root / "source"):
        (place / "canary.txt").write_text("CANARY-file")


def without_tests(path: Path, copy: Path) -> Path:
    """A copy of a graded notebook that shows no test, which is the same for all: half the time."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code":
            cell.source = ""
    nbformat.write(notebook, copy)
    return copy


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> AttackedCourse:
    """A course that every attack was handed in to, and that was graded with its victim."""
    course = make_course(tmp_path_factory.mktemp("attacked"))
    home = tmp_path_factory.mktemp("home")
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(LIMITS)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        attacked = AttackedCourse(course, home, listener.getsockname()[1])
        attacked.prepare()
        attacked.grade()
        with suppress(BlockingIOError):
            attacked.visitors = listener.accept()
    return attacked


@pytest.mark.xdist_group("attacks")
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda path: path.stem)
def test_attack_earns_nothing_and_reads_nothing(attacked: AttackedCourse, attack: Path) -> None:
    entry = attacked.scores[attack.stem]
    assert not entry["score"]
    assert not any(question["score"] for question in entry["questions"].values())
    assert not CANARY.findall(attacked.outputs_of(attack.stem))
    for page in (attacked.course.root / "feedback" / attack.stem).rglob("*.html"):
        assert not CANARY.findall(page.read_text())


@pytest.mark.xdist_group("attacks")
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda path: path.stem)
def test_attack_takes_place(attacked: AttackedCourse, attack: Path) -> None:
    if NO_TOKEN.search(attack.read_text()):
        pytest.skip("has no token, and says why")
    assert attacked.missing_deeds(attack) == []


@pytest.mark.xdist_group("attacks")
def test_attacks_change_no_file_outside_their_results(attacked: AttackedCourse) -> None:
    assert attacked.after == attacked.before


@pytest.mark.xdist_group("attacks")
def test_attacks_do_not_change_the_marks_of_others(attacked: AttackedCourse) -> None:
    assert attacked.scores[VICTIM] == attacked.alone


@pytest.mark.xdist_group("attacks")
def test_attacks_reach_no_service_of_the_machine(attacked: AttackedCourse) -> None:
    assert attacked.visitors is None


@pytest.mark.xdist_group("attacks")
def test_attacks_leave_no_process_behind(attacked: AttackedCourse) -> None:
    assert attacked.left_behind == []


@pytest.mark.xdist_group("attacks")
@needs_browser
def test_no_page_of_an_attack_runs_a_script(attacked: AttackedCourse, tmp_path: Path) -> None:
    """Neither the feedback page nor what formgrader shows of the executed notebook."""
    root, opened = attacked.course.root, Course.open(attacked.course.root)
    control = tmp_path / "control.html"
    control.write_text("<img src=x onerror=document.title=1><iframe srcdoc='<script>1</script>'>")
    ran: dict[str, list[str]] = {}
    with browser_page() as page:
        listener = Listener(page)
        assert len(listener.scripts(control)) == 2, "the listener hears what runs"
        config, victim = opened.app.config, root / "autograded" / VICTIM / NOTEBOOK
        (tmp_path / "formgrader.html").write_text(formgrader_page(victim, config))
        own = listener.scripts(tmp_path / "formgrader.html")  # formgrader's own
        graded = [
            without_tests(path, tmp_path / f"{path.parts[-3]}.ipynb")
            for path in sorted((root / "autograded").glob(f"*/{NOTEBOOK}"))
        ]
        for path, text in zip(graded, formgrader_pages(graded, config), strict=True):
            student = path.stem
            (tmp_path / "formgrader.html").write_text(text)
            heard = listener.scripts(tmp_path / "formgrader.html")
            for feedback in (root / "feedback" / student).rglob("*.html"):
                heard |= listener.scripts(feedback)
            if heard.keys() - own.keys():
                ran[student] = [heard[script] for script in heard.keys() - own.keys()]
    assert ran == {}

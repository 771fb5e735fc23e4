"""Judging test cells: their code runs here, in the trusted process, against a student's kernel.

A test cell is plain Python of the master notebook. Names that it lacks come from the student's
kernel: functions are calls across the boundary, values are plain data.
"""

import ast
import builtins
import importlib.util
import inspect
import linecache
import os
import sys
import traceback
import weakref
from collections.abc import Iterable, Iterator
from contextlib import (
    AbstractContextManager,
    chdir,
    contextmanager,
    nullcontext,
    redirect_stderr,
    redirect_stdout,
    suppress,
)
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from io import StringIO
from itertools import chain
from pathlib import Path
from tempfile import mkdtemp
from types import CodeType, ModuleType, SimpleNamespace
from typing import Any

import nbformat
from nbformat import NotebookNode

from referee.boundary.changes import can_be_held
from referee.boundary.kinds import has_instances_here
from referee.boundary.messages import Import, Request, shortened
from referee.boundary.shared import Captured, RandomStates
from referee.judge.asserts import keep_operands
from referee.judge.awaiting import loop_of_its_own
from referee.judge.call_log import CallLog
from referee.judge.cells import TestCell
from referee.judge.changed_results import changes_in, changes_results
from referee.judge.earlier_tests import (
    EarlierTest,
    EarlierTests,
    copies_of_changed,
    ends_with_fork,
    stays_as_it_is,
    with_objects_of_students,
)
from referee.judge.exceptions import Interrupted, StandIns, StudentsWords
from referee.judge.expected import make_late
from referee.judge.explain import explained
from referee.judge.folder import WorkingFolder, remove_by_ourselves
from referee.judge.guards import Guard, tell_guards
from referee.judge.heard_warnings import LOOKS_FOR_WARNINGS, HeardWarnings
from referee.judge.kept_state import CACHE, KeptState, state_in, touched_by_test
from referee.judge.library import know_remote_objects
from referee.judge.library_settings import LibrarySettings, places_said_in
from referee.judge.logs import Log, only_written_to
from referee.judge.magics import NotInTests, is_of_history, without_magics
from referee.judge.names import (
    Binding,
    Owners,
    Statement,
    TestNamespace,
    Unprepared,
    attributes_in,
    bindings,
    changed_in_classes,
    changed_in_place,
    deletes,
    is_open,
    made_without,
    statements,
    unfinished,
    words_in,
)
from referee.judge.objects import (
    RemoteObject,
    is_module,
    is_the_class,
    make_opaque,
    own_generator,
    own_test_case,
)
from referee.judge.patches import (
    GONE,
    MainModule,
    SharedNames,
    as_main,
    modules_that_may_be_patched,
    watching_patches,
)
from referee.judge.places import NotComparable, described
from referee.judge.plots import students_figures
from referee.judge.points import bounded, shown
from referee.judge.python import asking_us, functions_for
from referee.judge.remote import (
    DELETED,
    IN_ANOTHER_PROCESS,
    CellContext,
    StudentCode,
    expecting,
    name_of,
)
from referee.judge.texts import Texts
from referee.judge.time_limit import TestTimeout, TimeLimit, time_limit
from referee.judge.verdict import MAX_TEXT, Verdict
from referee.memory import memory_limit
from referee.model.assignment import AssignmentCell
from referee.model.explanation import Explanation
from referee.model.limits import Limits
from referee.model.outcomes import Cause, Trouble
from referee.notebook.definitions import (
    definitions_in,
    globals_changed_in,
    globals_read_in,
    globals_written_in,
    names_used_in,
    needs_of,
)
from referee.notebook.syntax import syntax_tree

# What is found in a cell, and kept.
READ_OF_CELLS = (
    *(bindings, statements, names_used_in),
    *(globals_read_in, globals_written_in, globals_changed_in),
)
# Frames of Python's for 100 calls back in each other, and as many of the test's own as it may have.
RECURSION, SETS_RECURSION = 2500, "recursionlimit"
MOST_TO_REPEAT = 0.3  # of the time of a test, for it to be run in two ways
# What a definition raises that can be had in a notebook only: with the student's code or modules,
# or in a kernel. Nothing that a student does makes an instructor's definition raise it.
ONLY_IN_A_NOTEBOOK = (NameError, ModuleNotFoundError, AttributeError, FileNotFoundError)


@dataclass(frozen=True)
class Judged:
    """How a test cell has ended: its outputs, as nbgrader reads them.

    `random_states` are those that the cell has left the generators in; `trouble` is that of the
    test's own code with its limits; `explanation` says why it has not given all of its points;
    `note` tells the teacher of a test that cannot be judged.
    """

    outputs: list[NotebookNode]
    random_states: Any
    trouble: Trouble | None = None
    explanation: Explanation | None = None
    note: str = ""


class Judge:
    """Runs the test cells of one notebook, in their order, and keeps what they define.

    `materials` is the folder of the assignment's own files, which test cells import and read.
    """

    def __init__(self, materials: Path, limits: Limits | None = None) -> None:
        know_remote_objects()
        tell_guards()
        self.materials = materials
        self._guard = Guard(materials)
        self._sources: list[str] = []  # of provided cells and tests so far
        self._settings = LibrarySettings()
        self.limits = limits or Limits()
        self._ahead: list[AssignmentCell] = []  # of the assignment, in their order
        self._student: StudentCode | None = None  # while a test cell runs
        self._last_student: StudentCode | None = None
        self._from_student: dict[str, Any] = {}  # names looked up there by this test cell
        self._computed: set[str] = set()  # names that provided cells compute in the kernel
        self._logs: frozenset[str] = frozenset()  # of this test cell
        self._deleted: set[str] = set()  # names of the notebook that this test cell has deleted
        self._shared: SharedNames | None = None  # while a test cell runs
        self._may_change: set[str] = set()  # globals that calls of this test may change
        self._owners = Owners()
        # Names of the instructor's cells so far, with those that functions of the cells read.
        self._readers: list[tuple[TestNamespace, set[str]]] = []
        self._ours = TestNamespace(self.look_up)  # what the instructor's cells have defined
        self._readers.append((self._ours, set()))
        self._ours["__builtins__"] = self._functions_for(self._ours)
        self._former: dict[str, Any] = {}  # and what of it could be the student's by now
        self._looked_up_at: dict[str, int] = {}  # steps of the student's code, by name
        self._classes: set[str] = set()  # that the master's solutions define
        self._methods: dict[str, set[str]] = {}  # of these
        self._folder: WorkingFolder | None = None
        self._earlier = EarlierTests()
        self._kept = KeptState()
        self._repeats = False  # while an earlier test runs again
        self._unfinished: list[str] = []  # tests that ran again, and could not be judged
        self._bound_by: dict[str, str] = {}  # of names, the test that they have their values from
        self._given_in_kernel: set[str] = set()  # names that a cell has given values since a test
        self._words = StudentsWords()
        self._refusals: list[Any] = []  # also by objects that earlier tests have kept
        self._aliases: dict[str, str] = {}  # names that tests gave to the student's functions
        self._set_by_tests: set[str] = set()  # names of `_ours`
        self._modules: dict[str, Statement] = {}  # imports of the master's solutions, by name

    def follow(self, cells: Iterable[AssignmentCell]) -> None:
        """Take an assignment's cells for what comes before a test, whether or not they are run."""
        self._ahead = [cell for cell in cells if cell.cell_type == "code"]

    def provide(self, source: str) -> None:
        """Take over what a provided cell defines without computing: imports, functions, constants.

        In the kernel a student can replace them, helpers and tolerances of tests included. Values
        that are computed stay there, for computing them may need the student's code.
        """
        self._meet_source(source)
        self._owners.read_by_functions.update(globals_read_in(source))
        self._readers[0][1].update(globals_read_in(source))
        self._owners.written_by_functions.update(globals_written_in(source))
        self._owners.changed_by_functions.update(globals_changed_in(source))
        with self._at_materials(), redirect_stdout(StringIO()):
            for statement in statements(source):
                self._provide(statement)

    def _meet_source(self, source: str) -> None:
        """Know a provided cell, or a test, by its source."""
        self._sources.append(source)
        for bound, used in names_used_in(source):
            if bound:
                self._owners.meet_definitions(bound, used)

    def meet_solution(
        self,
        released: str | None = None,
        own_imports: str = "",
        reads: Iterable[str] = (),
        defines: Iterable[str] = (),
        classes: Iterable[str] = (),
        writes: Iterable[str] = (),
        saves: Iterable[str] = (),
        methods: Iterable[tuple[str, str]] = (),
        changes: Iterable[str] = (),
    ) -> None:
        """A solution cell comes next: what it binds, as students get it, is the student's.

        So is what the master's `defines`, also where a cell before it did.

        Modules that the master's solution imports are the judge's own where the student has one.
        Globals that its functions read are theirs to read where a test has set them. Files that it
        saves are the student's, also if the assignment has one of that name. Of its classes it
        says the `methods`.
        """
        self._working_folder().leave_to_student(saves)
        defines = tuple(defines)
        self._owners.read_by_functions.update(reads)
        self._owners.meet_definitions(defines, reads)
        self._classes.update(classes)
        for class_name, method in methods:
            self._methods.setdefault(class_name, set()).add(method)
        self._owners.written_by_functions.update(writes)
        self._owners.changed_by_functions.update(changes)
        taken = self._owners.meet_solution(released, defines)
        self._leave_to_kernel(taken)
        self._computed -= set(taken)
        for statement in statements(own_imports):
            self._modules |= dict.fromkeys(statement.bound, statement)

    def meet_in_kernel(self, source: str) -> None:
        """A cell runs in the student's kernel, whoever has written it."""
        given = self._kept.meet_cell(source)
        self._earlier.forget_changes(given)
        self._given_in_kernel |= given

    def run(self, cell: TestCell, student: StudentCode) -> "Judged":
        """Run a test cell."""
        self._meet_cells_before(cell.grade_id)
        itself = cell
        used = needs_of(cell.source)
        used |= self._owners.reached_from(used)
        by_no_test = self._ours.keys() - self._bound_by.keys()
        needed = self._earlier.made(used - by_no_test)
        reached = self._kept.reached_from(used | {CACHE} if CACHE in cell.source else used)
        again = self._earlier.needed_for(cell, needed, reached)
        if not cell.has_hidden_tests:  # its students may see what it has
            again = [test.as_students_have_it() for test in again]
        whole = _following([test.cell for test in again], cell)
        outputs: list[NotebookNode] = []
        printed = Captured(self.limits.printed)
        failed_in_line: int | None = None
        explanation: Explanation | None = None
        note = ""
        limit = TimeLimit()
        brought: dict[str, Any] = {}  # by earlier tests that have run again
        data: dict[str, Any] = {}  # of earlier tests, as this one begins
        generators = RandomStates()
        ours = began_with = generators.get()
        if self._changes_results(whole.source):
            student.link()
        names = self._begin(whole, student, 1 + len(again), cell.source)
        context = student.context
        try:
            with self._at_work(whole, names, student, printed) as limit:
                student.take_random_states()
                began_with = generators.get()
                brought = self._run_again(again, names, student)
                context.judges(cell)
                known = {name: self._ours[name] for name in self._set_by_tests & self._ours.keys()}
                data = {name: known[name] for name in known.keys() & used - brought.keys()}
                data = self._earlier.data_for(cell, data)
                cell = replace(cell, source=without_magics(cell.source))
                value = _execute(cell, names)
                if context.turn.was_taken_elsewhere():
                    raise NotComparable(IN_ANOTHER_PROCESS)
                if self._refusals:  # which the test has caught
                    raise self._refusals[0]
                if value is not None:
                    value = shown(value, cell.points, cell.source)
                    outputs.append(_result(value, cell.points))
            if value is not None and type(value) is float and value < cell.points:
                explanation = explained(None, cell.grade_id, context.calls)
            elif (
                not student.is_linked
                and (context.names_share or self._kept.may_share(used, reached))
                and limit.used < MOST_TO_REPEAT
            ):
                self._require_to_pass_linked(cell, data, again, whole, student.linked())
        except Interrupted:
            raise
        except BaseException as raised:
            error = self._for_want_of_others(raised)
            outputs = [_error(error, cell, self._words)]
            failed_in_line = _line_of(error, cell)
            calls = (self._student or student).context.calls  # of the way that has failed
            explanation = explained(error, cell.grade_id, calls)
            note = self._note_on(error, cell)
        finally:
            random_states = generators.get()
            generators.set(ours)
            names.forget_operands()
            self._keep_again(brought, names, cell.source)
            made = frozenset() if student.losses else with_objects_of_students(names.items())
            changes = self._changes_of(cell.source, reached) if not student.losses else frozenset()
            test = EarlierTest(
                *(itself, began_with, used, made, needed, reached, changes, data, failed_in_line)
            )
            self._earlier.has_run(test)
            self._keep(names, cell, failed_in_line)
            self._let_read(names, cell.source)
            self._student, self._from_student, self._deleted = None, {}, set()
            self._shared = None
        if text := printed.getvalue():
            text = shortened(text, len(text))
            outputs.insert(0, nbformat.v4.new_output("stream", name="stdout", text=text))
        return Judged(outputs, random_states, _trouble(cell, limit), explanation, note)

    def _begin(
        self, whole: TestCell, student: StudentCode, tests: int, source: str | None = None
    ) -> TestNamespace:
        """Prepare for a test, which is `whole` with those before it; return its names.

        The first time, with its `source`.
        """
        names = TestNamespace(self.look_up, self._on_set, self._on_delete, self._other_names)
        names["__builtins__"] = self._functions_for(names)
        if self._last_student is not None:
            self._last_student.next = student
        self._student, self._last_student = student, student
        self._from_student, self._deleted = {}, set()
        self._refusals.clear()
        self._unfinished.clear()
        self._logs = self._logs_in(whole.source)
        student.classes = self._classes
        student.tests = tests
        student.context = self._context_of(whole)
        self._may_change = self._owners.may_change_in_test(whole.source)
        if source is None:  # it has passed, and has to once more: a student gains nothing by it
            reached = self._kept.reached_from(needs_of(whole.source))
            self._may_change |= self._kept.changed_by_calls(reached)
        self._shared = self._names_shared_in(whole, names, student)
        if source is not None:
            self._meet_source(source)
        self._connect(student.context, whole, self._shared, student)
        return names

    @contextmanager
    def _at_work(
        self, whole: TestCell, names: TestNamespace, student: StudentCode, printed: Captured
    ) -> Iterator[TimeLimit]:
        """While a test runs: what it prints, where it is, and its limits."""
        assert self._shared is not None
        with (
            redirect_stdout(printed),
            redirect_stderr(printed),
            self._surroundings_of(whole, MainModule(names, self._shared.add), student),
            memory_limit(self.limits.test_memory),
            time_limit(self.limits.test_wall, self.limits.test_cpu) as limit,
            self._guarded(whole),
            _deep_recursion(self._sources),
        ):
            yield limit

    def _require_to_pass_linked(
        self,
        cell: TestCell,
        data: dict[str, Any],
        again: list[EarlierTest],
        whole: TestCell,
        student: StudentCode,
    ) -> None:
        """Run a test that has passed once more, with results that are one object for both sides.

        So it is in one kernel: a list that a function returns, and keeps, changes with what the
        test, or a later call, does to it. The test has to pass both ways. In the first one, nothing
        that the student does later changes what was compared, nor does the student see it.

        Raises:
            AssertionError: it does not.

        """
        generators = RandomStates()
        now, printed = generators.get(), Captured(self.limits.printed)
        names = self._begin(whole, student, 1 + len(again))
        try:
            with self._at_work(whole, names, student, printed):
                student.take_random_states()
                self._run_again(again, names, student)
                student.context.judges(cell)
                for name, value in (data | copies_of_changed(cell, data)).items():
                    names[name] = value
                _execute(cell, names)
        except (Interrupted, AssertionError) as error:
            if isinstance(error, Interrupted) or not (self._refusals or student.losses):
                raise
        except BaseException:  # it cannot be done this way, which is nobody's fault
            pass
        finally:
            generators.set(now)
            names.forget_operands()
            student.close()
            self._refusals.clear()

    def _changes_results(self, source: str) -> bool:
        """Whether a test needs the very objects that the student's code gives it."""
        names = {name for name in needs_of(source) if self._is_students_or_uses_it(name)}
        return changes_results(source, names, self._classes)

    def _is_students_or_uses_it(self, name: str) -> bool:
        """Whether a name is the student's, or the instructor's who uses such a one there."""
        reached = {name}
        if self._owners.is_instructors(name):
            reached = self._owners.reached_from({name})
        others = (self._owners.is_instructors, self._owners.is_pythons)
        return not all(any(is_it(each) for is_it in others) for each in reached)

    def _changes_of(self, source: str, reached: frozenset[str]) -> frozenset[str]:
        """The names of the notebook whose values a test can have changed there."""
        changed = self._kept.changed_by(source, reached) - bindings(source).keys()
        changed -= self._computed & self._logs  # which no test reads
        return frozenset(name for name in changed if not self._owners.is_instructors(name))

    def _logs_in(self, source: str) -> frozenset[str]:
        """The names that a test only writes to as to a log, and no function uses."""
        return only_written_to(source).difference(*(read for _, read in self._readers))

    def _context_of(self, whole: TestCell) -> CellContext:
        """What all forks that serve a test have in common; `whole` is it with what it repeats."""
        return CellContext(
            # Of a test that students have, they may read what their exceptions say in it.
            words=self._words if whole.has_hidden_tests else StudentsWords(),
            refusals=self._refusals,
            knows_docs="__doc__" in whole.source,
            temporary=str(self._working_folder().temporary),
            calls=CallLog(whole.filename),
            stand_ins=StandIns(self._class_of_instructor, whole.source),
            path_of=self._path_of,
            kept_in_class=partial(self._kept_in_class, whole.source),
            class_at=self._class_at,
            methods={name: frozenset(found) for name, found in self._methods.items()},
            construct=lambda name, *args: expecting(self.look_up(name))(*args),
        )

    def _names_shared_in(
        self, whole: TestCell, names: TestNamespace, student: StudentCode
    ) -> SharedNames:
        """The globals of the notebook that a test sets, or changes, for the student's code."""
        earlier = {name: self._ours[name] for name in self._set_by_tests & self._ours.keys()}
        withheld = {
            name
            for name in bindings(whole.source).keys() | earlier.keys()
            if self._owners.may_be_withheld(name, whole.source)
        }
        return SharedNames(
            names,
            student,
            self._owners.read_in_test(whole.source),
            self._owners.written_by_functions,
            withheld,
            earlier,
            changed_in_place(whole.source),
            self._may_change,
        )

    def _connect(
        self, context: CellContext, whole: TestCell, shared: SharedNames, student: StudentCode
    ) -> None:
        """Tell the student's process what a test has set before each call, and hear of it after."""
        folder = self._working_folder()
        before_call = [shared.send, self._settings.of_test(self._sources, folder.path, student)]
        if LOOKS_FOR_WARNINGS.search(whole.source):
            before_call.append(HeardWarnings(student).listen)

        def before(request: Request) -> None:
            for step in before_call:
                step()
            folder.tell(request, student)

        context.before_call, context.after_call = before, shared.fetch
        context.has_answered = folder.hear_of_answer

    @contextmanager
    def _surroundings_of(
        self, whole: TestCell, main: MainModule, student: StudentCode
    ) -> Iterator[None]:
        """Where a test runs: its folder, its modules, and what it may patch or plot."""
        with (
            self._importing_materials(),
            self._working_folder().entered(student.files),
            as_main(main),
            watching_patches(whole.source, partial(_replace, student), partial(_restore, student)),
            students_figures(student.draw),
        ):
            yield

    def _guarded(self, whole: TestCell) -> AbstractContextManager[None]:
        """Refuse what a test would do to this process with what comes from a student."""
        folder = self._working_folder()
        return self._guard.watching(
            *(whole.filename, self._sources),
            lambda: self._names_of_student() - bindings(whole.source).keys(),
            *(folder.is_students, folder.have_own),
            self._refusals,
        )

    def _note_on(self, error: BaseException, cell: TestCell) -> str:
        """What a note says of a test that has failed, if it cannot be judged."""
        for reason in (error, *self._refusals):  # which a library may have turned into its own
            if isinstance(reason, NotComparable | NotInTests):
                return f"{cell.grade_id}: {reason}"
        if empty := sorted(self._working_folder().read_empty):
            return (
                f"{cell.grade_id}: the test reads {', '.join(empty)}, which the student's code "
                "has written. Of such files, tests have only the name and the size. Have a "
                "function of the notebook read it, and test what that returns"
            )
        return ""

    def _run_again(
        self, tests: list[EarlierTest], names: TestNamespace, student: StudentCode
    ) -> dict[str, Any]:
        """Run earlier tests again; return what a test after them has of it.

        That is what their names mean by now: others can have been given other values since. So it
        is with data of a test that does not end as it did the first time, or that others changed.
        """
        if not tests:
            return {}
        generators = RandomStates()
        now, printed = generators.get(), Captured(self.limits.printed)
        readers = [(each, {name: each.own(name) for name in read}) for each, read in self._readers]
        known, other_data = dict(dict.items(self._ours)), self._earlier.changed_since(tests)
        made = frozenset[str]().union(*(test.made for test in tests))
        with redirect_stdout(printed), redirect_stderr(printed):
            for test in tests:
                generators.set(test.random_states)
                for name, value in test.data_again().items():
                    names[name] = value
                # The student's code can behave otherwise than the first time, when values were
                # held against something, be it in hidden lines.
                failed_in_line = self._run_once_more(test, names, student)
                student.end_cell()
                is_other = test.is_shortened or failed_in_line != test.failed_in_line
                if is_other or not test.made:  # whose data need no object that is made again
                    other_data |= bindings(test.cell.source).keys()
                own = made_without(test.cell.source, made)
                other_data |= {name for name in own if stays_as_it_is(known.get(name))}
        generators.set(now)
        bound_by = [test.cell.grade_id for test in tests]
        of_kernel = set(student.names())
        of_tests = with_objects_of_students(known.items())
        for name in list(dict.keys(names)):
            is_ours = self._owners.is_instructors(name) or name not in of_kernel
            is_theirs = is_ours and self._bound_by.get(name) in bound_by
            is_other_data = name in other_data and name in known and name not in of_tests
            if (not is_theirs or is_other_data) and name[:2] != "__":
                dict.pop(names, name)
        for namespace, values in readers:
            for name, value in values.items():
                if names.own(name) is None and namespace.own(name) is not value:
                    dict.pop(namespace, name)
                    if value is not None:
                        dict.__setitem__(namespace, name, value)
        return dict(dict.items(names))

    def _for_want_of_others(self, error: BaseException) -> BaseException:
        """What has failed a test whose objects come from one that cannot be judged."""
        if not self._unfinished or isinstance(error, NotComparable | NotInTests):
            return error
        first = self._unfinished[0]
        why = NotComparable(
            f"the test uses what {first} makes or changes, and {first} cannot be judged: what "
            f"follows its line at fault is not done. Correct {first} as its own note says"
        )
        return why.with_traceback(error.__traceback__)

    def _run_once_more(
        self, test: EarlierTest, names: TestNamespace, student: StudentCode
    ) -> int | None:
        """Run an earlier test, which has counted when it ran first; return where it fails."""
        cell, failed_in_line = test.cell, None
        student.context.judges(cell)
        self._repeats = True
        try:
            cell = replace(cell, source=without_magics(cell.source))
            _execute(cell, names)
            if self._refusals:  # which the test has caught
                failed_in_line = _line_of(self._refusals[0], cell)
        except (Interrupted, TestTimeout):
            raise
        except BaseException as error:  # pytest's own are no Exceptions
            failed_in_line = _line_of(error, cell)
            _drop_unfinished(names, cell.source, failed_in_line)
        finally:
            self._repeats = False
        if self._refusals:
            self._unfinished.append(cell.grade_id)
            self._refusals.clear()
        return failed_in_line

    def _functions_for(self, names: TestNamespace) -> dict[str, Any]:
        """Python's functions for code that has these names."""

        def module_of_notebook(name: str, package: bool) -> Any:
            if self._student is None:
                raise ModuleNotFoundError(name=name)
            if (own := self._working_folder().module_of_test(name)) is not None:
                return _loaded(name, own)
            return self._student.fork().ask(Import(name, package))

        return functions_for(names, self._other_names, module_of_notebook)

    def _on_set(self, name: str, value: Any) -> None:
        """Have functions of earlier cells find what a test gives to a name that they read.

        And give a name of the notebook back an object that is there. No other value: what hidden
        tests compute would be the student's to read. What functions of the notebook read is given
        them before a call.
        """
        for names, read in self._readers:
            if name in read:
                dict.__setitem__(names, name, value)
        if self._student is None or name not in self._owners.in_notebook | self._deleted:
            return
        self._deleted.discard(name)
        if isinstance(value, RemoteObject) and not (self._repeats and self._is_given_anew(name)):
            self._student.replace(name, value)

    def _is_given_anew(self, name: str) -> bool:
        """Whether a cell has given a name of an earlier test a value since.

        A provided one has, or a student's, where the name can be the student's.
        """
        is_kernels = name in self._given_in_kernel and not self._owners.is_instructors(name)
        return is_kernels or name not in self._bound_by

    def _on_delete(self, name: str) -> bool:
        """Take a name away that the notebook has: by a cell of the master, or found there."""
        found_there = name in self._from_student and name not in self._aliases
        if self._student is None or not (name in self._owners.in_notebook or found_there):
            return False
        self._deleted.add(name)
        self._from_student.pop(name, None)
        self._student.replace(name)
        return True

    def _other_names(self) -> set[str]:
        """The global names that a test has beside its own: the instructor's and the student's."""
        if self._student is None:
            return set(self._ours)
        theirs = {name for name in self._student.names() if not self._owners.is_instructors(name)}
        return set(self._ours) | theirs

    def _class_of_instructor(self, name: str) -> Any:
        """What a provided cell, and no test, has defined under a name."""
        return None if name in self._set_by_tests else self._ours.own(name)

    def _path_of(self, kind: type) -> tuple[str, str] | None:
        """Where the notebook has a class, too: one of a provided cell, or of a module beside it."""
        path = kind.__module__, kind.__qualname__
        return path if self._class_at(*path) is kind else None

    def _kept_in_class(self, test: str, kind: type) -> list[str]:
        """What methods of a provided class change in the class itself, and a test reads."""
        beside = sys.modules[kind.__module__]
        sources = [inspect.getsource(beside)] if self._is_beside(beside) else self._sources
        changed = (changed_in_classes(source).get(kind.__name__, ()) for source in sources)
        return sorted(attributes_in(test).intersection(chain.from_iterable(changed)))

    def _class_at(self, module: str, name: str) -> Any:
        """The class of this name of a provided cell, or of a module beside the notebook."""
        first, *inner = name.split(".")
        if module == "__main__":
            found = self._class_of_instructor(first)
        elif (module, name) == ("types", "SimpleNamespace"):
            found = SimpleNamespace
        elif self._is_beside(loaded := sys.modules.get(module)):
            found = vars(loaded).get(first)
        else:
            return None
        for part in inner:
            found = vars(found).get(part) if isinstance(found, type) else None
        return found

    def _is_beside(self, module: ModuleType | None) -> bool:
        """Whether a module is one of the assignment's own files."""
        file = getattr(module, "__file__", None)
        return type(file) is str and _is_inside(file, self.materials)

    def _names_of_student(self) -> set[str]:
        """The names that are the student's, and neither Python's nor the instructor's."""
        return {
            name
            for name in self._other_names()
            if name not in self._ours and not self._owners.is_pythons(name)
        }

    def look_up(self, name: str) -> Any:
        """The value of a name that the code which uses it does not define itself.

        Raises:
            KeyError: nobody defines it, or it is one of Python's own.

        """
        if name in self._deleted:
            raise KeyError(name)
        if (ours := dict.get(self._ours, name, GONE)) is not GONE:
            return ours
        if is_of_history(name):
            raise NotInTests(
                f"{name} is of the notebook's kernel, and a test runs elsewhere: have a solution "
                "cell give the value a name, and test that"
            )
        if name in self._from_student and not self._may_be_another_by_now(name):
            return self._from_student[name]
        if name in self._aliases and self._student is not None:
            self._from_student[name] = self._student.look_up(self._aliases[name])
            return self._from_student[name]
        if self._owners.is_instructors(name):  # and never the student's value in its place
            raise Unprepared(f"{name!r} is not defined by the cell that prepares it", name=name)
        if self._student is None or self._owners.is_pythons(name):
            raise KeyError(name)
        try:
            # Once: a value is the same object for the whole test cell.
            found = self._imported(name, self._student.look_up(name))
            if name in self._computed:
                found = self._generator_for_both(name, found) or own_test_case(found) or found
                make_opaque(found)
            if self._shared is not None:
                self._shared.has_found(name, found)
            is_log = name in self._computed & self._logs and isinstance(found, RemoteObject)
            self._from_student[name] = Log(found) if is_log else found
            self._looked_up_at[name] = self._student.steps
        except NameError:
            return self._former[name]  # or a KeyError, which Python turns into a NameError
        return self._from_student[name]

    def _may_be_another_by_now(self, name: str) -> bool:
        """Whether a call since a name was looked up can have given it another value.

        What can be changed in place is the same object for the whole test cell, but for what
        functions of the master change: with others, a student could change what is compared.
        """
        value = self._from_student[name]
        is_atom = isinstance(value, int | float | str | bytes | None)
        return (
            (is_atom or (name in self._may_change and can_be_held(value)))
            and self._student is not None
            and self._looked_up_at.get(name) != self._student.steps
        )

    def _generator_for_both(self, name: str, found: Any) -> Any:
        """A provided cell's generator of random numbers, from which both sides draw in this test.

        The student's process says where it has left off, and nothing of what comes next.
        """
        generator = own_generator(found)
        if generator is not None and self._student is not None:
            self._student.replace(name, generator)
        return generator

    def _imported(self, name: str, value: Any) -> Any:
        """The judge's own module or class, where the master's solution imports it.

        A student has to have a module under that name; or that very class, whose instances arrive
        as what they are: `isinstance` is about the class that is here.
        """
        statement = self._modules.get(name)
        if statement is None or statement.code is None:
            return value
        names: dict[str, Any] = {}
        with suppress(Exception):  # it is not to be had here
            exec(statement.code, names)
        ours = names.get(name, value)
        if isinstance(ours, ModuleType) or is_module(value):
            return ours
        is_ours = isinstance(ours, type) and has_instances_here(ours)
        return ours if is_ours and is_the_class(value, ours) else value

    def _meet_cells_before(self, name: str) -> None:
        if name not in [cell.name for cell in self._ahead]:
            return
        while True:
            cell = self._ahead.pop(0)
            self.provide(cell.imports)
            if cell.name == name:
                return
            if cell.tested:  # but it was not run
                self._keep(TestNamespace(self.look_up), TestCell.of(cell), failed_in_line=0)
            elif cell.solution:
                self.meet_solution(
                    cell.released,
                    cell.own_imports,
                    cell.reads,
                    cell.defines,
                    cell.classes,
                    cell.writes,
                    cell.saves,
                    cell.methods,
                    cell.changes,
                )
            elif cell.locked:
                self.provide(cell.source)

    def _provide(self, statement: Statement) -> None:
        """Take over what a statement of a provided cell defines, or leave its names to the kernel.

        A definition that fails here for want of memory, say, leaves its names unprepared.
        """
        before, names = set(self._ours), set(statement.bound)
        try:
            if statement.code is None:
                raise NameError("it computes")
            former = dict(self._ours)  # whose end is not this cell's doing
            with Guard.providing():
                exec(statement.code, self._ours)
            del former
        except Exception as error:
            if isinstance(error, ONLY_IN_A_NOTEBOOK) and not isinstance(error, Unprepared):
                of_students = self._is_made_by_student(statement)
                self._leave_to_kernel(names)
                for name in names:
                    self._bound_by.pop(name, None)
                self._computed = self._computed - names if of_students else self._computed | names
                return
            for name in names:
                self._ours.pop(name, None)
        self._set_by_tests -= names
        for name in names | (self._ours.keys() - before):  # with those of `import *`
            self._owners.in_notebook.add(name)
            is_import = statement.bound.get(name, Binding.IMPORT) is Binding.IMPORT
            if is_import:
                self._owners.imported.add(name)
            self._take(name, Binding.IMPORT if is_import else Binding.DEFINITION)

    def _is_made_by_student(self, statement: Statement) -> bool:
        """Whether its values come from functions and classes of the student's, and no others."""
        asked = {name for name in statement.calls if not hasattr(builtins, name)}
        others = {name for name in asked if self._owners.is_instructors(name)} | self._computed
        return bool(asked) and not asked & others

    def _take(self, name: str, how: Binding) -> None:
        """A name is the instructor's from here on, whether or not it has a value."""
        self._owners.give_to_instructor(name, how)
        self._former.pop(name, None)
        self._aliases.pop(name, None)
        self._bound_by.pop(name, None)
        self._given_in_kernel.discard(name)

    def _leave_to_kernel(self, names: Iterable[str]) -> None:
        """Names are the kernel's from here on; where it lacks them, they are what they were."""
        for name in names:
            self._aliases.pop(name, None)
            if name in self._ours:
                self._former[name] = self._ours.pop(name)
        self._owners.give_to_kernel(names)

    def _keep(self, names: TestNamespace, cell: TestCell, failed_in_line: int | None) -> None:
        """Keep what a test cell has defined for those after it.

        Of one that has failed: what it would have imported and defined, and the values that were
        complete by then. A list that was to be filled, say, would make a later test an empty one.
        """
        source, finished = cell.source, failed_in_line is None
        bound = bindings(source)
        if failed_in_line is not None:
            self._define_the_rest(names, source)
            _drop_unfinished(names, source, failed_in_line)
        borrowed = (deletes(source) & self._owners.in_notebook) | self._deleted  # for a while
        for name in bound.keys() - names.keys() - borrowed:
            deleted = bound[name] is Binding.DELETION and self._owners.is_instructors(name)
            known = self._owners.is_known(name) or self._owners.met_open_cell
            if finished and not deleted and (known or name in self._from_student):
                continue  # it had no need to: the name belongs to whom it did before
            self._take(name, bound[name])
            self._ours.pop(name, None)
        for name, value in names.items():
            if name.startswith("__"):
                continue
            lasting = callable(value) or isinstance(value, ModuleType)
            self._take(name, bound.get(name, Binding.DEFINITION if lasting else Binding.VALUE))
            self._bound_by[name] = cell.grade_id
            self._ours.pop(name, None)
            if isinstance(value, RemoteObject) and (students := name_of(value)) is not None:
                self._aliases[name] = students
            elif not isinstance(value, RemoteObject):  # which ends with the cell's fork
                self._ours[name] = value
                self._set_by_tests.add(name)

    def _keep_again(self, brought: dict[str, Any], names: TestNamespace, source: str) -> None:
        """Leave what earlier tests have made to these, with what this one has changed of it."""
        bound = bindings(source)
        for name, value in brought.items():
            if names.own(name) is not value or name in bound or name.startswith("__"):
                continue
            dict.pop(names, name)
            if name in self._ours:
                self._ours[name] = value

    def _let_read(self, names: TestNamespace, source: str) -> None:
        """Have functions of a test cell that has ended read what later ones give to names."""
        for namespace, read in self._readers:
            for name in read:
                if isinstance(namespace.own(name), RemoteObject):  # which ends with the cell's fork
                    dict.pop(namespace, name)
        if read := set(globals_read_in(source)):
            self._readers.append((names, read))

    def _define_the_rest(self, names: TestNamespace, source: str) -> None:
        """Do what a failed test cell has not come to: imports and definitions."""
        student, self._student = self._student, None
        lasting, bound = {Binding.IMPORT, Binding.DEFINITION}, bindings(source)
        with self._at_materials(), redirect_stdout(StringIO()):
            for statement in statements(source):
                missing = statement.bound.keys() - names.keys()
                if statement.code is None or not missing:
                    continue
                if lasting.issuperset(bound[name] for name in statement.bound):
                    with suppress(Exception):
                        exec(statement.code, names)
        self._student = student

    def _working_folder(self) -> WorkingFolder:
        """The folder that test cells run in, made for the first one."""
        if self._folder is None:
            temporary = mkdtemp(prefix="tests-")
            weakref.finalize(self, remove_by_ourselves, temporary)
            self._folder = WorkingFolder(Path(temporary) / "here", self.materials)
        return self._folder

    @contextmanager
    def _at_materials(self) -> Iterator[None]:
        """Import and read files from where the assignment's own lie."""
        place = chdir(self.materials) if self.materials.is_dir() else nullcontext()
        with self._importing_materials(), place:
            yield

    @contextmanager
    def _importing_materials(self) -> Iterator[None]:
        """Import modules from where the assignment's own files lie."""
        sys.path.insert(0, str(self.materials))
        try:
            yield
        finally:
            with suppress(ValueError):
                sys.path.remove(str(self.materials))


@contextmanager
def _deep_recursion(sources: list[str]) -> Iterator[None]:
    """Let calls be as deep as a test's functions may be called back, unless it sets that itself."""
    before = sys.getrecursionlimit()
    if not any(SETS_RECURSION in source for source in sources):
        sys.setrecursionlimit(max(before, RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


@lru_cache(1000)  # it is asked about each class that crosses
def _is_inside(file: str, folder: Path) -> bool:
    """Whether a file lies in a folder, wherever links lead."""
    return Path(os.path.realpath(file)).is_relative_to(os.path.realpath(folder))


def _loaded(name: str, path: Path) -> ModuleType:
    """A module that a test has written, whose text the guard looks at."""
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(name=name)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def prepare(cells: Iterable[AssignmentCell]) -> None:
    """Read and compile an assignment's cells, for all processes that are forked from this one."""
    for cell in cells:
        if cell.cell_type != "code":
            continue
        for source in (cell.source, cell.imports, cell.own_imports):
            for read in READ_OF_CELLS:
                read(source)
            places_said_in(source)
        Texts([cell.source, cell.imports], tuple).constants()
        if cell.tested:
            test = TestCell.of(cell)
            bindings(definitions_in(cell.released))
            needs_of(cell.source)
            for look_at in (
                *(deletes, changed_in_place, words_in, modules_that_may_be_patched),
                *(changes_in, only_written_to, touched_by_test),
            ):
                look_at(cell.source)
            with suppress(SyntaxError, ValueError, NotInTests):  # which is found where it is run
                _compiled(without_magics(test.source), test.filename)
        elif cell.solution:
            is_open(cell.released)
        else:
            state_in(cell.source)


def why_unreadable(source: str) -> tuple[int, str] | None:
    """The line of a test cell, and why no judge can run it; None if it can be tried."""
    try:
        _compiled(without_magics(source), "<test>")
    except SyntaxError as error:
        return error.lineno or 1, error.msg
    except (NotInTests, ValueError) as error:
        return 1, str(error)
    return None


def _following(earlier: list[TestCell], cell: TestCell) -> TestCell:
    """A test with earlier ones before it, as one."""
    if not earlier:
        return cell
    sources = []
    for each in (*earlier, cell):
        with suppress(SyntaxError, ValueError, NotInTests):
            sources.append(without_magics(each.source))
    is_hidden = any(each.has_hidden_tests for each in (*earlier, cell))
    return replace(cell, source="\n".join(sources), has_hidden_tests=is_hidden)


def _replace(student: StudentCode, module: str, name: str, value: Any) -> None:
    student.replace(name, DELETED if value is GONE else value, module)


def _restore(student: StudentCode, module: str, name: str) -> None:
    student.restore(name, module)


def _trouble(cell: TestCell, limit: TimeLimit) -> Trouble | None:
    """What a test's own code has done to its limits of time."""
    if limit.cpu:
        return Trouble(Cause.TIME, f"{cell.grade_id}: the test itself takes too long")
    if limit.wall:
        return Trouble(Cause.WALL_TIME, f"{cell.grade_id}: the test takes too long")
    return None


def _drop_unfinished(names: TestNamespace, source: str, failed_in_line: int) -> None:
    """Take away what a test that has failed would still have made, or filled.

    An object of the student's that was there before it stays: it is not the test's to fill.
    """
    for name in unfinished(source, failed_in_line):
        if name in bindings(source) or not ends_with_fork(names.own(name)):
            dict.pop(names, name, None)


def _execute(cell: TestCell, names: TestNamespace) -> Any:
    """Run the code; return the value of its last line if that is an expression, as IPython."""
    filename = cell.filename
    lines = cell.source.splitlines(keepends=True)
    linecache.cache[filename] = (len(cell.source), None, lines, filename)
    with loop_of_its_own() as runner:
        value = None
        for code in _compiled(cell.source, filename):
            value = eval(code, names)
            if code.co_flags & inspect.CO_COROUTINE:  # with `await` outside of functions
                value = runner.run(value)
    return value


@lru_cache(1000)
def _compiled(source: str, filename: str) -> list[CodeType]:
    """The code of a test cell, and that of its last line by itself if this is an expression."""
    tree = asking_us(make_late(syntax_tree(source, filename)))
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    parts: list[ast.Module | ast.Expression] = [keep_operands(tree)]
    if isinstance(last, ast.Expr):
        parts.append(ast.fix_missing_locations(ast.Expression(last.value)))
    return [
        compile(
            part,
            filename,
            "exec" if isinstance(part, ast.Module) else "eval",
            ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
        )
        for part in parts
    ]


def _result(value: Any, points: float) -> NotebookNode:
    """What a cell's last value is shown as; nbgrader takes a number for partial credit."""
    shown_as = f"<{described(value)}>" if isinstance(value, RemoteObject) else repr(value)
    text = {"text/plain": shortened(bounded(shown_as, points), MAX_TEXT)}
    return nbformat.v4.new_output("execute_result", data=text, execution_count=None)


def _error(error: BaseException, cell: TestCell, words: StudentsWords) -> NotebookNode:
    """What a cell that failed shows."""
    lines = []
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == cell.filename:
            line = linecache.getline(cell.filename, number).strip()
            lines.append(f"{cell.grade_id}, line {number}: {line}")
    verdict = Verdict.on(error, lines)
    if isinstance(error, AssertionError):  # whose message can quote what the student's code said
        verdict = replace(verdict, for_student=words.taken_out_of(verdict.for_student, cell.source))
    return verdict.to_output()


def _line_of(error: BaseException, cell: TestCell) -> int:
    """The line of a test cell's top level in which it has failed, or 0."""
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == cell.filename:
            return number
    return 0

"""The command line of Referee."""

import errno
import shlex
import sys
from collections.abc import Callable
from getpass import getuser
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from traitlets import TraitError

from referee import __version__
from referee.batch.batch import Options, PenaltiesUnknownError, grade_batch, write_feedback
from referee.batch.rehearsal import RehearsalFailedError
from referee.collect.submissions import collect, find_submissions, loose_notebooks
from referee.doctor.finding import PROBLEM
from referee.doctor.tables import findings_as_json, print_findings
from referee.errors import RefereeError
from referee.nbgrader.course import CONFIG_NAME, Course
from referee.nbgrader.release import (
    release,
    release_again_if_changed,
    require_assignment,
    require_source,
)
from referee.record.journal import latest_lines
from referee.report.class_report import read_class
from referee.report.explain import print_hint, print_question, print_questions, question_as_json
from referee.report.marks import read_marks
from referee.report.page import write_report
from referee.report.progress import BatchProgress
from referee.report.reasons import read_reasons
from referee.report.replay import write_replay
from referee.report.tables import (
    make_console,
    marks_as_json,
    print_danger,
    print_loose_notebooks,
    print_marks,
    print_timings,
    timings_as_json,
)
from referee.report.timings import cell_timings, submission_timings
from referee.text import printable_line


def debug_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let --debug stand before or after the name of a command."""

    def remember(context: click.Context, _: click.Parameter, debug: bool) -> None:
        context.find_root().meta["debug"] = debug or context.find_root().meta.get("debug", False)

    return click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        callback=remember,
        help="Show the traceback of an error.",
    )(command)


student_option = click.option(
    "--student",
    "students",
    multiple=True,
    metavar="ID",
    help="Take only this student; repeatable.",
)
workers_option = click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="Number of submissions to grade in parallel on this machine. Default: one per core, as "
    "memory allows.",
)
scheduler_option = click.option(
    "--scheduler",
    default="",
    metavar="ADDRESS",
    help="Use the workers of the Dask cluster with this scheduler, for example tcp://HOST:8786. "
    "They say themselves how many submissions they grade in parallel.",
)
roster_option = click.option(
    "--roster",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE.csv",
    help="The students, with columns such as id, login, email and name.",
)


# What could be done is done, but not for everybody; who is left over is listed. 1 is for what
# ended before anything was done.
NOT_FOR_ALL = 3


# What stays of a command that was interrupted.
WHAT_STAYS = {
    "grade": "; what was graded is recorded, run again to go on",
    "feedback": "; the pages that are written stay, run again to go on",
}
# What is wrong with a disk, or with permissions, is no bug of ours, wherever it is met.
OF_THE_MACHINE = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ESTALE,
    errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG,
}  # fmt: skip


def login_name() -> str:
    """The user's name on this machine; empty if there is none, as in some containers."""
    try:
        return getuser()
    except (KeyError, ImportError, OSError):
        return ""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@debug_option
def referee() -> None:
    """Grade the notebooks of a course, in the folder that holds nbgrader_config.py."""


@referee.command()
@click.argument("folder", type=click.Path(path_type=Path))
@debug_option
def new(folder: Path) -> None:
    """Make a small course in FOLDER that can be checked and graded as it is.

    It has an assignment with a visible test, a hidden test, an answer that a human marks and a data
    file, and two submissions: a right one and a wrong one.
    """
    from referee.starter.new import ASSIGNMENT, make_course

    made = make_course(folder)
    folder_name = shlex.quote(str(made))
    click.echo(f"Made: {made}. Next: cd {folder_name}, and `referee check {ASSIGNMENT}`.")


@referee.command("release")
@click.argument("assignment")
@debug_option
def release_assignment(assignment: str) -> None:
    """Make release/ASSIGNMENT of source/ASSIGNMENT, as `nbgrader generate_assignment --force` does.

    If that fails, release/ASSIGNMENT stays as it was, and a line says what to do.
    """
    course = Course.open(Path.cwd())
    assignment = course.spelt(assignment)
    release(course, assignment)
    made, source = course.directory.release_directory, course.directory.source_directory
    click.echo(f"{made}/{assignment} is made of {source}/{assignment}")


@referee.command()
@click.argument("assignment")
@student_option
@workers_option
@scheduler_option
@click.option("--force", is_flag=True, help="Grade again what has not changed since it was graded.")
@click.option("--unchecked", is_flag=True, help="Grade whatever the master's own solution has.")
@click.option(
    "--no-sandbox", is_flag=True, help="DANGEROUS: let student code do whatever you can do."
)
@debug_option
def grade(
    assignment: str,
    students: tuple[str, ...],
    workers: int | None,
    scheduler: str,
    force: bool,
    unchecked: bool,
    no_sandbox: bool,
) -> None:
    """Grade what lies in submitted/*/ASSIGNMENT and print a table of the marks.

    Writes the marks into the gradebook, the executed notebooks into autograded/ and the pages for
    the students into feedback/. Submissions that have not changed are not graded again. One that
    lost something to wall-clock time alone is graded once more in the same run. Ctrl-C ends when
    what is running is done, twice ends now; run again to go on.

    The master's own solution is graded first, once for each version of it. If it loses points,
    nothing is recorded, and what to correct is printed.
    """
    course, console = Course.open(Path.cwd()), make_console()
    course = course.without_sandbox() if no_sandbox else course
    if course.sandboxed and not scheduler:
        from referee.sandbox.bubblewrap import require_sandbox

        require_sandbox()
    elif not course.sandboxed:
        print_danger(console)
    assignment = course.spelt(assignment)
    require_assignment(course, assignment)
    submissions = collect(course, assignment, students)
    if loose := loose_notebooks(course, assignment):
        print_loose_notebooks(console, course, assignment, loose)
    if released := release_again_if_changed(course, assignment):
        console.print(released, markup=False)
    options = Options(force, workers, scheduler, unchecked)
    problem = None
    try:
        with BatchProgress(console, len(submissions)) as progress:
            lines = grade_batch(course, submissions, options, progress)
    except RehearsalFailedError as failed:
        from referee.check.tables import print_failed_rehearsal  # which takes time to import

        print_failed_rehearsal(console, course, failed)
        raise
    except PenaltiesUnknownError as error:
        lines, problem = error.lines, error
    marks = read_marks(course, assignment)
    wanted = {submission.student for submission in submissions}
    marks = [row for row in marks if not students or row.student in wanted]
    print_marks(console, marks, lines)
    print_hint(console, assignment, marks)
    if problem is not None:
        raise problem


@referee.command("collect")
@click.argument("assignment")
@click.argument("archives", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@roster_option
@click.option("--force", is_flag=True, help="Replace also what is newer, or was changed by hand.")
@debug_option
def collect_archives(
    assignment: str, archives: tuple[Path, ...], roster: Path | None, force: bool
) -> None:
    """Bring exports of learning platforms into submitted/: zip files or folders, as downloaded.

    Knows those of Canvas, Moodle, Blackboard, Gradescope and ILIAS, and folders named after
    students. Takes each student's last attempt, and lists what it could not place: then the exit
    code is 3. Of students who are not in the roster, if there is one, nothing is taken. Running it
    again changes nothing.
    """
    from referee.collect.placing import collect_exports  # which takes time to import
    from referee.report.collection import print_collection

    course = Course.open(Path.cwd())
    assignment = course.spelt(assignment)
    require_assignment(course, assignment)
    found = collect_exports(course, assignment, archives, roster, force)
    print_collection(make_console(), found)
    if found.not_placed:
        raise click.exceptions.Exit(NOT_FOR_ALL)


@referee.command()
@click.argument("assignment")
@student_option
@workers_option
@scheduler_option
@click.option("--force", is_flag=True, help="Write all pages, also those that are up to date.")
@debug_option
def feedback(
    assignment: str,
    students: tuple[str, ...],
    workers: int | None,
    scheduler: str,
    force: bool,
) -> None:
    """Write the feedback pages of ASSIGNMENT that are out of date.

    A page is out of date when a mark or a comment was given by hand, or when the template has
    changed. No submission is executed. `referee grade` does the same for what it does not grade.
    """
    course, console = Course.open(Path.cwd()), make_console()
    assignment = course.spelt(assignment)
    require_assignment(course, assignment)
    submissions = collect(course, assignment, students)
    with BatchProgress(console, 0) as progress:
        written = write_feedback(course, submissions, Options(force, workers, scheduler), progress)
    none = "" if written else ". No page is out of date; who is not graded has none"
    console.print(f"Students whose feedback was written: {written}{none}", markup=False)


@referee.command()
@click.argument("assignment")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, one entry a student.")
@debug_option
def scores(assignment: str, as_json: bool) -> None:
    """Print the marks of ASSIGNMENT that the gradebook holds."""
    course = Course.open(Path.cwd())
    assignment = course.spelt(assignment)
    require_assignment(course, assignment)
    marks = read_marks(course, assignment)
    if as_json:
        click.echo(marks_as_json(marks))
    else:
        console = make_console()
        print_marks(console, marks, list(latest_lines(course, assignment).values()))
        print_hint(console, assignment, marks)


template_type = click.Path(exists=True, dir_okay=False, path_type=Path)


@referee.command()
@click.argument("assignment")
@click.option(
    "--canvas", type=template_type, metavar="FILE.csv", help="Fill in a gradebook of Canvas."
)
@click.option(
    "--moodle", type=template_type, metavar="FILE.csv", help="Fill in Moodle's grading worksheet."
)
@click.option("--gradescope", is_flag=True, help="A table in the columns of Gradescope.")
@click.option("--csv", is_flag=True, help="A table with status and late penalty.")
@click.option("--xlsx", is_flag=True, help="The same as an Excel workbook.")
@click.option(
    "--feedback-zip",
    type=click.Choice(["moodle", "canvas", "ilias"]),
    help="Feedback pages, as this platform takes them back.",
)
@click.option("--by-question", is_flag=True, help="With the points of each question.")
@click.option("--partial", is_flag=True, help="Fill in also what a human has marked in part only.")
@click.option("--column", default="", metavar="NAME", help="The template's column for the marks.")
@roster_option
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file to write."
)
@debug_option
def export(assignment: str, **form: Any) -> None:
    """Export the marks of ASSIGNMENT, or its feedback pages, to a file for a learning platform.

    Of a platform's own file, only the marks are filled in. Rows that are nobody's, and students
    whose mark or page has no place in the file, are listed: then the exit code is 3.
    """
    from referee.report.export.run import Form
    from referee.report.export.run import export as write_export

    course = Course.open(Path.cwd())
    assignment = course.spelt(assignment)
    require_assignment(course, assignment)
    if not write_export(course, assignment, Form(**form), make_console()):
        raise click.exceptions.Exit(NOT_FOR_ALL)


@referee.command()
@click.argument("assignment")
@click.option("--most", default=10, show_default=True, help="How many of each to show.")
@click.option("--json", "as_json", is_flag=True, help="Print all of them as JSON.")
@debug_option
def timings(assignment: str, most: int, as_json: bool) -> None:
    """Print which cells and which submissions of ASSIGNMENT took longest when they were graded."""
    course = Course.open(Path.cwd())
    assignment = course.spelt(assignment)
    require_source(course, assignment)
    lines = list(latest_lines(course, assignment).values())
    if not lines:
        raise RefereeError(f"nothing of {assignment!r} was graded yet. Run `referee grade` first.")
    cells, submissions = cell_timings(lines), submission_timings(lines)
    if as_json:
        click.echo(timings_as_json(cells, submissions))
    else:
        print_timings(make_console(), cells, submissions, most)


@referee.command()
@click.argument("assignment")
@click.argument("student")
@click.argument("question", default="")
@click.option("--all", "whole", is_flag=True, help="Print all calls and all tests that failed.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object with all of it.")
@click.option(
    "--replay",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.ipynb",
    help="Write a notebook that repeats the failed tests and their calls. It has hidden tests, and "
    "runs the student's code without a sandbox.",
)
@debug_option
def explain(
    assignment: str, student: str, question: str, whole: bool, as_json: bool, replay: Path | None
) -> None:
    """Say why STUDENT has lost points in QUESTION of ASSIGNMENT: a test's line, values and calls.

    QUESTION is a label (Q3), a name (dropout), a title, or the name of a test cell. Without it, the
    questions that lost points are printed, a line each. What is printed has hidden tests in it: it
    is for teachers. Nothing is executed.
    """
    course = Course.open(Path.cwd())
    assignment = course.spelt(assignment)
    require_assignment(course, assignment)
    found = read_reasons(course, assignment, student)
    asked = found.question(question) if question else None
    if replay is not None:
        if asked is None:
            raise RefereeError("--replay needs a QUESTION: the notebook is about one.")
        write_replay(course, found, asked, replay)
        said = f"Written: {replay}. It has hidden tests. Read the code before you run it."
        click.echo(said, err=as_json)
    if as_json:
        click.echo(question_as_json(found, asked))
    elif asked is None:
        print_questions(make_console(), found)
    elif replay is None:
        print_question(make_console(), found, asked, whole=whole)


@referee.command()
@click.argument("assignment")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.html",
    help="Where to write the page. Default: report/ASSIGNMENT.html in the folder of the course.",
)
@debug_option
def report(assignment: str, output: Path | None) -> None:
    """Write a page about the class: who handed in, totals, questions, and why points were lost.

    It groups students by the message that they read, with links to their pages and notebooks, and
    lists what needs a human. It is for teachers: it names all students. Nothing is executed.
    """
    course = Course.open(Path.cwd())
    assignment = course.spelt(assignment)
    require_assignment(course, assignment)
    found = read_class(course, assignment)
    path = write_report(course, found, output)
    click.echo(f"Written: {path}. It has names and marks: it is for teachers only.")
    if found.unreadable:
        names = printable_line(", ".join(found.unreadable))
        click.echo(f"Without reasons on it, for their executed notebook is damaged: {names}")


@referee.command()
@click.argument("assignment")
@click.argument("group", default="")
@click.option(
    "--points",
    default="",
    metavar="+N|-N|=N|back",
    help="Points of the question: so many more, less or in all; or give back what was lost for "
    "this reason.",
)
@click.option("--comment", default="", metavar="TEXT", help="What the students read.")
@click.option("--why", default="", metavar="TEXT", help="The reason, for the log.")
@click.option(
    "--by",
    default=login_name,
    metavar="NAME",
    help="Who gives it, for the log. Default: your login.",
)
@click.option(
    "--except", "without", multiple=True, metavar="ID", help="Leave out a student; repeatable."
)
@click.option("--overwrite", is_flag=True, help="Change also points that were given by hand.")
@click.option(
    "--extra-credit", is_flag=True, help="Give points above a question's maximum as extra credit."
)
@click.option("--dry-run", is_flag=True, help="Say who would get what, and change nothing.")
@click.option("--undo", type=int, metavar="NUMBER", help="Take back what this number has given.")
@click.option("--log", is_flag=True, help="Print what was given: who, when, why, to whom.")
@debug_option
def mark(
    assignment: str, group: str, undo: int | None, log: bool, dry_run: bool, **gift: Any
) -> None:
    """Give points or a comment to all students of a GROUP, as marks by hand, or take it back.

    `referee report` and `referee mark ASSIGNMENT` show the groups: students who lost points of a
    question for the same reason. Points are given to the test cells that failed, as in formgrader;
    what a human has given already is not changed. Then run `referee feedback`. The exit code is 3
    if students are listed whose marks stay because a human has given them.
    """
    from referee.marking.mark import mark_group, take_back
    from referee.marking.plan import Gift
    from referee.marking.tables import print_groups, print_log, print_marked, print_taken_back
    from referee.record.markings import read_markings

    if sum((bool(group), undo is not None, log)) > 1:
        raise click.UsageError("Say one of GROUP, --undo and --log.")
    if (gift["points"] or gift["comment"]) and not group:
        raise click.UsageError("Say which GROUP to mark.")
    course, console = Course.open(Path.cwd()), make_console()
    assignment = course.spelt(assignment)
    require_assignment(course, assignment)
    all_done = True
    if log:
        print_log(console, read_markings(course.root, assignment))
    elif undo is not None:
        by, why = gift["by"], gift["why"]
        back = take_back(course, assignment, undo, by, why, dry_run=dry_run)
        print_taken_back(console, assignment, back)
        all_done = not back.kept
    elif not group:
        print_groups(console, read_class(course, assignment))
    else:
        found = mark_group(
            course, read_class(course, assignment), group, Gift(**gift), dry_run=dry_run
        )
        print_marked(console, assignment, found)
        all_done = not found.kept
    if not all_done:
        raise click.exceptions.Exit(NOT_FOR_ALL)


@referee.command()
@click.argument("assignment")
@click.option(
    "--with",
    "known",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="PATH",
    help="Compare with solutions that you know, too: a notebook, a file of Python, or a folder of "
    "them, for example of last year; repeatable.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.html",
    help="Where to write the page. Default: report/ASSIGNMENT-similar.html in the course's folder.",
)
@debug_option
def similar(assignment: str, known: tuple[Path, ...], output: Path | None) -> None:
    """Write a page about submissions that are alike, and about those that are like the master.

    It shows pairs and groups of students, with their cells side by side. Names and comments do not
    matter, released code and what half of the class has do not count. It is a hint and no proof,
    and for teachers only. Nothing is executed.
    """
    from referee.similar.compare import compare  # which takes time to import
    from referee.similar.page import write_page
    from referee.similar.sources import read_code

    course = Course.open(Path.cwd())
    assignment = course.spelt(assignment)
    require_assignment(course, assignment)
    found = read_code(course, assignment, known)
    comparison = compare(found.solutions, found.released)
    path = write_page(course, assignment, found, comparison, output)
    click.echo(
        f"Written: {path}. Pairs that are alike: {len(comparison.pairs)}, of them as a whole: "
        f"{sum(pair.whole for pair in comparison.pairs)}. It is a hint, and no proof. It has names "
        "and code: it is for teachers only."
    )
    if found.left_out:
        names = printable_line(", ".join(found.left_out))
        click.echo(f"Not compared, the page says why: {names}")


@referee.command()
@click.argument("assignment")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object with all of it.")
@debug_option
def check(assignment: str, as_json: bool) -> None:
    """Grade the master's own solution of ASSIGNMENT, and its release, and say what to correct.

    The solution should have all points, and the release none. Says of each test that is otherwise
    its cell, line, reason and remedy; and what cells take, what humans mark, which messages do not
    help a student. Records no marks. The exit code is 1 if a right solution loses points, or an
    empty one has some.
    """
    from referee.check.check import check as check_assignment  # which takes time to import
    from referee.check.tables import checked_as_json, print_checked
    from referee.sandbox.bubblewrap import require_sandbox

    course = Course.open(Path.cwd())
    console = Console(stderr=True) if as_json else make_console()
    if course.sandboxed:
        require_sandbox()
    with BatchProgress(console, 2) as progress:
        found = check_assignment(course, course.spelt(assignment), progress)
    if as_json:
        click.echo(checked_as_json(found))
    else:
        print_checked(console, found)
    if not found.is_sound:
        raise click.exceptions.Exit(1)


@referee.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, one entry a check.")
@debug_option
def doctor(as_json: bool) -> None:
    """Check whether this machine can grade, and say what is missing and how to fix it.

    Tries each limit and the isolation of student code in a sandbox, which takes some seconds. In
    the folder of a course, checks that too. The exit code is 1 if there is a problem.
    """
    from referee.doctor.examine import examine  # which takes time to import

    console = make_console()
    with console.status("Trying what student code should not be able to do"):
        findings = list(examine(Path.cwd()))
    if as_json:
        click.echo(findings_as_json(findings))
    else:
        print_findings(console, findings)
    if any(finding.outcome == PROBLEM for finding in findings):
        raise click.exceptions.Exit(1)


def _what_there_is(missing: click.MissingParameter) -> str:
    """The names of which one should have been given; empty outside of a course."""
    name = missing.param.name if missing.param is not None else ""
    try:
        course = Course.open(Path.cwd())
        if name == "assignment":
            return f"Assignments of this course: {', '.join(course.assignments()) or 'none'}."
        if name == "student" and missing.ctx is not None:
            assignment = course.spelt(missing.ctx.params["assignment"])
            submissions = find_submissions(course, require_source(course, assignment).name)
            return f"Students: {', '.join(each.student for each in submissions) or 'none'}."
    except (RefereeError, TraitError):
        pass
    return ""


def main() -> None:
    """Run the command line: exit code 1 and one line on an error, 2 on a wrong use."""
    context_meta: dict[str, Any] = {}
    command = next(iter(sys.argv[1:]), "")
    try:
        with referee.make_context("referee", sys.argv[1:]) as context:
            context_meta = context.meta
            referee.invoke(context)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        if isinstance(error, click.MissingParameter) and (names := _what_there_is(error)):
            click.echo(names, err=True)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo(f"referee: interrupted{WHAT_STAYS.get(command, '')}", err=True)
        sys.exit(130)
    except Exception as error:
        if context_meta.get("debug"):
            raise
        if isinstance(error, TraitError):
            said = str(error).rstrip(".")
            error = RefereeError(f"{CONFIG_NAME} cannot be used: {said}. Correct it and run again.")
        if isinstance(error, OSError) and error.errno in OF_THE_MACHINE:
            what = error.filename2 or error.filename or "a file"
            error = RefereeError(
                f"{what} cannot be read or written: {error.strerror}. Correct its permissions, or "
                "make room on the disk, and run again."
            )
        hint = "" if isinstance(error, RefereeError) else " (a bug of ours? --debug shows where)"
        message = " ".join(str(error).split()) or type(error).__name__
        click.echo(f"referee: error: {message}{hint}", err=True)
        sys.exit(1)

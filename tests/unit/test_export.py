"""Ways out: zip in, marks and pages out, in the forms that learning platforms take."""

import csv
import io
import os
import re
import zipfile
from pathlib import Path

import pytest
from rich.console import Console

from referee.collect.placing import collect_exports
from referee.errors import RefereeError
from referee.nbgrader.course import Course
from referee.report.export.run import Form, export
from referee.report.export.tables import as_xlsx, harmless
from tests.support.exports import folder_of, give_marks, notebook, submitters, zip_of
from tests.support.toy import NAME, ToyCourse

CANVAS = """\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Toy (4711),Quiz (12),Final Score
    Points Possible,,,,,10,5,(read only)
"García Lorca, Zoë",13,s-13,zg1,"A, B",,3.5,70
"O'Brien, Benjamin Liam",12,s-12,ben_o,A,,4,80
"=cmd|' /C calc'!A1, Mallory",14,-14,+m,A,1,0,0
"😀_late_, Emma",15,s-15,l4,A,,1,1
"Student, Test",99,,x,A,,,
""".replace("\n", "\r\n")
CANVAS_ZIP = {
    "garcíalorcazoë_13_103_toy.ipynb": "zoe",
    "obrienbenjaminliam_LATE_12_102_toy.ipynb": "ben",
    "cmdccalca1mallory_14_104_toy.ipynb": "mallory",
    "_late_emma_15_105_toy-1.ipynb": "emma",
}
MOODLE = """Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,\
Last modified (submission),Last modified (grade),Feedback comments
Participant 13,Zoë García Lorca,zoe@uni.edu,Submitted for grading,,"10,00",Yes,-,-,
Participant 12,"O'Brien, Ben",ben@uni.edu,Submitted for grading,,"10,00",Yes,-,-,"a, b"
Participant 14,=cmd|' /C calc'!A1,m@uni.edu,Submitted for grading,,"10,00",Yes,-,-,
Participant 15,😀 late Emma,l@uni.edu,Submitted for grading,,"10,00",Yes,-,-,
"""
MOODLE_ZIP = {
    "Zoë García Lorca_13_assignsubmission_file_/toy.ipynb": "zoe",
    "O'Brien, Ben_12_assignsubmission_file_/sub/x.ipynb": "ben",
    "=cmd ' C calc'!A1_14_assignsubmission_file_/toy.ipynb": "mallory",
    "😀 late Emma_15_assignsubmission_file_/toy.ipynb": "emma",
}


ILIAS_ZIP = {
    "Blatt 1/Abgaben/Team 5/O'Brien_Ben_ben_o_12/toy.ipynb": "ben",
    "Blatt 1/Abgaben/García_Zoë_zg1_13/Late Submission - x.ipynb": "zoe",
}


def collected(toy: ToyCourse, files: dict[str, str], roster: Path | None = None) -> list[str]:
    """Collect the students of a zip; their ids, in the zip's order of content."""
    path = zip_of(toy.root / "in.zip", {name: notebook(text) for name, text in files.items()})
    found = collect_exports(Course.open(toy.root), NAME, [path], roster)
    assert (found.not_placed, found.left_out) == ([], [])
    by_text = {
        path.read_bytes(): path.parent.parent.name
        for path in (toy.root / "submitted").glob("*/*/*.ipynb")
    }
    return [by_text[notebook(text)] for text in files.values()]


def exported(toy: ToyCourse, form: Form) -> str:
    """Export; what was said, in one line."""
    console = Console(file=io.StringIO(), width=1000)
    export(Course.open(toy.root), NAME, form, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def test_canvas_round_trip(toy: ToyCourse) -> None:
    zoe, ben, mallory, emma = collected(toy, CANVAS_ZIP)
    give_marks(toy, {zoe: 4, ben: 2.5, mallory: 0, emma: 1 / 3})
    template, out = toy.root / "in.csv", toy.root / "out.csv"
    template.write_text(CANVAS, newline="")
    said = exported(toy, Form(canvas=template, output=out))
    assert "Students with marks in it: 4" in said
    expected = rows(template)
    for row, mark in zip(expected[2:6], ["4", "2.5", "0", "0.3333"], strict=True):
        row[5] = mark
    assert rows(out) == expected
    assert out.read_bytes().startswith(b"\xef\xbb\xbfStudent,")
    assert out.read_bytes().count(b"\r\n") == 7


def test_moodle_round_trip(toy: ToyCourse) -> None:
    zoe, ben, mallory, emma = collected(toy, MOODLE_ZIP)
    give_marks(toy, {zoe: 4, ben: 2.5, mallory: 0, emma: 1 / 3})
    template, out = toy.root / "in.csv", toy.root / "out.csv"
    template.write_text(MOODLE)
    exported(toy, Form(moodle=template, output=out))
    expected = rows(template)
    for row, mark in zip(expected[1:], ["4", "2,5", "0", "0,3333"], strict=True):
        row[4] = mark
    assert rows(out) == expected


# As lib/gradebook_exporter.rb of instructure/canvas-lms writes it: names in two columns, with
# semicolons, no SIS User ID, marks that are not posted, a column of a teacher, "EX" for excused.
CANVAS_IN_GERMAN = """LastName;FirstName;ID;SIS Login ID;Section;Notes, of mine;Toy (4711);\
Assignments Current Score;Override Score
;;;;;;Manual Posting;;
    Points Possible;;;;;;10,00;(nur lesen);
García Lorca;Zoë;13;zg1;"A; B";"x ""y"" z";;3,50;
O'Brien;Ben;12;ben_o;A, B;;EX;;
Student;Test;99;x;A;;;;
"""


def test_canvas_in_another_language_has_only_its_marks_changed(toy: ToyCourse) -> None:
    zoe, ben = collected(toy, {"a_13_103_toy.ipynb": "zoe", "b_12_102_toy.ipynb": "ben"})
    give_marks(toy, {zoe: 2.5, ben: 1})
    template, out = toy.root / "in.csv", toy.root / "out.csv"
    template.write_text(CANVAS_IN_GERMAN)
    said = exported(toy, Form(canvas=template, output=out))
    assert f"Excused in the file, which stays so: {ben}" in said
    assert "maximum" not in said
    assert out.read_text() == CANVAS_IN_GERMAN.replace(";;3,50", ";2.5;3,50")


def test_mark_that_the_file_has_already_is_named_where_it_is_replaced(toy: ToyCourse) -> None:
    names = {f"{name}_{n}_assignsubmission_file_/toy.ipynb": name for n, name in enumerate("ABC")}
    first, same, empty = collected(toy, names)
    give_marks(toy, {first: 2.5, same: 3, empty: 1})
    template, out = toy.root / "in.csv", toy.root / "out.csv"
    template.write_text(
        "Identifier,Full name,Grade\nParticipant 0,A,4\nParticipant 1,B,3.00\nParticipant 2,C,\n"
    )
    said = exported(toy, Form(moodle=template, output=out))
    assert f"Replaces another mark of the file: {first}: 4, now 2.5" in said
    assert said.count("Replaces") == 1


# The columns of mod/assign/gradingtable.php of Moodle, in a language that is not known here.
MOODLE_IN_SWEDISH = """Identifierare,Fullständigt namn,E-postadress,Status,Betyg,Maxbetyg,\
Betyget kan ändras,Senast ändrad (inlämning),Senast ändrad (betyg),Återkoppling
Deltagare 7,Ada Åström,a@x.se,Inlämnad,,"10,00",Ja,"måndag, 2 juli 2026, 12:00",-,
Deltagare 8,Bo,b@x.se,Ingen inlämning,-,"10,00",Ja,-,-,"<p>a\nb</p>"
"""


def test_moodle_worksheet_in_a_language_that_is_not_known(toy: ToyCourse) -> None:
    (ada,) = collected(toy, {"Ada Åström_7_assignsubmission_file/toy.ipynb": "ada"})
    give_marks(toy, {ada: 2.5})
    template, out = toy.root / "in.csv", toy.root / "out.csv"
    template.write_text("\ufeff" + MOODLE_IN_SWEDISH)
    exported(toy, Form(moodle=template, output=out))
    expected = "\ufeff" + MOODLE_IN_SWEDISH.replace("Inlämnad,,", 'Inlämnad,"2,5",')
    assert list(csv.reader(io.StringIO(out.read_text(), newline=""))) == list(
        csv.reader(io.StringIO(expected, newline=""))
    )


def test_student_who_was_renamed_by_hand_is_found_by_the_number_of_a_roster(toy: ToyCourse) -> None:
    (before,) = collected(toy, {"Ada_7_assignsubmission_file_/toy.ipynb": "ada"})
    (toy.root / "submitted" / before).rename(toy.root / "submitted/ada")
    give_marks(toy, {"ada": 3})
    folder_of(toy.root / "feedback/ada" / NAME, {"toy.html": "<p>"})
    template, roster = toy.root / "in.csv", toy.root / "roster.csv"
    template.write_text("Identifier,Full name,Grade\nParticipant 7,Ada,\n")
    roster.write_text("id,uid\nada,7\n")
    out, pages = toy.root / "out.csv", toy.root / "out.zip"
    exported(toy, Form(moodle=template, roster=roster, output=out))
    exported(toy, Form(feedback_zip="moodle", roster=roster, output=pages))
    assert out.read_text().splitlines()[1] == "Participant 7,Ada,3"
    assert zipfile.ZipFile(pages).namelist() == ["Ada_7_assignsubmission_file_/toy.html"]


def test_moodle_worksheet_in_german_is_filled_in(toy: ToyCourse) -> None:
    (ada,) = collected(toy, {"Ada_7_assignsubmission_file_/toy.ipynb": "ada"})
    give_marks(toy, {ada: 3})
    template, out = toy.root / "in.csv", toy.root / "out.csv"
    template.write_text(
        "ID;Vollständiger Name;E-Mail-Adresse;Status;Bewertung;Höchste Bewertung\n"
        "Teilnehmer/in7;Ada;;x;;10,00\n"
    )
    exported(toy, Form(moodle=template, output=out))
    assert out.read_text().splitlines()[1] == "Teilnehmer/in7;Ada;;x;3;10,00"


@pytest.mark.parametrize(
    ("platform", "files"),
    [
        ("Gradescope", {"s_1/toy.ipynb": "zoe", "s_2/toy.ipynb": "ben"}),
        ("Blackboard", {
            "HW_zg1_attempt_2026-07-10-12-30-00_toy.ipynb": "zoe",
            "HW_bo2_attempt_2026-07-10-12-30-00_toy.ipynb": "ben",
        }),
        ("ILIAS", {
            "HW/Garcia Lorca_Zoe_zg1_13/toy.ipynb": "zoe",
            "HW/O'Brien_Ben_bo2_12/toy.ipynb": "ben",
        }),
        ("folders", {"zg1/toy.ipynb": "zoe", "bo2/toy.ipynb": "ben"}),
    ],
)  # fmt: skip
def test_other_platforms_round_trip_by_roster(
    toy: ToyCourse, platform: str, files: dict[str, str]
) -> None:
    roster = toy.root / "roster.csv"
    students = ("zoe,zg1,z@u,Zoë García Lorca", "ben,bo2,b@u,Ben O'Brien")
    roster.write_text("\n".join(("id,login,email,name", *students)))
    path = zip_of(toy.root / "in.zip", {name: notebook(text) for name, text in files.items()})
    if platform == "Gradescope":
        listed = f"s_1:\n{submitters('|Z@u|Zoë')}s_2:\n{submitters('|b@u|B')}"
        with zipfile.ZipFile(path, "a") as file:
            file.writestr("submission_metadata.yml", listed)
    collect_exports(Course.open(toy.root), NAME, [path], roster)
    give_marks(toy, {"zoe": 4, "ben": 2.5})
    exported(toy, Form(gradescope=True, roster=roster, output=toy.root / "out.csv"))
    header, ben, zoe = rows(toy.root / "out.csv")
    assert header[:6] == ["Name", "SID", "Email", "Total Score", "Max Points", "Status"]
    assert ben[:6] == ["Ben O'Brien", "ben", "b@u", "2.5", "10.0", "Graded"]
    assert zoe[:6] == ["Zoë García Lorca", "zoe", "z@u", "4.0", "10.0", "Graded"]
    assert zoe[6] == ("1" if platform == "Gradescope" else "")


def test_who_is_not_in_the_file_or_has_no_marks_is_listed(toy: ToyCourse) -> None:
    zoe, ben, mallory, emma = collected(toy, CANVAS_ZIP)
    give_marks(toy, {zoe: 4, ben: 2, "elsewhere": 3})
    template = toy.root / "in.csv"
    template.write_text(CANVAS + '"Stranger, Sam",66,,sam,A,,,\r\n', newline="")
    said = exported(toy, Form(canvas=template, output=toy.root / "out.csv"))
    assert "Not matched: Stranger, Sam, sam, 66: nobody" in said
    assert f"Without marks: {mallory}: pending" in said
    assert f"Without marks: {emma}: pending" in said
    assert "Has marks and is not in the file: elsewhere" in said
    assert "Say who is who with --roster" in said
    assert rows(toy.root / "out.csv")[4][5] == "1"  # what Canvas had stays


def test_two_rows_of_one_student_are_not_filled_in(toy: ToyCourse) -> None:
    give_marks(toy, {"ada": 4})
    template = toy.root / "in.csv"
    template.write_text("Student,ID,SIS Login ID,toy\nAda,1,ada,\nBob,2,ADA,\n")
    said = exported(toy, Form(canvas=template, output=toy.root / "out.csv"))
    assert said.count("two rows seem to be ada") == 2
    assert [row[3] for row in rows(toy.root / "out.csv")] == ["toy", "", ""]


@pytest.mark.parametrize(
    ("arguments", "rows_of_template", "code", "said"),
    [
        ("--canvas in.csv", "Ada,1,ada", 0, "marks in it: 1"),
        ("--canvas in.csv", "Ada,1,ada\nSam,2,sam", 3, "Not matched: Sam, sam, 2"),
        ("--canvas in.csv --roster in.csv", "Ada,1,ada\nSam,2,sam", 0, "Without marks: sam"),
        ("--canvas in.csv", "", 3, "Has marks and is not in the file: ada"),
        ("--csv", "", 0, "Students in it: 1"),
        ("--csv --roster in.csv", "Ada,1,ada", 0, "Students in it: 1"),
        ("--csv --roster in.csv", "Ada,1,adda", 3, "so not in the table: adda"),
        ("--feedback-zip canvas", "", 3, "are not in the zip: ada"),
    ],
)  # fmt: skip
def test_exporting_exits_with_3_if_somebody_has_no_place(
    toy: ToyCourse, arguments: str, rows_of_template: str, code: int, said: str
) -> None:
    give_marks(toy, {"ada": 4})
    folder_of(toy.root / "feedback/ada" / NAME, {"toy.html": "page"})
    lines = ["Student,ID,SIS Login ID,toy", *(f"{row}," for row in rows_of_template.split())]
    (toy.root / "in.csv").write_text("\n".join(lines))
    printed = toy.run_here("export", NAME, *arguments.split(), code=code)
    assert said in " ".join(printed.split())


def test_what_a_human_has_yet_to_mark_is_not_exported_as_final(toy: ToyCourse) -> None:
    give_marks(toy, {"ada": 4})
    with toy.gradebook() as gradebook:
        cell = gradebook.find_grade("halve-hidden", NAME, NAME, "ada")
        cell.auto_score, cell.needs_manual_grade = None, True
        gradebook.db.commit()
    template, out = toy.root / "in.csv", toy.root / "out.csv"
    template.write_text("Student,ID,SIS Login ID,toy\nAda,1,ada,\n")
    assert "A human has yet to mark (left out; --partial): ada" in exported(
        toy, Form(canvas=template, output=out)
    )
    assert rows(out)[1][3] == ""
    said = exported(toy, Form(canvas=template, output=out, partial=True))
    assert "what is marked so far is in the file" in said
    assert rows(out)[1][3] == "4"
    assert "Not final, a human has yet to mark: ada" in exported(toy, Form(csv=True, output=out))
    assert rows(out)[1][3:7] == ["needs marking", "4.0", "10.0", "4.0"]


def test_platform_maximum_that_differs_is_said(toy: ToyCourse) -> None:
    give_marks(toy, {"ada": 4})
    template = toy.root / "in.csv"
    template.write_text("Identifier,Email address,Grade,Maximum Grade\nParticipant 1,ada,,3.00\n")
    said = exported(toy, Form(moodle=template, output=toy.root / "out.csv"))
    assert "Moodle has a maximum of 3 points, the assignment one of 10" in said
    assert "More than the platform's maximum, which may skip it: ada" in said


@pytest.mark.parametrize(
    ("form", "text", "wrong"),
    [
        ("canvas", "Name,Points\nAda,1\n", "no columns Student and ID"),
        ("canvas", "Student,ID,HW1 (1),HW2 (2)\nAda,1,,\n", "no column 'toy'"),
        ("canvas", "Student,ID,toy (1),Toy (2)\nAda,1,,\n", "several columns 'toy'"),
        ("moodle", "Name,Grade\nAda,1\n", "no columns Identifier and Grade"),
        ("moodle", "", "is empty"),
        ("canvas", "PK\x03\x04\x00", "Save it as CSV"),
        ("canvas", "Student,ID,toy\n  Points Possible,,(read only)\nAda,1,\n", "read-only"),
    ],
)
def test_file_that_is_not_the_platforms_is_refused(
    toy: ToyCourse, form: str, text: str, wrong: str
) -> None:
    (toy.root / "in.csv").write_text(text)
    with pytest.raises(RefereeError, match=wrong):
        exported(toy, Form(**{form: toy.root / "in.csv"}))  # type: ignore[arg-type]


def test_file_in_an_old_encoding_stays_in_it(toy: ToyCourse) -> None:
    give_marks(toy, {"ada": 4})
    template, out = toy.root / "in.csv", toy.root / "out.csv"
    template.write_bytes(b"Student,ID,SIS Login ID,toy\nZo\xeb \x81,1,ada,\n")
    exported(toy, Form(canvas=template, output=out))
    assert out.read_bytes() == b"Student,ID,SIS Login ID,toy\nZo\xeb \x81,1,ada,4\n"


def test_number_of_the_gradebook_is_no_participant_of_moodle(toy: ToyCourse) -> None:
    give_marks(toy, {"ada": 4})
    with toy.gradebook() as gradebook:
        gradebook.find_student("ada").lms_user_id = "12"
        gradebook.db.commit()
    template = toy.root / "in.csv"
    template.write_text(MOODLE)
    said = exported(toy, Form(moodle=template, output=toy.root / "out.csv"))
    assert "Students with marks in it: 0" in said
    assert "Has marks and is not in the file: ada" in said


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "cp1252", "latin-1"])
def test_file_in_any_encoding_stays_in_it(toy: ToyCourse, encoding: str) -> None:
    give_marks(toy, {"ada": 4})
    template, out = toy.root / "in.csv", toy.root / "out.csv"
    letter = "\x81" if encoding == "latin-1" else "ë"  # which cp1252 has not
    sheet = f"Student;ID;SIS Login ID;toy\r\nZo{letter};1;ada;"
    template.write_bytes(f"{sheet}\r\n".encode(encoding))
    exported(toy, Form(canvas=template, output=out))
    assert out.read_bytes() == f"{sheet}4\r\n".encode(encoding)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "sheet",
    [
        '"Student","ID","SIS Login ID","toy"|"Ada ""A"""," 1 ","ada",MARK|',
        'Student,ID,SIS Login ID,toy,"x"||"A,|da",1,"ada",MARK,"=1+1"|||',
        "Student,ID,SIS Login ID,toy,x|Ada,1,ada,MARK|Ben,2,,,|",
        "Student,ID,SIS Login ID,toy,x|Ada,1,ada,MARK,  4.50|Ben,2|",
        'Student,ID,SIS Login ID,toy,x|A"da"s,1,ada,MARK,"b"',
        "||Student,ID,SIS Login ID,toy|Ada,1,ada,MARK",
    ],
)
def test_all_but_the_marks_stay_byte_for_byte(toy: ToyCourse, newline: str, sheet: str) -> None:
    give_marks(toy, {"ada": 4})
    template, out = toy.root / "in.csv", toy.root / "out.csv"
    sheet = sheet.replace("|", newline)
    template.write_bytes(sheet.replace("MARK", "").encode())
    exported(toy, Form(canvas=template, output=out))
    assert out.read_bytes() == sheet.replace("MARK", "4").encode()


def test_mark_of_utf_16_in_either_order_stays(toy: ToyCourse) -> None:
    give_marks(toy, {"ada": 4})
    template, out = toy.root / "in.csv", toy.root / "out.csv"
    sheet = "\ufeffStudent\tID\tSIS Login ID\ttoy\nAda\t1\tada\t"
    template.write_bytes(sheet.encode("utf-16-be"))
    exported(toy, Form(canvas=template, output=out))
    assert out.read_bytes() == f"{sheet}4".encode("utf-16-be")


def test_line_that_tells_excel_the_delimiter_stays(toy: ToyCourse) -> None:
    give_marks(toy, {"ada": 4})
    template, out = toy.root / "in.csv", toy.root / "out.csv"
    template.write_text("sep=;\nStudent;ID;SIS Login ID;toy\nAda, A, B, C, D;1;ada;\n")
    exported(toy, Form(canvas=template, output=out))
    assert out.read_text() == "sep=;\nStudent;ID;SIS Login ID;toy\nAda, A, B, C, D;1;ada;4\n"


@pytest.mark.parametrize(
    "output", ["gradebook.db", "submitted/ada/toy/toy.ipynb", "source/marks.csv", "nosuch/a.csv"]
)
def test_nothing_of_the_course_is_overwritten(toy: ToyCourse, output: str) -> None:
    folder_of(toy.root, {"submitted/ada/toy/toy.ipynb": "work"})
    give_marks(toy, {"ada": 4})
    before = {path: path.read_bytes() for path in toy.root.rglob("*") if path.is_file()}
    with pytest.raises(RefereeError, match=r"use another folder|Use one that|no folder"):
        exported(toy, Form(csv=True, output=toy.root / output))
    assert before == {path: path.read_bytes() for path in toy.root.rglob("*") if path.is_file()}


def test_what_is_no_file_is_written_to(toy: ToyCourse) -> None:
    give_marks(toy, {"ada": 4})
    os.mkfifo(toy.root / "pipe")
    reader = os.open(toy.root / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    (toy.root / "linked.csv").symlink_to("out.csv")
    exported(toy, Form(csv=True, output=toy.root / "pipe"))
    exported(toy, Form(csv=True, output=toy.root / "linked.csv"))
    assert os.read(reader, 10_000) == (toy.root / "out.csv").read_bytes() != b""
    os.close(reader)


def test_column_can_be_named(toy: ToyCourse) -> None:
    give_marks(toy, {"ada": 4})
    template, out = toy.root / "in.csv", toy.root / "out.csv"
    template.write_text("Student,ID,SIS Login ID,HW1 (1),HW2 (2)\nAda,1,ada,,\n")
    exported(toy, Form(canvas=template, column="HW2", output=out))
    assert rows(out)[1] == ["Ada", "1", "ada", "", "4"]


def test_plain_table_has_everyone_with_status_penalty_and_questions(toy: ToyCourse) -> None:
    give_marks(toy, {"ada": 4})
    with toy.gradebook() as gradebook:
        gradebook.add_student("ben", first_name="Ben", last_name="O'Brien", email="b@u")
        book = gradebook.find_submission_notebook(NAME, NAME, "ada")
        book.late_submission_penalty = 1.5
        gradebook.db.commit()
    exported(toy, Form(csv=True, by_question=True, output=toy.root / "out.csv"))
    header, ada, ben = rows(toy.root / "out.csv")
    assert header == [
        "student", "name", "email", "status", "total", "max", "to be marked", "late penalty",
        "marked by hand",
        "Q1 double (5)", "Q2 halve (5)",
    ]  # fmt: skip
    assert ada == ["ada", "", "", "graded", "2.5", "10.0", "0.0", "1.5", "", "4.0", "0.0"]
    assert ben[:5] == ["ben", "O'Brien, Ben", "b@u", "missing", ""]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("  +cmd", "  '+cmd"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\uff1d1", "'\uff1d1"),
        ("a;=1+1", "a;'=1+1"),
        ("a\t=1", "a\t'=1"),
        ("O'Brien-Smith, Ann", "O'Brien-Smith, Ann"),
        ("a=b", "a=b"),
    ],
)
def test_names_that_begin_like_a_formula_are_harmless(name: str, shown: str) -> None:
    assert harmless(name) == shown


def test_table_in_csv_has_no_formula(toy: ToyCourse) -> None:
    with toy.gradebook() as gradebook:
        gradebook.add_student("m", last_name="=cmd|' /C calc'!A1")
    exported(toy, Form(csv=True, output=toy.root / "out.csv"))
    assert rows(toy.root / "out.csv")[1][1] == "'=cmd|' /C calc'!A1"


def test_workbook_has_texts_and_numbers_and_no_formula(toy: ToyCourse) -> None:
    give_marks(toy, {"ada": 4})
    with toy.gradebook() as gradebook:
        gradebook.add_student("m", last_name="=HYPERLINK(1)", email="http://x")
    exported(toy, Form(xlsx=True, by_question=True, output=toy.root / "out.xlsx"))
    with zipfile.ZipFile(toy.root / "out.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert "<v>4</v>" in sheet
    assert "=HYPERLINK(1)" in texts


def test_workbook_does_not_know_when_it_was_written() -> None:
    with zipfile.ZipFile(io.BytesIO(as_xlsx([["student"], ["ada"]], "toy"))) as book:
        about = book.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\d", about)) == {"1980-01-01"}


def test_exactly_one_form_is_asked_for(toy: ToyCourse) -> None:
    for form in (Form(), Form(csv=True, xlsx=True)):
        with pytest.raises(RefereeError, match="say one form"):
            exported(toy, form)


@pytest.mark.parametrize(
    ("platform", "files", "names"),
    [
        ("canvas", CANVAS_ZIP, {
            "garcíalorcazoë_13_103_toy.html",
            "obrienbenjaminliam_LATE_12_102_toy.html",
            "cmdccalca1mallory_14_104_toy.html",
            "_late_emma_15_105_toy.html",
        }),
        ("moodle", MOODLE_ZIP, {
            "Zoë García Lorca_13_assignsubmission_file_/toy.html",
            "O'Brien, Ben_12_assignsubmission_file_/toy.html",
            "=cmd ' C calc'!A1_14_assignsubmission_file_/toy.html",
            "😀 late Emma_15_assignsubmission_file_/toy.html",
        }),
        ("ilias", ILIAS_ZIP, {
            "multi_feedback/O'Brien_Ben_ben_o_12/toy.html",
            "multi_feedback/García_Zoë_zg1_13/toy.html",
        }),
    ],
)  # fmt: skip
def test_pages_go_back_under_the_names_that_the_platform_gave(
    toy: ToyCourse, platform: str, files: dict[str, str], names: set[str]
) -> None:
    students = collected(toy, files)
    for student in (*students, "elsewhere"):
        folder_of(toy.root / "feedback" / student / NAME, {"toy.html": f"page of {student}"})
    out = toy.root / "out.zip"
    said = exported(toy, Form(feedback_zip=platform, output=out))
    assert "are not in the zip: elsewhere" in said
    with zipfile.ZipFile(out) as archive:
        assert set(archive.namelist()) == names
        pages = {archive.read(name).decode() for name in names}
    assert pages == {f"page of {student}" for student in students}


def test_pages_go_back_where_only_grading_tells_which_notebook_is_meant(toy: ToyCourse) -> None:
    place = "Ada Lovelace_11_assignsubmission_file_"
    collected(toy, {f"{place}/toy (1).ipynb": "ada", f"{place}/notes.ipynb": "notes"})
    folder_of(toy.root / "feedback/Ada Lovelace_11" / NAME, {"toy.html": "page of ada"})
    out = toy.root / "out.zip"
    exported(toy, Form(feedback_zip="moodle", output=out))
    with zipfile.ZipFile(out) as archive:
        assert archive.namelist() == [f"{place}/toy.html"]

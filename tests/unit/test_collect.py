"""Exports of learning platforms: whose a notebook is, and what becomes of it in submitted/."""

import shutil
import unicodedata
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from referee.collect.archives import Archive
from referee.collect.placing import (
    KEPT,
    NEW,
    ONLY_TYPED,
    REPLACED,
    UNCHANGED,
    Collection,
    collect_exports,
)
from referee.collect.platforms.canvas import Canvas
from referee.collect.records import read_records
from referee.errors import RefereeError
from referee.nbgrader.course import Course
from referee.nbgrader.students import read_people
from tests.support.exports import Files, folder_of, notebook, submitters, zip_of
from tests.support.toy import NAME, ToyCourse

ADA, BEN, ZOE = notebook("ada"), notebook("ben"), notebook("zoë")
ROSTER = """id,login,email,name
ada,al1,ada@uni.edu,Ada Lovelace
ben,ben_o,ben@uni.edu,"O'Brien, Benjamin Liam"
zoe,zg1,zoe@uni.edu,Zoë García Lorca
late,l4,late@uni.edu,"Late, Emma_late_"
"""


def collect(toy: ToyCourse, *archives: Path, roster: str = "", force: bool = False) -> Collection:
    path = None
    if roster:
        path = toy.root / "roster.csv"
        path.write_text(roster)
    return collect_exports(Course.open(toy.root), NAME, archives, path, force)


def submitted(toy: ToyCourse) -> dict[str, bytes]:
    """The notebooks in submitted/, by student."""
    return {
        path.parent.parent.name: path.read_bytes()
        for path in (toy.root / "submitted").glob(f"*/{NAME}/{NAME}.ipynb")
    }


def timestamp(toy: ToyCourse, student: str) -> str:
    return (toy.root / "submitted" / student / NAME / "timestamp.txt").read_text()


def what(found: Collection) -> dict[str, str]:
    return {each.student: each.what for each in found.placed}


EXPORTS: dict[str, Files] = {
    "Canvas": {
        "lovelaceada_11_101_toy.ipynb": ADA,
        "obrienbenjaminliam_LATE_12_102_toy-3.ipynb": BEN,
        "garcíalorcazoë_13_103_my_home_work.ipynb": ZOE,
    },
    "Moodle": {
        "Ada Lovelace_11_assignsubmission_file_/toy.ipynb": ADA,
        "Benjamin Liam O'Brien_12_assignsubmission_file/my folder/toy.ipynb": BEN,
        "Zoë García Lorca_13_assignsubmission_file_my_home_work.ipynb": ZOE,
    },
    "Blackboard": {
        "Home_work 1_al1_attempt_2026-07-10-12-30-00_toy.ipynb": ADA,
        "Home_work 1_ben_o_attempt_2026-07-10-12-30-01.txt": "Name: Ben O'B (ben_o)\nAssignment: x",
        "Home_work 1_ben_o_attempt_2026-07-10-12-30-01_toy.ipynb": BEN,
        "Home_work 1_zg1_attempt_2026-07-10-12-30-02_a_attempt_2030-01-01-00-00-00_b.ipynb": ZOE,
    },
    "Gradescope": {
        "assignment_9_export/submission_metadata.yml": (
            f"submission_1:\n{submitters('ada|a@b.c|Ada L.')}"
            "  :created_at: 2026-07-10 12:30:00.123456 -06:00\n"
            f"submission_2:\n{submitters('|BEN@uni.edu|Ben')}"
            "  :created_at: !ruby/object:Time 2026-07-10 12:30:00 Z\n"
            f"submission_3:\n{submitters('|z@elsewhere|Zoe Garcia Lorca')}"
        ),
        "assignment_9_export/submission_1/toy.ipynb": ADA,
        "assignment_9_export/submission_2/sub/toy.ipynb": BEN,
        "assignment_9_export/submission_3/x.ipynb": ZOE,
    },
    "ILIAS": {
        "Blatt 1/Abgaben/Lovelace_Ada_al1_11/toy.ipynb": ADA,
        "Blatt 1/Abgaben/Team 5/O'Brien_Benjamin_ben_o_12/toy.ipynb": BEN,
        "Blatt 1/Abgaben/Garcia Lorca_Zoe_zg1_13/Late Submission - toy.ipynb": ZOE,
    },
    "folders": {
        "export/ada/toy.ipynb": ADA,
        "export/ben_o/toy/toy.ipynb": BEN,
        "export/zoe@uni.edu/deep/down/toy.ipynb": ZOE,
        "__MACOSX/export/._toy.ipynb": b"noise",
    },
}


ILIAS_ROSTER = """id,login,name
ada,al1,Ada Lovelace
ana,ana_k,Ana Kovačević
ivan,ivan,Иван Петров
berg,adal,Ada van_der Berg
eva,dal,Eva Berg
"""


def test_folders_of_ilias_are_read_by_the_logins_in_them(toy: ToyCourse) -> None:
    files = {
        "Lovelace_Ada_al1_11": ADA,
        "Kova__evi___Ana_ana_k_12": BEN,
        "_____________________ivan_13": ZOE,
        "van_der Berg_Ada_adal_14": b"{}",
    }
    of_a_stranger = {"Lee_Ada_x_dal_15": b"[]"}  # x_dal is nobody, and dal has another name
    zipped = zip_of(
        toy.root / "in.zip",
        {f"HW/Abgaben/{name}/toy.ipynb": text for name, text in (files | of_a_stranger).items()},
    )
    found = collect(toy, zipped, roster=ILIAS_ROSTER)
    assert submitted(toy) == dict(zip(["ada", "ana", "ivan", "berg"], files.values(), strict=True))
    assert [each.name for each in found.not_placed] == ["ILIAS: Lee, Ada, x_dal, 15"]
    assert found.platforms == ["ILIAS"]


def test_umlauts_of_ilias_are_read_where_the_roster_has_no_login(toy: ToyCourse) -> None:
    files = {"HW/Abgaben/Mueller_Joerg_jm_11/toy.ipynb": ADA}
    collect(toy, zip_of(toy.root / "in.zip", files), roster="id,login,name\njoerg,,Jörg Müller\n")
    assert submitted(toy) == {"joerg": ADA}


def test_umlaut_is_none_where_somebody_is_written_without(toy: ToyCourse) -> None:
    roster = "id,name\numlaut,Jörg Müller\nplain,Joerg Mueller\n"
    files = {"HW/Abgaben/Mueller_Joerg_jm_11/toy.ipynb": ADA}
    collect(toy, zip_of(toy.root / "in.zip", files), roster=roster)
    assert submitted(toy) == {"plain": ADA}


@pytest.mark.parametrize("unpacked", [False, True], ids=["zip", "folder"])
@pytest.mark.parametrize("platform", EXPORTS)
def test_each_platform_is_recognised_and_its_students_found(
    toy: ToyCourse, platform: str, unpacked: bool
) -> None:
    path = (folder_of if unpacked else zip_of)(toy.root / "in.zip", EXPORTS[platform])
    found = collect(toy, path, roster=ROSTER)
    assert found.platforms == [platform]
    assert (found.not_placed, found.left_out) == ([], [])
    assert submitted(toy) == {"ada": ADA, "ben": BEN, "zoe": ZOE}
    assert found.without_submission == ["late"]


@pytest.mark.parametrize("platform", EXPORTS)
def test_collecting_twice_changes_nothing(toy: ToyCourse, platform: str) -> None:
    path = zip_of(toy.root / "in.zip", EXPORTS[platform])
    assert set(what(collect(toy, path, roster=ROSTER)).values()) == {NEW}
    files = sorted((toy.root / "submitted").rglob("*"))
    times = [file.stat().st_mtime_ns for file in files]
    assert set(what(collect(toy, path, roster=ROSTER)).values()) == {UNCHANGED}
    assert [file.stat().st_mtime_ns for file in files] == times


def test_times_are_written_in_utc(toy: ToyCourse) -> None:
    collect(toy, zip_of(toy.root / "b.zip", EXPORTS["Blackboard"]), roster=ROSTER)
    assert timestamp(toy, "ada") == "2026-07-10 12:30:00 UTC\n"
    shutil.rmtree(toy.root / "submitted")
    collect(toy, zip_of(toy.root / "g.zip", EXPORTS["Gradescope"]), roster=ROSTER)
    assert timestamp(toy, "ada") == "2026-07-10 18:30:00 UTC\n"


@pytest.mark.parametrize("zone", ["Europe/Berlin", "CET-1CEST"])
def test_local_times_are_of_the_course_zone(toy: ToyCourse, zone: str) -> None:
    with (toy.root / "nbgrader_config.py").open("a") as config:
        config.write(f'c.Exchange.timezone = "{zone}"\n')
    collect(toy, zip_of(toy.root / "b.zip", EXPORTS["Blackboard"]), roster=ROSTER)
    assert timestamp(toy, "ada") == "2026-07-10 10:30:00 UTC\n"


@pytest.mark.parametrize(("platform", "late"), [("Canvas", "ben"), ("ILIAS", "zoe")])
def test_late_flag_without_a_time_is_said(toy: ToyCourse, platform: str, late: str) -> None:
    found = collect(toy, zip_of(toy.root / "in.zip", EXPORTS[platform]), roster=ROSTER)
    assert found.late == [late]


def test_last_attempt_is_taken(toy: ToyCourse) -> None:
    path = zip_of(
        toy.root / "in.zip",
        {
            "HW_ada_attempt_2026-07-10-12-30-00_toy.ipynb": BEN,
            "HW_ada_attempt_2026-07-11-12-30-00_toy.ipynb": ADA,
            "HW_ada_attempt_2026-07-09-12-30-00_other.ipynb": ZOE,
        },
    )
    collect(toy, path)
    assert submitted(toy) == {"ada": ADA}


def test_everyone_of_a_group_gets_the_submission(toy: ToyCourse) -> None:
    listed = "submission_1:\n" + submitters("ada|a@b|A", "ben|b@b|B")
    files: Files = {
        "submission_metadata.yml": listed,
        "submission_1/toy.ipynb": ADA,
    }
    collect(toy, zip_of(toy.root / "in.zip", files))
    assert submitted(toy) == {"ada": ADA, "ben": ADA}


def test_without_a_roster_students_are_called_what_the_platform_calls_them(toy: ToyCourse) -> None:
    collect(toy, zip_of(toy.root / "in.zip", EXPORTS["Canvas"]))
    assert submitted(toy).keys() == {
        "lovelaceada_11",
        "obrienbenjaminliam_12",
        "garcíalorcazoë_13",
    }


def test_people_of_the_gradebook_are_known_without_a_roster(toy: ToyCourse) -> None:
    with toy.gradebook() as gradebook:
        gradebook.add_student("s1", first_name="Ada", last_name="Lovelace")
        gradebook.add_student("s2", lms_user_id="12")
    found = collect(toy, zip_of(toy.root / "in.zip", EXPORTS["Canvas"]))
    assert submitted(toy).keys() == {"s1", "s2", "garcíalorcazoë_13"}
    assert found.strangers == ["garcíalorcazoë_13"]


@pytest.mark.parametrize(
    ("platform", "students"), [("Moodle", {"s1": ADA}), ("Canvas", {"s1": BEN})]
)
def test_number_of_an_account_is_none_of_an_assignment(
    toy: ToyCourse, platform: str, students: dict[str, bytes]
) -> None:
    path = zip_of(toy.root / "in.zip", EXPORTS[platform])
    roster = f"id,lms_user_id,name\ns1,12,{'Ada Lovelace' if platform == 'Moodle' else ''}\n"
    found = collect(toy, path, roster=roster)
    assert (submitted(toy), len(found.not_placed)) == (students, 2)


def test_number_of_the_gradebook_is_none_of_moodle(toy: ToyCourse) -> None:
    with toy.gradebook() as gradebook:
        gradebook.add_student("s1", first_name="Ada", last_name="Lovelace", lms_user_id="12")
    collect(toy, zip_of(toy.root / "in.zip", EXPORTS["Moodle"]))
    students = {"s1": ADA, "Benjamin Liam O'Brien_12": BEN, "Zoë García Lorca_13": ZOE}
    assert submitted(toy) == students


BLACKBOARD_TEXT = """Name: Ada (ben) Lovelace (a_ben)
Assignment: Home_work 1
Date Submitted: Friday, July 10, 2026 12:30:00 PM CEST
Current Mark: Needs Marking

Submission Field:
Name: Ben (ben)
"""


@pytest.mark.parametrize(
    ("typed", "who"),
    [
        ({"Ada_1_assignsubmission_onlinetext_/onlinetext.html": "text"}, "Moodle: Ada, 1"),
        ({"Ada_1_assignsubmission_onlinetext_onlinetext.html": "text"}, "Moodle: Ada, 1"),
        (
            {"Home_work 1_a_ben_attempt_2026-07-10-12-30-00.txt": BLACKBOARD_TEXT},
            "Blackboard: Ada (ben) Lovelace, a_ben",
        ),
    ],
)
def test_who_has_only_typed_is_listed(toy: ToyCourse, typed: Files, who: str) -> None:
    found = collect(toy, zip_of(toy.root / "in.zip", typed))
    assert [(each.name, each.reason) for each in found.not_placed] == [(who, ONLY_TYPED)]


def test_stranger_without_a_notebook_is_no_new_student(toy: ToyCourse) -> None:
    collect(toy, zip_of(toy.root / "1.zip", {"ada/toy.ipynb": ADA}), roster=ROSTER)
    files: Files = {"zed/toy.ipynb": BEN, "eve/inner.zip": b"PK"}
    found = collect(toy, zip_of(toy.root / "2.zip", files))
    assert (found.strangers, len(found.not_placed)) == (["zed"], 1)


def test_what_was_typed_in_besides_is_not_taken(toy: ToyCourse) -> None:
    typed: Files = {"Ada Lovelace_11_assignsubmission_onlinetext_/onlinetext.html": "text"}
    found = collect(toy, zip_of(toy.root / "in.zip", {**EXPORTS["Moodle"], **typed}), roster=ROSTER)
    assert (submitted(toy)["ada"], found.not_placed) == (ADA, [])
    assert [path.name for path in (toy.root / "submitted/ada/toy").iterdir()] == ["toy.ipynb"]


def test_login_of_blackboard_begins_where_those_of_others_do(toy: ToyCourse) -> None:
    files: Files = {
        "Home_work 1_zg1_attempt_2026-07-10-12-30-00.txt": "Name: Zoe (zg1)",
        "Home_work 1_a_ben_o_attempt_2026-07-10-12-30-01_toy.ipynb": ADA,
    }
    collect(toy, zip_of(toy.root / "in.zip", files))
    assert submitted(toy) == {"a_ben_o": ADA}


MOODLE_WORKSHEET = """Identifier,Full name,Email address,Status,Grade,Maximum Grade
Participant 11,Ada Lovelace,ada@uni.edu,Submitted for grading,,10
Participant 12,Benjamin Liam O'Brien,,Submitted for grading,,10
Participant 13,Zoë García Lorca,zoe@uni.edu,Submitted for grading,,10
"""
CANVAS_GRADEBOOK = """Student,ID,SIS User ID,SIS Login ID,Section,Toy (4711)
    Points Possible,,,,,10
"Lovelace, Ada",11,ada@uni.edu,al1,A,
"O'Brien, Benjamin Liam",12,Benjamin Liam O'Brien_12,ben_o,A,
"García Lorca, Zoë",13,zoe@uni.edu,zg1,A,
"Student, Test",99,,x,A,
"""


@pytest.mark.parametrize(
    ("platform", "sheet"), [("Moodle", MOODLE_WORKSHEET), ("Canvas", CANVAS_GRADEBOOK)]
)
def test_platforms_own_file_is_a_roster_and_doubles_nobody(
    toy: ToyCourse, platform: str, sheet: str
) -> None:
    path = zip_of(toy.root / "in.zip", EXPORTS[platform])
    collect(toy, path)
    found = collect(toy, path, roster=sheet)
    expected = {"ada@uni.edu": ADA, "Benjamin Liam O'Brien_12": BEN, "zoe@uni.edu": ZOE}
    assert (submitted(toy), found.not_placed, found.without_submission) == (expected, [], [])


def test_who_is_called_otherwise_now_is_collected_once(toy: ToyCourse) -> None:
    path = zip_of(toy.root / "in.zip", EXPORTS["Moodle"])
    collect(toy, path)
    by_hand = toy.root / "submitted/Ada Lovelace_11/toy/toy.ipynb"
    by_hand.write_bytes(ZOE)
    found = collect(toy, path, roster=ROSTER)
    assert submitted(toy) == {"ada": ADA, "ben": BEN, "zoe": ZOE, "Ada Lovelace_11": ZOE}
    assert [(each.student, each.moved) for each in found.renamed] == [
        ("ada", False),
        ("ben", True),
        ("zoe", True),
    ]
    assert collect(toy, path, roster=ROSTER).renamed == []


def test_who_was_removed_is_in_nobodys_way(toy: ToyCourse) -> None:
    first = {"lovelaceada_11_101_toy.ipynb": ADA}
    collect(toy, zip_of(toy.root / "1.zip", first), roster=ROSTER)
    shutil.rmtree(toy.root / "submitted/ada")
    with toy.gradebook() as gradebook:
        gradebook.remove_student("ada")
    other = {"lovelaceada_66_201_toy.ipynb": BEN}
    found = collect(toy, zip_of(toy.root / "2.zip", other), roster=ROSTER)
    assert (submitted(toy), found.not_placed) == ({"ada": BEN}, [])


def test_gradebook_gets_the_names_of_a_roster(toy: ToyCourse) -> None:
    roster = ROSTER + '"<b>",l5,eve@uni.edu,Eve <script>\n'
    collect(toy, zip_of(toy.root / "in.zip", EXPORTS["Moodle"]), roster=roster)
    known = {each.student: each.name for each in read_people(Course.open(toy.root))}
    assert known == {
        "ada": "Lovelace, Ada",
        "ben": "O'Brien, Benjamin Liam",
        "late": "Late, Emma_late_",
        "zoe": "Lorca, Zoë García",
    }


def test_gradebook_gets_no_name_that_a_student_has_chosen(toy: ToyCourse) -> None:
    collect(toy, zip_of(toy.root / "in.zip", EXPORTS["Moodle"]))
    assert read_people(Course.open(toy.root)) == []


def test_id_of_a_student_has_no_markup(toy: ToyCourse) -> None:
    name = '<img src=x onerror=alert(1)> "&_11_assignsubmission_file_'
    collect(toy, zip_of(toy.root / "in.zip", {f"{name}/toy.ipynb": ADA}))
    assert list(submitted(toy)) == ["img src=x onerror=alert(1) _11"]


def test_people_who_are_not_in_the_roster_are_listed(toy: ToyCourse) -> None:
    path = zip_of(toy.root / "in.zip", {"mallorymel_66_1_toy.ipynb": ADA})
    (stranger,) = collect(toy, path, roster=ROSTER).not_placed
    assert "mallorymel" in stranger.name
    assert "nobody in the roster" in stranger.reason
    assert submitted(toy) == {}


def test_two_people_of_one_name_are_nobody(toy: ToyCourse) -> None:
    files = {"lovelaceada_11_101_toy.ipynb": ADA, "lovelaceada_12_102_toy.ipynb": BEN}
    found = collect(toy, zip_of(toy.root / "in.zip", files), roster=ROSTER)
    assert submitted(toy) == {}
    assert ["two people" in each.reason for each in found.not_placed] == [True, True]


def test_two_of_the_roster_with_one_name_are_not_mixed_up(toy: ToyCourse) -> None:
    roster = "id,name\na1,Ada Lovelace\na2,Ada Lovelace\n"
    files = {"lovelaceada_11_101_toy.ipynb": ADA}
    (unclear,) = collect(toy, zip_of(toy.root / "in.zip", files), roster=roster).not_placed
    assert unclear.reason == "it could be a1 or a2"


def test_somebody_who_takes_the_name_of_another_later_is_not_placed(toy: ToyCourse) -> None:
    collect(toy, zip_of(toy.root / "1.zip", {"lovelaceada_11_101_toy.ipynb": ADA}), roster=ROSTER)
    taken = {"lovelaceada_66_201_toy.ipynb": BEN}
    found = collect(toy, zip_of(toy.root / "2.zip", taken), roster=ROSTER)
    assert submitted(toy) == {"ada": ADA}
    assert "was somebody else at Canvas" in found.not_placed[0].reason


def test_id_that_a_student_has_taken_from_another_is_not_believed(toy: ToyCourse) -> None:
    listed = "s:\n" + submitters("ada|ben@uni.edu|Ben")
    files: Files = {"submission_metadata.yml": listed, "s/toy.ipynb": BEN}
    (unclear,) = collect(toy, zip_of(toy.root / "in.zip", files), roster=ROSTER).not_placed
    assert unclear.reason == "it could be ada or ben"


def test_name_that_ends_in_the_number_of_another_is_unclear(toy: ToyCourse) -> None:
    path = zip_of(toy.root / "in.zip", {"mallory_11_66_105_toy.ipynb": BEN})
    found = collect(toy, path)
    assert submitted(toy) == {}
    assert "more than two numbers" in found.not_placed[0].reason


# Names as lib/content_zipper.rb of instructure/canvas-lms makes them.
@pytest.mark.parametrize(
    ("names", "files"),
    [
        (["part-1", "part-2"], {
            "lovelaceada_11_101_part-1.ipynb": "part-1.ipynb",
            "lovelaceada_11_102_part-2-1.ipynb": "part-2.ipynb",
            "lovelaceada_11_103_data-1.csv": "data-1.csv",
            "lovelaceada_11_104_data-2.csv": "data-2.csv",
            "lovelaceada_11_105_help-3.py": "help.py",
        }),
        (["01_intro"], {"lovelaceada_11_101_01_intro-1.ipynb": "01_intro.ipynb"}),
    ],
    ids=["counts", "digits"],
)  # fmt: skip
def test_files_of_canvas_have_the_names_that_they_were_handed_in_with(
    names: list[str], files: dict[str, str]
) -> None:
    archive = Archive("in.zip", dict.fromkeys(map(PurePosixPath, files), 1))
    platform = Canvas(archive, NAME, names)
    found = {path.name: str(platform.owners(path)[0].file) for path in archive.sizes}
    assert found == files


def test_anonymous_of_canvas_are_told_apart(toy: ToyCourse) -> None:
    files: Files = {
        "anon_x7Qa2_101_toy.ipynb": ADA,
        "LATE_anon_12345_102_toy-1.ipynb": BEN,
    }
    found = collect(toy, zip_of(toy.root / "in.zip", files))
    assert submitted(toy) == {"anon_x7Qa2": ADA, "anon_12345": BEN}
    assert found.late == ["anon_12345"]


# Moodle's mod/assign/classes/downloader.php: where groups hand in, name and number are a group's.
MOODLE_OF_GROUPS = """Identifier,Full name,Status,Group,Grade,Maximum Grade
Participant 11,Ada Lovelace,Submitted for grading,Team_A,,10
Participant 12,Ben O'Brien,Submitted for grading,Team_A,,10
Participant 13,Zoë García,Submitted for grading,Team B,,10
"""


def test_groups_of_moodle_are_those_of_the_worksheet(toy: ToyCourse) -> None:
    files: Files = {
        "Team A_13_assignsubmission_file/toy.ipynb": ADA,
        "Team B_99_assignsubmission_file/toy.ipynb": ZOE,
    }
    found = collect(toy, zip_of(toy.root / "in.zip", files), roster=MOODLE_OF_GROUPS)
    students = {"Ada Lovelace_11": ADA, "Ben O'Brien_12": ADA, "Zoë García_13": ZOE}
    assert (submitted(toy), found.not_placed) == (students, [])
    prefixes = {
        prefix
        for record in read_records(Course.open(toy.root), NAME).values()
        for prefix in record.prefixes.values()
    }
    assert prefixes == {
        "Ada Lovelace_11_assignsubmission_file/",
        "Ben O Brien_12_assignsubmission_file/",
        "Zoë García_13_assignsubmission_file/",
    }


def test_groups_that_were_taken_for_students_are_none_with_the_worksheet(toy: ToyCourse) -> None:
    files: Files = {
        "Team A_13_assignsubmission_file/toy.ipynb": ADA,
        "Team B_99_assignsubmission_file/toy.ipynb": ZOE,
    }
    path = zip_of(toy.root / "in.zip", files)
    collect(toy, path)
    found = collect(toy, path, roster=MOODLE_OF_GROUPS)
    assert submitted(toy).keys() == {"Ada Lovelace_11", "Ben O'Brien_12", "Zoë García_13"}
    assert [each.before for each in found.renamed] == ["Team A_13", "Team B_99"]


def test_number_of_a_group_of_moodle_is_no_participants(toy: ToyCourse) -> None:
    path = zip_of(toy.root / "in.zip", {"Team A_13_assignsubmission_file/toy.ipynb": ADA})
    found = collect(toy, path, roster=MOODLE_WORKSHEET)
    assert submitted(toy) == {}
    assert "the number of a group" in found.not_placed[0].reason


def test_late_in_a_name_is_no_flag(toy: ToyCourse) -> None:
    path = zip_of(toy.root / "in.zip", {"lateemma_late__77_101_toy.ipynb": ADA})
    found = collect(toy, path, roster=ROSTER)
    assert (submitted(toy), found.late) == ({"late": ADA}, [])


@pytest.mark.parametrize(
    "name", ["😀👩\u200d💻", "=cmd|' C calc'!A1", "Ada, Countess", "O'Brien", "a.b", ""]
)
def test_awkward_names_are_placed(toy: ToyCourse, name: str) -> None:
    path = zip_of(toy.root / "in.zip", {f"{name}_9_assignsubmission_file_/toy.ipynb": ADA})
    found = collect(toy, path)
    assert list(submitted(toy).values()) == [ADA], found


def test_student_does_not_say_the_time_of_handing_in(toy: ToyCourse) -> None:
    files: Files = {
        "Ada_9_assignsubmission_file_/toy.ipynb": ADA,
        "Ada_9_assignsubmission_file_/timestamp.txt": "2020-01-01 00:00:00 UTC",
    }
    found = collect(toy, zip_of(toy.root / "in.zip", files))
    assert not list((toy.root / "submitted").rglob("timestamp.txt"))
    assert "do not say themselves" in found.left_out[0].reason


def test_list_of_submissions_that_a_student_has_handed_in_is_not_read(toy: ToyCourse) -> None:
    files = {
        **EXPORTS["Gradescope"],
        "assignment_9_export/submission_3/submission_metadata.yml": "submission_1: {}",
    }
    collect(toy, zip_of(toy.root / "in.zip", files), roster=ROSTER)
    assert submitted(toy).keys() == {"ada", "ben", "zoe"}


def test_what_lies_beside_the_notebook_comes_with_it(toy: ToyCourse) -> None:
    files: Files = {
        "ada/my work/hw.ipynb": ADA,
        "ada/my work/data/a.csv": "1",
        "ada/b.txt": "2",
    }
    collect(toy, zip_of(toy.root / "in.zip", {**files, "ben/toy.ipynb": BEN}))
    folder = toy.root / "submitted/ada/toy"
    assert (folder / "toy.ipynb").read_bytes() == ADA
    assert (folder / "data/a.csv").read_text() == "1"
    assert (folder / "b.txt").read_text() == "2"


def test_archive_in_an_archive_is_left_out(toy: ToyCourse) -> None:
    files = {**EXPORTS["Canvas"], "lovelaceada_11_104_all.zip": b"PK"}
    found = collect(toy, zip_of(toy.root / "in.zip", files), roster=ROSTER)
    assert [each.name for each in found.left_out] == ["lovelaceada_11_104_all.zip"]
    assert submitted(toy)["ada"] == ADA


def test_file_in_the_way_of_a_folder_ends_nothing(toy: ToyCourse) -> None:
    files: Files = {
        "ada/toy.ipynb": ADA,
        "ada/x": "1",
        "ada/x/y": "2",
        "ben/toy.ipynb": BEN,
    }
    collect(toy, zip_of(toy.root / "in.zip", files))
    assert submitted(toy) == {"ada": ADA, "ben": BEN}


def test_nothing_is_written_outside_of_submitted(toy: ToyCourse) -> None:
    outside = toy.root.parent / "outside"
    outside.mkdir()
    (toy.root / "submitted").mkdir()
    (toy.root / "submitted/ada").symlink_to(outside)
    before = set(toy.root.rglob("*"))
    files = {"ada/toy.ipynb": ADA, "ben/../../../x.ipynb": BEN, "ben/toy.ipynb": BEN}
    found = collect(toy, zip_of(toy.root / "in.zip", files))
    assert what(found) == {"ada": KEPT, "ben": NEW}
    assert not list(outside.iterdir())
    new = {path.relative_to(toy.root).parts[0] for path in set(toy.root.rglob("*")) - before}
    assert new == {"submitted", "downloaded", "in.zip"}


def test_later_attempt_replaces_an_earlier_one(toy: ToyCourse) -> None:
    first = zip_of(toy.root / "1.zip", {"lovelaceada_11_101_toy.ipynb": ADA})
    second = zip_of(toy.root / "2.zip", {"lovelaceada_11_201_toy-1.ipynb": BEN})
    collect(toy, first, roster=ROSTER)
    assert what(collect(toy, second, roster=ROSTER)) == {"ada": REPLACED}
    assert what(collect(toy, first, roster=ROSTER)) == {"ada": KEPT}
    assert submitted(toy) == {"ada": BEN}


def test_of_two_archives_the_later_attempt_counts(toy: ToyCourse) -> None:
    first = zip_of(toy.root / "1.zip", {"lovelaceada_11_101_toy.ipynb": ADA})
    second = zip_of(toy.root / "2.zip", {"lovelaceada_11_201_toy-1.ipynb": BEN})
    collect(toy, second, first, roster=ROSTER)
    assert submitted(toy) == {"ada": BEN}


def test_newer_submission_is_kept_unless_forced(toy: ToyCourse) -> None:
    path = zip_of(toy.root / "in.zip", EXPORTS["Blackboard"])
    folder_of(
        toy.root / "submitted/ada/toy",
        {"toy.ipynb": ZOE, "timestamp.txt": "2026-07-11 00:00:00 UTC"},
    )
    found = collect(toy, path, roster=ROSTER)
    assert (submitted(toy)["ada"], found.placed[0].why) == (ZOE, "what is in submitted/ is newer")
    collect(toy, path, roster=ROSTER, force=True)
    assert submitted(toy)["ada"] == ADA


def test_what_was_changed_by_hand_is_kept(toy: ToyCourse) -> None:
    path = zip_of(toy.root / "in.zip", EXPORTS["Canvas"])
    collect(toy, path, roster=ROSTER)
    (toy.root / "submitted/ada/toy/toy.ipynb").write_bytes(ZOE)
    found = collect(toy, path, roster=ROSTER)
    assert what(found)["ada"] == KEPT
    assert "changed by hand" in found.placed[0].why
    assert submitted(toy)["ada"] == ZOE


def test_damaged_list_of_gradescope_is_said(toy: ToyCourse) -> None:
    files: Files = {"e/submission_metadata.yml": "a: [", "e/submission_1/toy.ipynb": ADA}
    found = collect(toy, zip_of(toy.root / "in.zip", files))
    assert submitted(toy) == {}
    assert "export it again" in found.not_placed[0].reason


def test_list_handed_in_to_another_platform_is_a_file_like_others(toy: ToyCourse) -> None:
    claim = "x:\n" + submitters("ben|ben@uni.edu|Ben")
    files: Files = {
        "Ada_9_assignsubmission_file_/submission_metadata.yml": claim,
        "Ada_9_assignsubmission_file_/x/toy.ipynb": ADA,
    }
    found = collect(toy, zip_of(toy.root / "in.zip", files))
    assert (found.platforms, submitted(toy)) == (["Moodle"], {"Ada_9": ADA})


def test_what_no_platform_has_made_is_listed(toy: ToyCourse) -> None:
    found = collect(toy, zip_of(toy.root / "in.zip", {"toy.ipynb": ADA}))
    assert "any known platform" in found.not_placed[0].reason
    assert found.platforms == ["No known platform"]


def test_line_of_a_roster_that_says_nobody_is_listed(toy: ToyCourse) -> None:
    roster = "id,email,name\nada,,Ada\n,,Grace Hopper\n,,\n"
    found = collect(toy, zip_of(toy.root / "in.zip", {"ada/toy.ipynb": ADA}), roster=roster)
    assert submitted(toy) == {"ada": ADA}
    ((name, reason),) = [(each.name, each.reason) for each in found.left_out]
    assert name == "Grace Hopper" and "without an id, a login or an e-mail" in reason


def test_people_whom_gradescope_has_no_address_of_are_not_mixed_up(toy: ToyCourse) -> None:
    listed = "s1:\n" + submitters("ada||A") + "s2:\n" + submitters("ben||B")
    files: Files = {
        "submission_metadata.yml": listed,
        "s1/toy.ipynb": ADA,
        "s2/toy.ipynb": BEN,
    }
    collect(toy, zip_of(toy.root / "in.zip", files))
    assert submitted(toy) == {"ada": ADA, "ben": BEN}


@pytest.mark.parametrize(
    "odd",
    [
        {"ada_11_" + "9" * 100 + "_toy.ipynb": ADA},
        {"HW_ada_attempt_2026-99-99-99-99-99_toy.ipynb": ADA},
        {"HW_ada_attempt_2026-07-10-12-30-00.txt": "Name:" + " " * 2**20},
        {"submission_metadata.yml": '"\\ud800": {":submitters": [{":name": "\\ud800"}]}'},
        {"submission_metadata.yml": "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b, *b]"},
        {"submission_metadata.yml": "[" * 10_000},
    ],
    ids=["number", "date", "text", "half a character", "references", "depth"],
)
def test_odd_names_and_lists_end_nothing(toy: ToyCourse, odd: Files) -> None:
    files: Files = {**odd, "ben/toy.ipynb": BEN}
    collect(toy, zip_of(toy.root / "in.zip", files))
    assert submitted(toy) == {"ben": BEN}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Ada_9_assignsubmission_file_/\u202etoy.ipynb", "cannot be printed"),
        ("Ada_9_assignsubmission_file_/\u202etoy.IPYNB", "cannot be printed"),
        ("Ada_9_assignsubmission_file_/toy.ipynb.txt", "to be taken: toy.ipynb.txt"),
    ],
)
def test_notebook_that_cannot_be_taken_is_not_placed(
    toy: ToyCourse, name: str, reason: str
) -> None:
    found = collect(toy, zip_of(toy.root / "in.zip", {**EXPORTS["Moodle"], name: ADA}))
    assert reason in found.not_placed[0].reason


@pytest.mark.parametrize("platform", EXPORTS)
def test_notebook_with_an_ending_in_capitals_is_one(toy: ToyCourse, platform: str) -> None:
    files = {name.replace(".ipynb", ".IPYNB"): each for name, each in EXPORTS[platform].items()}
    collect(toy, zip_of(toy.root / "in.zip", files), roster=ROSTER)
    assert submitted(toy) == {"ada": ADA, "ben": BEN, "zoe": ZOE}


def test_students_who_differ_by_capitals_are_not_two_in_two_runs(toy: ToyCourse) -> None:
    collect(toy, zip_of(toy.root / "1.zip", {"Ada/toy.ipynb": ADA, "zoe/toy.ipynb": ZOE}))
    found = collect(toy, zip_of(toy.root / "2.zip", {"ada/toy.ipynb": BEN, "ben/toy.ipynb": BEN}))
    (unclear,) = found.not_placed
    assert unclear.reason.startswith("Ada was collected before")
    assert submitted(toy) == {"Ada": ADA, "zoe": ZOE, "ben": BEN}


@pytest.mark.parametrize(("platform", "count"), [("Moodle", 3), ("Canvas", 0)])
def test_names_that_could_be_of_groups_are_listed(
    toy: ToyCourse, platform: str, count: int
) -> None:
    found = collect(toy, zip_of(toy.root / "in.zip", EXPORTS[platform]))
    assert len(found.strangers) == count


@pytest.mark.parametrize(
    ("name", "placed"), [("Ada_9_assignsubmission_file_\\toy.ipynb", 1), ("..\\a\\toy.ipynb", 0)]
)
def test_names_of_old_programs_of_windows_are_read(toy: ToyCourse, name: str, placed: int) -> None:
    info = zipfile.ZipInfo(name)
    info.create_system = 0
    with zipfile.ZipFile(toy.root / "in.zip", "w") as archive:
        archive.writestr(info, ADA)
    found = collect(toy, toy.root / "in.zip")
    assert (len(submitted(toy)), len(found.not_placed)) == (placed, 1 - placed)


@pytest.mark.parametrize("folder", [".", "..", "source", "source/toy"])
def test_folders_of_the_course_are_no_students(toy: ToyCourse, folder: str) -> None:
    with pytest.raises(RefereeError, match="a folder of the course itself"):
        collect(toy, toy.root / folder)


def test_student_of_the_roster_is_called_as_the_gradebook_writes_the_name(toy: ToyCourse) -> None:
    """A second student of the same name would be without the marks by hand of the first."""
    zoe = unicodedata.normalize("NFD", "Zoë")
    with toy.gradebook() as gradebook:
        gradebook.add_student(zoe)
    archive = zip_of(toy.root / "in.zip", {"Zoë/toy.ipynb": ZOE})
    (placed,) = collect(toy, archive, roster="id,name\nZoë,Zoë Zimmer\n").placed
    assert placed.student == zoe
    with toy.gradebook() as gradebook:
        assert [student.id for student in gradebook.students] == [zoe]

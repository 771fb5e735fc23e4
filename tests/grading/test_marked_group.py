"""The whole way of a group: from the report to gradebook, table and page, and back."""

from pathlib import Path

from referee.report.page import write_report
from tests.support.classes import WHOLE
from tests.support.desk import COMMENT, WHY, Desk, make_class_to_mark
from tests.support.pages import section
from tests.support.toy import NAME

GROUP = ("bob", "cyd", "eve")


def test_group_is_marked_from_the_report_to_the_page_and_back(tmp_path: Path) -> None:
    toy = make_class_to_mark(tmp_path)
    desk = Desk(toy)
    toy.run("referee", "feedback", NAME, "--force")
    gradebook, table, pages = desk.rows(), desk.csv(), [toy.page(name) for name in GROUP]

    report = write_report(desk.course, desk.report()).read_text()
    shown = section(report, "Why points were lost")
    command = shown[shown.index(f"referee mark {NAME} Q1-") :].split()[:4]
    said = toy.run(*command, "--points=+2", "--comment", COMMENT, "--why", WHY, "--by", "Grace")
    assert "Given to 3 of 3 students, as number 1" in said

    assert (desk.grade("bob")["manual_score"], desk.grade("bob")["score"]) == (2, 2)
    assert not desk.grade("bob")["needs_manual_grade"]
    assert desk.comment("bob") == COMMENT
    new = desk.csv()
    assert {name: new[name]["Q1 Doubling (5)"] for name in GROUP} == {
        "bob": "3.0", "cyd": "3.0", "eve": "2.0",
    }  # fmt: skip
    assert float(new["bob"]["total"]) == float(table["bob"]["total"]) + 2
    assert new["ada"] == table["ada"]

    assert "was written: 3" in toy.run("referee", "feedback", NAME)
    for said in map(toy.page_text, GROUP):
        assert COMMENT in said
        assert "Marked by hand" in said
        assert WHOLE in said, "why points were lost is still there"
        assert WHY not in said
        assert "Grace" not in said

    assert "taken back" in toy.run("referee", "mark", NAME, "--undo", "1")
    assert desk.rows() == gradebook
    assert desk.csv() == table
    assert "was written: 3" in toy.run("referee", "feedback", NAME)
    assert [toy.page(name) for name in GROUP] == pages

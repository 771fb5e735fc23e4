"""What is said where there is nothing of a name."""

import pytest

from referee.text import what_there_is

CLASS = [f"s{number:03}" for number in range(300)]


@pytest.mark.parametrize(
    ("wanted", "names", "said"),
    [
        ("Optimisation", ["intro", "optimization"], "Did you mean optimization? There are: intro,"),
        ("JOSÉ", ["jose\N{COMBINING ACUTE ACCENT}"], "Did you mean jose"),
        ("x", ["ada", "ben"], "There are: ada, ben."),
        ("x", [], "There are: none."),
        ("s29", [*CLASS, "zoe"], "Did you mean s299 or s298? There are: s299, s298, s000, "),
        ("x", CLASS, "s006, s007 and 292 others."),
    ],
)
def test_near_names_come_first_and_few_are_named(wanted: str, names: list[str], said: str) -> None:
    assert said in what_there_is(wanted, names)

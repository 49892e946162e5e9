"""Regular expressions of layers: what is refused before it can hang, and examples of what is allowed."""

import re

import pytest

from planloom.rules.patterns import example, flaws, occurs

NESTED = "{pattern} has a repeat inside a repeat"
ADJACENT = "{pattern} has repeats that can take the same characters"
ALIKE = "{pattern} repeats alternatives that begin alike"


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (r"(?:\d+,?)+元", NESTED),
        ("(a+)+", NESTED),
        ("(?:a?b?)*", NESTED),
        (r"\d+\d+", ADJACENT),
        ("x*y*x*", ADJACENT),
        (".*x.*y", ADJACENT),
        (".{0,50}.{0,50}", ADJACENT),
        ("(?i)a+A+", ADJACENT),
        ("a?" * 30 + "a" * 30, ADJACENT),
        ("(?:aa|a)" * 30, ADJACENT),
        ("(a|a)+", ALIKE),
        ("(a|aa)+", ALIKE),
        (r"(a)\1", "{pattern} refers back to a group"),
        ("(?=a)b", "{pattern} looks around itself"),
        ("(?<!a)b", "{pattern} looks around itself"),
        ("a{1001}", "{pattern} repeats {found} times, at most {most} are allowed"),
        ("a{0,2000}", "{pattern} repeats {found} times, at most {most} are allowed"),
        (r"\b工会", r"{pattern} has \b beside Chinese, where it never matches"),
        (r"[一-龥]\b", r"{pattern} has \b beside Chinese, where it never matches"),
        ("(", "{pattern} is no regular expression: {found}"),
    ],
)
def test_patterns_that_could_hang_are_refused(pattern: str, message: str) -> None:
    """What backtracking could run away with is refused, each for its true reason."""
    assert message in [flaw.message for flaw in flaws(pattern)]


@pytest.mark.parametrize(
    "pattern",
    [
        "_{2,}年",
        "[xX]{2}届",
        r"\d+年\d+月",
        r"\d{1,2}\d{1,2}",
        "(?:ab|cd)+",
        r"\bxx\b",
        "[^。]{0,30}了",
        "第[一二三]届",
        r"“\s*”",
    ],
)
def test_patterns_of_the_linear_subset_are_taken_and_have_examples(pattern: str) -> None:
    """What people write for placeholders, dates and endings is allowed, and an example of it matches."""
    assert flaws(pattern) == ()
    shown = example(pattern)
    assert shown is not None
    assert re.search(pattern, shown)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("工会|委员会", "区总工会"),
        ("工会|委员会", "职代会"),
        ("三八|三月", "三月"),
        ("(?:到会|出席)[^，。]{0,4}人数", "出席会议人数"),
        ("(?:到会|出席)?人数", "人数"),
        ("[甲乙]丙", "甲丙"),
        ("[^甲]丙", "乙丙"),
        ("(?i:AB)c", "abc"),
        ("(?i)ab|cd", "CD"),
        ("大会$", "大会开"),
        ("a||b", "c"),
    ],
)
def test_occurring_is_matching(pattern: str, text: str) -> None:
    """What spares compiling a pattern never changes whether it matches."""
    assert occurs(pattern, text) == (re.search(pattern, text) is not None)

"""Regular expressions of layers: what is refused before it can hang, and examples of what is allowed."""

import re
from time import perf_counter

import pytest

from planloom.rules.linear import example
from planloom.rules.patterns import flaws, occurs

NESTED = "{pattern} has a repeat inside a repeat"
ADJACENT = "{pattern} has repeats that can take the same characters"
ALIKE = "{pattern} repeats alternatives that begin alike"
FLAGS = "{pattern} has flags for ASCII, or for a part only"


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
        (r"(?:\Ba|a)+c", ALIKE),
        ("(?:()a|a)+c", ALIKE),
        ("(?:b{0}a|a)+c", ALIKE),
        ("(?:(?>)a|a)+c", ALIKE),
        ("(?:()ab|ab)+c", ALIKE),
        ("(?:(?:()|a){2})*c", ALIKE),
        (r"(?:[^a]|\b)*c", ALIKE),
        ("a*(){2}(?>a)+c", ADJACENT),
        ("a*[ab]{0,9}()+a*c", ADJACENT),
        (r"(a)(?:\1x|b)+", "{pattern} refers back to a group"),
        (r"(?:[^\d]|①)+c", ALIKE),
        ("(?i)(?:éx|Éx)+c", ALIKE),
        ("(?i)(?:ａx|Ａx)+c", ALIKE),
        ("(?i)(?:kx|\u212ax)+c", ALIKE),
        ("(?i:(?:ab|Ab)+c)", FLAGS),
        ("(?:(?i:a)|A)+c", FLAGS),
        (r"(?a)(?:\Sx|\u3000x)+c", FLAGS),
        ("(?:a*){1}" * 8 + "c", ADJACENT),
        ("(?:a{0,9}){1}" * 8 + "c", ADJACENT),
        ("a*(?:a*(?:a*(?:a*c){1}){1}){1}", ADJACENT),
        ("a*(?:a*(?:a*(?:a*c)?)?)?d", ADJACENT),
        (r"\d*\d{0,999}元", ADJACENT),
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
        "(?:甲{1}|乙)+丙",
        "(?:第[0-9]{1,3})?届",
        "(?i)todo|tbd",
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


@pytest.mark.parametrize("pattern", [r"\d+元", r"\d{0,999}元", r"(?:\d+)?元$", r"(?:第?\d+届)?元"])
def test_searching_grows_with_the_text_and_not_with_its_square(pattern: str) -> None:
    """80,000 digits that could begin a match anywhere are searched in seconds; it would be half a minute."""
    assert flaws(pattern) == ()
    begin = perf_counter()
    occurs(pattern, "1" * 80_000 + "角，元旦")
    assert perf_counter() - begin < 8


def test_a_repeat_without_end_ends_after_a_thousand() -> None:
    """What is nearer is found as ever, and what is farther away is not."""
    assert occurs("甲.*乙", "甲" + "子" * 999 + "乙")
    assert not occurs("甲.*乙", "甲" + "子" * 1_001 + "乙")

"""Regular expressions kept compiled match as `re` does, and the words known of a pattern tell the same."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planloom import regexes
from planloom.rules.patterns import flaws, may_occur, occurs
from planloom.shelf import Shelf

PATTERNS = [
    "工会|职工",
    "(?P<month>[0-9]{1,2})月(?P<day>[0-9]{1,2})日",
    r"^\s*(?:第[一二三四]季度|(?P<found>全年))，?",
    r"[^《》\n]{1,9}》(?!第)(?<=》)",
    r"(?i)planloom-[a-z]+\d?",
    r"(a)(b)?|(c)",
    r"(?xs) 一 . 二  # with a remark",
    r"[\u4e00-\u9fff0-9A-Za-z，。！-～]+?年",
]
TEXTS = [
    "",
    "工会 3月8日",
    "全年，开展",
    "《工会法》",
    "PLANLOOM-Docs7",
    "abc",
    "一\n二",
    "职工2027年abPlanLoom-x",
]


def forget() -> None:
    """Be as a process that has compiled nothing."""
    regexes.compiled.cache_clear()
    regexes.bounded.cache_clear()


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """Each test begins without a shelf and leaves none."""
    forget()
    regexes._programs.known = None
    yield
    forget()
    regexes._programs.known = None


def matches(pattern: "re.Pattern[str]", text: str) -> list[tuple[object, ...]]:
    """Everything that can be asked of the matches in a text."""
    return [
        (match.span(), match.groups(), match.groupdict(), match.regs, match.lastgroup)
        for match in pattern.finditer(text)
    ]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_kept_expression_matches_as_re_does(pattern: str, tmp_path: Path) -> None:
    """Compiled here, or read back from the shelf, it finds what `re.compile` finds."""
    shelf = Shelf(tmp_path)
    wanted = re.compile(pattern)
    for _ in range(2):
        regexes.take(shelf)
        found = regexes.compiled(pattern)
        assert (found.pattern, found.flags, found.groups) == (pattern, wanted.flags, wanted.groups)
        assert found.groupindex == wanted.groupindex
        assert [matches(found, text) for text in TEXTS] == [matches(wanted, text) for text in TEXTS]
        regexes.put(shelf)
        forget()
    assert set(regexes._programs.known or ()) == {(pattern, False)}


def test_what_is_kept_is_not_compiled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second run takes both forms of a pattern from the shelf; without new ones it writes nothing."""
    shelf = Shelf(tmp_path)
    regexes.take(shelf)
    assert regexes.compiled("甲+").fullmatch("甲" * 2_000)
    assert not regexes.bounded("甲+").fullmatch("甲" * 2_000)
    regexes.put(shelf)
    (file,) = tmp_path.iterdir()
    file.chmod(0o400)
    forget()
    monkeypatch.setattr(regexes, "_made", None)
    regexes.take(shelf)
    assert regexes.compiled("甲+").fullmatch("甲" * 2_000)
    assert not regexes.bounded("甲+").fullmatch("甲" * 2_000)
    monkeypatch.setattr(Shelf, "put", None)
    regexes.put(shelf)


pieces = st.recursive(
    st.sampled_from(["甲", "乙", "丙", "[甲乙]", "[^甲]", ".", "^", "$", ""]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["?", "*", "{2}", "{0,2}", "??"])).map(lambda two: f"(?:{two[0]}){two[1]}"),
        inner.map(lambda part: f"(?P<found>{part})" if "found" not in part else part),
    ),
    max_leaves=8,
)  # fmt: skip


@given(pattern=pieces, text=st.text("甲乙丙丁", max_size=8))
def test_the_words_of_a_pattern_tell_what_matching_tells(pattern: str, text: str) -> None:
    """Whether a pattern occurs is what `re` says, however much of it is told without compiling."""
    try:
        wanted = re.search(pattern, text) is not None
    except re.error:  # a group named twice
        return
    if not flaws(pattern):
        assert occurs(pattern, text) == wanted
        assert may_occur(pattern, text) or not wanted


def test_repeats_of_repeats_are_read_at_once() -> None:
    """Counts multiply; neither the time nor the words do."""
    pattern = "甲"
    for _ in range(8):
        pattern = f"(?:{pattern}){{64}}"
    assert not may_occur(pattern + "乙", "丙")
    assert not occurs("(?:甲{40}){2}", "甲" * 79)
    assert occurs("(?:甲{40}){2}", "甲" * 80)

"""Last year's plan file for a new period: edited as text, so that comments and layout stay."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from planloom.layers import LoadedLayer
from planloom.pasting import flow
from planloom.source import Source
from planloom_schemas.dates import DateError, Period, parse_date, parse_period
from planloom_schemas.errors import Problem

_YEAR = re.compile(r"(?<![0-9])(19|20)[0-9]{2}(?![0-9])")
# Sums and numbers of people are no years.
_NAMED_YEAR = re.compile(_YEAR.pattern + r"(?!\s*[元万千百人名次场项份个户])")
# A bare number in a comment is the value of a fact that is not stated.
_DATED = re.compile(_YEAR.pattern + r"(?=年|[-/.][0-9])")
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_SETTLED = frozenset({"plan", "period", "planloom"})
Edit = tuple[int, int, str]


@frozen(kw_only=True)
class Rolled:
    """The new text, and what somebody should look at."""

    text: str
    notes: tuple[Problem, ...]


def next_period(old: Period, stated: str) -> str:
    """The period a year after one, in the same words."""
    return _YEAR.sub(lambda year: str(int(year[0]) + 1), stated)


def roll(
    layer: LoadedLayer, period: Period, words: str, facts: Mapping[str, object], organisation: str | None
) -> Rolled:
    """Move a plan file on to another period.

    Args:
        layer: The plan file.
        period: The new period.
        words: The new period as the file is to say it.
        facts: Facts to state anew.
        organisation: Another name, or None.
    """
    source = layer.source
    assert source is not None  # it was read from a file
    edits = [*_settled(source, layer, words), *_stated(source, facts, organisation)]
    expired, notes = _waivers(source, layer, period)
    edits += expired
    comments = [
        span for span in _comments(source) if not any(start <= span[0] < end for start, end, _ in expired)
    ]
    edits += _retitled(source, layer, period, words, comments)
    touched = {number for start, end, _ in edits for number in _lines_between(source.text, start, end)}
    notes += _dated(source, comments, touched)
    return Rolled(text=("\ufeff" if source.bom else "") + _applied(source.text, edits), notes=tuple(notes))


def _applied(text: str, edits: list[Edit]) -> str:
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


# ---- what is settled: period, id, facts, organisation ----


def _settled(source: Source, layer: LoadedLayer, words: str) -> Iterator[Edit]:
    yield (*source.span(("period",)), words)
    old = str(layer.content.period)
    start, end = source.span(("plan",))
    yield start, end, renamed(layer.id, old, words)


def renamed(plan: str, old: str, new: str) -> str:
    """The id of a plan for another period: its years move on with the period."""
    before, after = _YEAR.findall(old) and _years(old), _years(new)
    for one, other in zip(reversed(before), reversed(after), strict=False):
        plan = plan.replace(one, other)
    return plan


def _years(text: str) -> list[str]:
    return list(dict.fromkeys(match[0] for match in _YEAR.finditer(text)))


def _stated(source: Source, facts: Mapping[str, object], organisation: str | None) -> Iterator[Edit]:
    if organisation is not None:
        yield _put(source, (), "organisation", flow(organisation))
    for name, value in facts.items():
        yield _put(source, ("facts",), name, flow(value))


def _put(source: Source, base: tuple[str, ...], key: str, value: str) -> Edit:
    """State a key of a mapping: in place of what it says, or as its first key."""
    if (*base, key) in source.marks:
        return (*source.span((*base, key)), value)
    if base not in source.marks or not base:
        start, _ = source.key_span(("period",))
        line = f"{key}: {value}" if not base else f"{base[0]}: {{{key}: {value}}}"
        return start, start, line + source.newline
    start, _ = source.span(base)
    if source.text[start] == "{":
        return start + 1, start + 1, f"{key}: {value}, "
    column = start - (source.text.rfind("\n", 0, start) + 1)
    return start, start, f"{key}: {value}{source.newline}{' ' * column}"


def _retitled(
    source: Source, layer: LoadedLayer, period: Period, words: str, comments: Sequence[tuple[int, int]]
) -> Iterator[Edit]:
    """Comments that say the old plan's title or id say the new one's."""
    stated = layer.content.period
    title, id_ = f"{parse_period(stated).label}工作计划", renamed(layer.id, str(stated), words)
    for start, end in comments:
        old = source.text[start:end]
        new = old.replace(title, f"{period.label}工作计划").replace(layer.id, id_)
        if new != old:
            yield start, end, new


def _comments(source: Source) -> Iterator[tuple[int, int]]:
    """Where lines that are nothing but a comment stand; texts of several lines may hold # too."""
    values = [source.span(path) for path in source.marks if source.raw(path) is not None]
    for match in _COMMENT.finditer(source.text):
        if not any(start <= match.start() < end for start, end in values):
            yield match.span()


# ---- what has run out ----


def _waivers(source: Source, layer: LoadedLayer, period: Period) -> tuple[list[Edit], list[Problem]]:
    """Comment out the waivers that end before the new period; name those that cannot be."""
    entries = list(layer.content.waivers or ())
    gone = [index for index, entry in enumerate(entries) if _ends_before(entry.until, period.start)]
    if not gone:
        return [], []
    notes = [_expired(entries[index], source, index) for index in gone]
    if len(gone) == len(entries):
        start, _ = source.key_span(("waivers",))
        return [_commented(source.text, start, source.span(("waivers",))[1])], notes
    if source.text[source.span(("waivers",))[0]] == "[":
        return [], notes  # in one line with others that still hold
    spans = [source.span(("waivers", index)) for index in gone]
    return [_commented(source.text, *span) for span in spans], notes


def _ends_before(until: str, day: dt.date) -> bool:
    try:
        return parse_date(until) < day
    except DateError:
        return False


def _expired(entry: Any, source: Source, index: int) -> Problem:
    return Problem(
        code="WaiverExpired",
        message="the waiver of {rule} ended on {until}; it does not go over into the new period",
        params={"rule": entry.rule, "until": entry.until}, location=source.value_at(("waivers", index)),
        fix="delete it, or give it a new end date if it is still needed",
    )  # fmt: skip


def _commented(text: str, start: int, end: int) -> Edit:
    """Put # before every line that a span touches."""
    first = text.rfind("\n", 0, start) + 1
    lines = text[first:end].split("\n")
    return first, end, "\n".join(f"# {line}" for line in lines)


# ---- what looks like last year's ----


def _dated(source: Source, comments: Sequence[tuple[int, int]], settled: set[int]) -> Iterator[Problem]:
    """Every other value and comment that names a year, for somebody to look at."""
    values = [
        (source.span(path), {"path": "/".join(map(str, path))}, "{path} names a year: {value}", _NAMED_YEAR)
        for path in filter(None, source.marks)
        if source.raw(path) and not _is_settled(path)
    ]
    remarks = [(span, dict[str, str](), "a comment names a year: {value}", _DATED) for span in comments]
    for (start, end), params, message, year in (*values, *remarks):
        said = " ".join(source.text[start:end].split())
        if year.search(said) and settled.isdisjoint(_lines_between(source.text, start, end)):
            yield Problem(
                code="NamesAYear", message=message, params={**params, "value": said[:60]},
                location=source.located(start, end), fix="check whether it still holds",
            )  # fmt: skip


def _is_settled(path: tuple[str | int, ...]) -> bool:
    # Waivers that have not ended are still meant; an amount is no year.
    return path[0] in _SETTLED or path[-1] == "amount" or (path[0] == "waivers" and path[-1] == "until")


def _lines_between(text: str, start: int, end: int) -> range:
    first = text.count("\n", 0, start)
    return range(first, first + text.count("\n", start, end) + 1)

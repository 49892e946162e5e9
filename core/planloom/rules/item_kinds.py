"""Kinds that look at items: require, field, total, unique."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from operator import gt, lt, ne
from typing import Any

from planloom.rules.cases import Case, Hit, shown
from planloom.rules.select import as_number, is_present, same
from planloom.rules.views import COLLECTIONS, Subject
from planloom_schemas.plan import DateSpan
from planloom_schemas.rule import Percent, Selector


def check_require(case: Case) -> Iterator[Hit]:
    """Something exists, or must not."""
    found = case.every()
    if case.get("required") and not found:
        selectors: tuple[Selector, ...] = case.params["of"]
        yield Hit(
            message="missing",
            path=path_of(selectors),
            data={"wanted": described(selectors)},
            param="required",
        )
    if case.get("forbidden"):
        for subject in found:
            yield Hit(message="present", subject=subject, data={"found": subject.name}, param="forbidden")


def path_of(selectors: tuple[Selector, ...]) -> str:
    """Where the one item would stand that a selector asks for by id, or "" if none does."""
    selector = next((one for one in selectors if len(one.id) == 1 and one.what in COLLECTIONS), None)
    if selector is None:
        return ""
    if selector.what == "measure":
        home = selector.section
        return f"sections/{home[0]}/measures/{selector.id[0]}" if len(home) == 1 else ""
    return f"{COLLECTIONS[selector.what]}/{selector.id[0]}"


def described(selectors: tuple[Selector, ...]) -> str:
    """What is asked for, by id or tag: the words of the file, in no language."""
    words = [(*selector.id, *selector.tags, *selector.all_tags) or (selector.what,) for selector in selectors]
    return "、".join(dict.fromkeys(word for group in words for word in group))


# ---- field ----


def _size(value: object) -> int | None:
    return len(value) if isinstance(value, str | tuple) else None


def check_field(case: Case) -> Iterator[Hit]:
    """A field is there, of a type, in a range, of a length, one of some values."""
    name = str(case.params["field"])
    limits = [
        (message, param, measure, is_floor, case.get(param))
        for message, param, measure, is_floor in _LIMITS
        if case.get(param) is not None
    ]
    for subject in case.some():
        value = subject.value(name)
        if is_present(value):
            for message, found, wanted, param in _field_faults(case, value, limits):
                data = {"field": name, "found": shown(found), "wanted": wanted}
                yield Hit(message=message, subject=subject, part=name, data=data, param=param)
        elif case.get("required"):
            yield Hit(message="missing", subject=subject, part=name, data={"field": name}, param="required")


_LIMITS = (
    ("low", "at_least", as_number, True),
    ("high", "at_most", as_number, False),
    ("short", "min_length", _size, True),
    ("long", "max_length", _size, False),
)
"""Message id, parameter, what is measured, and whether the parameter is the least."""
Limit = tuple[str, str, Callable[[object], Decimal | int | None], bool, Any]


def _field_faults(
    case: Case, value: object, limits: Sequence[Limit]
) -> Iterator[tuple[str, object, object, str]]:
    """Message id, what was found and what is wanted, and the parameter that fails."""
    wanted = case.get("type")
    if wanted and not _is_type(value, wanted):
        yield "type", value, wanted, "type"
        return
    for message, param, measure, is_floor, limit in limits:
        measured = measure(value)
        if measured is not None and (measured < limit if is_floor else measured > limit):
            yield message, value, shown(limit), param
    members = value if isinstance(value, tuple) else (value,)
    choices, barred = case.get("one_of"), case.get("not_in") or ()
    if strange := tuple(one for one in members if choices is not None and not _is_among(one, choices)):
        yield "value", strange, shown(choices), "one_of"
    if wrong := tuple(one for one in members if _is_among(one, barred)):
        yield "value", wrong, "", "not_in"


def _is_among(member: object, values: tuple[object, ...]) -> bool:
    """Whether a value is one of some; texts are only the same as themselves."""
    return member in values if isinstance(member, str) else any(same(member, one) for one in values)


def _is_type(value: object, wanted: str) -> bool:
    if wanted == "list":
        return isinstance(value, tuple)
    if wanted == "date":
        return isinstance(value, dt.date) or (
            isinstance(value, tuple) and all(isinstance(one, DateSpan) for one in value)
        )
    if wanted == "boolean":
        return isinstance(value, bool)
    if wanted == "text":
        return isinstance(value, str)
    number = as_number(value)
    return number is not None and (wanted == "number" or number == number.to_integral_value())


# ---- total ----


def check_total(case: Case) -> Iterator[Hit]:
    """A sum of money or of targets, or its share of another, within bounds."""
    unit = str(case.get("unit") or "")
    found = sum_of(case.every(), unit)
    whole = sum_of(case.every("against"), unit) if case.get("against") else None
    for message, param, fails in (
        ("low", "at_least", lt),
        ("high", "at_most", gt),
        ("differs", "equals", ne),
    ):
        wanted = case.get(param)
        if wanted is not None and fails(found, _limit(wanted, whole)):
            measured = shown(_share(found, whole)) if isinstance(wanted, Percent) else shown(found)
            data = {
                "found": measured,
                "wanted": shown(wanted),
                "unit": "" if isinstance(wanted, Percent) else unit,
            }
            yield Hit(message=message, data=data, param=param, path=path_of(case.params["of"]))


def sum_of(subjects: tuple[Subject, ...], unit: str) -> Decimal:
    """The money of items, or the targets of measures that are in this unit."""
    return sum((_amount(subject, unit) for subject in subjects), Decimal(0))


def _amount(subject: Subject, unit: str) -> Decimal:
    target = subject.target
    if target is not None:
        return target.value if not unit or target.unit == unit else Decimal(0)
    return subject.amount or Decimal(0)


def _limit(wanted: Decimal | Percent, whole: Decimal | None) -> Decimal:
    return wanted.value * (whole or Decimal(0)) / 100 if isinstance(wanted, Percent) else Decimal(wanted)


def _share(found: Decimal, whole: Decimal | None) -> object:
    # A share of nothing has no number: the sum itself says what is wrong.
    return Percent((found * 100 / whole).quantize(Decimal("0.1"))) if whole else found


# ---- unique ----


def check_unique(case: Case) -> Iterator[Hit]:
    """No two items agree in all of some fields; dates agree when they overlap."""
    names: tuple[str, ...] = case.params["by"]
    groups: dict[tuple[object, ...], list[Subject]] = {}
    for subject in case.some():
        key = tuple(subject.value(name) for name in names if name != "dates")
        if all(is_present(value) for value in key) and (subject.dates or "dates" not in names):
            groups.setdefault(key, []).append(subject)
    for key, group in groups.items():
        pairs = _overlapping(group) if "dates" in names else ((group[0], later) for later in group[1:])
        for first, second in pairs:
            values = [shown(value) for value in key]
            values += [shown(second.dates[0])] if "dates" in names else []
            data = {"found": shown(tuple(values)), "other": first.name}
            yield Hit(message="duplicate", subject=second, part=names[0], data=data)


def _overlapping(group: list[Subject]) -> Iterator[tuple[Subject, Subject]]:
    """Each item that overlaps one before it, with that one."""
    spans = sorted(
        ((span.start, span.end, number) for number, subject in enumerate(group) for span in subject.dates)
    )
    reach: list[tuple[dt.date, int]] = []
    said: set[int] = set()
    for start, end, number in spans:
        reach = [one for one in reach if one[0] >= start]
        clash = next((other for _, other in reach if other != number), None)
        if clash is not None and number not in said:
            said.add(number)
            yield group[clash], group[number]
        reach.append((end, number))

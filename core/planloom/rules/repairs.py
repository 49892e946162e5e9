"""How a made-up plan is changed until a rule is content: one repair for each kind."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from attrs import evolve, frozen

from planloom.rules.cases import Case, Hit
from planloom.rules.drafts import Draft, dated, days_of, filler, with_field
from planloom.rules.item_kinds import sum_of
from planloom.rules.kinds import consequence
from planloom.rules.time_kinds import windows
from planloom.rules.views import Subject
from planloom_schemas.rule import Percent

Fits = Callable[[Subject], bool]
Tell = Callable[[Subject, int], Subject]


@frozen(eq=False)
class Job:
    """What a repair is given: a rule's complaint, and what other rules want of days and words.

    Args:
        case: The rule's case.
        hits: What it complained of.
        fits: Whether an item may stand on its day.
        tell: Gives an item new words; each number gives others.
    """

    case: Case
    hits: list[Hit]
    fits: Fits
    tell: Tell

    def subjects(self, draft: Draft) -> tuple[Subject, ...]:
        """The items complained of, each once."""
        found = (draft.owner_of(hit.subject) for hit in self.hits if hit.subject)
        return tuple({subject.path: subject for subject in found}.values())

    def on_a_day(self, subject: Subject, days: Iterable[dt.date]) -> Subject | None:
        """The item on the first of some days that fits, or None."""
        return next((moved for day in days if self.fits(moved := dated(subject, day))), None)


Repair = Callable[[Job, Draft], Draft]


def repair(kind: str, job: Job, draft: Draft) -> Draft:
    """The draft, changed so that the rule has less to complain of; unchanged if nothing can be done."""
    if kind == "implies":
        inner, params = consequence(job.case.params["then"])
        return repair(inner, evolve(job, case=evolve(job.case, params=params)), draft)
    return _REPAIRS[kind](job, draft)


def _require(job: Job, draft: Draft) -> Draft:
    if any(hit.message == "missing" for hit in job.hits):
        return draft.put(draft.make(job.case.params["of"][0]))
    return draft.without(*job.subjects(draft))


def _count(job: Job, draft: Draft) -> Draft:
    case = job.case
    frames = {window.name: window for window in windows(case.view.period, str(case.params["per"]))}
    for hit in job.hits:
        window = frames[str(hit.data["window"])]
        found, wanted = int(str(hit.data["found"])), int(Decimal(str(hit.data["wanted"])))
        inside = [day for day in days_of(case.view.period) if window.start <= day <= window.end]
        if hit.message == "few":
            selector = case.params["of"][0]
            days = [day for day in inside if not selector.months or day.month in selector.months]
            for _ in range(wanted - found):
                made = draft.make(selector)
                draft = draft.put(job.on_a_day(made, days) or made)
        else:
            counted = [
                subject
                for subject in case.every()
                if not subject.dates or window.start <= subject.dates[0].start <= window.end
            ]
            draft = draft.without(*counted[wanted:])
    return draft


def _move(job: Job, draft: Draft) -> Draft:
    moved = (job.on_a_day(subject, days_of(job.case.view.period)) for subject in job.subjects(draft))
    return draft.put(*(subject for subject in moved if subject))


def _order(job: Job, draft: Draft) -> Draft:
    """The first things as early, and the second as late, as other rules allow."""
    days = list(days_of(job.case.view.period))
    early = (job.on_a_day(subject, days) for subject in job.case.every("first") if subject.dates)
    late = (job.on_a_day(subject, reversed(days)) for subject in job.case.every("then") if subject.dates)
    return draft.put(*(subject for subject in (*early, *late) if subject))


def _coverage(job: Job, draft: Draft) -> Draft:
    case, selector = job.case, job.case.params["of"][0]
    frames = (
        {window.name: window for window in windows(case.view.period, str(case.params["every"]))}
        if case.params["every"] != "section"
        else {}
    )
    for hit in job.hits:
        made = draft.make(evolve(selector, id=()))
        window = frames.get(str(hit.data["window"]))
        if window is None:
            section = hit.path.removeprefix("sections/")
            path = made.path.replace(f"sections/{made.section}/", f"sections/{section}/")
            draft = draft.put(evolve(made, section=section, path=path))
        else:
            inside = (day for day in days_of(case.view.period) if window.start <= day <= window.end)
            draft = draft.put(job.on_a_day(made, inside) or made)
    return draft


def _field(job: Job, draft: Draft) -> Draft:
    params = job.case.params
    name = str(params["field"])
    changed = []
    for number, subject in enumerate(job.subjects(draft)):
        value = good_value(params, subject.value(name), draft.number + number)
        changed.append(with_field(subject, name, value))
    return draft.put(*changed)


def good_value(params: Mapping[str, Any], current: object, number: int) -> object:
    """A value of a field that a `field` rule is content with."""
    if params.get("one_of"):
        barred = params.get("not_in") or ()
        return next((value for value in params["one_of"] if value not in barred), params["one_of"][0])
    low, high = params.get("at_least"), params.get("at_most")
    if low is not None or high is not None or params.get("type") in ("number", "integer"):
        return low if low is not None else high if high is not None else Decimal(1)
    if params.get("type") == "list" or isinstance(current, tuple):
        return tuple(filler(number + step, 3) for step in range(max(1, params.get("min_length") or 1)))
    least, most = params.get("min_length") or 1, params.get("max_length") or 12
    return filler(number, max(least, min(most, 6)))


def _total(job: Job, draft: Draft) -> Draft:
    case, params = job.case, job.case.params
    unit = str(params.get("unit") or "")
    found = sum_of(case.every(), unit)
    hit = job.hits[0]
    wanted = params[hit.param]
    if isinstance(wanted, Percent):
        whole = sum_of(case.every("against"), unit)
        if hit.message == "high":
            # More to compare with is always allowed; less spending may break another rule.
            needed = found * 100 / wanted.value - whole if wanted.value else -found
            return (
                _add(draft, params["against"][0], needed + 1)
                if wanted.value
                else draft.without(*case.every())
            )
        wanted = whole * wanted.value / 100
    if hit.message == "high" or found > wanted:
        return draft.without(*case.every())
    return _add(draft, params["of"][0], Decimal(wanted) - found)


def _add(draft: Draft, selector: Any, amount: Decimal) -> Draft:
    made = draft.make(selector)
    if made.what == "measure":
        return draft.put(with_field(made, "target", amount))
    return draft.put(
        evolve(made, amount=amount + (made.amount or 0 if made.path in {i.path for i in draft.items} else 0))
    )


def _unique(job: Job, draft: Draft) -> Draft:
    names = job.case.params["by"]
    changed = []
    for number, subject in enumerate(job.subjects(draft)):
        free = next((name for name in names if name in ("place", "title", "participants", "owner")), None)
        if free:
            changed.append(with_field(subject, free, filler(draft.number + number + 7, 5)))
        elif "dates" in names:
            taken = {other.dates[0].start for other in job.case.every() if other.dates}
            days = (day for day in days_of(job.case.view.period) if day not in taken)
            changed.append(job.on_a_day(subject, days) or subject)
    return draft.put(*changed)


def _retell(job: Job, draft: Draft) -> Draft:
    subjects = enumerate(job.subjects(draft), start=draft.number + 1)
    return draft.put(*(job.tell(subject, number) for number, subject in subjects))


def _length(job: Job, draft: Draft) -> Draft:
    params = job.case.params
    if params["unit"] != "items":
        return _retell(job, draft)
    wanted = int(params.get("at_least") or params.get("at_most") or 0)
    items = tuple(f"made-{step}" for step in range(wanted))
    return draft.put(*(evolve(subject, items=items) for subject in job.subjects(draft)))


_REPAIRS: Mapping[str, Repair] = {
    "require": _require,
    "count": _count,
    "window": _move,
    "order": _order,
    "coverage": _coverage,
    "field": _field,
    "total": _total,
    "unique": _unique,
    "wording": _retell,
    "pattern": _retell,
    "length": _length,
    "numbering": _retell,
    "typography": _retell,
    "cite": _retell,
    "stale": _retell,
    "festival": _move,
    "duplicate": _retell,
}

"""How a made-up plan is changed so that a rule must complain: ways to try for each kind."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from attrs import evolve

from planloom.rules.cases import Case
from planloom.rules.drafts import Draft, dated, days_of, filler, retold, with_field
from planloom.rules.festivals import festival_spans
from planloom.rules.kinds import consequence
from planloom.rules.linear import example
from planloom.rules.time_kinds import windows
from planloom.rules.views import Subject
from planloom_schemas.dates import FESTIVALS
from planloom_schemas.plan import DateSpan
from planloom_schemas.rule import Selector

Break = Callable[[Case, Draft], Iterator[Draft]]
LONG_AGO = 1951


def breaks(kind: str, case: Case, draft: Draft) -> Iterator[Draft]:
    """Drafts in which a rule of this kind may fail, the likeliest first."""
    if kind == "implies":
        inner, params = consequence(case.params["then"])
        made = draft.make(case.params["if"][0])
        for broken in breaks(inner, evolve(case, params=params), draft.put(made)):
            # What breaks the consequence may have taken the occasion with it.
            yield broken
            yield broken.put(made)
    else:
        yield from _BREAKS[kind](case, draft)


def _require(case: Case, draft: Draft) -> Iterator[Draft]:
    yield draft.without(*case.every())
    yield draft.put(draft.make(case.params["of"][0]))


def _count(case: Case, draft: Draft) -> Iterator[Draft]:
    if case.get("at_least") is not None:
        yield draft.without(*case.every())
    if case.get("at_most") is None:
        return
    # A selector by id or by month cannot be met twice in any window, so every window is tried.
    for window in windows(case.view.period, str(case.params["per"])):
        crowded = draft
        for step in range(int(case.params["at_most"]) + 1):
            made = crowded.make(evolve(case.params["of"][0], id=case.params["of"][0].id[step : step + 1]))
            crowded = crowded.put(dated(made, window.start) if made.dates else made)
        yield crowded
    selector = case.params["of"][0]
    if selector.id and draft.make(selector).what in ("activity", "measure"):
        made = draft.make(selector)
        spans = tuple(DateSpan(start=day, end=day) for day in days_of(case.view.period))
        yield draft.put(evolve(made, dates=spans))


def _window(case: Case, draft: Draft) -> Iterator[Draft]:
    subject = _some(case, draft)
    days = [case.view.period.start, *_mid_months(case), case.view.period.end]
    yield from (draft.put(dated(subject, day)) for day in days)
    yield draft.put(dated(subject, case.view.period.start, case.view.period.end))


def _mid_months(case: Case) -> list[dt.date]:
    return [day for day in days_of(case.view.period) if day.day == 15]


def _some(case: Case, draft: Draft, name: str = "of") -> Subject:
    """An item that a selector picks: one that is there, or a new one."""
    found = case.every(name)
    return found[0] if found else draft.make(case.params[name][0])


def _order(case: Case, draft: Draft) -> Iterator[Draft]:
    period = case.view.period
    bare = draft.without(*case.every("first"))
    yield bare.put(
        dated(bare.make(case.params["first"][0]), period.end), dated(_some(case, draft, "then"), period.start)
    )
    first = dated(bare.make(case.params["first"][0]), period.start)
    fresh = bare.put(first)
    yield fresh.put(dated(fresh.make(case.params["then"][0]), period.start))


def _coverage(case: Case, draft: Draft) -> Iterator[Draft]:
    bare = draft.without(*case.every())
    yield bare
    yield bare.put(bare.make(Selector(what="section")))


def _field(case: Case, draft: Draft) -> Iterator[Draft]:
    params, name = case.params, str(case.params["field"])
    subject = _some(case, draft)
    low, high = params.get("at_least"), params.get("at_most")
    values: list[object] = [None, *(params.get("not_in") or ())]
    values += [low - 1] if low is not None else []
    values += [high + 1] if high is not None else []
    values += [filler(1, length) for length in ((params.get("max_length") or 0) + 1, 1, 0)]
    values += [tuple(filler(step, 2) for step in range((params.get("max_length") or 0) + 1)), Decimal("0.5")]
    yield from (draft.put(with_field(subject, name, value)) for value in values)


def _total(case: Case, draft: Draft) -> Iterator[Draft]:
    bare = draft.without(*case.every())
    yield bare
    made = bare.make(case.params["of"][0])
    part = "target" if made.what == "measure" else "amount"
    for amount in (Decimal(1), Decimal(10) ** 12):
        yield bare.put(with_field(made, part, amount))
    if case.get("against"):
        alone = bare.without(*case.every("against"))
        yield alone.put(alone.make(case.params["against"][0]))


def _unique(case: Case, draft: Draft) -> Iterator[Draft]:
    subject = _some(case, draft)
    for name in case.params["by"]:
        if not subject.value(name):
            subject = with_field(subject, name, filler(3, 3))
    double = evolve(subject, id=f"{subject.id}-2", path=f"{subject.path}-2")
    yield draft.put(subject, double)


def _told(case: Case, draft: Draft, *texts: str) -> Iterator[Draft]:
    """Drafts in which an item that the rule reads has other words."""
    selectors = case.get("of") or (Selector(what="text"),)
    for text in texts:
        for selector in selectors:
            if selector.what == "citation":
                yield draft.put(retold(draft.make(Selector(what="text")), text))
            else:
                yield draft.put(retold(draft.make(selector), text))


def _wording(case: Case, draft: Draft) -> Iterator[Draft]:
    words = list(case.params["words"])
    yield from _told(case, draft, *(f"{filler(1, 2)}{word}{filler(2, 2)}" for word in words))


def _pattern(case: Case, draft: Draft) -> Iterator[Draft]:
    shown = [example(str(pattern)) or "" for pattern in case.get("must_not") or ()]
    shown += [example(str(pattern), filler="1") or "" for pattern in case.get("must_not") or ()]
    yield from _told(case, draft, *shown, *(f"{filler(1, 2)}{text}" for text in shown), filler(1), "")


def _length(case: Case, draft: Draft) -> Iterator[Draft]:
    subject = _some(case, draft)
    low, high = int(case.get("at_least") or 0), int(case.get("at_most") or 0)
    for size in (high + 1, low - 1) if high else (low - 1,):
        if size >= 0:
            many = tuple(f"made-{step}" for step in range(size))
            items = case.params["unit"] == "items"
            yield draft.put(evolve(subject, items=many) if items else retold(subject, filler(1, size)))


def _lines(draft: Draft, *texts: str) -> Draft:
    """The draft with texts in a row."""
    for text in texts:
        draft = draft.put(retold(draft.make(Selector(what="text")), text))
    return draft


def _numbering(case: Case, draft: Draft) -> Iterator[Draft]:
    yield _lines(draft, "一、甲", "三、丙")


_BADLY_SET = {"quotes": "开展“甲活动", "dates": "2027.3.5", "width": "甲,乙", "spaces": "甲乙丙 丁戊己"}


def _typography(case: Case, draft: Draft) -> Iterator[Draft]:
    yield from _told(case, draft, *(_BADLY_SET[name] for name in case.params["checks"]))


def _cite(case: Case, draft: Draft) -> Iterator[Draft]:
    yield from _told(case, draft, f"《{filler(1, 4)}条例》")


def _stale(case: Case, draft: Draft) -> Iterator[Draft]:
    samples = {"year": f"{LONG_AGO}年工作", "era": "贯彻十六大精神", "ordinal": "国庆1周年"}
    yield from _told(case, draft, *(samples[name] for name in case.params["checks"] if name in samples))
    if "signature" in case.params["checks"]:
        signed = evolve(draft, base=evolve(draft.base, signature=("", dt.date(LONG_AGO, 1, 1))))
        yield from _told(case, signed, "贯彻二十大精神")
    if "similar" in case.params["checks"]:
        told = draft.view().texts or _lines(draft, filler(1)).view().texts
        last = tuple(text.text for text in told)
        yield evolve(_lines(draft, *(() if draft.items else last)), base=evolve(draft.base, last=last))


def _festival(case: Case, draft: Draft) -> Iterator[Draft]:
    for selector in case.params["of"]:
        for name in (*FESTIVALS, *case.view.festivals):
            if festival_spans(case.calendar, name):
                made = retold(draft.make(selector), name)
                yield from (draft.put(dated(made, day)) for day in _mid_months(case))


def _duplicate(case: Case, draft: Draft) -> Iterator[Draft]:
    length = int(case.get("from") or 20) + 10
    subject = retold(draft.make(case.params["of"][0]), filler(1, length) + "。")
    yield draft.put(subject, evolve(subject, id=f"{subject.id}-2", path=f"{subject.path}-2"))


_BREAKS: Mapping[str, Break] = {
    "require": _require,
    "count": _count,
    "window": _window,
    "order": _order,
    "coverage": _coverage,
    "field": _field,
    "total": _total,
    "unique": _unique,
    "wording": _wording,
    "pattern": _pattern,
    "length": _length,
    "numbering": _numbering,
    "typography": _typography,
    "cite": _cite,
    "stale": _stale,
    "festival": _festival,
    "duplicate": _duplicate,
}

"""The cases that a rule brings along: small plans that stand alone, and the message ids each must give."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import count
from typing import Any, TypeVar

from attrs import evolve, frozen

from planloom.calendar import Calendar, months_of, resolve_all
from planloom.rules.engine import check_view
from planloom.rules.kinds import stated_params
from planloom.rules.planview import view_of_plan
from planloom.rules.views import Piece, Subject, View, recognised
from planloom_schemas.convert import structure
from planloom_schemas.dates import On, Period, parse_period
from planloom_schemas.finding import OutcomeName
from planloom_schemas.layer import REQUIRED, Content, Signature
from planloom_schemas.plan import (
    Entry,
    Origin,
    Plan,
    PlanActivity,
    PlanBudgetLine,
    PlanDocument,
    PlanMeasure,
    PlanRule,
    PlanSection,
    PlanTag,
)
from planloom_schemas.rule import Rule, RuleTest
from planloom_schemas.statement import Edit, Unset

T = TypeVar("T")
D = TypeVar("D")

FILE = "test"
_BESIDE = ("signature", "last")
"""What only a plan file can say, and a case may say too."""
_HARMLESS: Mapping[str, object] = {
    "title": "有关工作",
    "text": "做好有关工作。",
    "on": {"month": 3},
    "amount": 0,
    "type": "text",
    "kind": "require",
    "shows": "activities",
}


@frozen(kw_only=True)
class Trial:
    """What became of one case: the message ids wanted and got, in order of position.

    A case that lacks a fact shows nothing: the rule did not run.
    """

    rule: str
    name: str
    wanted: tuple[str, ...]
    got: tuple[str, ...]
    outcome: OutcomeName
    error: str = ""
    missing: tuple[str, ...] = ()

    @property
    def is_passed(self) -> bool:
        """Whether the rule did what its author wanted."""
        return self.wanted == self.got and self.outcome not in ("crashed", "unknown")


def run_rule_tests(code: str, rule: Rule, layer: Content) -> tuple[Trial, ...]:
    """Run the cases of a rule.

    Args:
        code: Code of the rule.
        rule: The rule as its layer states it, whole.
        layer: The layer, for its tags, facts, documents and festivals.

    Raises:
        StructureError: A case's plan has no layer's shape.
        CalendarError: A case's dates cannot be resolved.
    """
    return tuple(_trial(code, rule, layer, test) for test in said(rule.tests, ()))


def _trial(code: str, rule: Rule, layer: Content, test: RuleTest) -> Trial:
    period = test.period if isinstance(test.period, Period) else parse_period(test.period or 2027)
    view = view_of_case(test.plan, layer, period, test.text, test.organisation or "")
    defaults = {name: said(fact.default, None) for name, fact in said(layer.facts, {}).items()}
    findings, outcomes = check_view(view, [plan_rule(code, rule)], {**defaults, **test.facts})
    return Trial(
        rule=code,
        name=test.name,
        wanted=test.want,
        got=tuple(finding.message_id for finding in findings),
        outcome=outcomes[0].outcome,
        error=outcomes[0].error,
        missing=outcomes[0].missing,
    )


def said(value: "T | Unset", default: "D") -> "T | D":
    """What was said, or something else where nothing was."""
    return default if isinstance(value, Unset) else value


def plan_rule(code: str, rule: Rule) -> PlanRule:
    """A rule as it would be in a plan, if only its layer said anything of it."""
    params, binding = stated_params(rule), said(rule.binding, "house")
    origin = Origin(layer=FILE)
    basis = rule.basis.add if isinstance(rule.basis, Edit) else ()
    return PlanRule(
        code=code,
        slug=said(rule.slug, ""),
        title=said(rule.title, ""),
        kind=str(rule.kind),
        severity=said(rule.severity, "warn"),
        binding=binding,
        scope=said(rule.scope, "own"),
        params=params,
        when=said(rule.when, None),
        basis=basis,
        messages=said(rule.messages, {}),
        help=said(rule.help, ""),
        fix=said(rule.fix, None),
        entries={
            name: (Entry(value=value, binding=binding, origin=origin),) for name, value in params.items()
        },
        origin=origin,
    )


# ---- the plan of a case ----


def view_of_case(
    data: Mapping[str, Any], layer: Content, period: Period, text: str | None = None, organisation: str = ""
) -> View:
    """The view of a plan that is written in the shape of a layer and stands alone.

    Args:
        data: Activities, sections, budget and so on; missing required fields are filled with harmless values.
            Beside them ``signature``, and the paragraphs of last year's plan under ``last``.
        layer: Gives tags, documents and festivals.
        period: What the plan is for.
        text: Lines of a document, read beside the data.
        organisation: Name of the organisation.
    """
    beside = {name: value for name, value in data.items() if name in _BESIDE}
    data = {name: value for name, value in data.items() if name not in _BESIDE}
    content = structure(Content, _filled(data, {**_HARMLESS, "on": {"month": period.start.month}}))
    lines = count(1)
    places = {path: Origin(layer=FILE, file=FILE, line=next(lines), column=1) for path in _paths(data)}
    festivals = {**(said(layer.festivals, {})), **(said(content.festivals, {}))}
    tags = tuple(
        PlanTag(
            id=name, title=said(tag.title, ""), words=tag.words.add if isinstance(tag.words, Edit) else ()
        )
        for name, tag in {**(said(layer.tags, {})), **(said(content.tags, {}))}.items()
    )
    plan = Plan(
        title=said(content.heading, ""),
        organisation=organisation,
        period=period,
        sections=tuple(_sections(content, Calendar(period, festivals), places)),
        activities=tuple(_activities(content, Calendar(period, festivals), places)),
        budget=tuple(_budget(content, places)),
        tags=tags,
        documents=tuple(_documents({**(said(layer.documents, {})), **(said(content.documents, {}))})),
        festivals=festivals,
        signature=structure(Signature, beside.get("signature", {})),
    )
    view = view_of_plan(plan, tuple(beside.get("last", ())))
    return view if text is None else _with_text(view, text, next(lines))


def _filled(data: Mapping[str, Any], harmless: Mapping[str, object]) -> dict[str, Any]:
    """The data with every required field of every item."""
    filled = dict(data)
    for collection, items in data.items():
        if collection in REQUIRED and isinstance(items, Mapping):
            filled[collection] = {name: _item(collection, item, harmless) for name, item in items.items()}
    return filled


def _item(collection: str, item: object, harmless: Mapping[str, object]) -> object:
    stated = item if isinstance(item, Mapping) else {}
    filled = {**{key: harmless[key] for key in REQUIRED[collection]}, **stated}
    return _filled(filled, harmless) if collection == "sections" else filled


def _paths(data: Mapping[str, Any]) -> Iterator[str]:
    """The path of every item, in the order written."""
    for collection, items in data.items():
        for name, item in items.items() if isinstance(items, Mapping) else ():
            yield f"{collection}/{name}"
            if collection == "sections" and isinstance(item, Mapping):
                yield from (f"sections/{name}/measures/{key}" for key in item.get("measures") or {})


Places = Mapping[str, Origin]


def _activities(content: Content, calendar: Calendar, places: Places) -> Iterator[PlanActivity]:
    stated = said(content.activities, {})
    dates = resolve_all(
        {name: activity.on for name, activity in stated.items() if isinstance(activity.on, On)}, calendar
    )
    for name, activity in stated.items():
        assert isinstance(activity.on, On)
        yield PlanActivity(
            id=name,
            title=said(activity.title, ""),
            on=activity.on,
            dates=dates[name],
            months=months_of(dates[name]),
            section=said(activity.section, None),
            owner=_listed(activity.owner),
            place=said(activity.place, None),
            participants=said(activity.participants, None),
            tags=_added(activity.tags),
            budget=said(activity.budget, None),
            origin=places[f"activities/{name}"],
        )


def _sections(content: Content, calendar: Calendar, places: Places) -> Iterator[PlanSection]:
    for name, section in (said(content.sections, {})).items():
        lead = section.lead if isinstance(section.lead, str) else None
        measures = said(section.measures, {})
        yield PlanSection(
            id=name,
            label="",
            title=said(section.title, ""),
            lead=lead,
            shows=said(section.shows, "text"),
            tags=_added(section.tags),
            measures=tuple(_measure(name, key, measures[key], calendar, places) for key in measures),
            origin=places[f"sections/{name}"],
        )


def _measure(section: str, name: str, measure: Any, calendar: Calendar, places: Places) -> PlanMeasure:
    return PlanMeasure(
        id=name,
        label="",
        text=measure.text if isinstance(measure.text, str) else "",
        owner=_listed(measure.owner),
        on=said(measure.on, None),
        dates=calendar.spans(measure.on, {}) if measure.on else (),
        target=said(measure.target, None),
        activities=_added(measure.activities),
        tags=_added(measure.tags),
        origin=places[f"sections/{section}/measures/{name}"],
    )


def _budget(content: Content, places: Places) -> Iterator[PlanBudgetLine]:
    for name, line in (said(content.budget, {})).items():
        yield PlanBudgetLine(
            id=name,
            title=said(line.title, ""),
            side=said(line.side, "expense"),
            amount=said(line.amount, None) or Decimal(0),
            category=said(line.category, None) or "",
            origin=places[f"budget/{name}"],
        )


def _documents(stated: Mapping[str, Any]) -> Iterator[PlanDocument]:
    for name, document in stated.items():
        yield PlanDocument(
            id=name,
            title=said(document.title, ""),
            aliases=_added(document.aliases),
            editions=said(document.editions, ()),
        )


def _added(edit: object) -> tuple[Any, ...]:
    return edit.add if isinstance(edit, Edit) else ()


def _listed(value: object) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else ()


def _with_text(view: View, text: str, line: int) -> View:
    """The view with the lines of a document, ``#`` before headings."""
    subjects = tuple(_lines(text, line))
    headings = (evolve(one, what="heading", title=one.text) for one in subjects if one.level)
    items = tuple(recognised(one, view.tags) for one in (*view.items, *headings))
    texts = tuple(recognised(one, view.tags) for one in (*view.texts, *subjects))
    return evolve(view, items=items, texts=texts, is_document=True)


def _lines(text: str, first: int) -> Iterator[Subject]:
    offset = 0
    for number, line in enumerate(text.split("\n")):
        bare = line.lstrip("#")
        words = bare.strip()
        if words:
            at = line.index(words)
            piece = Piece(0, offset + at, first + number, at + 1)
            path = f"texts/{number + 1}"
            yield Subject(
                what="text",
                id=path,
                path=path,
                text=words,
                level=len(line) - len(bare),
                file=FILE,
                pieces=(piece,),
            )
        offset += len(line) + 1

"""The stratum of text: numbers, dates and templates become the sections and activities of a plan."""

from collections import ChainMap
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import is_

from attrs import field

from planloom.calendar import Calendar, months_of
from planloom.dangling import Use, Whole, removed_reference
from planloom.definitions import Path
from planloom.force import Owners
from planloom.merge import Item, Resolution
from planloom.plugins import PLUGIN_FAILED
from planloom.settle import Facts, Shown
from planloom.stack import Stack
from planloom.texts import Renderer, TextError, Tree
from planloom.texts.filters import cn_number
from planloom_schemas.dates import On
from planloom_schemas.errors import Location, Problem, RenderError, nearest
from planloom_schemas.layer import Spend
from planloom_schemas.plan import DateSpan, PlanActivity, PlanAttachment, PlanMeasure, PlanSection
from planloom_schemas.records import frozen

HEADING = "{{ organisation }}{{ period.label }}工作计划"
Spans = tuple[DateSpan, ...]
Dates = Mapping[str, Spans]


@frozen(kw_only=True)
class Written:
    """What this stratum gives.

    Args:
        title: The plan's title.
        sections: In print order, numbered.
        activities: By date, then by introduction; those outside the period last.
        attachments: In order.
        missing: Facts that a text wanted and nobody stated, with the places.
        notes: What is worth saying.
    """

    title: str
    sections: tuple[PlanSection, ...]
    activities: tuple[PlanActivity, ...]
    attachments: tuple[PlanAttachment, ...]
    missing: Mapping[str, Sequence[str]]
    notes: tuple[Problem, ...]


@frozen
class _Writer:
    """Renders texts and remembers what failed, so that everything is said at once."""

    renderer: Renderer
    resolution: Resolution
    facts: Facts
    context: Mapping[str, object]
    missing: dict[str, list[str]]
    trees: Mapping[str, Tree]
    problems: list[Problem] = field(factory=list)
    gone: dict[Path, list[Use]] = field(factory=dict)

    def text(self, source: str, path: str) -> str:
        try:
            return self.renderer.render(self.renderer.parse(source, self.trees.get(source)), self.context)
        except TextError as error:
            self.note(error, path)
            return ""

    def note(self, error: TextError, path: str) -> None:
        declared = {fact.id for fact in self.facts.info}
        for fault in error.problems:
            if fault.name in declared:
                self.missing.setdefault(fault.name, []).append(path)
                continue
            *item, key = path.split("/")
            *base, last = (fault.name or "").split(".")
            use = Use(tuple(item), key, tuple(base or ["facts"]), last)
            if use.target in self.resolution.removed:
                self.gone.setdefault(use.target, []).append(use)
                continue
            name = fault.name or ""
            near = nearest(name, {*declared, *self.context}) if name.isidentifier() else ""
            params = {"path": path, "line": fault.line, **self._layer(path), **fault.params, "near": near}
            self.problems.append(
                Problem(
                    code=fault.code, lead="the text {path} of “{layer}”, line {line}: ", message=fault.message,
                    params=params, path=path, location=self._place(path, fault.line),
                    fix="write {near}, or declare {name} under facts" if near else fault.fix,
                )
            )  # fmt: skip

    def _layer(self, path: str) -> Mapping[str, object]:
        said = self.resolution.provenance.get(path)
        return {"layer": said.holds[-1].origin.layer if said else "planloom"}

    def _place(self, path: str, line: int) -> Location | None:
        if path not in self.resolution.provenance:
            return None
        origin = self.resolution.provenance[path].holds[-1].origin
        if not origin.line:
            return None
        source = self.resolution.stack.layer(origin.layer).source
        raw = (source.raw(tuple(path.split("/"))) if source else None) or ""
        below = 1 if raw.startswith(("|", ">")) else 0
        return Location(file=origin.file, line=origin.line + line - 1 + below, column=origin.column)


def write(
    resolution: Resolution, shown: Shown, facts: Facts, dates: Dates, calendar: Calendar, organisation: str,
    owners: Owners, renderer: Renderer,
) -> Written:  # fmt: skip
    """Turn settled items into text; a text that a plugin could not make is empty, which the notes say.

    Raises:
        RenderError: Templates that cannot be read or rendered, each with its layer and line.
    """
    activities = _activities(shown, dates, owners)
    context = _context(facts, calendar, organisation, activities, resolution.stack)
    missing = {name: list(places) for name, places in shown.missing.items()}
    trees = ChainMap(*(dict(layer.trees) for layer in resolution.stack.layers if layer.trees))
    writer = _Writer(renderer, resolution, facts, context, missing, trees)
    title = writer.text(resolution.top.get("heading") or HEADING, "heading")
    sections = _sections(shown, dates, calendar, owners, writer)
    whole = Whole(resolution.drafts, resolution.provenance, resolution.stack)
    lost = [removed_reference(target, uses, whole) for target, uses in writer.gone.items()]
    if lost or any(problem.code != PLUGIN_FAILED for problem in writer.problems):
        raise RenderError(*writer.problems, *lost)
    return Written(
        title=title, sections=sections, activities=activities, attachments=_attachments(resolution),
        missing=missing, notes=(*writer.problems, *_outside(activities)),
    )  # fmt: skip


def _context(
    facts: Facts, calendar: Calendar, organisation: str, activities: Sequence[PlanActivity], stack: Stack
) -> Mapping[str, object]:
    period = calendar.period
    return {
        **facts.values,
        "organisation": organisation,
        "period": {
            "year": period.year, "start": period.start.isoformat(), "end": period.end.isoformat(), "label": period.label,
        },
        "profiles": list(stack.profiles),
        "activities": {activity.id: _view(activity) for activity in activities},
    }  # fmt: skip


def _view(activity: PlanActivity) -> dict[str, object]:
    return {
        "title": activity.title,
        "dates": [{"start": span.start.isoformat(), "end": span.end.isoformat()} for span in activity.dates],
        "months": list(activity.months),
        "owner": list(activity.owner),
        "section": activity.section or "",
    }


# ---- activities ----


def _activities(shown: Shown, dates: Dates, owners: Owners) -> tuple[PlanActivity, ...]:
    made = [_activity(item, dates[name], owners(item)) for name, item in shown.activities.items()]
    # Stable: equal days keep the order of introduction; undated ones come last.
    return tuple(sorted(made, key=lambda a: (not a.dates, a.dates[0].start if a.dates else None)))


@lru_cache(maxsize=4_096)
def _activity(item: Item, spans: tuple[DateSpan, ...], profiles: tuple[str, ...]) -> PlanActivity:
    budget: Spend | None = item.get("budget")
    return PlanActivity(
        id=item.id, title=item.values["title"], on=item.values["on"], dates=spans, months=months_of(spans),
        section=item.get("section"), owner=item.get("owner") or (), place=item.get("place"),
        participants=item.get("participants"), tags=tuple(item.get("tags", ())), budget=budget, profiles=profiles,
        origin=item.origin,
    )  # fmt: skip


def _outside(activities: Sequence[PlanActivity]) -> list[Problem]:
    titles = [activity.title for activity in activities if not activity.dates]
    if not titles:
        return []
    return [
        Problem(
            code="OutsidePeriod", message="{count} activities fall outside the period and are not printed: {titles}",
            params={"count": len(titles), "titles": "、".join(titles)},
        )
    ]  # fmt: skip


# ---- sections ----


def _sections(
    shown: Shown, dates: Dates, calendar: Calendar, owners: Owners, writer: _Writer
) -> tuple[PlanSection, ...]:
    sections: list[PlanSection] = []
    number = 0
    for item in shown.sections:
        numbered = item.get("numbered", True)
        number += 1 if numbered else 0
        measures = tuple(
            _measure(measure, place, shown, dates, calendar, owners, writer)
            for place, measure in enumerate(shown.measures[item.id], 1)
        )
        lead = item.get("lead")
        text = writer.text(lead, f"{'/'.join(item.path)}/lead") if lead else None
        sections.append(_made_section(item, number if numbered else 0, text, _These(measures), owners(item)))
    return tuple(sections)


def _measure(
    item: Item, place: int, shown: Shown, dates: Dates, calendar: Calendar, owners: Owners, writer: _Writer
) -> PlanMeasure:
    on: On | None = item.get("on")
    text = writer.text(item.values["text"], "/".join((*item.path, "text")))
    spans = calendar.spans(on, lambda name: dates.get(name, ())) if on else ()
    activities = tuple([name for name in item.get("activities", ()) if name in shown.activities])
    return _made_measure(item, place, text, spans, activities, owners(item))


# One plan has most activities and measures of the one before: they stay the same objects, and what is worked
# out from them is worked out once.


class _These(tuple[PlanMeasure, ...]):
    """Some objects, equal only to the very same ones: comparing all that is in them would take longer."""

    __slots__ = ()

    def __hash__(self) -> int:
        return hash(tuple(map(id, self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _These) and len(self) == len(other) and all(map(is_, self, other))


@lru_cache(maxsize=1_024)
def _made_section(
    item: Item, number: int, lead: str | None, measures: _These, profiles: tuple[str, ...]
) -> PlanSection:
    return PlanSection(
        id=item.id, label=f"{cn_number(number)}、" if number else "", title=item.values["title"], lead=lead,
        shows=item.get("shows", "text"), merge_months=item.get("merge_months") or (), measures=tuple(measures),
        tags=tuple(item.get("tags", ())), profiles=profiles, origin=item.origin,
    )  # fmt: skip


@lru_cache(maxsize=4_096)
def _made_measure(
    item: Item, place: int, text: str, spans: Spans, activities: tuple[str, ...], profiles: tuple[str, ...]
) -> PlanMeasure:
    return PlanMeasure(
        id=item.id, label=f"（{cn_number(place)}）", text=text, owner=item.get("owner") or (), on=item.get("on"),
        dates=spans, target=item.get("target"), activities=activities, tags=tuple(item.get("tags", ())),
        profiles=profiles, origin=item.origin,
    )  # fmt: skip


def _attachments(resolution: Resolution) -> tuple[PlanAttachment, ...]:
    return tuple(
        PlanAttachment(id=item.id, title=item.values["title"], shows=item.values["shows"], origin=item.origin)
        for item in resolution.items.get("attachments", ())
    )

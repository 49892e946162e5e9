"""The view of a composed plan."""

from collections.abc import Iterator

from planloom.calendar import months_of
from planloom.rules.remembered import Remembered
from planloom.rules.views import Subject, View
from planloom_schemas.plan import Origin, Plan, PlanActivity, PlanBudgetLine, PlanMeasure, PlanSection


def view_of_plan(plan: Plan, last: tuple[str, ...] = ()) -> View:
    """The view of a composed plan; ``last`` holds the paragraphs of last year's."""
    return View(
        items=(*map(_activity, plan.activities), *_content(plan), *_budget(plan)),
        texts=tuple(_texts(plan)),
        period=plan.period,
        title=plan.title,
        organisation=plan.organisation,
        tags=plan.tags,
        documents=plan.documents,
        festivals=plan.festivals,
        facts=plan.facts,
        profiles=tuple(layer.id for layer in plan.profiles),
        signature=(plan.signature.name, plan.signature.date),
        last=last,
        origins=plan.origins,
        file=plan.file,
    )


# The objects of a plan are those of the plan before where nothing changed, and so are their subjects.


@Remembered
def _activity(activity: PlanActivity) -> Subject:
    spend = activity.budget
    return Subject(
        what="activity",
        id=activity.id,
        path=f"activities/{activity.id}",
        title=activity.title,
        text=activity.title,
        section=activity.section,
        months=activity.months,
        tags=activity.tags,
        owner=activity.owner,
        on=activity.on,
        dates=activity.dates,
        place=activity.place,
        participants=activity.participants,
        amount=spend.amount if spend else None,
        category=spend.category if spend else "",
        profiles=activity.profiles,
        origin=activity.origin,
    )


def _content(plan: Plan) -> Iterator[Subject]:
    if plan.title:
        origin = plan.sections[0].origin if plan.sections and not plan.origins.get("heading") else None
        said = _said(plan, "heading") or origin
        yield Subject(
            what="heading", id="heading", path="heading", title=plan.title, text=plan.title, origin=said
        )
    for section in plan.sections:
        yield from _section(section)


@Remembered
def _section(section: PlanSection) -> tuple[Subject, ...]:
    path = f"sections/{section.id}"
    lines = [section.lead or "", *(measure.text for measure in section.measures)]
    itself = Subject(
        what="section",
        id=section.id,
        path=path,
        title=section.title,
        label=section.label,
        lead=section.lead,
        text="\n".join(line for line in lines if line),
        section=section.id,
        tags=section.tags,
        shows=section.shows,
        items=tuple(measure.id for measure in section.measures),
        profiles=section.profiles,
        origin=section.origin,
    )
    heading = Subject(
        what="heading",
        id=section.id,
        path=f"{path}/title",
        title=section.title,
        text=section.title,
        label=section.label,
        section=section.id,
        profiles=section.profiles,
        origin=section.origin,
    )
    return itself, heading, *(_measure(measure, section.id) for measure in section.measures)


def _said(plan: Plan, path: str) -> Origin | None:
    provenance = plan.origins.get(path)
    return provenance.holds[0].origin if provenance and provenance.holds else None


@Remembered
def _measure(measure: PlanMeasure, section: str) -> Subject:
    return Subject(
        what="measure",
        id=measure.id,
        path=f"sections/{section}/measures/{measure.id}",
        text=measure.text,
        label=measure.label,
        section=section,
        months=months_of(measure.dates),
        tags=measure.tags,
        items=measure.activities,
        owner=measure.owner,
        on=measure.on,
        dates=measure.dates,
        target=measure.target,
        profiles=measure.profiles,
        origin=measure.origin,
    )


def _budget(plan: Plan) -> Iterator[Subject]:
    for line in plan.budget:
        yield _budget_line(line)
    for activity in plan.activities:
        # What lies outside the period is not printed, so its money is not counted either.
        if activity.budget and activity.dates:
            yield Subject(
                what="budget",
                id=activity.id,
                path=f"activities/{activity.id}/budget",
                title=activity.title,
                text=activity.title,
                side="expense",
                amount=activity.budget.amount,
                category=activity.budget.category,
                section=activity.section,
                owner=activity.owner,
                months=activity.months,
                dates=activity.dates,
                tags=activity.tags,
                profiles=activity.profiles,
                origin=activity.origin,
            )


def _budget_line(line: PlanBudgetLine) -> Subject:
    return Subject(
        what="budget",
        id=line.id,
        path=f"budget/{line.id}",
        title=line.title,
        text=line.title,
        side=line.side,
        amount=line.amount,
        category=line.category,
        profiles=line.profiles,
        origin=line.origin,
    )


def _texts(plan: Plan) -> Iterator[Subject]:
    """What is printed, in print order; activities stand where the schedule does, or at the end."""
    printed = [activity for activity in plan.activities if activity.dates]
    if plan.title:
        said = _said(plan, "heading")
        yield Subject(what="text", id="heading", path="heading", text=plan.title, level=1, origin=said)
    for section in plan.sections:
        yield from _section_texts(section, plan)
        if section.shows == "activities":
            yield from map(_activity_text, printed)
            printed = []
    yield from map(_activity_text, printed)


@Remembered
def _section_texts(section: PlanSection, plan: Plan) -> tuple[Subject, ...]:
    return tuple(_texts_of_section(section, plan))


def _texts_of_section(section: PlanSection, plan: Plan) -> Iterator[Subject]:
    path = f"sections/{section.id}"
    yield Subject(
        what="text",
        id=f"{path}/title",
        path=f"{path}/title",
        text=section.title,
        label=section.label,
        section=section.id,
        level=1,
        profiles=section.profiles,
        origin=section.origin,
    )
    for name, line, _ in _lines(f"{path}/lead", section.lead or ""):
        yield Subject(
            what="text",
            id=name,
            path=name,
            text=line,
            section=section.id,
            profiles=section.profiles,
            origin=_said(plan, f"{path}/lead") or section.origin,
        )
    for measure in section.measures:
        for name, line, number in _lines(f"{path}/measures/{measure.id}/text", measure.text):
            yield Subject(
                what="text",
                id=name,
                path=name,
                text=line,
                label=measure.label if number == 0 else "",
                section=section.id,
                months=months_of(measure.dates),
                profiles=measure.profiles,
                origin=measure.origin,
            )


def _lines(path: str, text: str) -> Iterator[tuple[str, str, int]]:
    """The lines of a text that have words: path, words, number."""
    for number, line in enumerate(text.split("\n")):
        if line.strip():
            yield (f"{path}/{number}" if number else path), line, number


@Remembered
def _activity_text(activity: PlanActivity) -> Subject:
    path = f"activities/{activity.id}/title"
    return Subject(
        what="text",
        id=path,
        path=path,
        text=activity.title,
        section=activity.section,
        months=activity.months,
        profiles=activity.profiles,
        origin=activity.origin,
    )

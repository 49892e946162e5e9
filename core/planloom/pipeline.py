"""Composing, from layers to a plan: each step reads only what the steps before it settled.

existence → fields → order        `merge.resolve`
facts                             `settle.settle_facts`
hiding                            `settle.hide`
calendar                          `calendar.resolve_all`
text                              `printing.write`
rules                             `force.rules_in_force`
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from attrs import evolve

from planloom.calendar import Calendar, resolve_all
from planloom.definitions import TOP_FIELDS
from planloom.discovery import Library
from planloom.force import capped, owners_of, rules_in_force, untrusted_claims, with_windows
from planloom.layers import LoadedLayer, plan_layer
from planloom.merge import Item, Resolution, resolve
from planloom.pasting import paste
from planloom.planfile import load_plan_file
from planloom.plugins import PLUGIN_FAILED, Plugins
from planloom.printing import write
from planloom.rules.waivers import codes_of, waivers_of
from planloom.settle import assumption, hide, missing_facts, settle_facts
from planloom.stack import Stack, stack_of
from planloom_schemas.dates import DateError, On, Period, parse_period
from planloom_schemas.errors import (
    Location,
    MergeConflictError,
    PlanFileError,
    Problem,
    RenderError,
    nearest,
)
from planloom_schemas.layer import Fact, PlanFile, Signature
from planloom_schemas.plan import LayerRef, Plan, PlanBudgetLine, PlanDocument, PlanTag, Provenance
from planloom_schemas.records import frozen
from planloom_schemas.statement import UNSET


@frozen(kw_only=True)
class Request:
    """What to compose, beside or instead of a plan file.

    Args:
        profiles: Profiles to select instead of the plan file's.
        directives: Directives to add to the plan file's.
        facts: Fact id to value; text in `facts.Words` is read by the fact's type.
        period: As in a plan file: 2027, "2026-09/2027-08".
        organisation: Its name.
        grant: Layers from elsewhere that may speak for law and upper union.
    """

    profiles: Sequence[str] = ()
    directives: Sequence[str] = ()
    facts: Mapping[str, object] = {}
    period: object = None
    organisation: str | None = None
    grant: Sequence[str] = ()


def compose_plan(
    source: Path | LoadedLayer | None, request: Request, library: Library, plugins: Plugins
) -> Plan:
    """The plan of a plan file, or of a request alone.

    Raises:
        PlanloomError: Any of its kinds; each carries everything found wrong in its stratum.
    """
    layer = with_request(load_plan_file(source, library) if isinstance(source, Path) else source, request)
    plan = compose_stack(stack_of_plan(layer, library), plugins)
    if failed := [note for note in plan.notes if note.code == PLUGIN_FAILED]:
        raise RenderError(*failed)
    return plan


def stack_of_plan(layer: LoadedLayer, library: Library) -> Stack:
    """The layers that a plan file asks for, with itself on top.

    Raises:
        PlanFileError: It selects no profile.
        PlanloomError: A layer cannot be found or used.
    """
    stack = stack_of(
        library, tuple(layer.content.profiles or ()), tuple(layer.content.directives or ()), layer
    )
    problems = [] if stack.profiles else [_no_profile(layer, library)]
    problems += _strangers(layer, stack)
    if problems:
        raise PlanFileError(*problems)
    return stack


def _strangers(layer: LoadedLayer, stack: Stack) -> Iterator[Problem]:
    """Layers that are granted something and take no part."""
    known = [other.id for other in stack.layers if other.kind in {"profile", "directive"}]
    granted = {name: name if name in known else nearest(name, known) for name in layer.content.grant or ()}
    meant = list(dict.fromkeys(name for name in granted.values() if name))
    for index, (name, near) in enumerate(granted.items()):
        if name not in known:
            yield Problem(
                code="UnknownGrant", message="“grant” names “{name}”, and no layer of that name takes part",
                params={"name": name, "near": near}, path="grant",
                location=layer.source.value_at(("grant", index)) if layer.source else None,
                fix="did you mean “{near}”?" if near else "leave it out", paste=paste(("grant",), meant),
            )  # fmt: skip


def compose_stack(stack: Stack, plugins: Plugins) -> Plan:
    """The plan that a stack of layers makes; its last layer is the plan file.

    A text that a plugin failed to make is empty: a note says so.
    """
    layer = stack.layers[-1]
    period = period_of(layer)
    resolution = resolve(stack)
    facts = settle_facts(resolution)
    shown = hide(resolution, facts)
    festivals = festivals_of(resolution)
    calendar = Calendar(period, festivals)
    dates = resolve_all({name: item.values["on"] for name, item in shown.activities.items()}, calendar)
    owners = owners_of(stack)
    organisation, unnamed = _organisation(layer)
    written = write(resolution, shown, facts, dates, calendar, organisation, owners, plugins.renderer)
    if written.missing:
        raise missing_facts(written.missing, facts, resolution)
    rules = rules_in_force(resolution, owners)
    if bounded := with_windows(rules):
        # Only now: the kinds of rules take long to load, and hardly a plan has windows that could clash.
        from planloom.rules.clashes import window_clashes

        if clashes := tuple(window_clashes(bounded, calendar)):
            raise MergeConflictError(*clashes)
    signature = resolution.top.get("signature") or Signature()
    return Plan(
        title=written.title,
        organisation=organisation,
        period=period,
        profiles=_refs(stack, stack.profiles),
        directives=_refs(stack, _with_ancestors(stack, stack.directives)),
        facts=facts.values,
        fact_info=facts.info,
        sections=written.sections,
        activities=written.activities,
        budget=_budget(resolution, owners),
        attachments=written.attachments,
        signature=signature if signature.name else evolve(signature, name=organisation),
        rules=rules,
        waivers=waivers_of(
            tuple(layer.content.waivers or ()), codes_of(rules, plugins.rule_names()), layer.id, layer.source
        ),
        tags=tags_of(resolution),
        documents=documents_of(resolution),
        festivals=festivals,
        origins=resolution.provenance.telling({**computed(resolution), **capped(resolution, rules)}),
        notes=(*unnamed, *assumption(facts), *resolution.notes, *untrusted_claims(stack), *written.notes,
               *(warning for one in stack.layers for warning in one.warnings)),
        file=layer.shown,
        last=layer.content.last or None,
    )  # fmt: skip


# ---- the plan file and what was said beside it ----


def with_request(layer: LoadedLayer | None, request: Request) -> LoadedLayer:
    """The plan file, or an empty one, with what was said beside it."""
    if layer is not None and request == Request():
        return layer
    content: Any = layer.content if layer else PlanFile(planloom=1, plan="plan")
    known: Mapping[str, Any] = content.facts or {}
    stated = {name: evolve(known.get(name, Fact()), value=value) for name, value in request.facts.items()}
    words = {name: str(value) for name, value in request.facts.items()}
    content = evolve(
        content,
        profiles=tuple(request.profiles) or content.profiles,
        directives=(*(content.directives or ()), *request.directives) or UNSET,
        facts={**known, **stated},
        period=content.period if request.period is None else request.period,
        organisation=content.organisation if request.organisation is None else request.organisation,
        grant=(*(content.grant or ()), *request.grant) or UNSET,
    )
    return plan_layer(content, layer.source if layer else None, words)


def _no_profile(layer: LoadedLayer, library: Library) -> Problem:
    return Problem(
        code="NoProfile", message="no profile is selected; there are: {known}",
        params={"known": ", ".join(library.layers)},
        location=layer.source.key_at(("plan",)) if layer.source else None,
        fix="name one under profiles: or with -p",
    )  # fmt: skip


def period_of(layer: LoadedLayer) -> Period:
    """The period a plan file states.

    Raises:
        PlanFileError: It states none, or none that can be read.
    """
    at = _period_at(layer)
    if layer.content.period in (UNSET, None):
        raise PlanFileError(
            Problem(
                code="NoPeriod", message="the plan does not say which year or term it is for", location=at,
                fix="write period: 2027 (or 2026-09/2027-08), or give --year 2027",
            )
        )  # fmt: skip
    try:
        return parse_period(layer.content.period)
    except DateError as error:
        raise PlanFileError(
            *(
                Problem(
                    code="BadPeriod",
                    message=i.message,
                    params=i.params,
                    location=at,
                    fix=i.fix,
                    path="period",
                )
                for i in error.issues
            )
        ) from error


def _period_at(layer: LoadedLayer) -> Location | None:
    """Where the period was said: in the plan file, unless the request says another."""
    source = layer.source
    if source is None:
        return None
    data: Any = source.data
    said = data.get("period")
    if layer.content.period in (UNSET, None) or str(said) == str(layer.content.period):
        return source.value_at(("period",))
    return Location(file=f"--year {layer.content.period}", line=0, column=0)


UNNAMED = "本单位"
"""What stands for the organisation when nobody named it."""


def _organisation(layer: LoadedLayer) -> tuple[str, tuple[Problem, ...]]:
    if layer.content.organisation:
        return layer.content.organisation, ()
    note = Problem(
        code="Unnamed", message="the organisation was not named; the plan says “{name}”", params={"name": UNNAMED},
        fix="write organisation: in the plan file, or give --organisation",
    )  # fmt: skip
    return UNNAMED, (note,)


# ---- the plain parts of a plan ----


def computed(resolution: Resolution) -> Mapping[str, Provenance]:
    """The provenance of what a plan has although no layer states it."""
    return {key: Provenance(why="computed") for key in TOP_FIELDS if key not in resolution.top}


def _refs(stack: Stack, names: Sequence[str]) -> tuple[LayerRef, ...]:
    return tuple(stack.layer(name).ref() for name in names)


def _with_ancestors(stack: Stack, names: Sequence[str]) -> Sequence[str]:
    """Some layers and what they stand on, in order of introduction."""
    every = {*names, *(ancestor for name in names for ancestor in stack.ancestors[name])}
    return sorted(every, key=stack.rank.__getitem__)


def _budget(resolution: Resolution, owners: Any) -> tuple[PlanBudgetLine, ...]:
    return tuple(
        PlanBudgetLine(
            id=item.id, title=item.values["title"], side=item.get("side", "expense"), amount=item.values["amount"],
            category=item.get("category") or "", profiles=owners(item), origin=item.origin,
        )
        for item in resolution.items.get("budget", ())
        if item.values["amount"] is not None
    )  # fmt: skip


def tags_of(resolution: Resolution) -> tuple[PlanTag, ...]:
    """The vocabulary of the merged layers."""
    return _tags(resolution.items.get("tags", ()))


@lru_cache(maxsize=64)
def _tags(items: tuple[Item, ...]) -> tuple[PlanTag, ...]:
    return tuple(
        PlanTag(id=item.id, title=item.get("title") or "", words=tuple(item.get("words", ())))
        for item in items
    )


def documents_of(resolution: Resolution) -> tuple[PlanDocument, ...]:
    """The laws and documents that the merged layers declare."""
    return _documents(resolution.items.get("documents", ()))


@lru_cache(maxsize=64)
def _documents(items: tuple[Item, ...]) -> tuple[PlanDocument, ...]:
    return tuple(
        PlanDocument(
            id=item.id, title=item.values["title"], aliases=tuple(item.get("aliases", ())),
            editions=item.get("editions", ()),
        )
        for item in items
    )  # fmt: skip


def festivals_of(resolution: Resolution) -> dict[str, On]:
    """The festivals that layers name."""
    return {item.id: item.values["on"] for item in resolution.items.get("festivals", ())}

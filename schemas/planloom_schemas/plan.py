"""A composed plan: what composing gives, what rules look at and renderers print.

Everything is frozen, in print order, and plain enough to become JSON and come back (`convert.plan_to_json`,
`convert.plan_from_json`). Dates are `datetime.date`, money is `decimal.Decimal` yuan, months are 1-12.
"""

import copyreg
import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from attrs import field

from planloom_schemas.dates import On, Period
from planloom_schemas.errors import Problem
from planloom_schemas.layer import Edition, Signature, Spend, Target
from planloom_schemas.records import frozen
from planloom_schemas.rule import Basis, Fix

FORMAT = "planloom-plan/1"


def closed(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    """A view of a mapping that cannot be changed: the same rule stands in many plans."""
    return mapping if isinstance(mapping, MappingProxyType) else MappingProxyType(mapping)


def _opened(mapping: MappingProxyType[str, Any]) -> tuple[Any, ...]:
    return closed, (dict(mapping),)


# Python neither pickles nor deep-copies such views by itself; plans go to other processes and into caches.
copyreg.pickle(MappingProxyType, _opened)


@frozen(kw_only=True)
class Origin:
    """Who said something, and where.

    Args:
        layer: Layer id; for a plan file its ``plan`` value.
        distribution: Distribution that ships the layer, or "".
        version: Its version, or "".
        file: The file, as stable across machines as it can be.
        line: 1-based line, 0 if there is none.
        column: 1-based column in code points, 0 if there is none.
    """

    layer: str
    distribution: str = ""
    version: str = ""
    file: str = ""
    line: int = 0
    column: int = 0


@frozen(kw_only=True)
class Statement:
    """One definition as provenance keeps it.

    Args:
        origin: Who said it, and where.
        value: What was said (any value a statement can hold).
        reason: The reason given, for removals, restores and loosenings.
        op: ``set``, ``loosen``, ``remove``, ``restore`` or ``if_present``.
    """

    origin: Origin
    value: object = None
    reason: str = ""
    op: str = "set"


@frozen(kw_only=True)
class Provenance:
    """Why a value of the plan is what it is.

    Args:
        holds: The definitions that hold: all joined ones, the introducing one, every remove and restore.
        beat: The definitions that they beat.
        why: ``only`` | ``agreed`` | ``more-specific`` | ``joined`` | ``introduced`` | ``restored`` | ``default`` |
            ``computed`` | ``capped`` (joined, then lowered because no basis of the rule is verified).
    """

    holds: tuple[Statement, ...] = ()
    beat: tuple[Statement, ...] = ()
    why: str = "only"


@frozen(kw_only=True)
class DateSpan:
    """Days from ``start`` to ``end``, both included."""

    start: dt.date
    end: dt.date


@frozen(kw_only=True)
class LayerRef:
    """A layer that took part: a profile, a directive, or one they extend."""

    id: str
    title: str = ""
    distribution: str = ""
    version: str = ""
    trusted: bool = True


@frozen(kw_only=True)
class PlanMeasure:
    """One thing to do inside a section.

    ``label`` is the printed number (（一）) or "", ``activities`` the visible ones that carry it out, ``profiles`` the
    selected profiles it belongs to.
    """

    id: str
    label: str
    text: str
    owner: tuple[str, ...] = ()
    on: On | None = None
    dates: tuple[DateSpan, ...] = ()
    target: Target | None = None
    activities: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    origin: Origin


@frozen(kw_only=True)
class PlanSection:
    """A section in print order; ``shows`` is ``text``, ``activities`` or ``budget``."""

    id: str
    label: str
    title: str
    lead: str | None = None
    shows: str = "text"
    merge_months: tuple[tuple[int, ...], ...] = ()
    measures: tuple[PlanMeasure, ...] = ()
    tags: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    origin: Origin


@frozen(kw_only=True)
class PlanActivity:
    """A dated activity; ``dates`` is empty when it falls outside the period (kept, listed, not printed)."""

    id: str
    title: str
    on: On
    dates: tuple[DateSpan, ...] = ()
    months: tuple[int, ...] = ()
    section: str | None = None
    owner: tuple[str, ...] = ()
    place: str | None = None
    participants: str | None = None
    tags: tuple[str, ...] = ()
    budget: Spend | None = None
    profiles: tuple[str, ...] = ()
    origin: Origin


@frozen(kw_only=True)
class PlanBudgetLine:
    """A line of income or expense, in yuan."""

    id: str
    title: str
    side: str = "expense"
    amount: Decimal
    category: str = ""
    profiles: tuple[str, ...] = ()
    origin: Origin


@frozen(kw_only=True)
class Entry:
    """What one layer says about one parameter of a rule, with the binding it says it with."""

    value: object
    binding: str
    origin: Origin


@frozen(kw_only=True)
class PlanRule:
    """A rule in force with joined parameters.

    Args:
        code: E.g. ``SCH003``.
        slug: Readable name, or "".
        params: Parameter name (as written in YAML) to its joined value.
        entries: Parameter name to what each layer said of it, so that a finding can carry the binding it fails.
        layers: Layers that state anything of it, in layer order.
        profiles: Selected profiles it belongs to (scope ``own`` looks at their items).
    """

    code: str
    slug: str = ""
    title: str
    kind: str
    severity: str = "warn"
    binding: str = "house"
    scope: str = "own"
    params: Mapping[str, object] = field(converter=closed, factory=dict[str, object])
    when: str | None = None
    basis: tuple[Basis, ...] = ()
    messages: Mapping[str, str] = field(converter=closed, factory=dict[str, str])
    help: str = ""
    fix: Fix | None = None
    layers: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    entries: Mapping[str, tuple[Entry, ...]] = field(converter=closed, factory=dict[str, tuple[Entry, ...]])
    origin: Origin


@frozen(kw_only=True)
class PlanTag:
    """A word of the vocabulary and the words that recognise it in documents."""

    id: str
    title: str = ""
    words: tuple[str, ...] = ()


@frozen(kw_only=True)
class PlanDocument:
    """A law or document that texts and rules may cite."""

    id: str
    title: str
    aliases: tuple[str, ...] = ()
    editions: tuple[Edition, ...] = ()


@frozen(kw_only=True)
class PlanFact:
    """What the plan knows of a fact beside its value; ``source`` is ``stated``, ``default`` or ``missing``."""

    id: str
    title: str
    type: str
    source: str
    one_of: tuple[str, ...] = ()
    default: object = None
    origin: Origin


@frozen(kw_only=True)
class Waiver:
    """A dated, reasoned exception to a rule: ``until`` is inclusive."""

    rule: str
    where: str = ""
    reason: str
    by: str
    until: dt.date
    origin: Origin | None = None


@frozen(kw_only=True)
class PlanAttachment:
    """An attachment: what it shows (``activities``, ``budget``, ``requirements`` or ``text``), under which title."""

    id: str
    title: str
    shows: str
    origin: Origin


@frozen(kw_only=True)
class Plan:
    """A composed plan.

    ``facts`` holds plain values; ``origins`` one `Provenance` for every leaf path; ``notes`` what composing assumed
    or found worth saying (not part of the JSON).
    """

    format: str = FORMAT
    title: str
    organisation: str
    period: Period
    profiles: tuple[LayerRef, ...] = ()
    directives: tuple[LayerRef, ...] = ()
    facts: Mapping[str, object] = field(converter=closed, factory=dict[str, object])
    fact_info: tuple[PlanFact, ...] = ()
    sections: tuple[PlanSection, ...] = ()
    activities: tuple[PlanActivity, ...] = ()
    budget: tuple[PlanBudgetLine, ...] = ()
    attachments: tuple[PlanAttachment, ...] = ()
    signature: Signature = Signature()
    rules: tuple[PlanRule, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    tags: tuple[PlanTag, ...] = ()
    documents: tuple[PlanDocument, ...] = ()
    festivals: Mapping[str, On] = field(converter=closed, factory=dict[str, On])
    origins: Mapping[str, Provenance] = field(converter=closed, factory=dict[str, Provenance])
    notes: tuple[Problem, ...] = ()
    file: str = ""
    last: str | None = None

"""What a rule says about a plan: findings, their places, and the counted outcomes of a check."""

from collections.abc import Mapping
from typing import Literal

from attrs import field

from planloom_schemas.errors import Location, Problem
from planloom_schemas.plan import LayerRef, Origin
from planloom_schemas.records import frozen
from planloom_schemas.rule import Basis, Fix

CHECK_FORMAT = "planloom-check/1"

OutcomeName = Literal["pass", "fail", "not_applicable", "unknown", "waived", "baselined", "crashed"]
OUTCOMES: tuple[OutcomeName, ...] = (
    "pass",
    "fail",
    "not_applicable",
    "unknown",
    "waived",
    "baselined",
    "crashed",
)
Status = Literal["open", "waived", "baselined"]


@frozen(kw_only=True)
class TextEdit:
    """Replace the code points ``start`` (included) to ``end`` (excluded) of ``file`` by ``text``."""

    file: str
    start: int
    end: int
    text: str


@frozen(kw_only=True)
class Repair:
    """How a finding can be mended: text edits that are safe or not, or a sentence for a person."""

    safe: bool = False
    edits: tuple[TextEdit, ...] = ()
    change: Fix | None = None
    manual: str = ""


@frozen(kw_only=True)
class Finding:
    """What one rule says about one place of a plan.

    Args:
        code: Rule code.
        message_id: Which of the kind's messages, e.g. ``few``.
        message: The message, filled in.
        data: The values in the message; with the code and path they make the fingerprint.
        path: Stable path of the subject (``activities/x/owner``).
        subject: The subject as a person would name it (``活动「…」``).
        location: Where to look first; None where nothing was written down.
        chosen: The line of the plan file that chose the layer, for inherited values.
        quote: The text complained about, or "".
        trail: Heading trail or table cell, for documents.
        origin: Who said what is complained about.
        status: ``open``, ``waived`` or ``baselined``; ``reason`` says why it is not open.
    """

    code: str
    slug: str = ""
    title: str
    severity: str
    binding: str
    message_id: str
    message: str
    data: Mapping[str, object] = field(factory=dict[str, object])
    path: str = ""
    subject: str = ""
    location: Location | None = None
    chosen: Location | None = None
    quote: str = ""
    trail: str = ""
    origin: Origin | None = None
    basis: tuple[Basis, ...] = ()
    help: str = ""
    repair: Repair | None = None
    status: Status = "open"
    reason: str = ""


@frozen(kw_only=True)
class RuleOutcome:
    """What became of one rule: its outcome, and for ``unknown`` the facts that must be stated.

    ``layer`` introduced the rule, ``plugin`` is what ships it.
    """

    code: str
    slug: str = ""
    title: str = ""
    severity: str = ""
    help: str = ""
    layer: str = ""
    outcome: OutcomeName
    missing: tuple[str, ...] = ()
    error: str = ""
    plugin: str = ""


@frozen(kw_only=True)
class Report:
    """The result of a check: sorted findings, one outcome per rule, and what took part.

    ``plugins`` are the layers and the code plugins that took part, ``code`` the latter alone; ``titles`` maps the
    documents that rules rest on to their titles (neither is part of the JSON).
    """

    format: str = CHECK_FORMAT
    findings: tuple[Finding, ...] = ()
    outcomes: tuple[RuleOutcome, ...] = ()
    files: tuple[str, ...] = ()
    plugins: tuple[LayerRef, ...] = ()
    code: tuple[LayerRef, ...] = ()
    notes: tuple[Problem, ...] = ()
    titles: Mapping[str, str] = field(factory=dict[str, str])

    def counts(self) -> Mapping[OutcomeName, int]:
        """How many rules had each outcome, in the fixed order of `OUTCOMES`."""
        tally: dict[OutcomeName, int] = dict.fromkeys(OUTCOMES, 0)
        for outcome in self.outcomes:
            tally[outcome.outcome] += 1
        return tally

"""Plans and reports as plain data, and plans back from it.

Whole decimals are JSON integers. Money with fen is a string ("12.50" yuan), because a reader that takes
numbers for binary fractions would change it; every other fraction is a JSON number. What `origins` quotes and
what `facts` hold is plain data, and comes back as such; all else comes back as it was.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache, partial
from typing import Any, cast

import attrs
from attrs import evolve

from planloom_schemas import plan as plans
from planloom_schemas.dates import On, Period, format_on
from planloom_schemas.errors import Problem, Translate
from planloom_schemas.finding import Finding, Repair, Report, RuleOutcome, TextEdit
from planloom_schemas.layer import Edition, Signature, Spend, Target
from planloom_schemas.plan import FORMAT, Origin, Plan, Provenance, Statement
from planloom_schemas.rule import Basis, Days, Percent, Rule
from planloom_schemas.scalars import Gathered, Mistake, StructureError, is_list, is_mapping, mistyped, shown
from planloom_schemas.statement import UNSET, Edit, key_of
from planloom_schemas.structuring import converter, field_reader, hook, read_object, structure

# ---- any value ----


def plain(value: object) -> Any:
    """Any value that a statement can hold, in the form in which a file would say it."""
    kind = type(value)
    if kind in _SIMPLE:
        return value
    if isinstance(value, str):
        return str(value)
    if kind is tuple or kind is list:
        return [plain(item) for item in cast("list[object]", value)]
    if kind in _PLAIN:
        return _PLAIN[kind](value)
    if is_mapping(value):
        return {key: plain(item) for key, item in value.items()}
    return _stated(value)


def params_to_plain(params: Mapping[str, object]) -> dict[str, object]:
    """Parameters of a rule in the form in which a file would say them."""
    return {name: plain(value) for name, value in params.items()}


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _money(value: Decimal) -> int | str:
    return int(value) if value == value.to_integral_value() else str(value)


def _edit(edit: Edit) -> object:
    added, taken = [plain(item) for item in edit.add], [plain(item) for item in edit.take]
    if not taken:
        return added
    return {"add": added, "remove": taken} if added else {"remove": taken}


def _stated(value: Any) -> object:
    """The fields of an object that say something."""
    said = ((key, getattr(value, name), default) for name, key, default in _defaults_of(value.__class__))
    return {key: plain(item) for key, item, default in said if item is not UNSET and item != default}


@cache
def _defaults_of(cls: Any) -> tuple[tuple[str, str, object], ...]:
    return tuple(
        (a.name, key_of(a), a.default.factory() if isinstance(a.default, attrs.Factory) else a.default)  # type: ignore[arg-type]
        for a in attrs.fields(cls)
    )


_SIMPLE = frozenset({str, int, bool, float, type(None)})
_PLAIN: Mapping[type, Callable[[Any], object]] = {
    Decimal: _number,
    Percent: str,
    Days: str,
    On: format_on,
    dt.date: dt.date.isoformat,
    Edit: _edit,
}

# ---- plans ----


def plan_to_json(plan: Plan) -> dict[str, object]:
    """The plan as plain data: the keys of the published format."""
    return _record(plan)


def plan_from_json(data: object) -> Plan:
    """The plan that was written.

    Raises:
        StructureError: The data is no plan, with every mistake.
    """
    found = data.get("format") if is_mapping(data) else FORMAT
    if found != FORMAT:
        raise StructureError(
            Mistake(
                path=("format",),
                code="UnsupportedVersion",
                message="the plan has format {found}, this planloom reads {known}",
                params={"found": shown(found), "known": FORMAT},
                fix="compose the plan again with this planloom",
            )
        )
    _learn_plans()
    return structure(Plan, data)


_FIRST: Mapping[type, str] = {
    Plan: "format title organisation period profiles directives facts sections activities budget rules "
    "waivers origins",
    plans.LayerRef: "id distribution version",
    plans.PlanSection: "id label title lead measures origin",
    plans.PlanMeasure: "id label text owner on target activities origin",
    plans.PlanActivity: "id title dates months section owner place participants tags budget origin",
    plans.PlanRule: "code slug title kind severity binding params when layers",
}
"""The keys that the published format begins with; the others follow in the order of the class."""

RECORDS = frozenset({
    *_FIRST, Origin, Provenance, plans.DateSpan, plans.PlanBudgetLine, plans.Entry, plans.PlanTag,
    plans.PlanDocument, plans.PlanFact, plans.Waiver, plans.PlanAttachment, Spend, Target, Signature, Edition,
    Basis, RuleOutcome, TextEdit, Repair,
})  # fmt: skip
"""The classes all of whose fields are written, also those that say nothing."""


@cache
def layout(cls: Any) -> tuple[tuple[str, str], ...]:
    """Names and keys of the fields of a record, in the order in which they are written."""
    names = {a.name: key_of(a) for a in attrs.fields(cls) if a.name != "notes"}
    first = _FIRST.get(cls, "").split()
    return tuple((name, names[name]) for name in (*first, *(name for name in names if name not in first)))


def _record(value: Any) -> dict[str, object]:
    return {key: _json(getattr(value, name)) for name, key in layout(value.__class__)}


def _json(value: Any) -> object:
    kind = cast("type", value.__class__)
    if kind in _SIMPLE:
        return value
    if isinstance(value, str):
        return str(value)
    if kind in _WRITERS:
        return _WRITERS[kind](value)
    if kind is tuple or kind is list:
        return [_json(item) for item in value]
    if is_mapping(value):
        return {key: _json(item) for key, item in value.items()}
    return _record(value) if kind in RECORDS else plain(value)


def _origin(origin: Origin) -> dict[str, object]:
    return {
        "layer": origin.layer, "distribution": origin.distribution, "version": origin.version,
        "file": origin.file, "line": origin.line, "column": origin.column,
    }  # fmt: skip


def _provenance(provenance: Provenance) -> dict[str, object]:
    return {
        "holds": list(map(_statement, provenance.holds)),
        "beat": list(map(_statement, provenance.beat)),
        "why": provenance.why,
    }


def _statement(statement: Statement) -> dict[str, object]:
    """Flat, and silent about what goes without saying: there are thousands of these."""
    result = _origin(statement.origin)
    result["value"] = plain(statement.value)
    if statement.reason:
        result["reason"] = statement.reason
    if statement.op != "set":
        result["op"] = statement.op
    return result


def _period(period: Period) -> dict[str, object]:
    return {"start": period.start.isoformat(), "end": period.end.isoformat(), "label": period.label}


def _spend(spend: Spend) -> dict[str, object]:
    return {"amount": _money(spend.amount), "category": spend.category}


def _budget_line(line: plans.PlanBudgetLine) -> dict[str, object]:
    return {**_record(line), "amount": _money(line.amount)}


_WRITERS: Mapping[type, Callable[[Any], object]] = {
    Origin: _origin,
    Provenance: _provenance,
    Period: _period,
    Spend: _spend,
    plans.PlanBudgetLine: _budget_line,
}

# ---- plans back ----


@cache
def _learn_plans() -> None:
    """Teach the converter where the JSON of a plan is not laid out like its classes."""
    readers: Mapping[Any, Callable[[Any], Any]] = {
        Period: _read_period,
        Statement: _read_statement,
        plans.PlanRule: _read_rule,
        plans.PlanActivity: _read_activity,
        plans.PlanBudgetLine: lambda data: read_object(plans.PlanBudgetLine, _with_amount(data)),
    }
    for cls, reader in readers.items():
        converter().register_structure_hook(cls, hook(reader))


def _read_period(data: object) -> Period:
    if not is_mapping(data):
        raise mistyped("a mapping", data)
    return read_object(Period, {key: value for key, value in data.items() if key != "label"})


def _read_statement(data: object) -> Statement:
    if not is_mapping(data):
        raise mistyped("a mapping", data)
    own = {"value", "reason", "op"}
    origin = read_object(Origin, {key: value for key, value in data.items() if key not in own})
    said = {key: value for key, value in data.items() if key in own}
    return evolve(read_object(Statement, {**said, "origin": {"layer": ""}}), origin=origin)


def _read_activity(data: object) -> plans.PlanActivity:
    if is_mapping(data) and "budget" in data:
        data = {**data, "budget": _with_amount(data["budget"])}
    return read_object(plans.PlanActivity, data)


def _with_amount(data: object) -> object:
    """Money may be a string here, as it may not in a file."""
    amount = data.get("amount") if is_mapping(data) else None
    try:
        return {**data, "amount": Decimal(amount)} if isinstance(amount, str) else data  # type: ignore[dict-item]
    except ArithmeticError:
        return data


def _read_rule(data: object) -> plans.PlanRule:
    """A rule whose parameters have the types that their names and its kind give them."""
    rule, gathered, head = read_object(plans.PlanRule, data), Gathered(), cast("Mapping[str, Any]", data)

    def read(name: str, value: object) -> object:
        return gathered.read(name, partial(_read_param, name, head), value)

    params = {name: read(name, value) for name, value in rule.params.items()}
    entries = {
        name: tuple(evolve(entry, value=read(name, entry.value)) for entry in said)
        for name, said in rule.entries.items()
    }
    if gathered.mistakes:
        raise StructureError(*(mistake.under("params") for mistake in gathered.mistakes))
    return evolve(rule, params=params, entries=entries)


def _read_param(name: str, head: Mapping[str, Any], value: object) -> object:
    """One parameter; windows of several layers stand side by side."""
    reader = field_reader(Rule, name, head)
    if reader is None or value is None:
        return value
    if name in _WINDOWS and is_list(value):
        return tuple(reader(item) for item in value)
    return reader(value)


_WINDOWS = frozenset({"near", "after", "before"})

# ---- reports ----


def report_to_json(report: Report, translate: Translate = str) -> dict[str, object]:
    """The result of a check as plain data: the keys of the published format."""
    return {
        "format": report.format,
        "findings": [_finding(finding) for finding in report.findings],
        "outcomes": dict(report.counts()),
        "rules": _json(report.outcomes),
        "plugins": _json(report.plugins),
        "files": list(report.files),
        "notes": [_note(note, translate) for note in report.notes],
    }


def _finding(finding: Finding) -> dict[str, object]:
    place, chosen = finding.location, finding.chosen
    return {
        "code": finding.code, "rule": finding.slug, "title": finding.title, "severity": finding.severity,
        "binding": finding.binding, "message": finding.message,
        "file": place.file if place else None, "line": (place.line or None) if place else None,
        "column": (place.column or None) if place else None, "end_line": place.end_line if place else None,
        "end_column": place.end_column if place else None,
        "path": finding.path, "status": finding.status, "basis": _json(finding.basis),
        "fix": _json(finding.repair), "origin": _json(finding.origin),
        "message_id": finding.message_id, "data": plain(finding.data),
        "subject": finding.subject, "chosen": {"file": chosen.file, "line": chosen.line} if chosen else None,
        "quote": finding.quote, "trail": finding.trail, "help": finding.help, "reason": finding.reason,
    }  # fmt: skip


def _note(note: Problem, translate: Translate) -> dict[str, object]:
    place = note.location
    return {
        "code": note.code, "message": note.text(translate), "path": note.path,
        "file": place.file if place else None, "line": (place.line or None) if place else None,
    }  # fmt: skip

"""The rules in force: joined parameters, the binding and severity they end with, whose items they look at."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from planloom_schemas.dates import DateError, parse_date
from planloom_schemas.errors import Location, MergeConflictError, PlanFileError, Problem, nearest
from planloom_schemas.plan import Origin, PlanRule, Waiver
from planloom_schemas.rule import SEVERITIES

from planloom.layers import LoadedLayer, Stack
from planloom.merge import Item, Resolution

Owners = Callable[[Item], tuple[str, ...]]
_HEAD = frozenset({"kind", "slug", "title", "severity", "binding", "scope", "when", "basis", "help", "fix"})
FILLER = frozenset({"无", "暂无", "特殊情况", "原因", "理由", "todo", "tbd", "n/a", "none", "fixme", "x", "-", "待定", "略", "同上"})


def owners_of(stack: Stack) -> Owners:
    """Which selected profiles an item belongs to: those whose extends-closure states anything under it."""
    closures = {name: stack.ancestors[name] | {name} for name in stack.profiles}
    known: dict[tuple[str, ...], tuple[str, ...]] = {}

    def owners(item: Item) -> tuple[str, ...]:
        if item.layers not in known:
            stating = set(item.layers)
            mine = tuple(name for name, closure in closures.items() if closure & stating)
            known[item.layers] = mine or stack.profiles
        return known[item.layers]

    return owners


def rules_in_force(resolution: Resolution, owners: Owners) -> tuple[PlanRule, ...]:
    """Every rule of the merged layers, by code.

    Raises:
        MergeConflictError: A rule claims to be law and rests on nothing verified.
    """
    rules: list[PlanRule] = []
    problems: list[Problem] = []
    for item in sorted(resolution.items.get("rules", ()), key=lambda item: item.id):
        rule = _rule(item, owners(item))
        if rule.binding == "law" and not any(basis.verified for basis in rule.basis):
            problems.append(_baseless(rule))
        rules.append(rule)
    if problems:
        raise MergeConflictError(*problems)
    return tuple(rules)


def _rule(item: Item, profiles: tuple[str, ...]) -> PlanRule:
    values = item.values
    params = {key: value for key, value in values.items() if key not in _HEAD and not key.startswith(("messages/", "words/"))}
    words = {key.removeprefix("words/"): value for key, value in values.items() if key.startswith("words/")}
    basis = tuple(values.get("basis", ()))
    unverified = bool(basis) and not any(one.verified for one in basis)
    severity = values.get("severity", "warn")
    if unverified:
        severity = min(severity, "warn", key=SEVERITIES.index)
    return PlanRule(
        code=item.id, slug=values.get("slug") or "", title=values["title"], kind=values["kind"], severity=severity,
        binding=values["binding"], scope=values.get("scope") or "own",
        params=params | ({"words": words} if words else {}), when=values.get("when"), basis=basis,
        messages={k.removeprefix("messages/"): v for k, v in values.items() if k.startswith("messages/")},
        help=values.get("help") or "", fix=values.get("fix"), layers=item.layers, profiles=profiles,
        entries=item.entries, origin=item.origin,
    )  # fmt: skip


def _baseless(rule: PlanRule) -> Problem:
    return Problem(
        code="LawWithoutBasis", message="the rule {rule} ({title}) claims to be law, but none of its bases is verified",
        params={"rule": rule.code, "title": rule.title}, path=f"rules/{rule.code}",
        location=Location(file=rule.origin.file, line=rule.origin.line, column=rule.origin.column),
        fix="add a basis with verified: true, or use binding: upper or house",
    )  # fmt: skip


def untrusted_claims(stack: Stack) -> Iterator[Problem]:
    """Layers from elsewhere that speak for law or the upper union without having been granted it."""
    for layer in stack.layers:
        claims = sorted({d.item[-1] for d in layer.definitions if d.binding in {"law", "upper"}})
        if claims and not layer.trusted and layer.kind != "plan":
            yield Problem(
                code="CountsAsHouse",
                message="“{layer}” claims to speak for the law or the upper union in {rules}; it counts as a house rule",
                params={"layer": layer.id, "rules": ", ".join(claims)},
                location=Location(file=layer.shown), fix="if you trust it, write grant: [{layer}] in the plan file",
            )  # fmt: skip


def waivers_of(layer: LoadedLayer, rules: Sequence[PlanRule]) -> tuple[Waiver, ...]:
    """The waivers of a plan file.

    Raises:
        PlanFileError: One names an unknown rule, or lacks a reason, a name or an end date.
    """
    codes = {rule.code: rule.code for rule in rules} | {rule.slug: rule.code for rule in rules if rule.slug}
    problems: list[Problem] = []
    waivers: list[Waiver] = []
    for index, entry in enumerate(layer.content.waivers or ()):
        wrong = list(_waiver_problems(index, entry, codes, layer))
        problems += wrong
        if not wrong:
            at = layer.source.value_at(("waivers", index)) if layer.source else Location(file="")
            waivers.append(
                Waiver(
                    rule=codes[entry.rule], where=entry.where, reason=entry.reason, by=entry.by,
                    until=parse_date(entry.until), origin=_origin(layer, at),
                )
            )  # fmt: skip
    if problems:
        raise PlanFileError(*problems)
    return tuple(waivers)


def _origin(layer: LoadedLayer, at: Location) -> Origin:
    return Origin(layer=layer.id, file=at.file, line=at.line, column=at.column)


def _waiver_problems(index: int, entry: Any, codes: Mapping[str, str], layer: LoadedLayer) -> Iterator[Problem]:
    def wrong(key: str, code: str, message: str, fix: str, **params: object) -> Problem:
        at = layer.source.value_at(("waivers", index, key)) if layer.source else None
        return Problem(
            code=code, message=message, params={"rule": entry.rule, **params}, location=at, fix=fix,
            path=f"waivers/{index}",
        )  # fmt: skip

    if entry.rule not in codes:
        near = nearest(entry.rule, codes)
        yield wrong(
            "rule", "UnknownRule", "the waiver names the rule “{rule}”, which is not in force",
            "did you mean {near}?" if near else "see the rules with “planloom rules”", near=near,
        )  # fmt: skip
    reason = entry.reason.strip().strip("。.！!")
    if not reason or reason.casefold() in FILLER:
        yield wrong("reason", "WaiverWithoutReason", "the waiver of {rule} gives no reason",
                    "write in one sentence why the rule cannot be kept this time")  # fmt: skip
    if not entry.by.strip():
        yield wrong("by", "WaiverWithoutAuthor", "the waiver of {rule} does not say who allows it",
                    "add by: with the name of the person")  # fmt: skip
    try:
        parse_date(entry.until)
    except DateError:
        yield wrong("until", "WaiverWithoutDate", "the waiver of {rule} has no end date that can be read: {found}",
                    "write until: 2027-06-30 (that day included)", found=entry.until or "-")  # fmt: skip


"""The rules in force: joined parameters, the binding and severity they end with, whose items they look at."""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from planloom.joins import is_unverified
from planloom.layers import LoadedLayer, Stack
from planloom.merge import Item, Resolution
from planloom_schemas.errors import Location, MergeConflictError, Problem, nearest
from planloom_schemas.plan import PlanRule, closed
from planloom_schemas.rule import SEVERITIES

Owners = Callable[[Item], tuple[str, ...]]
_HEAD = frozenset({"kind", "slug", "title", "severity", "binding", "scope", "when", "basis", "help", "fix"})


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
        MergeConflictError: A rule claims to be law and rests on nothing verified, or the plan file gives a rule of
            its own the prefix of a layer.
    """
    prefixes = {layer.content.prefix: layer.id for layer in resolution.stack.layers if layer.kind != "plan"}
    own = resolution.stack.layers[-1]
    rules: list[PlanRule] = []
    problems: list[Problem] = []
    for item in sorted(resolution.items.get("rules", ()), key=lambda item: item.id):
        rule = _rule(item, owners(item))
        if rule.binding == "law" and not any(basis.verified for basis in rule.basis):
            problems.append(_baseless(rule))
        if own.kind == "plan" and rule.origin.layer == own.id and rule.code[:-3] in prefixes:
            problems.append(_borrowed(rule, prefixes[rule.code[:-3]]))
        rules.append(rule)
    if problems:
        raise MergeConflictError(*problems)
    return tuple(rules)


@lru_cache(maxsize=4_096)
def _rule(item: Item, profiles: tuple[str, ...]) -> PlanRule:
    values = item.values
    params = {
        key: value
        for key, value in values.items()
        if key not in _HEAD and not key.startswith(("messages/", "words/"))
    }
    words = {key.removeprefix("words/"): value for key, value in values.items() if key.startswith("words/")}
    basis = tuple(values.get("basis", ()))
    severity = values.get("severity", "warn")
    if is_unverified(basis):
        severity = min(severity, "warn", key=SEVERITIES.index)
    return PlanRule(
        code=item.id, slug=values.get("slug") or "", title=values["title"], kind=values["kind"], severity=severity,
        binding=values["binding"], scope=values.get("scope") or "own",
        params=params | ({"words": closed(words)} if words else {}), when=values.get("when"), basis=basis,
        messages={k.removeprefix("messages/"): v for k, v in values.items() if k.startswith("messages/")},
        help=values.get("help") or "", fix=values.get("fix"), layers=item.layers, profiles=profiles,
        entries=item.entries, origin=item.origin,
    )  # fmt: skip


def _borrowed(rule: PlanRule, owner: str) -> Problem:
    return Problem(
        code="ForeignPrefix", message="the plan file introduces {rule}, but that prefix belongs to “{layer}”",
        params={"rule": rule.code, "layer": owner}, path=f"rules/{rule.code}",
        location=Location(file=rule.origin.file, line=rule.origin.line, column=rule.origin.column),
        fix="give the rule a prefix of its own, such as OWN001",
    )  # fmt: skip


def with_windows(rules: Iterable[PlanRule]) -> list[PlanRule]:
    """The rules that bound the time of something by more than one condition."""
    return [rule for rule in rules if rule.kind == "window" and _conditions(rule) > 1]


def _conditions(rule: PlanRule) -> int:
    """How many days and months a window names; several layers may each have named a day."""
    named = [rule.params[name] for name in ("near", "after", "before") if name in rule.params]
    return ("months" in rule.params) + sum(len(one) if isinstance(one, tuple) else 1 for one in named)


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
        yield from untrusted_claim(layer)


def untrusted_claim(layer: LoadedLayer) -> Iterator[Problem]:
    """The problem of a layer that speaks for law or the upper union without having been granted it, if it does."""
    claims = sorted({d.item[-1] for d in layer.definitions if d.binding in {"law", "upper"}})
    if claims and not layer.trusted and layer.kind != "plan":
        yield Problem(
            code="CountsAsHouse",
            message="“{layer}” claims to speak for the law or the upper union in {rules}; it counts as a house rule",
            params={"layer": layer.id, "rules": ", ".join(claims)},
            location=Location(file=layer.shown), fix="if you trust it, write grant: [{layer}] in the plan file",
        )  # fmt: skip


def idle_grants(stack: Stack) -> Iterator[Problem]:
    """Layers that the plan file lets speak for law and upper union, and that take no part."""
    plan = stack.layers[-1]
    for name in plan.content.grant or ():
        if name not in stack.rank:
            near = nearest(
                name, [layer.id for layer in stack.layers if layer.kind in ("profile", "directive")]
            )
            yield Problem(
                code="IdleGrant", message="“{layer}” is granted to speak for others, but takes no part in this plan",
                params={"layer": name, "near": near}, path="grant",
                location=plan.source.key_at(("grant",)) if plan.source else None,
                fix="did you mean “{near}”?" if near else "leave it out of grant:",
            )  # fmt: skip

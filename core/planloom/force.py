"""The rules in force: joined parameters, the binding and severity they end with, whose items they look at."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from attrs import evolve

from planloom.dangling import voices_of
from planloom.joins import is_unverified
from planloom.layers import LoadedLayer
from planloom.merge import Item, Resolution
from planloom.quarrels import problem_of
from planloom.stack import Stack
from planloom_schemas.errors import Location, MergeConflictError, Problem
from planloom_schemas.plan import Plan, PlanRule, Provenance, closed
from planloom_schemas.rule import BINDINGS, SEVERITIES

Owners = Callable[[Item], tuple[str, ...]]
_HEAD = frozenset(
    {"kind", "slug", "title", "severity", "binding", "scope", "when", "basis", "grounds", "help", "fix"}
)


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
    prefixes = {layer.prefix: layer.id for layer in resolution.stack.layers if layer.kind != "plan"}
    own = resolution.stack.layers[-1]
    rules: list[PlanRule] = []
    problems: list[Problem] = []
    for item in sorted(resolution.items.get("rules", ()), key=lambda item: item.id):
        rule = _rule(item, owners(item))
        if rule.binding == "law" and not any(basis.verified for basis in item.values["grounds"]):
            problems.append(_baseless(rule, resolution))
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
    if is_unverified(values["grounds"]):
        severity = min(severity, "warn", key=SEVERITIES.index)
    return PlanRule(
        code=item.id, slug=values.get("slug") or "", title=values["title"], kind=values["kind"], severity=severity,
        binding=values["binding"], scope=values.get("scope") or "own",
        params=params | ({"words": closed(words)} if words else {}), when=values.get("when"), basis=basis,
        messages={k.removeprefix("messages/"): v for k, v in values.items() if k.startswith("messages/")},
        help=values.get("help") or "", fix=values.get("fix"), layers=item.layers, profiles=profiles,
        entries=item.entries, origin=item.origin,
    )  # fmt: skip


def capped(resolution: Resolution, rules: Sequence[PlanRule]) -> Mapping[str, Provenance]:
    """The provenance of severities that are lower than what layers say, because no basis is verified."""
    stated = {item.id: item.get("severity", "warn") for item in resolution.items.get("rules", ())}
    paths = (f"rules/{rule.code}/severity" for rule in rules if rule.severity != stated[rule.code])
    return {path: evolve(resolution.provenance[path], why="capped") for path in paths}


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


def _baseless(rule: PlanRule, resolution: Resolution) -> Problem:
    path = ("rules", rule.code)
    claims = [
        one for one in voices_of(resolution.provenance, (*path, "binding")) if one.statement.value == "law"
    ]
    bases = voices_of(resolution.provenance, (*path, "basis"))
    return problem_of(
        "LawWithoutBasis", "the rule {rule} ({title}) claims to be law, but none of its bases is verified",
        [*claims, *bases], resolution.stack, at=claims[0], path="/".join(path),
        fix="add a basis with verified: true beside that claim, or use binding: upper or house",
        rule=rule.code, title=rule.title,
    )  # fmt: skip


def untrusted_claims(stack: Stack) -> Iterator[Problem]:
    """Layers from elsewhere that speak for law or the upper union without having been granted it."""
    for layer in stack.layers:
        yield from untrusted_claim(layer)


def untrusted_claim(layer: LoadedLayer) -> Iterator[Problem]:
    """The problem of a layer that speaks for law or the upper union without having been granted it, if it does."""
    if layer.trusted or layer.kind == "plan":
        return
    claims = {d.item[-1] for d in layer.definitions if d.binding in {"law", "upper"}}
    if claims:
        yield _counts_as_house(layer.id, claims, layer.shown)


def recorded_claims(plan: Plan) -> Iterator[Problem]:
    """The same for a plan that was composed elsewhere: claims that are stronger than what its rules bind with."""
    claims: dict[tuple[str, str], set[str]] = {}
    for rule in plan.rules:
        for one in plan.origins.get(f"rules/{rule.code}/binding", Provenance()).holds:
            if BINDINGS.index(str(one.value)) > BINDINGS.index(rule.binding):
                claims.setdefault((one.origin.layer, one.origin.file), set()).add(rule.code)
    yield from (_counts_as_house(layer, rules, file) for (layer, file), rules in sorted(claims.items()))


def _counts_as_house(layer: str, rules: Iterable[str], file: str) -> Problem:
    return Problem(
        code="CountsAsHouse",
        message="“{layer}” claims to speak for the law or the upper union in {rules}; it counts as a house rule",
        params={"layer": layer, "rules": ", ".join(sorted(rules))},
        location=Location(file=file), fix="if you trust it, write grant: [{layer}] in the plan file",
    )  # fmt: skip

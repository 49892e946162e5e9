"""Rules in Python take part if their layer does. What is no rule, or takes a used code, crashes."""

from collections.abc import Iterable, Mapping

from attrs import evolve

from planloom.rules.python import PythonRule
from planloom_schemas.finding import RuleOutcome

Layers = Mapping[str, tuple[str, ...]]
"""Id of each layer that takes part, to the selected profiles that stand on it."""


def plugged_rules(
    brought: Iterable[tuple[str, object]], layers: Layers, taken: Iterable[str]
) -> tuple[tuple[PythonRule, ...], tuple[RuleOutcome, ...]]:
    """The rules to put to the plan, and the outcomes of those that cannot be.

    Args:
        brought: Each rule with the plugin that brings it.
        layers: The layers that take part.
        taken: The codes of the other rules.
    """
    used = set(taken)
    rules: list[PythonRule] = []
    crashed: list[RuleOutcome] = []
    for plugin, rule in brought:
        if not isinstance(rule, PythonRule):
            crashed.append(_crashed(plugin, f"the plugin brings {type(rule).__name__}, not a rule"))
        elif rule.layer and rule.layer not in layers:
            continue
        elif rule.code in used:
            crashed.append(_crashed(plugin, f"the code {rule.code} is taken", rule))
        else:
            used.add(rule.code)
            rules.append(
                evolve(rule, profiles=rule.profiles or layers.get(rule.layer, ()), layer=rule.layer or plugin)
            )
    return tuple(rules), tuple(crashed)


def _crashed(plugin: str, error: str, rule: PythonRule | None = None) -> RuleOutcome:
    return RuleOutcome(
        code=rule.code if rule else plugin,
        slug=rule.slug if rule else "",
        title=rule.title if rule else "",
        layer=rule.layer if rule else "",
        outcome="crashed",
        error=error,
        plugin=plugin,
    )

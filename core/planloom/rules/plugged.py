"""Rules in Python take part if their layer does. What is no rule, or takes a used code, crashes."""

import re
from collections.abc import Iterable, Mapping
from typing import get_args

from attrs import evolve

from planloom.rules.python import PythonRule
from planloom_schemas.errors import Problem
from planloom_schemas.finding import RuleOutcome
from planloom_schemas.rule import Basis, Severity

Layers = Mapping[str, tuple[str, ...]]
"""Id of each layer that takes part, to the selected profiles that stand on it."""
_SEVERITIES = get_args(Severity)
_CODE = r"[A-Z]{2,5}[0-9]{3}"


def plugged_rules(
    brought: Iterable[tuple[str, object]],
    layers: Layers,
    taken: Iterable[str],
    prefixes: Mapping[str, str] | None = None,
) -> tuple[tuple[PythonRule, ...], tuple[RuleOutcome, ...]]:
    """The rules to put to the plan, and the outcomes of those that cannot be.

    Args:
        brought: Each rule with the plugin that brings it.
        layers: The layers that take part.
        taken: The codes of the other rules.
        prefixes: Id of a layer to the prefix of its codes, where it is known.
    """
    used = set(taken)
    rules: list[PythonRule] = []
    crashed: list[RuleOutcome] = []
    for plugin, rule in brought:
        if not isinstance(rule, PythonRule):
            crashed.append(_crashed(plugin, f"the plugin brings {type(rule).__name__}, not a rule"))
        elif flaw := flaw_of(rule, prefixes or {}):
            crashed.append(_crashed(plugin, flaw))
        elif rule.layer and rule.layer not in layers:
            continue
        elif rule.code in used:
            crashed.append(_crashed(plugin, f"the code {rule.code} is taken", rule))
        else:
            used.add(rule.code)
            profiles, layer = rule.profiles or layers.get(rule.layer, ()), rule.layer or plugin
            rules.append(evolve(rule, profiles=profiles, layer=layer, plugin=plugin))
    return tuple(rules), tuple(crashed)


def crashed_plugins(notes: Iterable[Problem]) -> tuple[RuleOutcome, ...]:
    """The outcome of each plugin that a note says failed in the middle of something."""
    plugins = {str(note.params["plugin"]): note for note in notes if note.code == "PluginFailed"}
    return tuple(
        _crashed(name, f"{note.params['name']}: {note.params['error']}")
        for name, note in sorted(plugins.items())
    )


def flaw_of(rule: PythonRule, prefixes: Mapping[str, str]) -> str:
    """Why a rule cannot be put to a plan, or ""."""
    words = (rule.code, rule.title, rule.slug, rule.layer, rule.help, rule.when or "")
    if not all(isinstance(word, str) for word in words):
        return f"the rule {rule.code!r} has a head that is no text"
    if not (isinstance(rule.basis, tuple) and all(isinstance(one, Basis) for one in rule.basis)):
        return f"the basis of the rule {rule.code} must be a tuple of Basis"
    if rule.severity not in _SEVERITIES:
        return f"the rule {rule.code} has the severity “{rule.severity}”; it must be {', '.join(_SEVERITIES)}"
    prefix = prefixes.get(rule.layer, "")
    if not re.fullmatch(f"{re.escape(prefix)}[0-9]{{3}}" if prefix else _CODE, rule.code):
        example = f"{prefix or 'HOS'}901"
        return (
            f"the rule code “{rule.code}” must be the prefix of its layer and three digits, as in {example}"
        )
    return ""


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

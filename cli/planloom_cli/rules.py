"""``planloom rules``: the rules in force, their parameters, and who set them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from planloom.force import owners_of, rules_in_force
from planloom.merge import resolve
from planloom.pasting import said
from planloom.plugins import Plugins, load_plugins
from planloom.stack import Stack
from planloom_cli.console import CRASHED, tell
from planloom_cli.helptext import Command
from planloom_cli.messages import tr
from planloom_cli.options import argument, format_option, request_options
from planloom_cli.output import print_json
from planloom_cli.request import Request
from planloom_cli.session import session_of
from planloom_cli.width import aligned, clipped
from planloom_schemas.convert import params_to_plain, plain
from planloom_schemas.errors import Problem
from planloom_schemas.finding import RuleOutcome
from planloom_schemas.plan import Entry, PlanRule, Provenance

if TYPE_CHECKING:
    from planloom.rules.python import PythonRule

PYTHON = "python"
"""What stands for the kind of a rule that is written in Python."""
FORMAT = "planloom-rules/1"
_LONGEST = 48


@click.command(
    cls=Command,
    help=(
        "List the rules in force for the profiles and directives chosen, with the parameters that result "
        "and the layers that set them. Without any, the rules that every plan has to keep.\n\nplanloom "
        "explain CODE says more of one rule."
    ),
    examples=(
        "planloom rules -p school",
        "planloom rules plan.yaml",
        "planloom rules -p school -d district.yaml",
    ),
)
@argument("plan", required=False, metavar="[PLAN]")
@request_options("profiles", "directives")
@format_option
@click.pass_context
def rules(
    ctx: click.Context, plan: str | None, profiles: Sequence[str], directives: Sequence[str], format_: str
) -> None:
    """List the rules in force."""
    library = session_of(ctx).library()
    code = load_plugins(library)
    tell(code.problems, "warning")
    stack = Request(plan=plan, profiles=profiles, directives=directives).stack(library)
    merged = resolve(stack)
    found = rules_in_force(merged, owners_of(stack))
    written = python_rules(code, stack, found)
    if format_ == "json":
        rows = [*map(_data, found), *map(_python_data, written)]
        print_json({"format": FORMAT, "rules": sorted(rows, key=lambda row: str(row["code"]))})
    else:
        click.echo("\n".join(_lines(found, written, merged.provenance)))
    if code.problems:
        ctx.exit(CRASHED)


def python_rules(code: Plugins, stack: Stack, found: Sequence[PlanRule]) -> "tuple[PythonRule, ...]":
    """The rules in Python that a check would put to the plan; those that crash there are told of."""
    if not code.rules:
        return ()
    from planloom.rules.plugged import plugged_rules

    layers: dict[str, tuple[str, ...]] = {layer.id: () for layer in stack.layers}
    prefixes = {layer.id: layer.prefix for layer in stack.layers}
    written, crashed = plugged_rules(code.rules, layers, [rule.code for rule in found], prefixes)
    tell(map(_refused, crashed), "warning")
    return written


def _refused(outcome: RuleOutcome) -> Problem:
    return Problem(
        code="BrokenRule", message="a rule of the plugin “{plugin}” cannot be used: {error}",
        params={"plugin": outcome.plugin, "error": outcome.error},
    )  # fmt: skip


def _lines(
    found: Sequence[PlanRule], written: "Sequence[PythonRule]", provenance: Mapping[str, Provenance]
) -> Iterator[str]:
    """A line for each rule, and below it one for each parameter; of a rule in Python, for its plugin."""
    rows = [
        (
            (one.code, tr(one.severity), tr(one.binding), one.kind, one.title),
            list(aligned(_parameters(one, provenance))),
        )
        for one in found
    ]
    rows += [
        ((one.code, tr(one.severity), tr("house"), PYTHON, one.title), [f"{tr('plugin')}  {one.plugin}"])
        for one in written
    ]
    rows.sort(key=lambda row: row[0])
    for line, (_, details) in zip(aligned([cells for cells, _ in rows]), rows, strict=True):
        yield line
        yield from (f"    {detail}" for detail in details)


def _parameters(rule: PlanRule, provenance: Mapping[str, Provenance]) -> Iterator[tuple[str, str, str]]:
    """Parameter, value, and who set it."""
    for name, value in params_to_plain(rule.params).items():
        entries = rule.entries.get(name, ())
        if entries:
            who = ", ".join(dict.fromkeys(_said_by(entry, len(entries) > 1) for entry in entries))
        else:
            holds = getattr(provenance.get(f"rules/{rule.code}/{name}"), "holds", ())
            who = ", ".join(dict.fromkeys(one.origin.layer for one in holds)) or rule.origin.layer
        yield f"{name}:", clipped(said(value), _LONGEST), who


def _said_by(entry: Entry, several: bool) -> str:
    value = f": {clipped(said(entry.value), _LONGEST)}" if several else ""
    binding = "" if entry.binding == "house" else f" ({tr(entry.binding)})"
    return f"{entry.origin.layer}{binding}{value}"


def _python_data(rule: "PythonRule") -> dict[str, object]:
    return {
        "code": rule.code, "slug": rule.slug, "title": rule.title, "kind": PYTHON, "severity": rule.severity,
        "binding": "house", "params": {}, "when": rule.when, "layers": [rule.layer],
        "profiles": list(rule.profiles), "entries": {}, "plugin": rule.plugin,
    }  # fmt: skip


def _data(rule: PlanRule) -> dict[str, object]:
    return {
        "code": rule.code, "slug": rule.slug, "title": rule.title, "kind": rule.kind,
        "severity": rule.severity, "binding": rule.binding, "params": params_to_plain(rule.params),
        "when": rule.when, "layers": list(rule.layers), "profiles": list(rule.profiles),
        "entries": {
            name: [
                {"layer": e.origin.layer, "file": e.origin.file, "line": e.origin.line, "binding": e.binding,
                 "value": plain(e.value)}
                for e in entries
            ]
            for name, entries in rule.entries.items()
        },
    }  # fmt: skip

"""``planloom rules``: the rules in force, their parameters, and who set them."""

from collections.abc import Iterator, Mapping, Sequence

import click

from planloom.force import owners_of, rules_in_force
from planloom.merge import resolve
from planloom.pasting import said
from planloom_cli.helptext import Command
from planloom_cli.messages import tr
from planloom_cli.options import argument, format_option, request_options
from planloom_cli.output import print_json
from planloom_cli.request import Request
from planloom_cli.session import session_of
from planloom_cli.width import aligned, clipped
from planloom_schemas.convert import params_to_plain, plain
from planloom_schemas.plan import Entry, PlanRule, Provenance

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
    stack = Request(plan=plan, profiles=profiles, directives=directives).stack(session_of(ctx).library())
    merged = resolve(stack)
    found = rules_in_force(merged, owners_of(stack))
    if format_ == "json":
        print_json({"format": FORMAT, "rules": [_data(rule) for rule in found]})
        return
    table = [(rule.code, tr(rule.severity), tr(rule.binding), rule.kind, rule.title) for rule in found]
    for rule, line in zip(found, aligned(table), strict=True):
        click.echo(line)
        for row in aligned(_parameters(rule, merged.provenance)):
            click.echo(f"    {row}")


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

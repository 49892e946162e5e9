"""``planloom schema``: the published JSON Schemas."""

from pathlib import Path

import click

import planloom_schemas
from planloom_cli.helptext import Command
from planloom_cli.messages import tr
from planloom_cli.options import argument, option
from planloom_cli.output import print_bytes, write_all
from planloom_cli.width import aligned
from planloom_schemas.errors import PlanFileError, Problem, nearest

_PUBLISHED = Path(planloom_schemas.__file__).parent / "published"
_WHAT = {
    "layer": "a profile or a directive (layer.yaml)",
    "plan": "a plan file",
    "composed-plan": "a composed plan as JSON",
    "check": "the result of a check as JSON",
}


@click.command(
    cls=Command,
    help=(
        "Print a JSON Schema. Editors use it for completion and checks while you write. Without NAME, "
        "list what there is."
    ),
    examples=("planloom schema", "planloom schema plan -o plan.schema.json"),
)
@argument("name", required=False, metavar="[NAME]")
@option("-o", "--output", metavar="FILE", help="Write it to a file.")
def schema(name: str | None, output: str | None) -> None:
    """Print or write a schema."""
    if name is None:
        click.echo("\n".join(aligned((known, tr(what)) for known, what in _WHAT.items())))
        return
    if name not in _WHAT:
        raise PlanFileError(_unknown(name))
    data = (_PUBLISHED / f"{name}.json").read_bytes()
    if output is not None:
        write_all([(Path(output), data)])
    else:
        print_bytes(data)


def _unknown(name: str) -> Problem:
    near = nearest(name, _WHAT)
    return Problem(
        code="UnknownSchema",
        message="there is no schema “{name}”",
        params={"name": name, "near": near, "known": ", ".join(_WHAT)},
        fix="did you mean {near}?" if near else "use one of: {known}",
    )

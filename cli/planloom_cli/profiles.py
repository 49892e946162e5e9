"""``planloom profiles``: what is on offer, and what one profile holds."""

from collections.abc import Iterator, Sequence
from typing import Any

import click

from planloom.discovery import CodeOffer
from planloom.layers import LoadedLayer, load_layer
from planloom.merge import Item, Resolution
from planloom.pasting import said
from planloom.plugins import Plugins, load_plugins
from planloom_cli.console import lines_of
from planloom_cli.helptext import Command
from planloom_cli.messages import told, tr
from planloom_cli.offers import Row, merged_profile, rows
from planloom_cli.options import argument, format_option
from planloom_cli.output import print_json
from planloom_cli.session import session_of
from planloom_cli.width import aligned, clipped
from planloom_schemas.convert import plain
from planloom_schemas.errors import Problem

_LONGEST = 60
FORMAT = "planloom-profiles/1"


@click.command(
    cls=Command,
    help=(
        "List the profiles and directives on offer and where they come from. A broken one is listed with "
        "its error.\n\nWith NAME, show the facts, sections, activities and rules of a profile, with "
        "those of the profiles it extends, or what a directive says."
    ),
    examples=("planloom profiles", "planloom profiles school", "planloom profiles --format json"),
)
@argument("name", required=False, metavar="[NAME]")
@format_option
@click.pass_context
def profiles(ctx: click.Context, name: str | None, format_: str) -> None:
    """List what is on offer, or show one."""
    library = session_of(ctx).library()
    as_json = format_ == "json"
    if name is None:
        found, code = list(rows(library)), load_plugins(library)
        problems = (*library.problems, *code.problems)
        if as_json:
            print_json(_list_data(found, code, problems))
        else:
            click.echo("\n".join(_list_lines(found, code, problems)))
        return
    layer = load_layer(library.offer(name))
    if layer.kind == "directive":
        statements = [(definition.path, definition.value) for definition in layer.definitions]
        if as_json:
            print_json({**_head(layer), "statements": {path: plain(value) for path, value in statements}})
        else:
            click.echo(
                "\n".join([*_head_lines(layer), *aligned((f"  {p}", _short(said(v))) for p, v in statements)])
            )
        return
    _, merged = merged_profile(name, library)
    if as_json:
        print_json({**_head(layer), **{name: list(_records(merged, name)) for name in _SHOWN}})
    else:
        click.echo("\n".join([*_head_lines(layer), *_profile_lines(merged)]))


# ---- the list ----


def _list_lines(found: Sequence[Row], code: Plugins, problems: Sequence[Problem]) -> Iterator[str]:
    table = [(tr("id"), tr("kind"), tr("title"), tr("origin"), tr("file"))]
    table += (_cells(row) for row in found)
    table += ((offer.name, tr("code plugin"), "", _shipped(offer), offer.target) for offer in code.loaded)
    lines = list(aligned(table))
    yield lines[0]
    for line, row in zip(lines[1:], [*found, *(None for _ in code.loaded)], strict=True):
        yield line
        for problem in row.problems if row else ():
            yield from (f"    {part}" for part in lines_of(problem, "error"))
        for problem in row.claims if row else ():
            yield from (f"    {part}" for part in lines_of(problem, "note"))
    for problem in problems:
        yield from lines_of(problem, "error")


def _cells(row: Row) -> tuple[str, str, str, str, str]:
    kind, title = (tr(row.layer.kind), row.layer.title) if row.layer else (tr("broken"), "")
    return row.offer.id, kind, title, _shipped(row.offer), row.offer.shown


def _shipped(offer: Any) -> str:
    return f"{offer.distribution} {offer.version}" if offer.distribution else "-"


def _list_data(found: Sequence[Row], code: Plugins, problems: Sequence[Problem]) -> dict[str, object]:
    return {
        "format": FORMAT,
        "layers": [_row_data(row) for row in found],
        "plugins": [_plugin_data(offer) for offer in code.loaded],
        "problems": [_problem_data(problem) for problem in problems],
    }


def _row_data(row: Row) -> dict[str, object]:
    layer = row.layer
    return {
        "id": row.offer.id, "kind": layer.kind if layer else None, "title": layer.title if layer else None,
        "distribution": row.offer.distribution, "version": row.offer.version, "file": row.offer.shown,
        "extends": list(layer.extends) if layer else [],
        "problems": [_problem_data(problem) for problem in row.problems],
        "claims": [_problem_data(problem) for problem in row.claims],
    }  # fmt: skip


def _plugin_data(offer: CodeOffer) -> dict[str, object]:
    return {
        "name": offer.name,
        "target": offer.target,
        "distribution": offer.distribution,
        "version": offer.version,
    }


def _problem_data(problem: Problem) -> dict[str, object]:
    message, fix = told(problem)
    at = problem.location
    place = {"file": at.file, "line": at.line, "column": at.column} if at else {}
    return {"code": problem.code, "message": message, "fix": fix, **place}


# ---- one layer ----


def _head(layer: LoadedLayer) -> dict[str, object]:
    return {
        "id": layer.id, "kind": layer.kind, "title": layer.title, "distribution": layer.distribution,
        "version": layer.version, "file": layer.shown, "extends": list(layer.extends),
    }  # fmt: skip


def _head_lines(layer: LoadedLayer) -> Iterator[str]:
    yield f"{layer.id}  {layer.title}"
    pairs = [
        (tr("kind"), tr(layer.kind)),
        (tr("origin"), f"{_shipped(layer)}  {layer.shown}"),
        (tr("extends"), ", ".join(layer.extends)),
    ]
    yield from (f"  {line}" for line in aligned(pair for pair in pairs if pair[1]))
    yield ""


def _fact(item: Item) -> tuple[str, ...]:
    values = item.values
    kind = ", ".join(values["one_of"]) if values.get("one_of") else tr(values["type"])
    default = said(values["default"]) if values.get("default") is not None else ""
    return item.get("title") or "", kind, default, tr("asked") if item.get("ask") else ""


def _section(item: Item) -> tuple[str, ...]:
    count = len(item.children)
    return item.values["title"], tr("{count} measures").format(count=count) if count else tr(
        item.get("shows", "text")
    )


def _activity(item: Item) -> tuple[str, ...]:
    return item.values["title"], said(item.values["on"]), item.get("section") or ""


def _rule(item: Item) -> tuple[str, ...]:
    values = item.values
    return values["title"], values["kind"], tr(values.get("severity", "warn")), tr(values["binding"])


_SHOWN = {"facts": _fact, "sections": _section, "activities": _activity, "rules": _rule}


def _profile_lines(merged: Resolution) -> Iterator[str]:
    for name, cells in _SHOWN.items():
        items = _sorted(merged, name)
        if items:
            yield f"{tr(name)} ({len(items)})"
            table = [(item.id, *map(_short, cells(item)), item.origin.layer) for item in items]
            yield from (f"  {line}" for line in aligned(table))
            yield ""


def _sorted(merged: Resolution, name: str) -> list[Item]:
    items = merged.items.get(name, ())
    return sorted(items, key=lambda item: item.id) if name == "rules" else list(items)


def _short(text: str) -> str:
    return clipped(text, _LONGEST)


def _records(merged: Resolution, name: str) -> Iterator[dict[str, object]]:
    for item in _sorted(merged, name):
        yield {
            "id": item.id,
            **{key: plain(value) for key, value in item.values.items()},
            "layer": item.origin.layer,
        }

"""``planloom calendar``: what a year holds."""

import datetime as dt
from collections.abc import Sequence

import click

from planloom.calendar import CalendarDay, year_table
from planloom_cli.helptext import Command
from planloom_cli.messages import tr
from planloom_cli.offers import loaded_layers, said_in, stated
from planloom_cli.options import argument, format_option
from planloom_cli.output import print_json
from planloom_cli.session import Session, session_of
from planloom_cli.width import aligned
from planloom_schemas.dates import On
from planloom_schemas.errors import PlanFileError, Problem

FORMAT = "planloom-calendar/1"
_FIRST, _LAST = 1950, 2056
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@click.command(
    cls=Command,
    help=(
        "Show the festivals, solar terms, statutory holidays and days worked in exchange of a year, and "
        "the days that the profiles on offer name.\n\nHolidays are marked announced where the State "
        "Council has published the year's arrangement, else computed."
    ),
    examples=("planloom calendar 2027", "planloom calendar 2027 --format json"),
)
@argument("year", metavar="YEAR")
@format_option
@click.pass_context
def calendar(ctx: click.Context, year: str, format_: str) -> None:
    """Show what a year holds."""
    table = year_table(_year(year), _observances(session_of(ctx)))
    if format_ == "json":
        print_json({"format": FORMAT, "year": int(year), "days": [_data(day) for day in table]})
        return
    head = (tr("date"), tr("weekday"), tr("kind"), tr("name"), tr("status"), tr("remark"))
    click.echo("\n".join(aligned([head, *(_cells(day) for day in table)])))


def _year(text: str) -> int:
    """The year that is meant.

    Raises:
        PlanFileError: It is no year, or none that can be reckoned.
    """
    if text.isascii() and text.isdigit() and _FIRST <= int(text) <= _LAST:
        return int(text)
    raise PlanFileError(
        Problem(
            code="BadYear", message="“{found}” is no year that can be reckoned",
            params={"found": text, "first": _FIRST, "last": _LAST}, fix="give a year from {first} to {last}",
        )
    )  # fmt: skip


def _observances(session: Session) -> dict[str, On]:
    """The days that layers on offer name; where two name one differently, each is shown with its layer."""
    named: dict[str, dict[On, list[str]]] = {}
    for layer in loaded_layers(session.library()):
        for name, on in stated(said_in(layer).festivals).items():
            named.setdefault(name, {}).setdefault(on, []).append(layer.id)
    return {
        name if len(ways) == 1 else f"{name} ({', '.join(layers)})": on
        for name, ways in named.items()
        for on, layers in ways.items()
    }


def _cells(day: CalendarDay) -> Sequence[str]:
    span = (
        day.start.isoformat() if day.start == day.end else f"{day.start.isoformat()} - {day.end.isoformat()}"
    )
    weekday = _weekday(day.start) if day.start == day.end else f"{_weekday(day.start)} - {_weekday(day.end)}"
    return span, weekday, tr(day.kind), day.name, tr(day.status), tr(day.note)


def _weekday(day: dt.date) -> str:
    return tr(_WEEKDAYS[day.weekday()])


def _data(day: CalendarDay) -> dict[str, object]:
    return {
        "start": day.start.isoformat(), "end": day.end.isoformat(), "kind": day.kind, "name": day.name,
        "status": day.status,
    }  # fmt: skip

"""Questions at the terminal: facts one by one, and what to take where profiles differ."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

import click

from planloom.facts import FactError, check_limits, from_words
from planloom.merge import Item
from planloom.pasting import flow
from planloom_cli.console import party_lines
from planloom_cli.messages import told, tr
from planloom_schemas.convert import plain
from planloom_schemas.dates import DateError, parse_period
from planloom_schemas.errors import Problem

_NEXT_YEAR_FROM_MONTH = 9
_YES_NO = {True: "yes", False: "no"}


def read_fact(item: Item, words: str) -> object:
    """The value that words mean for a fact.

    Raises:
        FactError: They mean nothing of its type, or lie outside its limits.
    """
    value = from_words(item.values["type"], words)
    check_fact(item, value)
    return value


def check_fact(item: Item, value: object) -> None:
    """Refuse a value outside the limits of a fact.

    Raises:
        FactError: It is too small, too large, or none of the choices.
    """
    check_limits(value, item.get("min"), item.get("max"), item.get("one_of"))


def ask_fact(item: Item) -> object:
    """Ask for a fact until the answer fits; None if it is left to its default."""
    default = plain(item.get("default"))
    shown = None if default is None else tr(_YES_NO[default]) if isinstance(default, bool) else flow(default)

    def read(words: str) -> object:
        if words == shown:
            return None
        try:
            return read_fact(item, words)
        except FactError as error:
            raise click.UsageError(spoken(error)) from error

    return _prompt(f"{item.get('title') or item.id}{_limits(item)}", shown, read)


def ask_facts(items: Sequence[Item], given: Mapping[str, object]) -> dict[str, object]:
    """Ask for the facts that layers ask for and nobody stated; those left to their defaults are absent."""
    answers = {
        item.id: ask_fact(item)
        for item in items
        if item.get("ask") and item.id not in given and item.get("value") is None
    }
    return {name: answer for name, answer in answers.items() if answer is not None}


def spoken(error: FactError) -> str:
    """What is wrong with a value, in the user's language."""
    message, _ = told(Problem(code="WrongType", message=error.message, params=error.params))
    return message


def _limits(item: Item) -> str:
    """The type and limits of a fact, in brackets."""
    kind = item.values["type"]
    parts = [tr(kind)] if kind not in {"choice", "text"} else []
    low, high = item.get("min"), item.get("max")
    if low is not None:
        parts.append(tr("at least {number}").format(number=_number(low)))
    if high is not None:
        parts.append(tr("at most {number}").format(number=_number(high)))
    parts += item.get("one_of", ())
    return f" ({', '.join(parts)})" if parts else ""


def _number(value: Decimal) -> str:
    return f"{value:f}"


def ask_text(question: str, default: str | None, check: Callable[[str], object] = str) -> str:
    """Ask for a text.

    Args:
        question: Message id.
        default: What stands if nothing is typed, or None.
        check: Raises `click.UsageError` where the text will not do.
    """

    def read(words: str) -> str:
        check(words)
        return words.strip()

    return str(_prompt(tr(question), default, read))


def coming_year() -> str:
    """The year that a new plan is most likely for."""
    today = dt.date.today()
    return str(today.year + (today.month >= _NEXT_YEAR_FROM_MONTH))


def ask_period() -> str:
    """Ask what the plan is for."""
    question = "Year, school year or term (2027, 2026-09/2027-08, 2027-02/2027-07)"
    return ask_text(question, coming_year(), _check_period)


def _check_period(words: str) -> None:
    try:
        parse_period(words.strip())
    except DateError as error:
        issue = error.issues[0]
        problem = Problem(code="BadPeriod", message=issue.message, params=issue.params, fix=issue.fix)
        raise click.UsageError(" ".join(told(problem))) from error


def _prompt(question: str, default: str | None, read: Callable[[str], object]) -> object:
    def legible(words: str) -> object:
        stray = next((sign for sign in words if not sign.isprintable() and not sign.isspace()), "")
        if stray:
            message = tr("an invisible control character {found} stands here")
            raise click.UsageError(message.format(found=f"U+{ord(stray):04X}"))
        return read(words)

    answer: object = click.prompt(
        question, default=default, show_default=bool(default), value_proc=legible, err=True
    )
    return answer


def ask_conflict(conflict: Problem) -> str:
    """Ask which of several layers is right; the value it states, as one line of YAML."""
    message, _ = told(conflict)
    click.echo(message, err=True)
    for number, line in enumerate(party_lines(conflict.parties), 1):
        click.echo(f"  {number}{line}", err=True)
    choices = [str(number) for number in range(1, len(conflict.parties) + 1)]
    chosen: str = click.prompt(tr("Which holds?"), type=click.Choice(choices), default="1", err=True)
    return conflict.parties[int(chosen) - 1].value


def missing_facts(items: Sequence[Item], given: Mapping[str, object]) -> list[Problem]:
    """What must be said and was not, for a run that cannot ask."""
    return [
        Problem(
            code="MissingFact", message="the fact {fact} ({title}) is not stated",
            params={"fact": item.id, "title": item.get("title") or item.id}, path=f"facts/{item.id}",
            fix="give --set {fact}=…",
        )
        for item in items
        if item.get("ask") and item.get("default", item.get("value")) is None and item.id not in given
    ]  # fmt: skip

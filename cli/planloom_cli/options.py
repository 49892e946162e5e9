"""Options that several commands take."""

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from planloom_cli.helptext import Argument, Option
from planloom_cli.messages import LANGUAGES, tr
from planloom_cli.session import session_of

F = TypeVar("F", bound=Callable[..., Any])


# ---- global options: before the command or after it ----


def _add_folder(ctx: click.Context, _: click.Parameter, folders: Sequence[str]) -> None:
    session_of(ctx).layer_path.extend(folders)


def _without_plugins(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    session_of(ctx).plugins &= not asked


def _quiet(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    session_of(ctx).quiet |= asked


def global_options(*, hidden: bool = False) -> list[click.Parameter]:
    """The options that every command takes; on a sub-command the help does not repeat them."""
    return [
        Option(
            ["--lang"], type=click.Choice(list(LANGUAGES)), expose_value=False, hidden=hidden,
            help="Language of messages; by default that of the system.",
        ),
        Option(
            ["--layer-path"], multiple=True, metavar="DIR", expose_value=False, callback=_add_folder,
            hidden=hidden, help="Folder with further layers; repeatable. PLANLOOM_LAYER_PATH names more.",
        ),
        Option(
            ["--no-plugins"], is_flag=True, expose_value=False, callback=_without_plugins, hidden=hidden,
            help="Use only what planloom brings itself. PLANLOOM_PLUGINS=a,b admits only those named.",
        ),
        Option(
            ["-q", "--quiet"], is_flag=True, expose_value=False, callback=_quiet, hidden=hidden,
            help="Say nothing but errors beside the result.",
        ),
    ]  # fmt: skip


# ---- what to compose ----


def _pairs(ctx: click.Context, param: click.Parameter, given: Sequence[str]) -> dict[str, str]:
    """Fact id to the words given for it."""
    pairs: dict[str, str] = {}
    for text in given:
        name, sign, value = _readable(text, param).partition("=")
        name = name.strip()
        if not sign or not name:
            raise click.BadParameter(
                tr("“{found}”: write FACT=VALUE, such as staff=86").format(found=text), param=param
            )
        if name in pairs:
            message = tr("the fact {fact} is set twice: {one} and {other}")
            raise click.BadParameter(message.format(fact=name, one=pairs[name], other=value), param=param)
        pairs[name] = value
    return pairs


def _text(ctx: click.Context, param: click.Parameter, given: str | None) -> str | None:
    return None if given is None else _readable(given, param)


def _readable(text: str, param: click.Parameter) -> str:
    """The text as UTF-8, in whatever encoding the system thinks arguments are.

    Raises:
        click.BadParameter: Its bytes are no UTF-8.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        pass
    else:
        return text
    try:
        return os.fsencode(text).decode("utf-8")
    except UnicodeError:
        raise click.BadParameter(tr("this is not valid UTF-8 text"), param=param) from None


def _known_profiles(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in session_of(ctx).library().layers if name.startswith(incomplete)]


def _known_facts(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    from planloom_cli.offers import loaded_layers, said_in, stated

    layers = loaded_layers(session_of(ctx).library())
    facts = {name for layer in layers for name in stated(said_in(layer).facts)}
    return [f"{name}=" for name in sorted(facts) if name.startswith(incomplete)]


_REQUEST = [
    Option(
        ["-p", "--profile", "profiles"], multiple=True, metavar="PROFILE", shell_complete=_known_profiles,
        help="Profile to compose from; repeatable.",
    ),
    Option(
        ["-d", "--directive", "directives"], multiple=True, metavar="FILE|NAME",
        help="Directive from above: a file or a name; repeatable.",
    ),
    Option(
        ["--year", "--period", "period"], metavar="PERIOD", callback=_text,
        help="Year, school year or term: 2027, 2026-09/2027-08, 2027-02/2027-07.",
    ),
    Option(
        ["-s", "--set", "facts"], multiple=True, metavar="FACT=VALUE", callback=_pairs,
        shell_complete=_known_facts, help="State a fact; repeatable.",
    ),
    Option(
        ["--organisation", "--organization", "organisation"], metavar="NAME", callback=_text,
        help="Name of the union.",
    ),
]  # fmt: skip


def request_options(*names: str) -> Callable[[F], F]:
    """Decorate a command with the options that say what to compose: all, or those named."""
    chosen = [option for option in _REQUEST if not names or option.name in names]

    def decorate(function: F) -> F:
        for option in reversed(chosen):
            _attach(function, option)
        return function

    return decorate


def _attach(function: Any, param: click.Parameter) -> None:
    # What click's own decorators do; they can only attach parameters that they make themselves.
    attached: list[click.Parameter] = function.__dict__.setdefault("__click_params__", [])
    attached.append(param)


def option(*names: str, **settings: Any) -> Callable[[F], F]:
    """`click.option` with help in the user's language."""
    return click.option(*names, cls=Option, **settings)


def argument(name: str, **settings: Any) -> Callable[[F], F]:
    """`click.argument` with a placeholder in the user's language."""
    return click.argument(name, cls=Argument, **settings)


format_option = option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(["human", "json"]),
    default="human",
    help="How to print it.",
)
"""For commands that print a table or data."""

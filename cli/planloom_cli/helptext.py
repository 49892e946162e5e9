"""Commands whose help is in the user's language, fits the terminal with Chinese in it, and is loaded late."""

import copy
import os
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

import click
from click.formatting import HelpFormatter, iter_rows

from planloom_cli import messages
from planloom_cli.messages import tr
from planloom_cli.width import pad, width, wrapped

_TERM_COLUMNS = 32
_PIPE_CLOSED = 141
_WIDEST, _NARROWEST = 80, 50


class Formatter(HelpFormatter):
    """click's formatter, measuring columns where click counts characters."""

    def __init__(
        self, indent_increment: int = 2, width: int | None = None, max_width: int | None = None
    ) -> None:
        # click would import shutil for the width, which takes a twentieth of the time of `--help`.
        super().__init__(indent_increment, width or _columns(max_width or _WIDEST))

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write how the command is called."""
        head = f"{tr('Usage:') if prefix is None else prefix} {prog} "
        self.write(wrapped(args, self.width, head, " " * min(width(head), 20)) + "\n")

    def write_heading(self, heading: str) -> None:
        """Write the line over a section."""
        colon = "：" if messages.language() == "zh" else ":"
        self.write(f"{'':{self.current_indent}}{heading}{colon}\n")

    def write_text(self, text: str) -> None:
        """Write paragraphs; a blank line parts them."""
        indent = " " * self.current_indent
        for number, paragraph in enumerate(text.split("\n\n")):
            self.write(("\n" if number else "") + wrapped(paragraph, self.width, indent, indent) + "\n")

    def write_dl(self, rows: Any, col_max: int = _TERM_COLUMNS, col_spacing: int = 2) -> None:
        """Write terms with what they mean beside them."""
        rows = list(iter_rows(rows, 2))
        column = min(max((width(term) for term, _ in rows), default=0), col_max) + col_spacing
        indent = " " * self.current_indent
        for term, meaning in rows:
            rest = indent + " " * column
            first = indent + pad(term, column)
            if width(term) + col_spacing > column:
                self.write(f"{indent}{term}\n")
                first = rest
            self.write(wrapped(meaning, self.width, first, rest) + "\n")


def _columns(most: int) -> int:
    try:
        columns = int(os.environ.get("COLUMNS", "")) or most
    except ValueError:
        try:
            columns = os.get_terminal_size(sys.__stdout__.fileno()).columns if sys.__stdout__ else most
        except (OSError, ValueError):
            columns = most
    return max(min(columns, most), _NARROWEST)


class Context(click.Context):
    """A context that writes help with `Formatter`."""

    formatter_class = Formatter


class Option(click.Option):
    """An option whose help and placeholder are message ids."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The option and its help, in the user's language."""
        spoken = copy.copy(self)
        spoken.help = tr(self.help or "")
        return click.Option.get_help_record(spoken, ctx)

    def make_metavar(self, ctx: click.Context) -> str:
        """The placeholder, in the user's language."""
        return tr(super().make_metavar(ctx))


def _show_help(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        click.echo(ctx.get_help(), color=ctx.color)
        ctx.exit()


class Argument(click.Argument):
    """An argument whose placeholder is a message id."""

    def make_metavar(self, ctx: click.Context) -> str:
        """The placeholder, in the user's language."""
        return tr(super().make_metavar(ctx))


class _Spoken(click.Command):
    """What commands and groups share: help in the user's language, with examples."""

    context_class = Context

    def __init__(self, *args: Any, examples: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = tuple(examples)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The help option, in the user's language."""
        names = self.get_help_option_names(ctx)
        if self._help_option is None and names and self.add_help_option:
            # click's own would be asked for in its language first, which loads all locales.
            self._help_option = Option(
                [*names, "show_help"], is_flag=True, is_eager=True, expose_value=False, callback=_show_help,
                help=tr("Show this message and exit."),
            )  # fmt: skip
        return self._help_option

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The placeholders after the name, in the user's language."""
        return [tr(piece) for piece in super().collect_usage_pieces(ctx)]

    def format_help_text(self, ctx: click.Context, formatter: HelpFormatter) -> None:
        """Write what the command does."""
        spoken = copy.copy(self)
        spoken.help = tr(self.help or "")
        click.Command.format_help_text(spoken, ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: HelpFormatter) -> None:
        """Write the examples, as they are typed, and the epilog."""
        if self.examples:
            with formatter.section(tr("Examples")):
                for line in self.examples:
                    formatter.write(f"{'':{formatter.current_indent}}{tr(line)}\n")
        if self.epilog:
            formatter.write_paragraph()
            formatter.write_text(tr(self.epilog))


class Command(_Spoken):
    """A command that also takes the global options, and turns the errors of planloom into an exit code."""

    def __init__(self, *args: Any, params: list[click.Parameter] | None = None, **kwargs: Any) -> None:
        from planloom_cli.options import global_options

        super().__init__(*args, params=[*(params or ()), *global_options(hidden=True)], **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of planloom is told, and the program ends with its code."""
        from planloom_cli.console import exit_code, tell
        from planloom_schemas.errors import PlanloomError

        try:
            return super().invoke(ctx)
        except PlanloomError as error:
            tell(error.problems)
            ctx.exit(exit_code(error))


class Lazy(click.Command):
    """The name and one line of a command whose module is loaded when it runs.

    Args:
        name: Its name.
        target: ``module:attribute`` of the command.
        summary: Message id of the line.
    """

    def __init__(self, name: str, target: str, summary: str) -> None:
        super().__init__(name, short_help=summary)
        self.target = target

    def get_short_help_str(self, limit: int = 0) -> str:
        """The line, in the user's language."""
        return tr(self.short_help or "")

    def load(self) -> click.Command:
        """The command itself."""
        module, _, attribute = self.target.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


class LazyGroup(_Spoken, click.Group):
    """A group of commands that are loaded when they run.

    Args:
        lazy: Command name to ``module:attribute`` and the message id of its one line.
    """

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commands = {name: Lazy(name, *what) for name, what in lazy.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table: as one meets the commands in work."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is called, now loaded."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.load() if isinstance(command, Lazy) else command, rest


class Program(LazyGroup):
    """The outermost group: settles the language before anything is said."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Settle the language, wherever in the line it is asked for, then parse."""
        from planloom_cli.session import Session

        messages.use(_asked_language(args) or messages.detect())
        session = Session()
        with _readers_may_leave():
            ctx = super().make_context(info_name, args, parent, obj=session, **extra)
            ctx.call_on_close(session.close)
            return ctx

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that is called."""
        with _readers_may_leave():
            return super().invoke(ctx)


@contextmanager
def _readers_may_leave() -> Generator[None]:
    """End quietly, as other programs do, when whoever reads our output stops reading."""
    try:
        yield
    except BrokenPipeError:
        discard_output(sys.stdout)
        discard_output(sys.stderr)
        raise click.exceptions.Exit(_PIPE_CLOSED) from None


def discard_output(stream: Any) -> None:
    """Let what is still buffered for a stream go nowhere: it must not fail again when Python ends."""
    with suppress(OSError):  # closed, or a stream of a test
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _asked_language(args: Sequence[str]) -> str:
    for word, following in zip(args, [*args[1:], ""], strict=False):
        name, _, value = word.partition("=")
        if name == "--lang":
            asked = value or following
            return asked if asked in messages.LANGUAGES else ""
    return ""


def is_terminal(stream: Any) -> bool:
    """Whether a person reads a stream or types into it."""
    return stream is not None and not stream.closed and stream.isatty()


def stdin_is_terminal() -> bool:
    """Whether somebody can answer questions."""
    return is_terminal(sys.stdin)

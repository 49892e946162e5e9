"""The program: its commands, and how it ends."""

import errno
import gc
import io
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

from planloom_cli import __version__
from planloom_cli.helptext import Option, Program, discard_output
from planloom_cli.messages import tr
from planloom_cli.options import global_options

if TYPE_CHECKING:
    from planloom_schemas.errors import Problem

_INTERRUPTED = 130


def _show_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        click.echo(f"planloom {__version__}")
        ctx.exit()


COMMANDS = {
    "profiles": ("profiles:profiles", "List the profiles and directives on offer, or show one."),
    "new": ("new:new", "Ask for the facts and write a plan file."),
    "import": ("importing:import_file", "Read an existing document into a plan file."),
    "compose": ("compose:compose", "Compose a plan and write it as documents."),
    "check": ("check:check", "Check plans and documents against the rules."),
    "explain": ("explain:explain", "Say where a value comes from, or what a rule wants."),
    "rules": ("rules:rules", "List the rules in force and who set their parameters."),
    "calendar": ("calendar:calendar", "Show the festivals, solar terms and holidays of a year."),
    "plugin": ("plugin:plugin", "Write a new profile plugin, or check one."),
    "schema": ("schema:schema", "Write a JSON Schema for editors and checkers."),
}
"""Each command: the module that is loaded when it runs, with the name in it, and its one line."""

cli = Program(
    "planloom",
    help="Compose one annual work plan from many contributions, and see where every line of it comes from.",
    params=[
        *global_options(),
        Option(
            ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_show_version,
            help="Show the version and exit.",
        ),
    ],
    examples=(
        "planloom profiles",
        "planloom new -p school -o plan.yaml",
        "planloom compose plan.yaml -o plan.docx",
    ),
    epilog=(
        "Help on a command: planloom COMMAND --help. Global options may also stand after the command.\n\n"
        'Completion in bash: eval "$(_PLANLOOM_COMPLETE=bash_source planloom)"; also zsh_source, fish_source.'
    ),
    lazy={name: (f"planloom_cli.{target}", summary) for name, (target, summary) in COMMANDS.items()},
)  # fmt: skip


def main(args: list[str] | None = None) -> NoReturn:
    """Run the program and exit.

    Args:
        args: The arguments; by default those of the process.
    """
    # A command is short and makes little garbage; looking for it costs a tenth of a cold start.
    gc.disable()
    _speak_utf8()
    sys.stdout = sys.stdout or _Closed()
    code = _run(args)
    gc.freeze()  # or the interpreter looks through everything once more before it ends
    sys.exit(code)


class _Closed(io.TextIOBase):
    """Stands for standard output where there is none: a result that nobody gets is an error."""

    def write(self, _: str) -> NoReturn:
        """Refuse."""
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def _run(args: list[str] | None) -> int:
    try:
        result: Any = cli.main(args, prog_name="planloom", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo(tr("Interrupted."), err=True)
        return _INTERRUPTED
    except OSError as error:
        return _stopped(error)
    return result if isinstance(result, int) else 0


def _stopped(error: OSError) -> int:
    """Say what the system refused, if even that can be said."""
    from planloom.render import cannot_write
    from planloom_cli.console import WRONG_INPUT, tell
    from planloom_schemas.errors import Msg

    if error.filename is None and error.errno != errno.ENOENT:  # only a stream has no name
        discard_output(sys.stdout)
        problem = cannot_write(Msg("standard output"), error)
    else:
        problem = _refused(error)
    try:
        tell([problem])
    except OSError:  # standard error cannot be written either
        discard_output(sys.stderr)
    return WRONG_INPUT


def _refused(error: OSError) -> "Problem":
    from planloom_schemas.errors import Problem

    return Problem(
        code="Refused", message="{file} cannot be used: {reason}",
        params={"file": os.fsdecode(error.filename or os.curdir), "reason": error.strerror or str(error)},
        fix="check the path and the permissions",
    )  # fmt: skip


def _speak_utf8() -> None:
    """Print and read UTF-8 whatever the locale, unless a terminal has another encoding that knows Chinese."""
    for stream, errors in ((sys.stdin, "surrogateescape"), (sys.stdout, "replace"), (sys.stderr, "replace")):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(
                encoding=None if stream.isatty() and _knows_chinese(stream.encoding) else "utf-8",
                errors=errors,
            )


def _knows_chinese(encoding: str) -> bool:
    try:
        "工会".encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return False
    return True

"""``planloom check``: plans and documents put to the rules, the result in the format asked for."""

import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from attrs import field, frozen

from planloom import pipeline
from planloom.checking import Checker, with_baseline
from planloom.discovery import Library
from planloom.mending import MENDABLE, Mended, mend_file
from planloom.plugins import Plugins, load_plugins
from planloom.reading import COMPOSED, PLAN_FILES
from planloom.reports import FAIL_ON, FailOn, exit_code, merged, summary_line
from planloom.reports.texts import Texts, texts_of
from planloom.rules.baseline import Baseline, baseline_text, grown, read_baseline, shrunk
from planloom_cli.console import CRASHED, patience, tell, tell_notes
from planloom_cli.console import exit_code as error_code
from planloom_cli.helptext import Command
from planloom_cli.messages import tr
from planloom_cli.options import argument, option, request_options
from planloom_cli.output import print_bytes, write_all
from planloom_cli.request import Request, from_plan, typed_facts
from planloom_cli.session import Session, session_of
from planloom_schemas.errors import PlanFileError, PlanloomError, Problem
from planloom_schemas.finding import Report

FORMATS = ("human", "json", "sarif", "junit", "github")
_ENDINGS = {".json": "json", ".sarif": "sarif", ".xml": "junit"}


def _day(ctx: click.Context, param: click.Parameter, given: str | None) -> dt.date:
    if given is None:
        return dt.date.today()
    try:
        return dt.date.fromisoformat(given)
    except ValueError:
        message = tr("“{found}” is no date; write it like 2027-05-01").format(found=given)
        raise click.BadParameter(message, param=param) from None


@click.command(
    cls=Command,
    help=(
        "Check plan files, composed plans in JSON, or documents (.docx .md .txt) against the rules in "
        "force. A document is checked with the rules of the profiles named with -p; without any, only "
        "with those of every plan.\n\nThe program ends with 0 if all is well, 1 if there are findings at "
        "or above --fail-on, 2 if the input cannot be used, 3 if a rule or plugin crashed, 4 if nothing "
        "was checked."
    ),
    examples=(
        "planloom check plan.yaml",
        "planloom check plan.docx -p school --year 2027 --set staff=86",
        "planloom check plan.yaml --fix --diff",
        "planloom check plan.yaml -o findings.sarif",
    ),
)
@argument("files", nargs=-1, required=True, metavar="FILE...")
@request_options()
@option(
    "-f", "--format", "format_", type=click.Choice(FORMATS), help="Format of the result; by default human."
)
@option("-o", "--output", metavar="FILE", help="Write the result: .json, .sarif or .xml (JUnit).")
@option(
    "--fail-on", type=click.Choice(FAIL_ON), default="error", show_default=True,
    help="From which severity on findings count; unknown: also rules that lack facts.",
)  # fmt: skip
@option("--fix", is_flag=True, help="Mend what can be mended without changing the meaning.")
@option("--unsafe-fixes", is_flag=True, help="Mend also what changes wording or data.")
@option("--diff", is_flag=True, help="Show what mending would change, and write nothing.")
@option("--today", metavar="DATE", callback=_day, help="The day on which waivers must still hold.")
@option("--waivers", metavar="FILE", help="Waivers of documents; by default waivers.yaml beside them.")
@option("--baseline", metavar="FILE", help="Set the findings aside that this file knows.")
@option("--write-baseline", is_flag=True, help="Write all present findings into the baseline.")
@click.pass_context
def check(ctx: click.Context, /, files: Sequence[str], **options: Any) -> None:
    """Check files."""
    session = session_of(ctx)
    asked = _asked(files, options, ctx)
    library = session.library()
    code = load_plugins(library)
    tell((*library.problems, *code.problems), "warning")
    run = _Run(asked=asked, library=library, code=code, session=session)
    reports = run.reports()
    if not reports:
        raise PlanloomError(*run.problems)
    report = merged(reports)
    run.print(report)
    tell(run.problems)
    ctx.exit(
        error_code(PlanloomError(*run.problems)) if run.problems
        else CRASHED if code.problems
        else exit_code(report, asked.fail_on)
    )  # fmt: skip


@frozen(kw_only=True)
class _Asked:
    """What the command line asks for."""

    files: Sequence[str]
    request: dict[str, Any]
    format: str
    output: Path | None
    fail_on: FailOn
    mend: bool
    unsafe: bool
    diff: bool
    today: dt.date
    waivers: Path | None
    baseline: Path | None
    write_baseline: bool


def _is_document(file: str) -> bool:
    return Path(file).suffix.lower() not in (*PLAN_FILES, *COMPOSED, "")


def _asked(files: Sequence[str], options: dict[str, Any], ctx: click.Context) -> _Asked:
    """The options, checked against each other.

    Raises:
        PlanFileError: The output would overwrite a file that is checked, or its ending says no format.
    """
    given = {
        name: options.pop(name) for name in ("profiles", "directives", "period", "facts", "organisation")
    }
    output, baseline, waivers = (options[name] for name in ("output", "baseline", "waivers"))
    if options["write_baseline"] and baseline is None:
        raise click.UsageError(tr("--write-baseline needs --baseline FILE"), ctx)
    if waivers is not None and not any(map(_is_document, files)):
        raise click.UsageError(tr("--waivers is for documents; a plan file says “waivers:” itself"), ctx)
    _refuse_overwriting([*files, *filter(None, (baseline, waivers)), *given["directives"]], output)
    return _Asked(
        files=tuple(dict.fromkeys(files)),
        request=given,
        format=options["format_"] or _format_of(output),
        output=Path(output) if output is not None else None,
        fail_on=options["fail_on"],
        mend=options["fix"] or options["unsafe_fixes"] or options["diff"],
        unsafe=options["unsafe_fixes"],
        diff=options["diff"],
        today=options["today"],
        waivers=Path(waivers) if waivers is not None else None,
        baseline=Path(baseline) if baseline is not None else None,
        write_baseline=options["write_baseline"],
    )


def _format_of(output: str | None) -> str:
    if output is None:
        return "human"
    ending = Path(output).suffix.lower()
    if ending not in _ENDINGS:
        raise PlanFileError(
            Problem(
                code="UnknownEnding", message="the ending of {file} says no format",
                params={"file": output, "known": ", ".join(_ENDINGS)},
                fix="use one of {known}, or give --format",
            )
        )  # fmt: skip
    return _ENDINGS[ending]


def _refuse_overwriting(files: Sequence[str], output: str | None) -> None:
    if output is not None and os.path.realpath(output) in {os.path.realpath(file) for file in files}:
        raise PlanFileError(
            Problem(
                code="OutputIsInput", message="-o {file} would overwrite a file that is read",
                params={"file": output}, fix="name another file",
            )
        )  # fmt: skip


@frozen(kw_only=True, eq=False)
class _Run:
    """One run of the command; a file that cannot be checked leaves the others alone."""

    asked: _Asked
    library: Library
    code: Plugins
    session: Session
    problems: list[Problem] = field(factory=list[Problem])
    mended: list[Mended] = field(factory=list[Mended])

    def reports(self) -> list[Report]:
        """The reports on all files that can be checked."""
        asked = self.asked
        baseline = read_baseline(asked.baseline, may_lack=asked.write_baseline) if asked.baseline else None
        found: list[Report] = []
        for file in asked.files:
            try:
                with patience(tr("checking {file}").format(file=file)):
                    report = self._report(file, baseline)
            except PlanloomError as error:
                self.problems.extend(error.problems)
                continue
            if baseline is not None:
                baseline = (grown if asked.write_baseline else shrunk)(baseline, file, report)
                report = with_baseline(report, baseline)
            found.append(report)
        if baseline is not None and asked.baseline is not None and found:
            self._keep(asked.baseline, baseline)
        return found

    def _report(self, file: str, baseline: Baseline | None) -> Report:
        checker = self._checker(file)
        if self.asked.mend:
            if Path(file).suffix.lower() in MENDABLE:
                self._mend(mend_file(Path(file), checker, unsafe=self.asked.unsafe, baseline=baseline))
            else:
                tell([_never_mended(file)], "note")
        report = checker.file(file)
        return report if baseline is None else with_baseline(report, baseline)

    def _mend(self, mended: Mended) -> None:
        if mended.after != mended.before:
            self.mended.append(mended)
            if not self.asked.diff:
                write_all([(Path(mended.file), mended.after)])

    def _checker(self, file: str) -> Checker:
        given = self.asked.request
        ending = Path(file).suffix.lower()
        plan = file if ending in (".yaml", ".yml", "") else None
        facts: dict[str, object] = {}
        if given["facts"] and ending not in COMPOSED:
            profiles, directives = given["profiles"], given["directives"]
            stack = Request(plan=plan, profiles=profiles, directives=directives).stack(self.library)
            facts = typed_facts(given["facts"], stack)
        elif given["facts"]:
            facts = dict(given["facts"])
        return Checker(
            request=pipeline.Request(
                profiles=given["profiles"],
                directives=from_plan(given["directives"], plan),
                facts=facts,
                period=given["period"],
                organisation=given["organisation"],
            ),
            library=self.library,
            plugins=self.code,
            today=self.asked.today,
            waivers=self.asked.waivers,
            translate=tr,
        )

    def _keep(self, file: Path, baseline: Baseline) -> None:
        """Write the baseline if it changed; what is mended leaves it, so that it cannot come back unseen."""
        text = baseline_text(baseline)
        before = file.read_text(encoding="utf-8") if os.path.isfile(file) else ""
        if text != before and not self.asked.diff:
            write_all([(file, text.encode("utf-8"))])

    # ---- what is printed ----

    def print(self, report: Report) -> None:
        """Print or write the result; what is said beside it goes to standard error."""
        asked = self.asked
        if asked.diff:
            for mended in self.mended:
                print_bytes(_diff(mended).encode("utf-8"))
        else:
            text = _rendered(report, asked, texts_of(self.library)).encode("utf-8", errors="replace")
            if asked.output is not None:
                write_all([(asked.output, text)])
            else:
                print_bytes(text)
        if self.session.quiet:
            return
        tell_notes(note for note in report.notes if note not in self.code.problems)
        tell_notes(map(_told, self.mended))
        if asked.diff or asked.output is not None or asked.format != "human":
            click.echo(summary_line(report, tr), err=True)


def _rendered(report: Report, asked: _Asked, texts: Texts) -> str:
    match asked.format:
        case "json":
            from planloom.reports.json import to_json

            return to_json(report, texts, tr)
        case "sarif":
            from planloom.reports.sarif import to_sarif

            return to_sarif(report, asked.fail_on, tr, texts)
        case "junit":
            from planloom.reports.junit import to_junit

            return to_junit(report, tr)
        case "github":
            from planloom.reports.github import to_github

            return to_github(report)
        case _:
            from planloom_cli.findings import human

            return human(report, texts)


def _diff(mended: Mended) -> str:
    from difflib import unified_diff

    before, after = (text.removeprefix("\ufeff").splitlines(keepends=True) for text in mended.texts())
    lines = unified_diff(before, after, mended.file, mended.file)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _told(mended: Mended) -> Problem:
    return Problem(
        code="Mended",
        message="{file}: {count} findings mended",
        params={"file": mended.file, "count": len(mended.applied)},
    )


def _never_mended(file: str) -> Problem:
    return Problem(
        code="NeverMended", message="{file} is not changed; only plan files, .md and .txt are mended",
        params={"file": file}, fix="mend it by hand, as the findings say",
    )  # fmt: skip

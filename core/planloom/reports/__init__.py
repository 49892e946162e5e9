"""Reports: the result of a check as people and machines read it, each format a pure function to text."""

from collections.abc import Iterable, Sequence
from typing import Literal, get_args

from planloom_schemas.errors import Translate
from planloom_schemas.finding import Finding, OutcomeName, Report, RuleOutcome

FailOn = Literal["error", "warn", "advice", "unknown", "never"]
FAIL_ON: tuple[FailOn, ...] = get_args(FailOn)
FINE, FAILED, CRASHED, NOTHING_CHECKED = 0, 1, 3, 4
_WORST: tuple[OutcomeName, ...] = (
    "crashed",
    "fail",
    "unknown",
    "waived",
    "baselined",
    "pass",
    "not_applicable",
)
_RAN = ("pass", "fail", "waived", "baselined")
_CRASHES = frozenset({"BrokenPlugin", "PluginClash", "PluginFailed", "UnknownHook"})
_SUMMARY = (
    "{rules} rules: passed {passed} · failed {failed} · not applicable {not_applicable} · "
    "facts missing {unknown} · waived {waived} · baseline {baselined} · crashed {crashed} "
    "(plugins {plugins}, files {files})"
)


def merged(reports: Sequence[Report]) -> Report:
    """Reports on several files as one: a rule has the worst of its outcomes."""
    if len(reports) == 1:
        return reports[0]
    outcomes: dict[tuple[str, str], RuleOutcome] = {}
    for one in (outcome for report in reports for outcome in report.outcomes):
        known = outcomes.get((one.code, one.plugin))
        if known is None or _WORST.index(one.outcome) < _WORST.index(known.outcome):
            outcomes[one.code, one.plugin] = one
    notes = [note for report in reports for note in report.notes]
    # A waiver that stands for several documents is needed if one of them needs it.
    idle = [note for note in notes if note.code == "UnusedWaiver"]
    needed = {note.sort_key() for note in idle if idle.count(note) < len(reports)}
    unique = {
        note.sort_key(): note
        for note in notes
        if note.code != "UnusedWaiver" or note.sort_key() not in needed
    }
    return Report(
        findings=tuple(finding for report in reports for finding in report.findings),
        outcomes=tuple(outcomes[key] for key in sorted(outcomes)),
        files=tuple(dict.fromkeys(file for report in reports for file in report.files)),
        plugins=tuple(dict.fromkeys(ref for report in reports for ref in report.plugins)),
        code=tuple(dict.fromkeys(ref for report in reports for ref in report.code)),
        notes=tuple(unique.values()),
        titles={key: title for report in reports for key, title in report.titles.items()},
    )


def exit_code(report: Report, fail_on: FailOn = "error") -> int:
    """How a check ends: 3 something crashed, 4 nothing was checked, 1 findings that count, 0 fine."""
    outcomes = {outcome.outcome for outcome in report.outcomes}
    if "crashed" in outcomes or any(note.code in _CRASHES for note in report.notes):
        return CRASHED
    if not outcomes.intersection(_RAN):
        return NOTHING_CHECKED
    return FAILED if _fails(report, fail_on) else FINE


def _fails(report: Report, fail_on: FailOn) -> bool:
    if fail_on == "never":
        return False
    if fail_on == "unknown" and any(outcome.outcome == "unknown" for outcome in report.outcomes):
        return True
    counted = FAIL_ON[: FAIL_ON.index(fail_on) + 1]
    return any(finding.severity in counted for finding in open_findings(report))


def open_findings(report: Report) -> tuple[Finding, ...]:
    """The findings that nobody waived or set aside."""
    return tuple(finding for finding in report.findings if finding.status == "open")


def summary_line(report: Report, translate: Translate = str) -> str:
    """What became of how many rules, and whose code ran, in one line, whatever the format of the report."""
    counts = report.counts()
    summary = translate(_SUMMARY).format(
        rules=len(report.outcomes),
        passed=counts["pass"],
        failed=counts["fail"],
        not_applicable=counts["not_applicable"],
        unknown=counts["unknown"],
        waived=counts["waived"],
        baselined=counts["baselined"],
        crashed=counts["crashed"],
        plugins=len(report.plugins),
        files=len(report.files),
    )
    plugins = ", ".join(code_plugins(report))
    return (
        translate("{summary}; code plugins: {plugins}").format(summary=summary, plugins=plugins)
        if plugins
        else summary
    )


def code_plugins(report: Report) -> tuple[str, ...]:
    """The code plugins that took part, by name and version."""
    return tuple(f"{ref.id} ({ref.distribution} {ref.version})" for ref in report.code)


def without_control(text: str, keep: Iterable[str] = "") -> str:
    """The text with what a terminal or another program could take for a command made visible or harmless."""
    kept = set(keep)
    return "".join(char if char in kept or not _is_control(char) else "\ufffd" for char in text)


def _is_control(char: str) -> bool:
    code = ord(char)
    return (
        code < 0x20
        or 0x7F <= code < 0xA0
        or 0x202A <= code <= 0x202E
        or 0x2066 <= code <= 0x2069
        or 0xD800 <= code <= 0xDFFF
        or code in (0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF)
    )

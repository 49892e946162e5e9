"""Waivers: dated, reasoned exceptions. They change the status of findings, never what a rule finds."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from attrs import evolve

from planloom.source import Source, read_source
from planloom_schemas.dates import DateError, parse_date
from planloom_schemas.errors import Location, PlanFileError, Problem, SchemaError, nearest
from planloom_schemas.finding import Finding
from planloom_schemas.layer import FORMAT_VERSION, WaiverEntry
from planloom_schemas.plan import Origin, PlanRule, Waiver
from planloom_schemas.records import frozen

FILLER = frozenset(
    (
        "无", "暂无", "没有", "原因", "理由", "无原因", "无理由", "没有原因", "没有理由", "特殊原因", "特殊情况",
        "不适用", "同意", "因为", "见上", "同上", "如上", "如题", "按要求", "按规定", "其他", "其它", "待定", "待补",
        "待补充", "略", "todo", "todolater", "tbd", "na", "none", "fixme", "test",
    )
)  # fmt: skip
"""What stands where a reason should and is none: words without signs and blanks."""
_SAYS_SOMETHING = r"[^\W\d_a-z].*[^\W\d_a-z]|[^\W\d_]{4}"
"""Two characters of a script as Han, or a word of four letters."""
_COLLECTIONS = frozenset({"activities", "sections", "measures", "budget", "texts", "facts", "rules"})


# ---- reading ----


@frozen(kw_only=True)
class WaiverFile:
    """The waivers of a document, which stand in a file of their own."""

    planloom: int = FORMAT_VERSION
    waivers: tuple[WaiverEntry, ...] = ()


Codes = Mapping[str, Sequence[str]]
"""Every name by which a waiver can call a rule, to the codes that go by it."""


def codes_of(rules: Sequence[PlanRule], more: Iterable[tuple[str, str]] = ()) -> Codes:
    """The codes that each name stands for; a short name that rules share stands for several.

    Args:
        rules: The rules in force.
        more: Names and codes of rules in Python.
    """
    codes: dict[str, dict[str, None]] = {}
    own = ((name, rule.code) for rule in rules for name in (rule.slug, rule.code) if name)
    for name, code in (*own, *more):
        codes.setdefault(name, {})[code] = None
    return {name: tuple(sorted(found)) for name, found in codes.items()}


def waivers_of(
    entries: Sequence[WaiverEntry], codes: Codes, layer: str, source: Source | None
) -> tuple[Waiver, ...]:
    """The waivers that were written.

    Args:
        entries: As written.
        codes: What `codes_of` gave.
        layer: Id of the plan file, or the name of the file of waivers.
        source: Where they stand, if in a file.

    Raises:
        PlanFileError: One names an unknown rule, several rules or no item, or lacks a reason, a name or an end date.
    """
    problems: list[Problem] = []
    waivers: list[Waiver] = []
    for index, entry in enumerate(entries):
        wrong = list(_problems(index, entry, codes, source))
        problems += wrong
        if not wrong:
            at = source.value_at(("waivers", index)) if source else Location(file="")
            waivers.append(
                Waiver(
                    rule=codes[entry.rule][0],
                    where=entry.where.strip("/"),
                    reason=entry.reason,
                    by=entry.by,
                    until=parse_date(entry.until),
                    origin=Origin(layer=layer, file=at.file, line=at.line, column=at.column),
                )
            )
    if problems:
        raise PlanFileError(*problems)
    return tuple(waivers)


def read_waivers(file: Path, codes: Codes) -> tuple[Waiver, ...]:
    """The waivers of a ``waivers.yaml``.

    Raises:
        SchemaError: The file is none.
        PlanFileError: A waiver in it cannot be.
    """
    from planloom_schemas.convert import StructureError, structure

    source = read_source(file)
    try:
        content = structure(WaiverFile, source.data)
    except StructureError as error:
        raise SchemaError(
            *(
                Problem(
                    code=m.code,
                    message=m.message,
                    params=m.params,
                    fix=m.fix,
                    path="/".join(map(str, m.path)),
                    location=(source.key_at if m.at == "key" else source.value_at)(m.path),
                )
                for m in error.mistakes
            )
        ) from error
    return waivers_of(content.waivers, codes, file.name, source)


def _problems(index: int, entry: WaiverEntry, codes: Codes, source: Source | None) -> Iterator[Problem]:
    def wrong(key: str, code: str, message: str, fix: str, **params: object) -> Problem:
        at = source.value_at(("waivers", index, key)) if source else None
        return Problem(
            code=code,
            message=message,
            params={"rule": entry.rule, **params},
            location=at,
            fix=fix,
            path=f"waivers/{index}",
        )

    if entry.rule not in codes:
        near = nearest(entry.rule, codes)
        yield wrong(
            "rule",
            "UnknownRule",
            "the waiver names the rule “{rule}”, which is not in force",
            "did you mean {near}?" if near else "see the rules with “planloom rules”",
            near=near,
        )
    elif len(codes[entry.rule]) > 1:
        yield wrong(
            "rule",
            "AmbiguousRule",
            "“{rule}” is the short name of {codes}",
            "name the rule by its code",
            codes=", ".join(codes[entry.rule]),
        )
    if _is_collection(entry.where):
        yield wrong(
            "where",
            "BlanketWaiver",
            "the waiver of {rule} covers all of “{where}”; it must name one item",
            "name the item: where: {where}/ID",
            where=entry.where.strip("/"),
        )
    if _is_filler(entry.reason):
        yield wrong(
            "reason",
            "WaiverWithoutReason",
            "the waiver of {rule} gives no reason",
            "write in one sentence why the rule cannot be kept this time",
        )
    if not entry.by.strip():
        yield wrong(
            "by",
            "WaiverWithoutAuthor",
            "the waiver of {rule} does not say who allows it",
            "add by: with the name of the person",
        )
    try:
        parse_date(entry.until)
    except DateError as error:
        said = "the waiver of {rule} has no end date that can be used: "
        for issue in error.issues:
            fix = "write until: 2027-06-30 (that day included)"
            undated = wrong("until", "WaiverWithoutDate", issue.message, fix, **issue.params)
            yield evolve(undated, lead=said)


def _is_filler(reason: str) -> bool:
    """Whether a reason gives none: signs, numbers, one thing over and over, or a stock phrase."""
    words = "".join(char for char in reason.casefold() if char.isalnum())
    return words in FILLER or len(set(words)) < 2 or re.search(_SAYS_SOMETHING, words) is None


def _is_collection(where: str) -> bool:
    """Whether a path names a whole collection (``sections/x/measures`` too) and not one item."""
    parts = where.strip("/").split("/")
    return parts[-1] in _COLLECTIONS and len(parts) in (1, 3)


# ---- applying ----


@frozen
class Waived:
    """Findings with their status, and what is to be said of the waivers."""

    findings: tuple[Finding, ...]
    notes: tuple[Problem, ...] = ()


def waive(findings: Sequence[Finding], waivers: Sequence[Waiver], today: dt.date | None) -> Waived:
    """Put waivers to findings: those covered are ``waived``, all others stay as they are.

    Args:
        findings: What the rules found.
        waivers: In the order written.
        today: The day on which a waiver must still hold; None: no waiver has run out.

    Raises:
        PlanFileError: A waiver without ``where`` stands for a rule whose findings each have a place.
    """
    if blanket := [_blanket(one, findings) for one in waivers if _is_blanket(one, findings)]:
        raise PlanFileError(*blanket)
    covered = [_cover(finding, waivers) for finding in findings]
    used = {id(waiver) for waiver in covered if waiver is not None}
    notes = [_unused(waiver) for waiver in waivers if id(waiver) not in used]
    notes += [_expired(waiver) for waiver in waivers if id(waiver) in used and _is_over(waiver, today)]
    return Waived(
        tuple(
            finding
            if waiver is None or _is_over(waiver, today)
            else evolve(finding, status="waived", reason=waiver.reason)
            for finding, waiver in zip(findings, covered, strict=True)
        ),
        (*notes, *([_undated(waivers)] if waivers and today is None else ())),
    )


def _cover(finding: Finding, waivers: Sequence[Waiver]) -> Waiver | None:
    """The waiver that holds longest of those that cover a finding."""
    fitting = [
        waiver for waiver in waivers if waiver.rule == finding.code and covers(waiver.where, finding.path)
    ]
    return max(fitting, key=lambda waiver: waiver.until, default=None)


def covers(where: str, path: str) -> bool:
    """Whether a finding lies at or below a waiver's path; what is found of the plan as a whole has none."""
    return path in ("", where) or (bool(where) and path.startswith((f"{where}/", f"{where}#")))


def _is_over(waiver: Waiver, today: dt.date | None) -> bool:
    return today is not None and waiver.until < today


def _is_blanket(waiver: Waiver, findings: Sequence[Finding]) -> bool:
    paths = {finding.path for finding in findings if finding.code == waiver.rule}
    return not waiver.where and bool(paths) and "" not in paths


def _blanket(waiver: Waiver, findings: Sequence[Finding]) -> Problem:
    path = min(finding.path for finding in findings if finding.code == waiver.rule)
    return _said(
        waiver,
        "BlanketWaiver",
        "the waiver of {rule} does not say what it is for; it must name one item",
        "add where:, for example where: {path}",
        path=path,
    )


def _unused(waiver: Waiver) -> Problem:
    return _said(
        waiver,
        "UnusedWaiver",
        "the waiver of {rule} for “{where}” is idle: the rule finds nothing there",
        "remove the waiver, or correct its where:",
    )


def _expired(waiver: Waiver) -> Problem:
    return _said(
        waiver,
        "ExpiredWaiver",
        "the waiver of {rule} for “{where}” ended on {until}; it counts again",
        "keep the rule now, or have the waiver renewed",
        until=waiver.until.isoformat(),
    )


def _undated(waivers: Sequence[Waiver]) -> Problem:
    return _said(waivers[0], "NoToday", "no day was given, so no waiver was taken as ended", "")


def _said(waiver: Waiver, code: str, message: str, fix: str, **params: object) -> Problem:
    at = waiver.origin
    return Problem(
        code=code,
        message=message,
        params={"rule": waiver.rule, "where": waiver.where or "-", **params},
        fix=fix,
        location=Location(file=at.file, line=at.line, column=at.column) if at and at.line else None,
        path=waiver.where,
    )

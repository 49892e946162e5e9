"""The kit's run: every check on every layer of a target, and what came of it."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from attrs import evolve, frozen

from planloom.discovery import Library, discover
from planloom.testing import files, merging, processes, rule_checks, texts, use, wording
from planloom.testing.specimen import NothingToCheck, Specimen, specimens_of, wrong
from planloom_schemas.convert import StructureError
from planloom_schemas.errors import PlanloomError, Problem

Status = Literal["ran", "skipped", "failed"]
STATUSES: tuple[Status, ...] = ("ran", "skipped", "failed")
FORMAT = "planloom-kit/1"
NO_LAYER = "the layer does not load (check 1)"


@frozen
class Check:
    """One check: its number, its name (a heading of docs/kit.md), and what it does."""

    number: int
    name: str
    run: Callable[[Specimen], Iterable[Problem]]
    needs_layer: bool = True


CHECKS: tuple[Check, ...] = (
    Check(1, "the layer loads without a warning", files.loads, False),
    Check(2, "data is read without importing the package", files.reads_without_import, False),
    Check(3, "ids, codes and prefixes are well formed and unique", files.names_are_unique),
    Check(4, "the format version is accepted", files.has_known_format, False),
    Check(5, "every file is in wheel and sdist, and inside the layer", files.ships_every_file, False),
    Check(6, "the same bytes in every environment", processes.gives_the_same_bytes),
    Check(7, "no file, network, process, clock or randomness", processes.touches_nothing),
    Check(8, "it keeps to the time budgets", processes.is_fast),
    Check(9, "the merge laws hold with every bundled profile", merging.obeys_the_laws),
    Check(10, "one plan can satisfy all rules", merging.can_be_satisfied),
    Check(11, "its own defaults give no finding", merging.has_clean_defaults),
    Check(12, "activities have a section and a month", merging.has_placed_activities),
    Check(13, "every rule has a firing and a silent case", rule_checks.has_both_cases),
    Check(14, "every rule can fire and can pass", rule_checks.can_fire_and_pass),
    Check(15, "messages say what was found and what is wanted", wording.says_found_and_wanted),
    Check(16, "strange plans crash no rule", use.survives_strange_plans),
    Check(17, "unknown facts give unknown", rule_checks.leaves_unknown_unknown),
    Check(18, "findings point into the file", use.points_into_files),
    Check(19, "fixes mend, add nothing, and end", rule_checks.mends_what_it_finds),
    Check(20, "waivers work, expire, and are reported unused", use.can_be_waived),
    Check(21, "patterns are linear", wording.has_linear_patterns),
    Check(22, "the cases of every rule behave", rule_checks.has_true_cases),
    Check(23, "citations lead to a document", wording.cites_known_documents),
    Check(24, "texts render with the smallest and the fullest facts", texts.renders_all_facts),
    Check(25, "no leftovers in the output", texts.leaves_nothing_over),
    Check(26, "hostile values come out inert", texts.disarms_values),
    Check(27, "a plan that needs it says so when it is gone", use.is_missed_clearly),
)


@frozen(kw_only=True)
class KitResult:
    """What came of one check of one layer.

    Args:
        number: Its number, 1 to 27.
        name: Message id of its name.
        layer: Id of the layer.
        status: ``ran`` (and found nothing), ``skipped`` or ``failed``.
        problems: What it found.
        reason: Why it was skipped: a message id, or the words of the author.
        date: Until when it is skipped; for a check with nothing to look at, the day of the run.
    """

    number: int
    name: str
    layer: str
    status: Status
    problems: tuple[Problem, ...] = ()
    reason: str = ""
    date: dt.date | None = None


@frozen(kw_only=True)
class KitReport:
    """What came of the kit, in the order of the checks."""

    target: str
    results: tuple[KitResult, ...]

    def counts(self) -> Mapping[Status, int]:
        """How many checks ran, were skipped, failed."""
        return {status: sum(one.status == status for one in self.results) for status in STATUSES}

    @property
    def is_passed(self) -> bool:
        """Whether no check failed."""
        return all(one.status != "failed" for one in self.results)


def check_plugin(
    target: str | Path, *, today: dt.date, library: Library | None = None, only: Iterable[int] = ()
) -> KitReport:
    """Run the kit.

    Args:
        target: A distribution's folder, a layer's folder or file, or the id of an installed layer.
        today: The day that skips are judged by.
        library: Every layer on offer; by default what is installed.
        only: Numbers of checks to run; none: all.

    Returns:
        One result for each check of each layer.

    Raises:
        PlanloomError: There is no layer to check.
    """
    chosen = frozenset(only) or frozenset(check.number for check in CHECKS)
    results = [
        run_check(check, specimen, today)
        for specimen in specimens_of(target, library or discover())
        for check in CHECKS
        if check.number in chosen
    ]
    return KitReport(target=str(target), results=tuple(results))


def run_check(check: Check, specimen: Specimen, today: dt.date) -> KitResult:
    """Run one check on one layer, unless its author skips it for a reason and a time."""
    result = KitResult(number=check.number, name=check.name, layer=specimen.id, status="ran")
    skip = _declared(check.number, specimen)
    stale = tuple(_skip_problems(check.number, skip, today)) if skip is not None else ()
    if skip is not None and not stale:
        return evolve(result, status="skipped", reason=skip["reason"], date=skip["until"])
    try:
        if check.needs_layer:
            _load(specimen)
        problems = (*stale, *check.run(specimen))
    except NothingToCheck as nothing:
        problems = stale
        if not stale:
            return evolve(result, status="skipped", reason=str(nothing), date=today)
    except PlanloomError as error:
        problems = (*stale, *error.problems)
    except StructureError as error:
        problems = (
            *stale,
            *(wrong("BadCase", "a case of a rule is not well formed: {reason}", reason=str(error)),),
        )
    return evolve(result, status="failed" if problems else "ran", problems=problems)


def _load(specimen: Specimen) -> None:
    try:
        _ = specimen.layer
    except PlanloomError:
        raise NothingToCheck(NO_LAYER) from None


def _declared(number: int, specimen: Specimen) -> Mapping[str, Any] | None:
    table = specimen.project.get("tool", {}).get("planloom", {}).get("kit", {}).get("skip", {})
    found = table.get(str(number))
    return found if found is None or isinstance(found, dict) else {"reason": "", "until": None}


def _skip_problems(number: int, skip: Mapping[str, Any], today: dt.date) -> Iterator[Problem]:
    reason, until = skip.get("reason"), skip.get("until")
    if not isinstance(reason, str) or not reason.strip():
        yield wrong(
            "SkipWithoutReason",
            "check {number} is skipped without a reason",
            'write reason = "…" in one sentence',
            number=number,
        )
    if not isinstance(until, dt.date):
        yield wrong(
            "SkipWithoutDate",
            "check {number} is skipped without an end",
            "write until = 2027-06-30 (that day included)",
            number=number,
        )
    elif until < today:
        yield wrong(
            "SkipExpired",
            "the skip of check {number} ended on {until}",
            "mend what the check finds, or give a new reason and date",
            number=number,
            until=str(until),
        )


# ---- for an author's own pytest ----


@frozen(eq=False)
class KitCase:
    """One check of one layer, for ``pytest.mark.parametrize``."""

    check: Check
    specimen: Specimen
    today: dt.date

    def __str__(self) -> str:
        return f"{self.specimen.id}-{self.check.number:02}-{self.check.name.replace(' ', '-')}"

    def run(self) -> None:
        """Fail with what the check finds; skip where it is skipped.

        Raises:
            AssertionError: The check failed.
        """
        result = run_check(self.check, self.specimen, self.today)
        if result.status == "skipped":
            import pytest

            pytest.skip(f"{result.reason} ({result.date})")
        if result.problems:
            raise AssertionError("\n".join(told(problem) for problem in result.problems))


def told(problem: Problem) -> str:
    """A problem with its place and its remedy, in English."""
    at = f"{problem.location}: " if problem.location else ""
    fix = problem.fix_text()
    return f"{at}{problem.text()}" + (f"\n  {fix}" if fix else "")


def kit_cases(target: str | Path, *, today: dt.date, library: Library | None = None) -> list[KitCase]:
    """The checks of a plugin as cases for pytest.

    Args:
        target: As for `check_plugin`.
        today: The day that skips are judged by, usually ``date.today()``.
        library: Every layer on offer; by default what is installed.

    Raises:
        PlanloomError: There is no layer to check.
    """
    specimens = specimens_of(target, library or discover())
    return [KitCase(check, specimen, today) for specimen in specimens for check in CHECKS]

"""What the options of a command ask to compose."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import planloom
from planloom.discovery import Library
from planloom.facts import FactError, from_words
from planloom.planfile import load_plan_file
from planloom.plugins import Plugins, load_plugins
from planloom.stack import Stack, stack_of
from planloom_schemas.dates import DateError, Period, parse_period
from planloom_schemas.errors import Location, PlanFileError, Problem, nearest
from planloom_schemas.plan import Plan
from planloom_schemas.records import frozen

if TYPE_CHECKING:
    from planloom_schemas.convert import StructureError


@frozen(kw_only=True)
class Request:
    """A plan file, options, or both.

    Args:
        plan: The plan file, or None.
        profiles: Profiles to select instead of the plan file's.
        directives: Directives beside the plan file's.
        period: The period in words, or None.
        facts: Fact id to the words given for it.
        organisation: Its name, or None.
    """

    plan: str | None = None
    profiles: Sequence[str] = ()
    directives: Sequence[str] = ()
    period: str | None = None
    facts: Mapping[str, str] = {}
    organisation: str | None = None

    def stack(self, library: Library) -> Stack:
        """The layers that take part.

        Raises:
            PlanloomError: The plan file or a layer cannot be used.
        """
        layer = load_plan_file(Path(self.plan), library) if self.plan is not None else None
        content = layer.content if layer else None
        profiles = self.profiles or (content and content.profiles) or ()
        directives = (*((content and content.directives) or ()), *from_plan(self.directives, self.plan))
        return stack_of(library, profiles, directives, layer)

    def compose(self, library: Library, code: Plugins | None = None) -> Plan:
        """The plan.

        Raises:
            PlanloomError: Anything that is wrong.
        """
        # Read here and not by the engine, so that a wrong word is named as it was typed.
        facts = typed_facts(self.facts, self.stack(library)) if self.facts and self._has_profile() else {}
        return planloom.compose(
            self.plan, profiles=self.profiles, directives=from_plan(self.directives, self.plan), facts=facts, period=self.period,
            organisation=self.organisation, library=library, plugins=code or load_plugins(library),
        )  # fmt: skip

    def _has_profile(self) -> bool:
        return bool(self.profiles) or self.plan is not None


def from_plan(directives: Sequence[str], plan: str | None) -> tuple[str, ...]:
    """Directives named on the command line, files of this folder as the plan file's folder sees them."""
    folder = os.path.dirname(plan) if plan else ""
    return tuple(
        os.path.relpath(name, folder) if folder and os.path.isfile(name) else name for name in directives
    )


def typed_facts(words: Mapping[str, str], stack: Stack) -> dict[str, object]:
    """The values that words mean, by the types the layers give the facts.

    Raises:
        PlanFileError: No layer asks for a fact, or the words mean nothing of its type.
    """
    kinds = fact_types(stack)
    problems: list[Problem] = []
    values: dict[str, object] = {}
    for name, text in words.items():
        if name not in kinds:
            problems.append(_unknown(name, text, kinds))
            continue
        try:
            values[name] = from_words(kinds[name][0], text)
        except FactError as error:
            problems.append(_wrong(name, text, kinds[name][1], error))
    if problems:
        raise PlanFileError(*problems)
    return values


def fact_types(stack: Stack) -> dict[str, tuple[str, str]]:
    """Fact id to its type and title."""
    said = {
        (definition.item[1], definition.key): definition.value
        for layer in stack.layers
        for definition in layer.definitions
        if definition.item[:1] == ("facts",)
    }
    return {
        name: (str(value), str(said.get((name, "title")) or name))
        for (name, key), value in said.items()
        if key == "type"
    }


def _said(name: str, text: str) -> Location:
    return Location(file=f"--set {name}={text}", line=0, column=0)


def _unknown(name: str, text: str, known: Mapping[str, object]) -> Problem:
    near = nearest(name, known)
    return Problem(
        code="UnknownFact", message="no layer asks for the fact {fact}", location=_said(name, text),
        params={"fact": name, "near": near, "known": ", ".join(sorted(known)) or "-"}, path=f"facts/{name}",
        fix="did you mean {near}?" if near else "use one of: {known}",
    )  # fmt: skip


def _wrong(name: str, text: str, title: str, error: FactError) -> Problem:
    return Problem(
        code="WrongType", message="the fact {fact} ({title}): " + error.message, location=_said(name, text),
        params={"fact": name, "title": title, **error.params}, path=f"facts/{name}/value",
        fix="change the value of {fact}",
    )  # fmt: skip


def no_profile(library: Library) -> Problem:
    """What is wrong where a profile is needed and none is named."""
    return Problem(
        code="NoProfile", message="no profile is selected; there are: {known}",
        params={"known": ", ".join(library.layers)}, fix="name one with -p",
    )  # fmt: skip


def problems_of(error: "StructureError", at: Location | None = None) -> tuple[Problem, ...]:
    """The mistakes of data, as problems of one place."""
    return tuple(
        Problem(
            code=m.code,
            message=m.message,
            params=m.params,
            path="/".join(map(str, m.path)),
            location=at,
            fix=m.fix,
        )
        for m in error.mistakes
    )


def period_of(words: str) -> Period:
    """The period that words of the command line mean.

    Raises:
        PlanFileError: They mean none.
    """
    try:
        return parse_period(words)
    except DateError as error:
        at = Location(file=f"--year {words}", line=0, column=0)
        raise PlanFileError(
            *(
                Problem(code="BadPeriod", message=i.message, params=i.params, location=at, fix=i.fix)
                for i in error.issues
            )
        ) from error

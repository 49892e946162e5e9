"""Rules in Python, for what the kinds cannot say: pure functions over a view that yield what they found."""

from collections.abc import Callable, Iterable
from typing import Any

from planloom.rules.cases import Hit, NotApplicable
from planloom.rules.select import Selection
from planloom.rules.views import Subject, View
from planloom_schemas.records import frozen
from planloom_schemas.rule import Basis, Selector, Severity

__all__ = ["NotApplicable", "PythonRule", "Remark", "RuleView", "rule"]


@frozen
class Remark:
    """What a Python rule found; made by `RuleView.finding`."""

    hit: Hit
    text: str


@frozen(eq=False)
class RuleView:
    """What a Python rule is given: the view, ways to select from it, and a way to say what was found."""

    selection: Selection
    profiles: tuple[str, ...] = ()

    @property
    def plan(self) -> View:
        """The whole view: period, texts, facts, documents."""
        return self.selection.view

    def select(self, what: str, **conditions: Any) -> tuple[Subject, ...]:
        """The subjects that a selector picks, as in data: ``view.select("activity", tags=("outing",))``."""
        return self.selection.of((Selector(what=what, **conditions),), self.profiles)  # type: ignore[arg-type]

    def finding(
        self,
        subject: Subject | None,
        message: str,
        *,
        part: str = "",
        start: int = 0,
        end: int = 0,
        id: str = "found",
        **data: object,
    ) -> Remark:
        """Something found.

        Args:
            subject: What it is about; None: the plan as a whole.
            message: A sentence with ``{named}`` fields.
            part: The field of the subject that is wrong.
            start: Where in the subject's text it begins.
            end: Where it ends; nought: the subject as a whole.
            id: Message id, for tests.
            data: The values of the fields; with the rule and the subject they identify the finding.
        """
        hit = Hit(message=id, subject=subject, data=data, part=part, start=start, end=end)
        return Remark(hit, message)


@frozen(kw_only=True)
class PythonRule:
    """A rule whose check is a function; made by `rule`.

    ``profiles`` narrows what it selects to the items of some selected profiles; empty: all. ``plugin`` is the
    name of the plugin that brings it, once it is known.
    """

    check: Callable[[RuleView], Iterable[Remark]]
    code: str
    title: str
    severity: Severity = "warn"
    slug: str = ""
    layer: str = ""
    when: str | None = None
    help: str = ""
    basis: tuple[Basis, ...] = ()
    profiles: tuple[str, ...] = ()
    plugin: str = ""


def rule(
    *,
    code: str,
    title: str,
    severity: Severity = "warn",
    slug: str = "",
    layer: str = "",
    when: str | None = None,
    help: str = "",
    basis: tuple[Basis, ...] = (),
) -> Callable[[Callable[[RuleView], Iterable[Remark]]], PythonRule]:
    """Make a rule of a function that yields `RuleView.finding` results, or raises `NotApplicable`.

    Args:
        code: The layer's prefix and three digits.
        title: What the rule wants, in one line.
        severity: ``error``, ``warn`` or ``advice``.
        slug: Readable name.
        layer: The layer it belongs to; whoever collects the rules leaves out those whose layer takes no part.
        when: A condition over facts.
        help: Why, and one imperative sentence.
        basis: What it rests on.
    """

    def made(check: Callable[[RuleView], Iterable[Remark]]) -> PythonRule:
        return PythonRule(
            check=check,
            code=code,
            title=title,
            severity=severity,
            slug=slug,
            layer=layer,
            when=when,
            help=help,
            basis=basis,
        )

    return made

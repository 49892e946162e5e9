"""Checks 15, 21 and 23: what rules say, the patterns they use, and what they cite."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve

from planloom.rules.engine import check_view
from planloom.rules.kinds import demanded
from planloom.rules.messages import placeholders
from planloom.rules.patterns import flaws
from planloom.rules.planview import view_of_plan
from planloom.rules.proof import prove
from planloom.rules.validity import rule_problems
from planloom.rules.views import citations
from planloom.testing.rule_checks import rules_of
from planloom.testing.specimen import Specimen, wrong
from planloom_schemas.errors import Problem

_MARKS = ("{", "}", "None")
_NOTHING_FOUND = frozenset({"missing", "absent", "empty"})

# ---- 15 ----


def says_found_and_wanted(specimen: Specimen) -> Iterator[Problem]:
    """A rule's own messages name what was found or wanted, and come out filled; help says what to do."""
    rules_of(specimen)
    plan = specimen.plan
    tags = {tag.id: tag for tag in plan.tags}
    for rule in plan.rules:
        if not specimen.is_own(rule.code):
            continue
        path = f"rules/{rule.code}"
        yield from rule_problems(rule, tags)
        kind, _ = demanded(rule)
        for name, text in rule.messages.items():
            if not _says_both(kind, name, text):
                yield wrong(
                    "SilentMessage",
                    "the message {name} of {rule} does not say both what was found and what is wanted",
                    "write “…{{found}}；应当{{wanted}}” or the like",
                    f"{path}/messages/{name}",
                    rule=rule.code,
                    name=name,
                )
        if not rule.help.strip():
            yield wrong(
                "NoHelp",
                "{rule} does not say why, and how to mend it",
                "write help: with two sentences",
                path,
                rule=rule.code,
            )
        bare = evolve(rule, when=None)
        proof = prove(
            [bare],
            plan.period,
            plan.facts,
            tags=plan.tags,
            documents=plan.documents,
            festivals=plan.festivals,
        )
        for view in proof.breaking.values():
            findings, _ = check_view(view, [bare], plan.facts)
            yield from _unfilled(rule.code, findings)


def _says_both(kind: str, name: str, text: str) -> bool:
    """Two clauses, what was found and what is wanted; or a field for each, where anything was found."""
    fields = [field for field in placeholders(kind, name) if f"{{{field}}}" in text]
    says_found = name in _NOTHING_FOUND or any(field != "wanted" for field in fields)
    return says_found and ("wanted" in fields or re.search(r"\S[；;，,。.]\s*\S", text) is not None)


def _unfilled(code: str, findings: Any) -> Iterator[Problem]:
    for finding in findings:
        if any(mark in finding.message for mark in _MARKS):
            yield wrong(
                "UnfilledMessage",
                "{rule} says “{message}”",
                "write plain words and known {{fields}}",
                f"rules/{code}",
                rule=code,
                message=finding.message,
            )
            return


# ---- 21 ----


def has_linear_patterns(specimen: Specimen) -> Iterator[Problem]:
    """No pattern of the layer can take long, or can never match inside Chinese text."""
    for code, rule in (specimen.layer.content.rules or {}).items():
        for pattern in (*(rule.must or ()), *(rule.must_not or ())):
            yield from _flaws(code, str(pattern))
        for name in ("of", "if_", "first", "then", "against"):
            params = {name.rstrip("_"): getattr(rule, name, None)}
            for pattern in _matched(params):
                yield from _flaws(code, pattern)


def _flaws(code: str, pattern: str) -> Iterator[Problem]:
    for flaw in flaws(pattern):
        yield Problem(
            code="SlowPattern",
            message=flaw.message,
            params={"found": flaw.found, "pattern": pattern},
            path=f"rules/{code}",
            fix=flaw.fix,
        )


def _matched(params: Mapping[str, Any]) -> Iterator[str]:
    (value,) = params.values()
    for selector in value if isinstance(value, tuple) else ():
        for test in getattr(selector, "fields", {}).values():
            if test.matches is not None:
                yield test.matches


# ---- 23 ----


def cites_known_documents(specimen: Specimen) -> Iterator[Problem]:
    """A rule rests on a declared document in a declared edition, and texts cite only what is declared."""
    plan = specimen.plan
    editions = {one.id: {edition.year for edition in one.editions} for one in plan.documents}
    for rule in plan.rules:
        for basis in rule.basis if specimen.is_own(rule.code) else ():
            known = editions.get(basis.document, set())
            if basis.edition is not None and basis.edition not in known:
                yield wrong(
                    "UnknownEdition",
                    "{rule} rests on the edition {edition} of {document}, which is not declared",
                    "add it under documents: with its year and the day it is in force from",
                    f"rules/{rule.code}/basis",
                    rule=rule.code,
                    edition=basis.edition,
                    document=basis.document,
                )
    names = {name for one in plan.documents for name in (one.title, *one.aliases)}
    view = view_of_plan(plan)
    own = tuple(text for text in view.texts if text.origin is not None and text.origin.layer == specimen.id)
    for citation in citations(own):
        if citation.title not in names:
            yield Problem(
                code="UnknownCitation",
                message="{item} cites “{title}”, which is not declared",
                params={"item": citation.path.partition("#")[0], "title": citation.title},
                path=citation.path,
                location=citation.location(),
                fix="declare it under documents:, with its editions",
            )

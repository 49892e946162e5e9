"""What findings say: a default sentence for every message, and the check of a rule's own sentences.

The defaults are English message ids; a catalogue translates them. A rule's own sentences are data and
stay as they are written. Both have the same ``{named}`` fields, filled with plain text, so a sentence can
reach nothing else.
"""

from collections.abc import Iterator, Mapping

from planloom_schemas.errors import Problem, Translate, nearest
from planloom_schemas.rule import KINDS

DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "require": {
        "missing": "there is no {wanted}; the plan must have one",
        "present": "“{found}” must not be in the plan",
    },
    "count": {
        "few": "{window}: {found} planned, at least {wanted} needed",
        "many": "{window}: {found} planned, at most {wanted} allowed",
    },
    "window": {"outside": "“{subject}” is on {found}; it should be on {wanted}"},
    "order": {"order": "“{then}” begins {found} days after “{first}”; at least {wanted} days are needed"},
    "coverage": {"empty": "{window}: nothing is planned"},
    "field": {
        "missing": "“{subject}” says nothing under {field}",
        "type": "{field} of “{subject}” is {found}; it should be of type {wanted}",
        "low": "{field} of “{subject}” is {found}; it should be at least {wanted}",
        "high": "{field} of “{subject}” is {found}; it should be at most {wanted}",
        "short": "{field} of “{subject}” is shorter than {wanted}: {found}",
        "long": "{field} of “{subject}” is longer than {wanted}: {found}",
        "value": "{field} of “{subject}” cannot be “{found}”",
    },
    "total": {
        "low": "the total is {found}{unit}; it should be at least {wanted}{unit}",
        "high": "the total is {found}{unit}; it should be at most {wanted}{unit}",
        "differs": "the total is {found}{unit}; it should be {wanted}{unit}",
    },
    "unique": {"duplicate": "“{subject}” clashes with “{other}”: both have {found}"},
    "wording": {"wrong": "“{found}” should be “{wanted}” here"},
    "pattern": {
        "found": "“{found}” must not stand in the text",
        "absent": "the text “{subject}” lacks what must match {wanted}",
    },
    "length": {
        "short": "“{subject}” has {found}, at least {wanted} are needed",
        "long": "“{subject}” has {found}, at most {wanted} are allowed",
    },
    "numbering": {
        "gap": "the number {found} comes where {wanted} should come",
        "repeat": "the number {found} comes again; {wanted} should come",
        "style": "the number {found} should be written {wanted}",
        "deep": "the numbers go {found} levels deep, at most {wanted} are allowed",
    },
    "typography": {
        "quotes": "the mark {found} stands without its other half or is not Chinese; it should be {wanted}",
        "dates": "the date {found} should be written {wanted}",
        "width": "{found} should be {wanted}",
        "spaces": "there is a space between Chinese characters",
    },
    "cite": {
        "unknown": "“{found}” is not among the documents known here",
        "repealed": "“{found}” is no longer in force",
        "edition": "“{found}” is not the edition in force, which is that of {wanted}",
    },
    "stale": {
        "year": "“{found}” is not of {wanted}",
        "era": "“{found}” belongs to {year}; now it should be {wanted}",
        "ordinal": "“{found}” points to {year}; the number should be {wanted}",
        "signature": "“{found}” was not held before {year}; the plan is signed in {wanted}",
        "similar": "{found} of the plan stands in last year's; less than {wanted} is expected",
    },
    "festival": {"month": "“{subject}” is in {found}, but {festival} falls on {wanted}"},
    "duplicate": {"duplicate": "“{subject}” says nearly the same as “{other}” ({found})"},
}
_DATA = {
    "missing": "wanted field",
    "present": "found",
    "few": "window found wanted",
    "many": "window found wanted",
    "outside": "found wanted",
    "order": "first then found wanted",
    "empty": "window",
    "duplicate": "found other",
    "similar": "found wanted",
    "month": "festival found wanted",
    "absent": "wanted",
    "unknown": "found",
    "repealed": "found",
    "low": "field found wanted unit",
    "high": "field found wanted unit",
    "differs": "found wanted unit",
    "found": "found",
    "year": "found wanted year",
    "era": "found wanted year",
    "ordinal": "found wanted year",
    "signature": "found wanted year",
}
SUBJECTS: Mapping[str, str] = {
    "activity": "activity “{name}”",
    "section": "section “{name}”",
    "measure": "measure “{name}”",
    "text": "text “{name}”",
    "heading": "heading “{name}”",
    "budget": "budget line “{name}”",
    "citation": "citation “{name}”",
    "plan": "the plan",
}
"""How a person names a subject."""


def placeholders(kind: str, message: str) -> tuple[str, ...]:
    """The names a sentence may use."""
    extra = {"field": ("field",), "duplicate": ("wanted",)}.get(kind, ())
    return tuple(dict.fromkeys(("subject", *_DATA.get(message, "found wanted").split(), *extra)))


def check_message(kind: str, id: str, text: str, path: str = "") -> Iterator[Problem]:
    """What is wrong with a rule's own sentence: an unknown id, a field nobody fills, a template trick.

    Args:
        kind: Kind of the rule; of `implies`, the kind of its consequence.
        id: Message id.
        text: The sentence.
        path: Its path, for the problems.
    """
    known = KINDS[kind].messages
    if id not in known:
        near = nearest(id, known)
        params = {"name": id, "kind": kind, "near": near, "known": ", ".join(known)}
        fix = "did you mean {near}?" if near else "use one of: {known}"
        message = "the kind {kind} has no message {name}"
        yield Problem(code="UnknownMessage", message=message, params=params, path=path, fix=fix)
        return
    names = placeholders(kind, id)
    known_text = ", ".join(f"{{{name}}}" for name in names)
    if sum(text.count(f"{{{name}}}") for name in names) == text.count("{") == text.count("}"):
        return
    from string import Formatter  # takes longer to load than to run

    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        parts = [("", "", None, None)]
    for _, name, spec, conversion in parts:
        if name is not None and (name not in names or spec or conversion):
            params = {"name": f"{{{name}}}", "known": known_text}
            message, fix = "the message has {name}, which is filled with nothing", "use one of: {known}"
            yield Problem(code="UnknownPlaceholder", message=message, params=params, path=path, fix=fix)


def fill(
    kind: str, id: str, own: Mapping[str, str], values: Mapping[str, object], translate: Translate
) -> str:
    """The sentence of a finding: the rule's own, or the default in the user's language."""
    template = own.get(id) or translate(DEFAULTS[kind][id])
    names = placeholders(kind, id)
    return template.format_map({name: str(values.get(name, "")) for name in names})

"""Where findings of a composed plan stand: in the plan file, or in a layer and the line that chose the layer.

Rules see printed texts; people need the place in the file they wrote. What the plan file says itself is found
there by its key, and a quoted piece of text by counting: when a rule complains of as many pieces as the file
shows outside of templates, each stands where it is shown.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attrs import evolve

from planloom.layers import LoadedLayer
from planloom.regexes import compiled
from planloom.rules.views import place_of
from planloom.source import Source, YamlPath
from planloom.stack import Stack
from planloom_schemas.errors import Location
from planloom_schemas.finding import Finding
from planloom_schemas.plan import Origin, Provenance

_TEMPLATE = r"(?s:\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})"
_LINE_NUMBER = r"/\d+$"
_TEXTS = ("text", "lead", "title", "heading")

Spans = Mapping[int, tuple[int, int]]


def keys_of(path: str) -> tuple[str, ...]:
    """The keys that lead to a subject in a file: a path without the number of the line of a longer text."""
    path = path.partition("#")[0]
    without = compiled(_LINE_NUMBER).sub("", path)
    return tuple((without if without.rpartition("/")[2] in _TEXTS else path).split("/"))


def placed(
    findings: Sequence[Finding],
    origins: Mapping[str, Provenance],
    source: Source | None,
    chosen: Mapping[str, Location],
    file: str,
) -> tuple[Finding, ...]:
    """The findings of a composed plan with where to look first.

    Args:
        findings: What the rules found.
        origins: The provenance of the plan.
        source: The plan file, if there is one.
        chosen: Layer id to the line of the plan file that chose the layer.
        file: What was checked, for what was written down nowhere.
    """
    spans = quote_spans(findings, source) if source else {}
    return tuple(_placed(one, origins, source, spans.get(n), chosen, file) for n, one in enumerate(findings))


def _placed(
    finding: Finding,
    origins: Mapping[str, Provenance],
    source: Source | None,
    span: tuple[int, int] | None,
    chosen: Mapping[str, Location],
    file: str,
) -> Finding:
    keys = keys_of(finding.path)
    provenance = origins.get("/".join(keys))
    if source and (own := _own_place(keys, source, span, provenance is not None, finding.quote)):
        return evolve(finding, location=own, origin=_own_origin(provenance, own) or finding.origin)
    origin = provenance.holds[0].origin if provenance and provenance.holds else finding.origin
    location = place_of(origin) or finding.location
    if location is None:
        return evolve(finding, location=_collection(keys, source) or _nowhere(file))
    return evolve(
        finding, location=location, origin=origin, chosen=chosen.get(origin.layer) if origin else None
    )


def _nowhere(file: str) -> Location | None:
    """The file as a whole, for what is not written down."""
    return Location(file=file, line=0, column=0) if file else None


def _own_place(
    keys: YamlPath, source: Source, span: tuple[int, int] | None, is_said: bool, quote: str
) -> Location | None:
    """Where the plan file says it: the piece of text, or the text if it is uncertain which piece.

    Else it is the key, or the item of which nobody says the field.
    """
    if span is not None:
        return source.located(*span)
    if quote and keys in source.marks:
        return source.value_at(keys)
    least = len(keys) if is_said else 4 if keys[2:3] == ("measures",) else 2
    for length in range(len(keys), min(least, len(keys)) - 1, -1):
        if keys[:length] in source.marks and keys != ("",):
            return source.key_at(keys[:length])
    return None


def _own_origin(provenance: Provenance | None, own: Location) -> Origin | None:
    holds = provenance.holds if provenance else ()
    return next((one.origin for one in holds if one.origin.file == own.file), None)


def _collection(keys: YamlPath, source: Source | None) -> Location | None:
    """The collection in which something is missing."""
    return source.key_at(keys[:1]) if source and keys[:1] in source.marks else None


def chosen_lines(stack: Stack) -> dict[str, Location]:
    """Layer id to the line of the plan file that chose the layer, directly or through what extends it."""
    plan = stack.layers[-1]
    lines: dict[str, Location] = {}
    for name, at in _choices(plan, stack):
        for layer in (name, *sorted(stack.ancestors.get(name, ()))):
            lines.setdefault(layer, at)
    return lines


def _choices(plan: LoadedLayer, stack: Stack) -> Iterator[tuple[str, Location]]:
    """The layers that the plan file names itself, with where it does."""
    source = plan.source
    if source is None:
        return
    for key in ("profiles", "directives"):
        for number, name in enumerate(getattr(plan.content, key) or ()):
            # Options may have named others than the file does.
            if (key, number) in source.marks and source.raw((key, number)) is not None:
                yield _id_of(name, plan, stack), source.value_at((key, number))


def _id_of(name: str, plan: LoadedLayer, stack: Stack) -> str:
    """The id of a layer that is named by id or by path."""
    if name in stack.rank:
        return name
    wanted = Path(os.path.normpath(Path(plan.shown).parent / name))
    places = {Path(os.path.normpath(layer.shown)): layer.id for layer in stack.layers}
    return places.get(wanted, places.get(wanted / "layer.yaml", name))


# ---- pieces of text ----


def quote_spans(findings: Sequence[Finding], source: Source) -> dict[int, tuple[int, int]]:
    """Number of a finding to where what it quotes stands in the plan file, wherever that is certain."""
    groups: dict[tuple[str, str, YamlPath, str], list[int]] = defaultdict(list)
    for number, finding in enumerate(findings):
        keys = keys_of(finding.path)
        if finding.quote and keys in source.marks and source.marks[keys][4]:
            groups[finding.code, finding.message_id, keys, finding.quote].append(number)
    spans: dict[int, tuple[int, int]] = {}
    for (_, _, place, quote), numbers in groups.items():
        shown = _shown(quote, place, source)
        if len(shown) == len(numbers):
            spans.update(zip(numbers, shown, strict=True))
    return spans


def _shown(quote: str, keys: YamlPath, source: Source) -> list[tuple[int, int]]:
    """Where a value shows a piece of text, outside of templates."""
    start, end = source.span(keys)
    raw = source.text[start:end]
    if raw[:1] == '"' and "\\" in raw:
        return []
    if raw[:1] in ("'", '"'):
        start, end = start + 1, end - 1
    templates = [found.span() for found in compiled(_TEMPLATE).finditer(source.text, start, end)]
    return [
        found.span()
        for found in re.compile(re.escape(quote)).finditer(source.text, start, end)
        if not any(a < found.end() and found.start() < b for a, b in templates)
    ]

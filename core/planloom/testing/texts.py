"""Checks 24 to 26: the texts of the layer, with all sorts of facts, in every format."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

from attrs import evolve

from planloom.render import render_bytes
from planloom.testing.made_up import hostile, one_by_one
from planloom.testing.specimen import Specimen, wrong
from planloom_schemas.errors import PlanloomError, Problem
from planloom_schemas.plan import Plan

_LEFTOVERS = (
    re.compile("(?<![A-Za-z])None(?![A-Za-z])"),
    re.compile(r"\{[{%#]|[}%#]\}"),
    re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]"),
)
HOSTILE = "{{7*7}}<w:p>|=cmd()"
_ESCAPE = "\x1b[31m"
_TEXT_FORMATS, _ZIP_FORMATS = ("md", "html", "ics", "json"), ("docx", "xlsx")

# ---- 24 ----


def renders_all_facts(specimen: Specimen) -> Iterator[Problem]:
    """Every text renders with likely, smallest and fullest facts, and with each choice."""
    tried = [*specimen.variants.items()]
    tried += [("one by one", facts) for facts in one_by_one(specimen.facts, specimen.variants["typical"])]
    seen: set[tuple[str, str]] = set()
    for name, facts in tried:
        try:
            specimen.compose(facts)
        except PlanloomError as error:
            for problem in error.problems:
                if (problem.code, problem.path) not in seen:
                    seen.add((problem.code, problem.path))
                    yield evolve(problem, lead=f"({name}) {problem.lead}")


# ---- 25 ----


def leaves_nothing_over(specimen: Specimen) -> Iterator[Problem]:
    """No None, no template mark and no control character stands in what is printed."""
    for facts in specimen.variants.values():
        text = render_bytes(specimen.compose(facts), "md").decode("utf-8")
        for number, line in enumerate(text.splitlines(), start=1):
            for pattern in _LEFTOVERS:
                match = pattern.search(line)
                if match:
                    yield wrong(
                        "Leftover",
                        "the printed plan has {found} in “{line}”",
                        "see the text it comes from",
                        found=repr(match[0]),
                        line=line[max(0, match.start() - 20) : match.end() + 20],
                        number=number,
                    )
                    return


# ---- 26 ----


def disarms_values(specimen: Specimen) -> Iterator[Problem]:
    """Values that look like templates, markup, formulas or terminal codes come out as words."""
    facts = hostile(specimen.facts, specimen.variants["typical"], HOSTILE)
    try:
        plan = specimen.compose(facts, organisation=HOSTILE)
    except PlanloomError as error:
        yield from error.problems
        return
    plan = evolve(plan, organisation=plan.organisation + _ESCAPE, title=plan.title + _ESCAPE)
    plain = render_bytes(plan, "md").decode("utf-8")
    if re.search(r"(?<!\d)49(?!\d)", plain) and not re.search(
        r"(?<!\d)49(?!\d)", render_bytes(specimen.plan, "md").decode()
    ):
        yield wrong(
            "Rendered", "a value was read as a template", "print values as they are; never render them again"
        )
    for name in _TEXT_FORMATS:
        yield from _in_text(name, render_bytes(plan, name).decode("utf-8"))
    for name in _ZIP_FORMATS:
        yield from _in_zip(name, render_bytes(plan, name))
    yield from _of_plugins(specimen, plan)


def _in_text(name: str, text: str) -> Iterator[Problem]:
    if "\x1b" in text:
        yield _armed(name, "ESC")
    if name == "html" and "<w:p>" in text:
        yield _armed(name, "<w:p>")
    if any(
        re.match(r'[\s"]*=cmd\(', cell) for line in text.splitlines() for cell in re.split(r"[,;\t]", line)
    ):
        yield _armed(name, "=cmd()")


def _in_zip(name: str, data: bytes) -> Iterator[Problem]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        for part in packed.namelist():
            if not part.endswith(".xml"):
                continue
            body = packed.read(part)
            try:
                root = ElementTree.fromstring(body)
            except ElementTree.ParseError:
                yield _armed(name, part)
                continue
            if name == "xlsx" and any(node.tag.endswith("}f") for node in root.iter()):
                yield _armed(name, "=cmd()")


def _of_plugins(specimen: Specimen, plan: Plan) -> Iterator[Problem]:
    own = {offer.name for offer in specimen.own_code}
    renderers: Mapping[str, object] = specimen.code.renderers if own else {}
    # A value at the beginning of a cell is where formulas begin.
    plan = evolve(plan, title="=cmd()" + plan.title, organisation="=cmd()" + plan.organisation)
    for name in sorted(renderers):
        data = render_bytes(plan, name, extra=specimen.code.renderers)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            continue
        yield from _in_text(name, text)


def _armed(name: str, found: str) -> Problem:
    return wrong(
        "Armed",
        "in .{format} a hostile value comes through: {found}",
        "clean what is written: no control characters, no markup, no cell that begins with = + - @",
        format=name,
        found=found,
    )

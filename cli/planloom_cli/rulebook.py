"""One rule of the layers on offer, explained: what it wants, on which basis, and how to comply."""

from collections.abc import Iterator, Mapping, Sequence

import click
from attrs import frozen

from planloom.discovery import Library
from planloom.layers import ENGINE, LoadedLayer, load_layer
from planloom.pasting import said
from planloom_cli.console import party_lines
from planloom_cli.messages import tr
from planloom_cli.offers import loaded_layers, said_in, stated
from planloom_cli.output import print_json
from planloom_cli.session import Session
from planloom_cli.width import pad, width, wrapped
from planloom_schemas.convert import plain
from planloom_schemas.errors import Party, PlanFileError, Problem, nearest
from planloom_schemas.layer import Document
from planloom_schemas.rule import KINDS, Basis, Rule
from planloom_schemas.statement import UNSET

FORMAT = "planloom-rule/1"
_COLUMNS = 78
_WORDS = frozenset({"title", "help", "messages", "tests"})


@frozen
class Entry:
    """What one layer says of a rule, and where."""

    layer: LoadedLayer
    code: str
    rule: Rule


def explain_rule(name: str, session: Session, *, as_json: bool) -> None:
    """Print what a rule wants.

    Args:
        name: Its code or short name.
        session: The settings of the run.
        as_json: Whether to print data.

    Raises:
        PlanFileError: No layer on offer has it (with the nearest), or several rules go by this name.
    """
    layers = layers_with_rules(session.library())
    entries = [
        Entry(layer, code, rule) for layer in layers for code, rule in stated(said_in(layer).rules).items()
    ]
    named = [entry for entry in entries if name in {entry.code, entry.rule.slug} and entry.rule.kind]
    if len({entry.code for entry in named}) != 1:
        raise PlanFileError(_ambiguous(name, named) if named else _unknown(name, entries))
    introducing = named[0]
    others = [entry for entry in entries if entry.code == introducing.code and entry is not introducing]
    titles = {key: document for layer in layers for key, document in stated(said_in(layer).documents).items()}
    if as_json:
        print_json(_data(introducing, others, titles))
    else:
        click.echo("\n".join(_lines(introducing, others, titles)))


def layers_with_rules(library: Library) -> tuple[LoadedLayer, ...]:
    """The engine's own layer and those on offer."""
    return (load_layer(ENGINE), *loaded_layers(library))


def _unknown(name: str, entries: Sequence[Entry]) -> Problem:
    known = {str(word) for entry in entries for word in (entry.code, entry.rule.slug) if word}
    near = nearest(name, known)
    lost = "see the rules with “planloom rules -p PROFILE”; a path needs a plan or -p"
    return Problem(
        code="UnknownRule", message="no layer on offer has a rule “{rule}”",
        params={"rule": name, "near": near}, fix="did you mean {near}?" if near else lost,
    )  # fmt: skip


def _ambiguous(name: str, named: Sequence[Entry]) -> Problem:
    return Problem(
        code="AmbiguousRule", message="“{rule}” is the short name of {codes}",
        params={"rule": name, "codes": ", ".join(sorted({entry.code for entry in named}))},
        parties=tuple(map(_party, named)), fix="name the rule by its code",
    )  # fmt: skip


def params_of(rule: Rule) -> dict[str, object]:
    """The parameters that a layer states, in the words of files."""
    kind = KINDS[str(rule.kind)]
    data: dict[str, object] = plain(rule)
    return {key: value for key, value in data.items() if key in kind.params}


def _lines(entry: Entry, others: Sequence[Entry], titles: Mapping[str, Document]) -> Iterator[str]:
    rule = entry.rule
    yield f"{entry.code}  {rule.title or ''}"
    head = [
        (tr("short name"), str(rule.slug or "")),
        (tr("severity"), tr(str(rule.severity or "warn"))),
        (tr("binding"), tr(str(rule.binding or "house"))),
        (tr("kind"), str(rule.kind)),
        (tr("applies when"), str(rule.when or "")),
        *((f"{key}:", said(value)) for key, value in params_of(rule).items()),
    ]
    label = max(width(key) for key, value in head if value)
    for key, value in head:
        if value:
            yield wrapped(value, _COLUMNS, f"  {pad(key, label)}  ", " " * (label + 4))
    for basis in _basis(rule):
        yield f"  {tr('basis')}  {basis_text(basis, titles)}"
    if rule.help:
        yield f"  {tr('help')}"
        yield wrapped(str(rule.help), _COLUMNS, "    ", "    ")
    yield f"  {tr('said by')}"
    yield from (f"  {line}" for line in party_lines([_party(one) for one in (entry, *others)]))


def _basis(rule: Rule) -> tuple[Basis, ...]:
    return () if rule.basis is UNSET else tuple(rule.basis.add)


def basis_text(basis: Basis, documents: Mapping[str, Document]) -> str:
    """A basis in words, with whether it was verified."""
    title = _title(basis, documents)
    title = f"《{title}》" if title else basis.document
    edition = f" ({basis.edition})" if basis.edition else ""
    state = tr("verified") if basis.verified else tr("not verified")
    return f"{title}{edition}{basis.article} ({state})"


def _title(basis: Basis, documents: Mapping[str, Document]) -> str:
    return str(documents[basis.document].title or "") if basis.document in documents else ""


def _party(entry: Entry) -> Party:
    layer, rule = entry.layer, entry.rule
    at = layer.source.key_at(("rules", entry.code)) if layer.source else None
    says = {key: value for key, value in plain(rule).items() if key not in _WORDS}
    value = "" if rule.kind else said(says)
    return Party(
        layer=layer.id, distribution=layer.distribution, version=layer.version, file=layer.shown,
        line=at.line if at else 0, value=value,
    )  # fmt: skip


def _data(entry: Entry, others: Sequence[Entry], titles: Mapping[str, Document]) -> dict[str, object]:
    rule = entry.rule
    return {
        "format": FORMAT, "code": entry.code, "slug": rule.slug or "", "title": rule.title or "",
        "kind": rule.kind, "severity": rule.severity or "warn", "binding": rule.binding or "house",
        "when": rule.when or None, "params": params_of(rule), "help": rule.help or "",
        "basis": [
            {**plain(basis), "title": _title(basis, titles), "verified": basis.verified}
            for basis in _basis(rule)
        ],
        "layers": [
            {"layer": one.layer.id, "distribution": one.layer.distribution, "version": one.layer.version,
             "file": one.layer.shown, "line": _party(one).line}
            for one in (entry, *others)
        ],
    }  # fmt: skip

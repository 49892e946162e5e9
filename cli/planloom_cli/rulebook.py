"""One rule of the layers on offer, explained: what it wants, on which basis, and how to comply."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click
from attrs import frozen

from planloom.discovery import CodeOffer, Library
from planloom.layers import ENGINE, LoadedLayer, load_layer
from planloom.pasting import said
from planloom.plugins import load_plugins
from planloom_cli.console import party_lines, tell
from planloom_cli.messages import tr
from planloom_cli.offers import loaded_layers, said_in, stated
from planloom_cli.output import print_json
from planloom_cli.rules import PYTHON
from planloom_cli.session import Session
from planloom_cli.width import pad, width, wrapped
from planloom_schemas.convert import plain
from planloom_schemas.errors import Party, PlanFileError, Problem, nearest
from planloom_schemas.layer import Document
from planloom_schemas.rule import KINDS, Basis, Rule
from planloom_schemas.statement import UNSET

if TYPE_CHECKING:
    from planloom.rules.python import PythonRule

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
    library = session.library()
    layers = layers_with_rules(library)
    entries = [
        Entry(layer, code, rule) for layer in layers for code, rule in stated(said_in(layer).rules).items()
    ]
    named = [entry for entry in entries if name in {entry.code, entry.rule.slug} and entry.rule.kind]
    if len({entry.code for entry in named}) > 1:
        raise PlanFileError(_ambiguous(name, named))
    introducing = named[0] if named else None
    titles = {key: document for layer in layers for key, document in stated(said_in(layer).documents).items()}
    if introducing is None:
        code = load_plugins(library)
        tell(code.problems, "warning")
        written = code.rules_named(name)
        if not written:
            raise PlanFileError(_unknown(name, entries, (known for known, _ in code.rule_names())))
        explain_written(*written[0], titles, as_json=as_json)
        return
    others = [entry for entry in entries if entry.code == introducing.code and entry is not introducing]
    if as_json:
        print_json(_data(introducing, others, titles))
    else:
        click.echo("\n".join(_lines(introducing, others, titles)))


def explain_written(
    offer: CodeOffer, rule: "PythonRule", titles: Mapping[str, Document], *, as_json: bool
) -> None:
    """Print what a rule written in Python wants, and which plugin brings it."""
    party = _plugin(offer, rule)
    head = [
        (tr("short name"), rule.slug),
        (tr("severity"), tr(rule.severity)),
        (tr("binding"), tr("house")),
        (tr("kind"), PYTHON),
        (tr("applies when"), rule.when or ""),
    ]
    if as_json:
        print_json(
            {
                "format": FORMAT, "code": rule.code, "slug": rule.slug, "title": rule.title, "kind": PYTHON,
                "severity": rule.severity, "binding": "house", "when": rule.when, "params": {}, "help": rule.help,
                "basis": _bases_data(rule.basis, titles),
                "layers": [_layer_data(party)], "plugin": offer.name,
            }
        )  # fmt: skip
    else:
        lines = _told(f"{rule.code}  {rule.title}", head, rule.basis, rule.help, [party], titles)
        click.echo("\n".join(lines))


def _plugin(offer: CodeOffer, rule: "PythonRule") -> Party:
    """Who says a rule in Python: the module and line of its function, wherever it is installed."""
    code = getattr(rule.check, "__code__", None)
    module = str(getattr(rule.check, "__module__", "")).replace(".", "/")
    return Party(
        layer=rule.layer or offer.name, distribution=offer.distribution, version=offer.version,
        file=f"{module}.py" if module else "", line=getattr(code, "co_firstlineno", 0), value="",
    )  # fmt: skip


def layers_with_rules(library: Library) -> tuple[LoadedLayer, ...]:
    """The engine's own layer and those on offer."""
    return (load_layer(ENGINE), *loaded_layers(library))


def _unknown(name: str, entries: Sequence[Entry], written: Iterable[str]) -> Problem:
    known = {*written, *(str(word) for entry in entries for word in (entry.code, entry.rule.slug) if word)}
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
    head = [
        (tr("short name"), str(rule.slug or "")),
        (tr("severity"), tr(str(rule.severity or "warn"))),
        (tr("binding"), tr(str(rule.binding or "house"))),
        (tr("kind"), str(rule.kind)),
        (tr("applies when"), str(rule.when or "")),
        *((f"{key}:", said(value)) for key, value in params_of(rule).items()),
    ]
    parties = [_party(one) for one in (entry, *others)]
    return _told(
        f"{entry.code}  {rule.title or ''}", head, _basis(rule), str(rule.help or ""), parties, titles
    )


def _told(
    title: str,
    head: Sequence[tuple[str, str]],
    bases: Sequence[Basis],
    help: str,
    parties: Sequence[Party],
    titles: Mapping[str, Document],
) -> Iterator[str]:
    yield title
    label = max(width(key) for key, value in head if value)
    for key, value in head:
        if value:
            yield wrapped(value, _COLUMNS, f"  {pad(key, label)}  ", " " * (label + 4))
    for basis in bases:
        yield f"  {tr('basis')}  {basis_text(basis, titles)}"
    if help:
        yield f"  {tr('help')}"
        yield wrapped(help, _COLUMNS, "    ", "    ")
    yield f"  {tr('said by')}"
    yield from (f"  {line}" for line in party_lines(parties))


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
        "basis": _bases_data(_basis(rule), titles),
        "layers": [_layer_data(_party(one)) for one in (entry, *others)],
    }  # fmt: skip


def _bases_data(bases: Sequence[Basis], titles: Mapping[str, Document]) -> list[dict[str, object]]:
    return [{**plain(basis), "title": _title(basis, titles), "verified": basis.verified} for basis in bases]


def _layer_data(party: Party) -> dict[str, object]:
    return {
        "layer": party.layer, "distribution": party.distribution, "version": party.version,
        "file": party.file, "line": party.line,
    }  # fmt: skip

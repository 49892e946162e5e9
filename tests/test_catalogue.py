"""The catalogue of shipped rules in docs/rules.md says what the layers say.

``UPDATE_GOLDEN=1 pytest tests/test_catalogue.py`` writes it anew.
"""

import os
from pathlib import Path

from planloom.discovery import discover
from planloom.layers import ENGINE, LoadedLayer, load_layer
from planloom_schemas.rule import Basis, Rule

PAGE = Path(__file__).parent.parent / "docs" / "rules.md"
HEAD = """# Catalogue of shipped rules

For officers who met a finding and for authors who look for examples.
`planloom explain CODE` says the same offline; `planloom rules -p PROFILE` shows those in force.
A basis marked 未核实 was not verified in a primary text; such a rule never says more than `warn` and is never `law`.
This page is generated from the layers; a test compares it.
"""


def layers() -> list[LoadedLayer]:
    """The engine's layer and every bundled one, in the order of their prefixes."""
    offers = [offer for offer in discover().layers.values() if offer.distribution == "planloom"]
    loaded = [load_layer(ENGINE), *(load_layer(offer) for offer in offers)]
    return sorted(
        loaded, key=lambda layer: (layer.id != "planloom", layer.id != "union", str(layer.content.prefix))
    )


def basis_text(basis: Basis, titles: dict[str, str]) -> str:
    edition = f"（{basis.edition}）" if basis.edition else ""
    verified = "" if basis.verified else "［未核实］"
    return f"《{titles.get(basis.document, basis.document)}》{edition}{basis.article}{verified}"


def rule_text(code: str, rule: Rule, titles: dict[str, str]) -> str:
    lines = [f"### {code} {rule.slug or ''}".rstrip(), "", f"{rule.title}"]
    binding = rule.binding or "house"
    lines.append(
        f"{rule.severity or 'warn'} · {binding} · `{rule.kind}`"
        + (f" · when `{rule.when}`" if rule.when else "")
    )
    if rule.basis:
        lines.append("依据：" + "；".join(basis_text(one, titles) for one in rule.basis.add))
    if rule.help:
        lines.append(str(rule.help))
    return "\n".join(lines[:2]) + "\n" + "  \n".join(lines[2:])


def catalogue() -> str:
    loaded = layers()
    titles = {
        key: str(document.title)
        for layer in loaded
        for key, document in (layer.content.documents or {}).items()
        if document.title
    }
    parts = [HEAD]
    for layer in loaded:
        rules = layer.content.rules or {}
        parts.append(f"## {layer.title}（{layer.id}，{len(rules)}条）")
        parts += [rule_text(code, rule, titles) for code, rule in sorted(rules.items())]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def test_catalogue_is_current() -> None:
    """docs/rules.md lists every shipped rule with its basis and what to do."""
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(catalogue(), encoding="utf-8")
    assert catalogue() == PAGE.read_text(encoding="utf-8")

"""The page docs/layer-reference.md, made from the schema classes.

``python -m planloom_schemas.layerdocs FILE`` writes it anew; a test compares.
"""

# ruff: noqa: E501 - one sentence is one line of the page.

import sys
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, get_args

from planloom_schemas.dates import On
from planloom_schemas.layer import (
    REQUIRED,
    Activity,
    Attachment,
    BudgetLine,
    Document,
    Edition,
    Fact,
    Layer,
    Measure,
    PlanFile,
    Section,
    Signature,
    Spend,
    Tag,
    Target,
    TextFile,
    WaiverEntry,
)
from planloom_schemas.rule import (
    KINDS,
    Basis,
    Days,
    FieldTest,
    Fix,
    Loosen,
    Percent,
    Rule,
    RuleParams,
    RuleTest,
    Selector,
)
from planloom_schemas.schemahelp import FIELDS, KIND_HELP
from planloom_schemas.statement import Edit, Unset
from planloom_schemas.structuring import alternatives, fields_of, origin_of

_HEAD = """\
# Layer reference

For authors of profiles and directives who look up a key.
This page is made from the schema classes by `python -m planloom_schemas.layerdocs docs/layer-reference.md`; the same words appear in editors that know the schema (`planloom schema layer`).
By example, with the meaning of each part: [reference.md](reference.md). How the merge strategies work: [merging.md](merging.md).

*Merges*: **one** all unbeaten layers must say the same · **keyed** by key, then field by field · **union** lists add, `{remove: […]}` takes away · **join** the stricter wins · **fixed** the layer that introduces it says it, one that extends it may repeat it · **local** never merges · **existence** about the item itself.
"""
_CHAPTERS: Sequence[tuple[str, type]] = (
    ("The layer", Layer), ("A fact", Fact), ("A tag", Tag), ("A document", Document), ("An edition", Edition),
    ("A budget line", BudgetLine), ("A section", Section), ("A measure", Measure), ("A target", Target),
    ("An activity", Activity), ("Money of an activity", Spend), ("An attachment", Attachment), ("A rule", Rule),
    ("A loosening", Loosen), ("A selector", Selector), ("A test of a field", FieldTest), ("A basis", Basis), ("A fix", Fix),
    ("A case of a rule", RuleTest), ("A plan file", PlanFile), ("A signature", Signature), ("A waiver", WaiverEntry),
)  # fmt: skip
_COLLECTION: Mapping[type, str] = {
    Fact: "facts", Document: "documents", BudgetLine: "budget", Section: "sections", Measure: "measures",
    Activity: "activities", Attachment: "attachments", Rule: "rules",
}  # fmt: skip
_WORDS: Mapping[Any, str] = {
    str: "text", int: "integer", bool: "true or false", Decimal: "number", Percent: "percent", Days: "days", On: "a date (`on`)",
    Edit: "list, or `{add, remove}`", Any: "any", type(None): "null", TextFile: "`{file: …}`", object: "any",
}  # fmt: skip
_PARAMETERS = frozenset(fields_of(RuleParams))


def page() -> str:
    """The text of the page."""
    parts = [_HEAD, *(_chapter(title, cls) for title, cls in _CHAPTERS), _kinds()]
    return "\n".join(parts)


def _chapter(title: str, cls: type) -> str:
    keys = [key for key in fields_of(cls) if cls not in {Rule, Loosen} or key not in _PARAMETERS]
    rows = [_row(cls, key) for key in keys]
    needed = REQUIRED.get(_COLLECTION.get(cls, ""), ())
    note = f"Must have, once all layers are merged: {_listed(needed)}.\n" if needed else ""
    more = "Beside these, the parameters of its kind (below).\n" if cls in {Rule, Loosen} else ""
    table = "\n".join(["| key | value | merges | meaning |", "|---|---|---|---|", *rows])
    return f"## {title}\n\n{note}{more}\n{table}\n".replace("\n\n\n", "\n\n")


def _row(cls: type, key: str) -> str:
    field = fields_of(cls)[key]
    strategy, join = field.metadata.get("strategy"), field.metadata.get("join")
    merges = f"{strategy.value}{f' ({join.value})' if join else ''}" if strategy else ""
    meaning = field.metadata.get("help") or FIELDS.get((cls, key), "")
    return f"| `{key}` | {_value(field.type)} | {merges} | {meaning} |"


def _value(type_: Any) -> str:
    words = [_word(one) for one in alternatives(type_) if one is not Unset]
    return " or ".join(dict.fromkeys(words)).replace("|", "\\|")


def _word(type_: Any) -> str:
    if type_ in _WORDS:
        return _WORDS[type_]
    origin = origin_of(type_)
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in get_args(type_))
    if origin is tuple:
        return f"list of {_word(get_args(type_)[0])}"
    if origin is Mapping:
        return f"mapping to {_word(get_args(type_)[1])}"
    name = getattr(type_, "__name__", str(type_)).strip("'\"")
    titles = {cls.__name__: title for title, cls in _CHAPTERS}
    title = titles.get(name)
    return f"[{title[0].lower()}{title[1:]}](#{title.lower().replace(' ', '-')})" if title else name


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _kinds() -> str:
    parameters = "\n".join(_row(RuleParams, key) for key in fields_of(RuleParams))
    return "\n".join((
        "## The kinds of rules", "",
        "| kind | parameters (needed ones first) | message ids | meaning |", "|---|---|---|---|", *_kind_rows(), "",
        "## Parameters of the kinds", "", "| key | value | merges | meaning |", "|---|---|---|---|", parameters, "",
    ))  # fmt: skip


def _kind_rows() -> Iterator[str]:
    for name, kind in KINDS.items():
        others = [param for param in kind.params if param not in kind.needs]
        needs = ", ".join(f"**`{param}`**" for param in kind.needs)
        params = ", ".join(filter(None, (needs, _listed(others))))
        yield f"| `{name}` | {params} | {_listed(kind.messages) or 'those of `then`'} | {KIND_HELP[name]} |"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8", newline="\n")

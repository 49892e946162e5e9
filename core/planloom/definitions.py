"""The unit of composition: one statement of one layer about one field."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from attrs import fields

from planloom_schemas.layer import TextFile
from planloom_schemas.plan import Origin, Statement
from planloom_schemas.records import frozen
from planloom_schemas.rule import KINDS, Loosen, Rule
from planloom_schemas.statement import UNSET, Strategy, key_of

Path = tuple[str, ...]
Locate = Callable[[Path], Origin]

COLLECTIONS = (
    "facts", "tags", "documents", "festivals", "budget", "sections", "activities", "rules", "attachments",
)  # fmt: skip
TOP_FIELDS = ("heading", "signature")
UNSAID: Mapping[str, Any] = {"severity": "warn", "allow_empty": (), "except": ()}
"""What a rule requires where the layer that introduces it does not say; loosening it takes `loosen`."""


@frozen(eq=False)
class Definition:
    """One statement of one layer.

    Args:
        layer: Layer id.
        item: Path of the item it speaks of, ``("activities", "x")``; ``()`` for the plan itself.
        key: The field, in the words of the file; "" when ``op`` speaks of the item as a whole.
        op: ``set``, ``default``, ``loosen``, ``remove``, ``restore`` or ``if_present``.
        value: The value in canonical form; for removals the reason.
        strategy: How the field merges.
        join: How it joins, or None.
        ordinal: Where the item stands among its siblings in this layer.
        binding: What the layer binds a rule with; "" elsewhere.
        reason: The reason given, for removals, restores and loosenings.
        home: Layer, distribution and file it stands in; one object for all that stand there.
        line: 1-based line, 0 if there is none.
        column: 1-based column in code points, 0 if there is none.
    """

    layer: str
    item: Path
    key: str
    op: str
    value: Any
    strategy: Strategy
    join: Any
    ordinal: int
    binding: str
    reason: str
    home: Origin
    line: int
    column: int

    @property
    def origin(self) -> Origin:
        """Who said it, and where."""
        home = self.home
        return Origin(
            layer=home.layer, distribution=home.distribution, version=home.version, file=home.file,
            line=self.line, column=self.column,
        )  # fmt: skip

    @property
    def statement(self) -> Statement:
        """What provenance keeps of it."""
        op = "set" if self.op == "default" else self.op
        return Statement(origin=self.origin, value=self.value, reason=self.reason, op=op)

    @property
    def path(self) -> str:
        """The path as people write it."""
        return "/".join((*self.item, self.key) if self.key else self.item)


@cache
def _plan_of(cls: Any) -> tuple[tuple[str, str, Strategy, Any], ...]:
    return tuple(
        (a.name, key_of(a), a.metadata["strategy"], a.metadata["join"])
        for a in fields(cls)
        if a.metadata["strategy"] is not Strategy.LOCAL
    )


def definitions_of(
    layer: str, content: Any, locate: Locate, text_of: Callable[[TextFile], str]
) -> tuple[Definition, ...]:
    """Every definition that a layer makes.

    Args:
        layer: Its id.
        content: A `planloom_schemas.layer.Content`.
        locate: Gives the origin of a path.
        text_of: Gives the text of a template file.
    """
    return tuple(_Reader(layer, locate, text_of).content(content))


class _Reader:
    def __init__(self, layer: str, locate: Locate, text_of: Callable[[TextFile], str]) -> None:
        self.layer = layer
        self.locate = locate
        self.text_of = text_of
        self.homes: dict[str, Origin] = {}

    def content(self, content: Any) -> Iterator[Definition]:
        for key in TOP_FIELDS:
            value = getattr(content, key, UNSET)
            if value is not UNSET:
                yield self.make((), key, "set", value, Strategy.ONE, None, 0, "")
        for collection in COLLECTIONS:
            yield from self.collection((collection,), getattr(content, collection))

    def collection(self, base: Path, items: Any) -> Iterator[Definition]:
        for ordinal, (key, item) in enumerate((items or {}).items()):
            if base == ("festivals",):
                yield self.make((*base, key), "on", "set", item, Strategy.ONE, None, ordinal, "")
            else:
                yield from self.item((*base, key), item, ordinal)

    def item(self, path: Path, item: Any, ordinal: int) -> Iterator[Definition]:
        binding = str(item.binding or "house") if isinstance(item, Rule) else ""
        cls: Any = type(item)
        for name, key, strategy, join in _plan_of(cls):
            value = getattr(item, name)
            if value is UNSET:
                continue
            if strategy is Strategy.EXISTENCE:
                yield from self.existence(path, key, value, ordinal, binding)
            elif strategy is not Strategy.KEYED:
                yield self.make(path, key, "set", value, strategy, join, ordinal, binding)
            elif key == "measures":
                yield from self.collection((*path, key), value)
            else:
                for word, said in value.items():
                    yield self.make(path, f"{key}/{word}", "set", said, Strategy.ONE, None, ordinal, binding)
        if isinstance(item, Rule):
            yield from self.unwritten(path, item, ordinal, binding)

    def unwritten(self, path: Path, rule: Rule, ordinal: int, binding: str) -> Iterator[Definition]:
        """The binding of an entry, even if alone, and the defaults it introduces a rule with."""
        if rule.binding is not UNSET:
            yield self.make(path, "binding", "set", binding, Strategy.LOCAL, None, ordinal, binding)
        if rule.kind is UNSET:
            return
        takes = {"severity", *KINDS[rule.kind].params}
        for name, key, strategy, join in _plan_of(Rule):
            if key in UNSAID and key in takes and getattr(rule, name) is UNSET:
                yield self.make(path, key, "default", UNSAID[key], strategy, join, ordinal, binding)

    def existence(self, path: Path, key: str, value: Any, ordinal: int, binding: str) -> Iterator[Definition]:
        if isinstance(value, Loosen):
            yield from self.loosen(path, value, ordinal, binding)
        elif key != "if_present" or value:
            yield self.make(path, "", key, value, Strategy.EXISTENCE, None, ordinal, binding)

    def loosen(self, path: Path, loosen: Loosen, ordinal: int, binding: str) -> Iterator[Definition]:
        reason = loosen.reason if isinstance(loosen.reason, str) else ""
        for name, key, strategy, join in _plan_of(Loosen):
            value = getattr(loosen, name)
            if value is not UNSET and strategy is Strategy.JOIN:
                yield self.make(path, key, "loosen", value, strategy, join, ordinal, binding, reason)

    def make(
        self, item: Path, key: str, op: str, value: Any, strategy: Strategy, join: Any, ordinal: int,
        binding: str, reason: str = "",
    ) -> Definition:  # fmt: skip
        said = (*item, "loosen", key) if op == "loosen" else (*item, key or op)
        if op in {"remove", "restore"}:
            reason = str(value)
        if isinstance(value, TextFile):
            value = self.text_of(value)
        origin = self.locate(said)
        home = self.homes.setdefault(origin.file, origin)
        return Definition(
            self.layer, item, key, op, value, strategy, join, ordinal, binding, reason, home, origin.line, origin.column
        )  # fmt: skip

"""Provenance: the merge's own record of what held and what was beaten, put into words where somebody asks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from planloom.definitions import Definition, Path
from planloom_schemas.plan import Provenance, Statement

Record = tuple[Sequence[Definition], Sequence[Definition], str]
"""The definitions that hold, those they beat, and why."""


class Origins(Mapping[str, Provenance]):
    """Where everything came from: kept as definitions, put into words where somebody asks.

    Args:
        records: Path to the definitions that hold, those they beat, and why.
        rank: Layer id to its place in the order of introduction.
        told: What is in words already, and stands instead of what the records say.
    """

    __slots__ = ("rank", "records", "told")

    def __init__(
        self,
        records: dict[str, Record],
        rank: Mapping[str, int],
        told: Mapping[str, Provenance] = {},
    ) -> None:
        self.records = records
        self.rank = rank
        self.told = told

    def __getitem__(self, path: str) -> Provenance:
        if path in self.told:
            return self.told[path]
        holds, beat, why = self.records[path]
        return Provenance(holds=self._told(holds), beat=self._told(beat), why=why)

    def __contains__(self, path: object) -> bool:
        return path in self.records or path in self.told

    def __iter__(self) -> Iterator[str]:
        yield from self.records
        yield from (path for path in self.told if path not in self.records)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def telling(self, told: Mapping[str, Provenance]) -> "Origins":
        """The same, with more that is in words already."""
        return Origins(self.records, self.rank, {**self.told, **told})

    def without(self, gone: Iterable[Path]) -> dict[str, Record]:
        """The records but those of the fields of items that are gone."""
        heads = tuple("/".join(path) + "/" for path in gone)
        return (
            {path: one for path, one in self.records.items() if not path.startswith(heads)}
            if heads
            else self.records
        )

    def _told(self, definitions: Sequence[Definition]) -> tuple[Statement, ...]:
        ordered = sorted(dict.fromkeys(definitions), key=lambda one: (self.rank[one.layer], one.ordinal))
        return tuple(one.statement for one in ordered)

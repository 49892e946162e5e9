"""What a layer can be checked for before it meets any other."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from planloom.conditions import ConditionError, parse_condition
from planloom.definitions import Path
from planloom.facts import FactError, typed
from planloom.source import Source
from planloom_schemas.dates import On, festival_name, has_year
from planloom_schemas.errors import Location, Problem
from planloom_schemas.layer import Layer, PlanFile, TextFile
from planloom_schemas.rule import Loosen, Rule
from planloom_schemas.statement import UNSET


class Place:
    """Where the parts of one layer stand.

    Args:
        source: The parsed file, or None for what was said on the command line.
        texts: Template file name to its text.
        overrides: Fact ids that the command line states, with the words it used.
    """

    def __init__(
        self, source: Source | None, texts: Mapping[str, str], overrides: Mapping[str, str] | None = None
    ) -> None:
        self.source = source
        self.texts = texts
        self.overrides = overrides or {}

    def of(self, path: Path) -> Location:
        """The place of a key."""
        file, line, column = self.begins(path)
        return (
            self.source.key_at(path)
            if self.source and line
            else Location(file=file, line=line, column=column)
        )

    def begins(self, path: Path) -> tuple[str, int, int]:
        """File, line and column at which a key begins; line 0 if it stands in no file."""
        if path[:1] == ("facts",) and path[2:] in ((), ("value",)) and "".join(path[1:2]) in self.overrides:
            return f"--set {path[1]}={self.overrides[path[1]]}", 0, 0
        return (self.source.file, *self.source.key_begins(path)) if self.source else ("", 0, 0)

    def text_of(self, file: TextFile) -> str:
        """The text of a template file."""
        return self.texts[file.file]


def content_problems(content: Layer | PlanFile, place: Place) -> list[Problem]:
    """Everything that is wrong with a layer on its own."""
    checks = (_conditions, _dates, _festivals, _facts, _rules)
    return [problem for check in checks for problem in check(content, place)]


def _problem(place: Place, path: Path, code: str, message: str, fix: str = "", **params: object) -> Problem:
    return Problem(
        code=code, message=message, params=params, path="/".join(path), location=place.of(path), fix=fix
    )


def _items(content: Any) -> Iterator[tuple[Path, Any]]:
    """Every section, measure, activity and rule with its path."""
    for key, section in (content.sections or {}).items():
        yield ("sections", key), section
        for measure_id, measure in (section.measures or {}).items():
            yield ("sections", key, "measures", measure_id), measure
    for collection in ("activities", "rules"):
        for key, item in (getattr(content, collection) or {}).items():
            yield (collection, key), item


def _conditions(content: Any, place: Place) -> Iterator[Problem]:
    for path, item in _items(content):
        if isinstance(item.when, str):
            try:
                parse_condition(item.when)
            except ConditionError as error:
                yield from condition_problems(error, item.when, (*path, "when"), place.of((*path, "when")))


def condition_problems(error: ConditionError, text: str, path: Path, at: Location) -> Iterator[Problem]:
    """What is wrong with a condition, as problems that quote it."""
    for offset, message, params, fix in error.problems:
        quoted = {"condition": text, "column": offset + 1, **params}
        yield Problem(
            code="BadCondition", message=message, params=quoted, path="/".join(path), location=at, fix=fix
        )


def _dates(content: Any, place: Place) -> Iterator[Problem]:
    if isinstance(content, PlanFile) or content.kind == "directive":
        return
    dated = [((*path, "on"), getattr(item, "on", None)) for path, item in _items(content)]
    dated += [(("festivals", name), on) for name, on in (content.festivals or {}).items()]
    dated += [
        (("rules", code, key), on)
        for code, rule in (content.rules or {}).items()
        for key, on in (*dates_named(rule), *(("loosen", on) for _, on in dates_named(rule.loosen)))
    ]
    for path, on in dated:
        if isinstance(on, On) and has_year(on):
            yield _problem(
                place, path, "YearInProfile", "a profile serves every year, so its dates name no year",
                "leave the year out, or put this into a directive or a plan file",
            )  # fmt: skip


def _festivals(content: Any, place: Place) -> Iterator[Problem]:
    for name in content.festivals or {}:
        if (known := festival_name(name)) is not None:
            yield _problem(
                place, ("festivals", name), "KnownFestival", "everyone knows {festival} already, and its date stands",
                "leave it out, or give yours another name", festival=known,
            )  # fmt: skip


def dates_named(said: object) -> Iterator[tuple[str, object]]:
    """What a rule or its merged values say of times, with the key; what a consequence says, under ``then``."""
    get = said.get if isinstance(said, Mapping) else partial(getattr, said)
    for key in ("near", "after", "before"):
        value = get(key, None)
        yield from ((key, on) for on in (value if isinstance(value, tuple) else (value,)))
    if isinstance(then := get("then", None), Rule):
        yield from (("then", on) for _, on in dates_named(then))


def _facts(content: Any, place: Place) -> Iterator[Problem]:
    is_profile = isinstance(content, Layer) and content.kind == "profile"
    for name, fact in (content.facts or {}).items():
        path = ("facts", name)
        if is_profile and fact.value is not UNSET:
            yield _problem(
                place, (*path, "value"), "ValueInProfile", "a profile asks for the fact “{fact}” but may not answer it",
                "write “default:” instead of “value:”", fact=name,
            )  # fmt: skip
        if isinstance(fact.type, str) and fact.default is not UNSET and fact.default is not None:
            try:
                typed(fact.type, fact.default)
            except FactError as error:
                yield _problem(place, (*path, "default"), "WrongType", error.message, "", **error.params)


def _rules(content: Any, place: Place) -> Iterator[Problem]:
    prefix = content.prefix if isinstance(content, Layer) else UNSET
    for code, rule in (content.rules or {}).items():
        path = ("rules", code)
        if isinstance(content, PlanFile) and rule.binding in {"law", "upper"}:
            yield _problem(
                place, (*path, "binding"), "BindingInPlan", "a plan file cannot speak for the law or the upper union",
                "leave “binding” out; requirements from above come with a directive",
            )  # fmt: skip
        if isinstance(content, Layer) and rule.kind is not UNSET and code[:-3] != prefix:
            yield _problem(
                place, path, "ForeignPrefix", "the rule {rule} is introduced here, but the prefix of this layer is {prefix}",
                "name it {prefix}001 or the like, or leave “kind” out if it changes another layer's rule",
                rule=code, prefix=prefix or "-",
            )  # fmt: skip
        if isinstance(rule.loosen, Loosen) and not (
            isinstance(rule.loosen.reason, str) and rule.loosen.reason.strip()
        ):
            yield _problem(
                place, (*path, "loosen"), "LoosenWithoutReason", "{rule} is loosened without a reason",
                "add reason: with one sentence", rule=code,
            )  # fmt: skip

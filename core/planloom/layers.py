"""From files to layers: read, check what can be checked alone.

A file is parsed and checked once as long as it does not change, in one process and, where the library has a
shelf, from one to the next. Everything wrong with a file is said in one go.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, Literal, TypeVar

from attrs import evolve

from planloom.definitions import Definition, definitions_of
from planloom.definitions import Path as ItemPath
from planloom.discovery import HOUSE, Offer, read_source_cached
from planloom.keeping import from_kept, to_keep
from planloom.precheck import Place, content_problems
from planloom.shelf import Shelf
from planloom.source import Source
from planloom.texts import Tree
from planloom.version import VERSION
from planloom_schemas.errors import Location, Problem, ProfileError, SchemaError, nearest
from planloom_schemas.layer import Layer, PlanFile, TextFile
from planloom_schemas.plan import LayerRef, Origin
from planloom_schemas.records import frozen

Kind = Literal["engine", "profile", "directive", "plan"]
KIND_RANK: Mapping[str, int] = {"engine": 0, "profile": 1, "directive": 2, "plan": 3}
ENGINE = Offer(
    id="planloom", file=Path(__file__).parent / "rules" / "core.yaml", shown="planloom/rules/core.yaml",
    distribution=HOUSE, version=VERSION,
)  # fmt: skip
"""The layer that every stack stands on: the rules of any plan. Everything beats it."""
MAX_TEMPLATE = 100_000
_HEAD = ("id", "kind", "title", "extends", "prefix", "distribution", "version", "trusted", "shown")
Stamp = tuple[tuple[str, int, int], ...]
T = TypeVar("T")


@frozen
class Written:
    """A layer as people wrote it.

    Args:
        content: What it says.
        source: The parsed file, or None for what was said on the command line.
    """

    content: Any
    source: Source | None = None


@frozen(kw_only=True, eq=False)
class LoadedLayer:
    """A layer ready to take part.

    Args:
        id: Layer id; for a plan file its ``plan`` value.
        kind: ``engine``, ``profile``, ``directive`` or ``plan``.
        title: Its title.
        extends: Ids of the layers it stands on.
        prefix: Of the codes of its rules, or "".
        definitions: Everything it says.
        trees: What its templates say, where that is known: text to tree.
        warnings: What is odd in the file but no error.
        distribution: What ships it, or "".
        version: Its version, or "".
        trusted: Whether it may bind with ``law`` and ``upper``.
        shown: How messages name its file.
        written: Gives the layer as written; composing does without it.
    """

    id: str
    kind: Kind
    title: str
    extends: tuple[str, ...] = ()
    prefix: str = ""
    definitions: tuple[Definition, ...] = ()
    trees: Mapping[str, Tree] = {}
    warnings: tuple[Problem, ...] = ()
    distribution: str = ""
    version: str = ""
    trusted: bool = False
    shown: str = ""
    written: Callable[[], Written]

    @property
    def content(self) -> Any:
        """The layer as written."""
        return self.written().content

    @property
    def source(self) -> Source | None:
        """The parsed file, or None for what was said on the command line."""
        return self.written().source

    def ref(self) -> LayerRef:
        """The layer as a plan lists it."""
        return LayerRef(
            id=self.id,
            title=self.title,
            distribution=self.distribution,
            version=self.version,
            trusted=self.trusted,
        )


# ---- one layer ----


def load_layer(offer: Offer, shelf: Shelf | None = None) -> LoadedLayer:
    """The layer of an offer.

    Args:
        offer: Who offers it, and where it stands.
        shelf: Where layers of installed packages are kept between runs.

    Raises:
        SchemaError: Its file is not what a layer must be; names every problem.
        ProfileError: Its id is not the name it is offered under.
    """
    return _load_layer(offer, _stamp(offer), shelf)


def _stamp(offer: Offer) -> Stamp:
    """What the memo depends on besides the offer: the layer file and its templates."""
    folder = offer.folder / "templates" if offer.folder else None
    templates = (
        sorted(file for file in folder.rglob("*") if file.is_file()) if folder and folder.is_dir() else []
    )
    return tuple(_signature(file) for file in (offer.file, *templates))


def _signature(file: Path) -> tuple[str, int, int]:
    try:
        stat = file.stat()
    except OSError:
        return str(file), 0, 0
    return str(file), stat.st_mtime_ns, stat.st_size


@lru_cache(maxsize=128)
def _load_layer(offer: Offer, stamp: Stamp, shelf: Shelf | None) -> LoadedLayer:
    if shelf is None or not offer.distribution:  # what stands in a folder of somebody's is being worked on
        return _read_layer(offer)
    made_of = [repr(offer).encode(), *_contents(stamp)]
    kept = shelf.take(offer.id, made_of)
    if kept is not None:
        definitions, trees = from_kept(kept)
        written = cache(lambda: _read_layer(offer).written())
        return LoadedLayer(**kept["head"], definitions=definitions, trees=trees, written=written)
    layer = _read_layer(offer)
    if not layer.warnings:
        head = {name: getattr(layer, name) for name in _HEAD}
        shelf.put(offer.id, made_of, {"head": head, **to_keep(layer.definitions)})
    return layer


def _contents(stamp: Stamp) -> Iterator[bytes]:
    for file, _, _ in stamp:
        try:
            yield Path(file).read_bytes()
        except OSError:
            yield b""


def _read_layer(offer: Offer) -> LoadedLayer:
    source = _renamed(read_source_cached(offer.file), offer.shown)
    from planloom_schemas.convert import structure_layer

    content: Layer = structured(source, structure_layer)
    if content.layer != offer.id:
        raise ProfileError(_misnamed(offer, content.layer, source))
    texts, problems = _template_files(content, offer, source)
    place = Place(source, texts)
    problems += content_problems(content, place)
    if problems:
        raise SchemaError(*problems)
    locate = _locator(content.layer, place, offer.distribution, offer.version)
    written = Written(content, source)
    return LoadedLayer(
        id=content.layer, kind=content.kind, title=content.title, extends=tuple(content.extends or ()),
        prefix=content.prefix or "", warnings=source.warnings,
        definitions=definitions_of(content.layer, content, locate, place.text_of),
        distribution=offer.distribution, version=offer.version,
        trusted=offer.distribution == HOUSE, shown=offer.shown, written=lambda: written,
    )  # fmt: skip


def _renamed(source: Source, shown: str) -> Source:
    return source if source.file == shown else evolve(source, file=shown)


def structured(source: Source, build: Callable[[object], T]) -> T:
    """What a parsed file says.

    Raises:
        SchemaError: Names everything that does not fit.
    """
    from planloom_schemas.convert import StructureError  # what was read before needs none of it

    try:
        return build(source.data)
    except StructureError as error:
        raise SchemaError(*(_placed(mistake, source) for mistake in error.mistakes)) from error


def _placed(mistake: Any, source: Source) -> Problem:
    at = source.key_at if mistake.at == "key" else source.value_at
    return Problem(
        code=mistake.code, message=mistake.message, params=mistake.params, fix=mistake.fix,
        path="/".join(str(part) for part in mistake.path), location=at(mistake.path),
    )  # fmt: skip


def _misnamed(offer: Offer, found: str, source: Source) -> Problem:
    return Problem(
        code="MisnamedLayer",
        message="the entry point “{wanted}” leads to a layer that calls itself “{found}”",
        params={"wanted": offer.id, "found": found},
        location=source.value_at(("layer",)),
        fix="give both the same name",
    )


def _locator(
    layer: str, place: Place, distribution: str = "", version: str = ""
) -> Callable[[ItemPath], Origin]:
    def locate(path: ItemPath) -> Origin:
        file, line, column = place.begins(path)
        return Origin(
            layer=layer, distribution=distribution, version=version, file=file, line=line, column=column
        )  # fmt: skip

    return locate


# ---- plan files ----


def plan_layer(
    content: PlanFile, source: Source | None = None, overrides: Mapping[str, str] | None = None
) -> LoadedLayer:
    """A plan file, or what was said on the command line, as a layer.

    Args:
        content: What it says.
        source: The file it stands in, if any.
        overrides: Fact ids that the command line states, with the words it used.

    Raises:
        SchemaError: Something in it cannot be.
    """
    place = Place(source, {}, overrides or {})
    problems = [*_files(content, place), *content_problems(content, place)]
    if problems:
        raise SchemaError(*problems)
    written = Written(content, source)
    return LoadedLayer(
        id=content.plan, kind="plan", title=content.title or content.plan,
        definitions=definitions_of(content.plan, content, _locator(content.plan, place), place.text_of),
        warnings=source.warnings if source else (), shown=source.file if source else "",
        written=lambda: written,
    )  # fmt: skip


def _files(content: PlanFile, place: Place) -> Iterator[Problem]:
    for path, name in _named_files(content):
        yield Problem(
            code="NoTemplates", message="a plan file cannot use “file: {file}”", params={"file": name},
            path="/".join(path), location=place.of(path), fix="write the text itself",
        )  # fmt: skip


# ---- template files ----


def _template_files(content: Layer, offer: Offer, source: Source) -> tuple[dict[str, str], list[Problem]]:
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for path, name in _named_files(content):
        try:
            texts[name] = texts.get(name) or _template_text(name, offer, source.value_at(path))
        except SchemaError as error:
            problems += error.problems
    return texts, problems


def _named_files(content: Layer | PlanFile) -> Iterator[tuple[ItemPath, str]]:
    for section_id, section in (content.sections or {}).items():
        if isinstance(section.lead, TextFile):
            yield ("sections", section_id, "lead"), section.lead.file
        for measure_id, measure in (section.measures or {}).items():
            if isinstance(measure.text, TextFile):
                yield ("sections", section_id, "measures", measure_id, "text"), measure.text.file


def _template_text(name: str, offer: Offer, at: Location) -> str:
    def refuse(code: str, message: str, fix: str, **params: object) -> SchemaError:
        return SchemaError(
            Problem(code=code, message=message, params={"file": name, **params}, location=at, fix=fix)
        )

    if offer.folder is None:
        raise refuse(
            "NoTemplates", "a layer in a single file cannot use “file: {file}”",
            "write the text itself, or make the layer a folder with layer.yaml and templates/",
        )  # fmt: skip
    home = offer.folder / "templates"
    parts = PurePosixPath(name.replace("\\", "/")).parts
    file = home.joinpath(*parts)
    if (
        ".." in parts
        or name.startswith(("/", "\\"))
        or ":" in name
        or "\0" in name
        or not _inside(file, home)
    ):
        raise refuse(
            "PathEscapes", "“{file}” leads out of the layer's templates", "name a file inside templates/"
        )
    if not os.path.isfile(file):
        near = nearest(name, _files_in(home))
        raise refuse(
            "NoTemplate", "templates/ has no file “{file}”",
            "did you mean “{near}”?" if near else "create the file, or write the text itself", near=near,
        )  # fmt: skip
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise refuse("BadTemplate", "templates/{file} cannot be read as UTF-8", "save it as UTF-8") from error
    if len(text) > MAX_TEMPLATE:
        raise refuse(
            "BadTemplate",
            "templates/{file} is longer than {most} characters",
            "shorten it",
            most=MAX_TEMPLATE,
        )
    return text


def _files_in(folder: Path) -> list[str]:
    """The names of the files of a folder; none if it cannot be read."""
    try:
        return [entry.name for entry in os.scandir(folder) if entry.is_file()]
    except OSError:
        return []


def _inside(file: Path, home: Path) -> bool:
    return Path(os.path.realpath(file)).is_relative_to(os.path.realpath(home))

"""From files to layers: read, check what can be checked alone, close `extends`.

A file is parsed and checked once as long as it does not change, in one process and, where the library has a
shelf, from one to the next. Everything wrong with a file is said in one go.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, Literal, TypeVar

from attrs import evolve

from planloom.definitions import Definition, definitions_of
from planloom.definitions import Path as ItemPath
from planloom.discovery import HOUSE, Library, Offer, offer_of_file, read_source_cached, read_yaml
from planloom.keeping import from_kept, to_keep
from planloom.precheck import Place, content_problems
from planloom.shelf import Shelf
from planloom.source import Source
from planloom.texts import Tree
from planloom.version import VERSION
from planloom_schemas.errors import Location, Msg, PlanFileError, Problem, ProfileError, SchemaError, nearest
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
_NOT_THERE = frozenset({"FileNotFound", "IsDirectory", "Unreadable"})
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

    content: Layer = _structured(source, structure_layer)
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


def _structured(source: Source, build: Callable[[object], T]) -> T:
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


# ---- plan files ----


def load_plan_file(file: Path, library: Library | None = None) -> LoadedLayer:
    """The plan file as a layer.

    Args:
        file: Where it stands.
        library: Where the layers that it names must be found, if they are to be looked for.

    Raises:
        SchemaError: It is not what a plan file must be; names every problem.
        PlanFileError: It is a document, a composed plan or a layer.
    """
    return plan_of_source(read_yaml(file, "a plan file", _FROM_DOCUMENT), library)


def plan_of_source(source: Source, library: Library | None = None) -> LoadedLayer:
    """The plan file that was parsed, as a layer; see `load_plan_file`."""
    from planloom_schemas.convert import structure_plan_file

    data: Any = source.data
    for key, (message, fix) in _NO_PLAN_FILE.items():
        if key in data and "plan" not in data:
            raise PlanFileError(_not_a_plan_file(source, key, message, fix))
    try:
        content: PlanFile = _structured(source, structure_plan_file)
        return plan_layer(content, source)
    except SchemaError as error:
        unfound = _unfound(source, library) if library else ()
        raise SchemaError(*error.problems, *unfound) from error


def _unfound(source: Source, library: Library) -> Sequence[Problem]:
    """What is wrong with the layers that a plan file names, where it cannot be used itself."""
    found = _Closure(library, Path(source.file).parent, source)
    found.take_all(_names(source, "profiles"), "profile")
    found.take_all(_names(source, "directives"), "directive")
    return found.problems


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


_FROM_DOCUMENT = "make a plan file of it first: planloom import {file} -o plan.yaml"
_NO_PLAN_FILE: Mapping[str, tuple[str, str]] = {
    "layer": (
        "{file} is a layer, not a plan file",
        "name the plan file; use the layer with -p or under “directives:”",
    ),
    "origins": (
        "{file} is a composed plan, not a plan file",
        "name the plan file that it was composed from",
    ),
}
"""What else has the form of a plan file: a key that only it has, with message and fix."""


def _not_a_plan_file(source: Source, key: str, message: str, fix: str) -> Problem:
    return Problem(
        code="NotAPlanFile", message=message, params={"file": source.file}, location=source.key_at((key,)), fix=fix
    )  # fmt: skip


# ---- the stack ----


@frozen(kw_only=True, eq=False)
class Stack:
    """The layers that take part, with `extends` closed.

    Args:
        layers: Sorted by kind, then depth, then id: the order of introduction.
        profiles: The selected profiles, sorted.
        directives: The directives named, sorted.
        ancestors: Layer id to the ids it extends, directly or through others.
        below: Layer id to the ids that it beats.
        rank: Layer id to its place in the order of introduction.
    """

    layers: tuple[LoadedLayer, ...]
    profiles: tuple[str, ...] = ()
    directives: tuple[str, ...] = ()
    ancestors: Mapping[str, frozenset[str]]
    below: Mapping[str, frozenset[str]]
    rank: Mapping[str, int]

    def layer(self, name: str) -> LoadedLayer:
        """The layer of an id."""
        return self.layers[self.rank[name]]


def stack_of(
    library: Library, profiles: Sequence[str], directives: Sequence[str], plan: LoadedLayer | None
) -> Stack:
    """Load the layers named and close them under `extends`.

    Raises:
        ProfileError: A layer is unknown, broken, of the wrong kind, or `extends` runs in a circle.
        SchemaError: A layer's file is wrong.
    """
    home = Path(plan.shown).parent if plan and plan.shown else Path()
    found = _Closure(library, home, plan.source if plan else None)
    engine = _engine(load_layer(ENGINE, library.shelf))
    chosen, named = found.take_all(profiles, "profile"), found.take_all(directives, "directive")
    problems = [*found.problems, *_cycles(found.layers), *_shared_prefixes([engine, *found.layers.values()])]
    if engine.id in found.layers:
        problems.append(_named_like_engine(found.layers[engine.id]))
    if plan is not None and plan.id in {engine.id, *found.layers}:
        problems.append(_plan_named_like_layer(plan))
    if problems:
        raise ProfileError(*problems)
    return _stack({engine.id: engine, **found.layers}, chosen, named, plan)


# One object for one layer in one role, so that what is worked out from it is worked out once.


@lru_cache(maxsize=8)
def _engine(layer: LoadedLayer) -> LoadedLayer:
    return evolve(layer, kind="engine")


@lru_cache(maxsize=64)
def _trusted(layer: LoadedLayer) -> LoadedLayer:
    return evolve(layer, trusted=True)


def _stack(
    layers: dict[str, LoadedLayer], chosen: list[str], named: list[str], plan: LoadedLayer | None
) -> Stack:
    ancestors = {name: _ancestors(name, layers) for name in layers}
    granted = set(plan.content.grant or ()) if plan else set[str]()
    trusted = granted.union(named, *(ancestors[name] for name in named))
    everyone = [_trusted(layer) if layer.id in trusted else layer for layer in layers.values()]
    depth = {name: _depth(name, layers, {}) for name in layers}
    everyone.sort(key=lambda layer: (KIND_RANK[layer.kind], depth[layer.id], layer.id))
    below = {
        layer.id: ancestors[layer.id]
        | {other.id for other in everyone if KIND_RANK[other.kind] < KIND_RANK[layer.kind]}
        for layer in everyone
    }
    if plan is not None:
        below[plan.id] = frozenset(layers)
        ancestors[plan.id] = frozenset()
        everyone.append(plan)
    return Stack(
        layers=tuple(everyone), profiles=tuple(chosen), directives=tuple(named), ancestors=ancestors, below=below,
        rank={layer.id: place for place, layer in enumerate(everyone)},
    )  # fmt: skip


class _Closure:
    """Takes in layers by name or path, with all they extend, and collects what is wrong."""

    def __init__(self, library: Library, home: Path, plan: Source | None) -> None:
        self.library = library
        self.home = home
        self.plan = plan
        self.layers: dict[str, LoadedLayer] = {}
        self.problems: list[Problem] = []

    def take_all(self, names: Sequence[str], kind: Kind) -> list[str]:
        """Take in what is named; the ids of those that could be."""
        return sorted({self.take(name, kind) for name in names} - {""})

    def take(self, name: str, kind: Kind, by: LoadedLayer | None = None) -> str:
        try:
            layer = load_layer(self.offer(name, kind), self.library.shelf)
        except (ProfileError, SchemaError) as error:
            at = self.named_at(name, kind, by)
            self.problems += (_at_name(problem, at) for problem in error.problems)
            return ""
        known = self.layers.get(layer.id)
        if known is not None and known.shown != layer.shown:
            self.problems.append(_two_files(known, layer))
        if layer.kind != kind:
            self.problems.append(_wrong_kind(layer, kind, self.named_at(name, kind, by), by))
        if known is None:
            self.layers[layer.id] = layer
            for parent in layer.extends:
                self.take(parent, layer.kind, layer)
        return layer.id

    def named_at(self, name: str, kind: Kind, by: LoadedLayer | None) -> Location | None:
        """Where a file names a layer; None if only the command line does."""
        source, key = (by.source, "extends") if by else (self.plan, f"{kind}s")
        names = _names(source, key) if source else []
        return source.value_at((key, names.index(name))) if source and name in names else None

    def offer(self, name: str, kind: Kind) -> Offer:
        if kind == "directive" and name not in self.library.layers and _is_path(name):
            file = self.home / name
            if os.path.isdir(file):
                file = file / "layer.yaml"
            folder = file.parent if file.name == "layer.yaml" else None
            offer = offer_of_file(file, folder, strict=True)
            assert offer is not None  # strict raises instead
            return evolve(offer, shown=_without_detours(file).as_posix())
        return self.library.offer(name)


def _without_detours(file: Path) -> Path:
    """The shortest way to write a path, unless a link makes that another file."""
    short = Path(os.path.normpath(file))
    return short if os.path.realpath(short) == os.path.realpath(file) else file


def _is_path(name: str) -> bool:
    return any(sign in name for sign in "/\\.")


def _names(source: Source, key: str) -> list[str]:
    """The layers that the list under a key of a file names, whatever else is wrong with the file."""
    data: Any = source.data
    names = data.get(key)
    return names if isinstance(names, list) and all(isinstance(name, str) for name in names) else []


def _at_name(problem: Problem, at: Location | None) -> Problem:
    # That a layer or its file is not there is a mistake in the file that names it.
    is_elsewhere = problem.location is not None and problem.code not in _NOT_THERE
    return problem if at is None or is_elsewhere else evolve(problem, location=at)


def _two_files(one: LoadedLayer, other: LoadedLayer) -> Problem:
    return Problem(
        code="ProfileClash",
        message="the name “{name}” is offered more than once: {offers}",
        params={"name": one.id, "offers": ", ".join(sorted((one.shown, other.shown)))},
        fix="uninstall or rename all but one",
    )


def _wrong_kind(layer: LoadedLayer, wanted: Kind, at: Location | None, by: LoadedLayer | None) -> Problem:
    message = (
        "“{layer}” is a {is_a}, but “{by}”, which extends it, is a {wanted}" if by
        else "“{layer}” is a {is_a}, not a {wanted}"
    )  # fmt: skip
    return Problem(
        code="WrongKind", message=message,
        params={
            "layer": layer.id, "found": layer.kind, "is_a": Msg(layer.kind), "wanted": wanted,
            "by": by.id if by else "",
        },
        location=at,
        fix="a layer extends only its own kind" if by else "name it under “{found}s:” instead",
    )  # fmt: skip


def _named_like_engine(layer: LoadedLayer) -> Problem:
    return Problem(
        code="ReservedName",
        message="no layer can be called “{name}”: the rules of any plan stand under that name",
        params={"name": layer.id},
        location=layer.source.value_at(("layer",)) if layer.source else None,
        fix="give the layer another name under “layer:”",
    )


def _plan_named_like_layer(plan: LoadedLayer) -> Problem:
    return Problem(
        code="PlanNamedLikeLayer",
        message="the plan is called “{name}”, which is the name of a layer it uses",
        params={"name": plan.id},
        location=plan.source.value_at(("plan",)) if plan.source else None,
        fix="give the plan another name under “plan:”, for example {name}-plan",
    )


def _shared_prefixes(layers: Any) -> Iterator[Problem]:
    by_prefix: dict[str, list[LoadedLayer]] = {}
    for layer in layers:
        if layer.prefix:
            by_prefix.setdefault(layer.prefix, []).append(layer)
    for prefix, sharing in sorted(by_prefix.items()):
        if len(sharing) > 1:
            yield Problem(
                code="SharedPrefix",
                message="the layers {layers} use the same prefix “{prefix}” for their rules",
                params={"layers": ", ".join(sorted(layer.id for layer in sharing)), "prefix": prefix},
                fix="give each layer a prefix of its own",
            )


def _cycles(layers: Mapping[str, LoadedLayer]) -> list[Problem]:
    problems = []
    for name in sorted(layers):
        circle = _circle(name, layers)
        if circle and min(circle) == name:
            source = layers[name].source
            problems.append(
                Problem(
                    code="ExtendsCycle",
                    message="“extends” runs in a circle: {circle}",
                    params={"circle": " → ".join((*circle, name))},
                    location=source.value_at(("extends",)) if source else None,
                    fix="remove one of these “extends”",
                )
            )
    return problems


def _circle(start: str, layers: Mapping[str, LoadedLayer]) -> tuple[str, ...]:
    """The shortest way from a layer back to itself, or ()."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    for way in ways:
        for parent in sorted(layers[way[-1]].extends):
            if parent == start:
                return way
            if parent in layers and parent not in seen:
                seen.add(parent)
                ways.append((*way, parent))
    return ()


def _ancestors(name: str, layers: Mapping[str, LoadedLayer]) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(layers[name].extends)
    while waiting:
        parent = waiting.pop()
        if parent not in found:
            found.add(parent)
            waiting += layers[parent].extends
    return frozenset(found)


def _depth(name: str, layers: Mapping[str, LoadedLayer], known: dict[str, int]) -> int:
    if name not in known:
        known[name] = max((1 + _depth(parent, layers, known) for parent in layers[name].extends), default=0)
    return known[name]

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
from planloom.discovery import HOUSE, Library, Offer, offer_of_file, read_source_cached
from planloom.keeping import from_kept, to_keep
from planloom.precheck import Place, content_problems
from planloom.shelf import Shelf
from planloom.source import Source
from planloom.texts import Tree
from planloom.version import VERSION
from planloom_schemas.errors import Location, PlanFileError, Problem, ProfileError, SchemaError, nearest
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


def _named_files(content: Layer) -> Iterator[tuple[ItemPath, str]]:
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
    if ".." in parts or name.startswith(("/", "\\")) or ":" in name or not _inside(file, home):
        raise refuse(
            "PathEscapes", "“{file}” leads out of the layer's templates", "name a file inside templates/"
        )
    if not file.is_file():
        near = nearest(name, (entry.name for entry in home.iterdir())) if home.is_dir() else ""
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


def _inside(file: Path, home: Path) -> bool:
    return file.resolve().is_relative_to(home.resolve())


# ---- plan files ----


def load_plan_file(file: Path) -> LoadedLayer:
    """The plan file as a layer.

    Raises:
        SchemaError: It is not what a plan file must be; names every problem.
    """
    return plan_of_source(read_source_cached(file))


def plan_of_source(source: Source) -> LoadedLayer:
    """The plan file that was parsed, as a layer.

    Raises:
        SchemaError: It is not what a plan file must be; names every problem.
    """
    if isinstance(source.data, dict) and "layer" in source.data and "plan" not in source.data:
        raise PlanFileError(_layer_not_plan(source))
    from planloom_schemas.convert import structure_plan_file

    content: PlanFile = _structured(source, structure_plan_file)
    return plan_layer(content, source)


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
    problems = content_problems(content, place)
    if problems:
        raise SchemaError(*problems)
    written = Written(content, source)
    return LoadedLayer(
        id=content.plan, kind="plan", title=content.title or content.plan,
        definitions=definitions_of(content.plan, content, _locator(content.plan, place), place.text_of),
        warnings=source.warnings if source else (), shown=source.file if source else "",
        written=lambda: written,
    )  # fmt: skip


def _layer_not_plan(source: Source) -> Problem:
    return Problem(
        code="NotAPlanFile",
        message="{file} is a layer, not a plan file",
        params={"file": source.file},
        location=source.key_at(("layer",)),
        fix="name the plan file; use the layer with -p or under “directives:”",
    )


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
    found = _Closure(library, Path(plan.shown).parent if plan and plan.shown else Path())
    engine = _engine(load_layer(ENGINE, library.shelf))
    chosen = sorted({found.take(name, "profile") for name in profiles} - {""})
    named = sorted({found.take(name, "directive") for name in directives} - {""})
    problems = [*found.problems, *_cycles(found.layers), *_shared_prefixes([engine, *found.layers.values()])]
    if plan is not None and plan.id in found.layers:
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

    def __init__(self, library: Library, home: Path) -> None:
        self.library = library
        self.home = home
        self.layers: dict[str, LoadedLayer] = {}
        self.problems: list[Problem] = []

    def take(self, name: str, kind: Kind, by: LoadedLayer | None = None) -> str:
        try:
            layer = load_layer(self.offer(name, kind), self.library.shelf)
        except (ProfileError, SchemaError) as error:
            self.problems += (_at_extends(problem, by, name) for problem in error.problems)
            return ""
        known = self.layers.get(layer.id)
        if known is not None and known.shown != layer.shown:
            self.problems.append(_two_files(known, layer))
        if layer.kind != kind:
            self.problems.append(_wrong_kind(layer, kind, by))
        if known is None:
            self.layers[layer.id] = layer
            for parent in layer.extends:
                self.take(parent, layer.kind, layer)
        return layer.id

    def offer(self, name: str, kind: Kind) -> Offer:
        if kind == "directive" and name not in self.library.layers and _is_path(name):
            file = self.home / name
            if file.is_dir():
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
    return "/" in name or "\\" in name or name.endswith((".yaml", ".yml"))


def _at_extends(problem: Problem, by: LoadedLayer | None, name: str) -> Problem:
    # A missing parent is a mistake in the file that names it.
    if by is None or by.source is None or problem.location is not None:
        return problem
    index = by.extends.index(name)
    return evolve(problem, location=by.source.value_at(("extends", index)))


def _two_files(one: LoadedLayer, other: LoadedLayer) -> Problem:
    return Problem(
        code="ProfileClash",
        message="the name “{name}” is offered more than once: {offers}",
        params={"name": one.id, "offers": ", ".join(sorted((one.shown, other.shown)))},
        fix="uninstall or rename all but one",
    )


def _wrong_kind(layer: LoadedLayer, wanted: Kind, by: LoadedLayer | None) -> Problem:
    message = (
        "“{layer}” is a {found}, but “{by}”, which extends it, is a {wanted}" if by
        else "“{layer}” is a {found}, not a {wanted}"
    )  # fmt: skip
    return Problem(
        code="WrongKind", message=message,
        params={"layer": layer.id, "found": layer.kind, "wanted": wanted, "by": by.id if by else ""},
        location=by.source.value_at(("extends",)) if by and by.source else None,
        fix="a layer extends only its own kind" if by else "name it under “{found}s:” instead",
    )  # fmt: skip


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

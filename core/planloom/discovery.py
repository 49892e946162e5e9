"""Which layers and code plugins there are: installed packages and folders, read without importing anything.

Installed packages announce themselves with entry points; their files are found on the import path and nothing of
theirs runs. Two offers of one name are a clash that spoils that name only; a broken offer spoils only itself.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from attrs import evolve

from planloom.reading import COMPOSED, PLAN_FILES
from planloom.shelf import Shelf
from planloom.source import Source, read_source
from planloom_schemas.errors import (
    Location,
    Msg,
    PlanloomError,
    Problem,
    ProfileClashError,
    ProfileError,
    SchemaError,
    nearest,
)
from planloom_schemas.records import frozen

LAYER_GROUP = "planloom.layers"
PLUGIN_GROUP = "planloom.plugins"
LAYER_FILE = "layer.yaml"
HOUSE = "planloom"
"""The distribution whose layers are bundled: trusted to speak for the law, and never switched off."""


@frozen(kw_only=True)
class Offer:
    """A layer somebody offers.

    Args:
        id: Layer id.
        folder: Where ``layer.yaml`` and ``templates/`` stand; None for a single file.
        file: The YAML file.
        shown: How messages and provenance name the file (stable across machines for installed packages).
        distribution: What ships it, or "".
        version: Its version, or "".
        problem: Why it cannot be used, or None.
    """

    id: str
    file: Path
    shown: str
    folder: Path | None = None
    distribution: str = ""
    version: str = ""
    problem: Problem | None = None


@frozen(kw_only=True)
class CodeOffer:
    """A pluggy plugin somebody offers: ``target`` is ``module`` or ``module:attribute``."""

    name: str
    target: str
    distribution: str
    version: str


@frozen
class Library:
    """Every offer, by name, sorted.

    Args:
        layers: The layers, those that cannot be used with their problem.
        code: The code plugins.
        problems: What is wrong beside that.
        shelf: Where layers of installed packages are kept between runs, if anywhere.
    """

    layers: Mapping[str, Offer]
    code: tuple[CodeOffer, ...] = ()
    problems: tuple[Problem, ...] = ()
    shelf: Shelf | None = None

    def offer(self, name: str) -> Offer:
        """The offer of a layer.

        Raises:
            ProfileClashError: Two distributions or folders offer it.
            ProfileError: Nobody offers it (with the nearest name), or what is offered is broken.
        """
        offer = self.layers.get(name)
        if offer is None:
            # It may stand in a file that could not be read.
            raise ProfileError(unknown_layer(name, self.layers), *self.problems)
        if offer.problem is not None:
            raise (ProfileClashError if offer.problem.code == "ProfileClash" else ProfileError)(offer.problem)
        return offer


def unknown_layer(name: str, known: Iterable[str]) -> Problem:
    """The problem of a layer id that nobody offers."""
    names = sorted(known)
    near = nearest(name, names)
    return Problem(
        code="UnknownLayer",
        message="there is no profile or directive “{name}”; known are: {known}",
        params={"name": name, "known": ", ".join(names) or "-", "near": near},
        fix="did you mean “{near}”?"
        if near
        else "install the package that brings it, or name its folder with --layer-path",
    )


@frozen(kw_only=True)
class Choice:
    """Which plugins take part: all (``names`` None) or only those named, by entry point or distribution."""

    names: frozenset[str] | None = None

    def admits(self, name: str, distribution: str) -> bool:
        """Whether an entry point takes part; what planloom itself brings always does."""
        return self.names is None or distribution == HOUSE or name in self.names or distribution in self.names


def discover(
    layer_path: Sequence[Path] = (),
    choice: Choice = Choice(),  # noqa: B008
    shelf: Shelf | None = None,
) -> Library:
    """Everything on offer, installed or in the folders of ``layer_path``.

    Args:
        layer_path: Folders that hold layers.
        choice: Which plugins take part.
        shelf: Where layers of installed packages are kept between runs.
    """
    installed, code = _installed(tuple(sys.path))
    offers = [offer for offer in installed if choice.admits(offer.id, offer.distribution)]
    problems: list[Problem] = []
    for folder in layer_path:
        found, wrong = _in_folder(folder)
        offers += found
        problems += wrong
    admitted = tuple(offer for offer in code if choice.admits(offer.name, offer.distribution))
    return Library(_without_clashes(offers), admitted, tuple(problems), shelf)


def _without_clashes(offers: Sequence[Offer]) -> dict[str, Offer]:
    by_id: dict[str, list[Offer]] = {}
    for offer in offers:
        rivals = by_id.setdefault(offer.id, [])
        if not any(os.path.realpath(rival.file) == os.path.realpath(offer.file) for rival in rivals):
            rivals.append(offer)
    return {name: rivals[0] if len(rivals) == 1 else _clash(rivals) for name, rivals in sorted(by_id.items())}


def _clash(rivals: list[Offer]) -> Offer:
    rivals = sorted(rivals, key=lambda offer: (offer.distribution, offer.version, offer.shown))
    named = ", ".join(
        f"{r.distribution} {r.version} ({r.shown})" if r.distribution else r.shown for r in rivals
    )
    problem = Problem(
        code="ProfileClash",
        message="the name “{name}” is offered more than once: {offers}",
        params={"name": rivals[0].id, "offers": named},
        fix="uninstall or rename all but one",
    )
    return evolve(rivals[0], problem=problem)


# ---- installed packages ----


@lru_cache(maxsize=8)
def _installed(path: tuple[str, ...]) -> tuple[tuple[Offer, ...], tuple[CodeOffer, ...]]:
    offers: list[Offer] = []
    code: list[CodeOffer] = []
    for name, version, groups in _distributions(path):
        for layer_id, package in sorted(groups.get(LAYER_GROUP, {}).items()):
            offers.append(_offer_of_package(layer_id, package, name, version, path))
        for plugin, target in sorted(groups.get(PLUGIN_GROUP, {}).items()):
            code.append(CodeOffer(name=plugin, target=target, distribution=name, version=version))
    return tuple(offers), tuple(sorted(code, key=lambda offer: (offer.name, offer.distribution)))


def _distributions(path: Sequence[str]) -> Iterator[tuple[str, str, Mapping[str, Mapping[str, str]]]]:
    # Reads dist-info directly: importing importlib.metadata costs more than the whole scan.
    seen: set[str] = set()
    for folder in path:
        try:
            names = sorted(entry for entry in os.listdir(folder or ".") if entry.endswith(".dist-info"))
        except OSError:
            continue
        for entry in names:
            name, _, version = entry.removesuffix(".dist-info").partition("-")
            name = name.replace("_", "-").lower()
            if name in seen:
                continue
            seen.add(name)
            text = _read(os.path.join(folder, entry, "entry_points.txt"))
            if "planloom." in text:
                yield name, version, _groups(text)


def _read(file: str) -> str:
    try:
        with open(file, encoding="utf-8") as stream:
            return stream.read()
    except (OSError, UnicodeDecodeError):
        return ""


def _groups(text: str) -> dict[str, dict[str, str]]:
    groups: dict[str, dict[str, str]] = {}
    group: dict[str, str] = {}
    for line in map(str.strip, text.splitlines()):
        name, sign, target = line.partition("=")
        if line.startswith("["):
            group = groups.setdefault(line.strip("[]").strip(), {})
        elif sign and not line.startswith(("#", ";")):
            group[name.strip()] = target.strip()
    return groups


def _offer_of_package(layer_id: str, package: str, name: str, version: str, path: Sequence[str]) -> Offer:
    package = package.strip()
    shown = f"{package.replace('.', '/')}/{LAYER_FILE}"
    folder = _folder_of(package, path)
    problem = None
    if folder is None or not (folder / LAYER_FILE).is_file():
        problem = Problem(
            code="BrokenPlugin",
            message="{distribution} {version} announces the layer “{layer}”, but {file} is not in it",
            params={"distribution": name, "version": version, "layer": layer_id, "file": shown},
            fix="reinstall {distribution}, or tell its authors that its wheel lacks the file",
        )
    folder = folder or Path(shown).parent
    return Offer(
        id=layer_id, file=folder / LAYER_FILE, folder=folder, shown=shown, distribution=name, version=version,
        problem=problem,
    )  # fmt: skip


def _folder_of(package: str, path: Sequence[str]) -> Path | None:
    parts = package.split(".")
    for root in path:
        folder = Path(root or ".", *parts)
        if folder.is_dir():
            return folder
    # An editable install through an import hook: asking for a top-level name runs nothing of the package.
    try:
        spec = find_spec(parts[0])
    except (ImportError, ValueError):
        return None
    for root in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(root, *parts[1:])
        if folder.is_dir():
            return folder
    return None


# ---- folders ----


def _in_folder(folder: Path) -> tuple[list[Offer], list[Problem]]:
    if not os.path.isdir(folder):
        problem = Problem(
            code="NoFolder",
            message="--layer-path: {folder} is not a folder",
            params={"folder": str(folder)},
            fix="name an existing folder that holds layers",
        )
        return [], [problem]
    offers: list[Offer] = []
    problems: list[Problem] = []
    try:
        files = list(_layer_files(folder))
    except OSError as error:
        return [], [_unreadable(folder, error)]
    for file, home in files:
        try:
            offer = offer_of_file(file, home)
        except PlanloomError as error:
            problems += error.problems
            continue
        if offer is not None:
            offers.append(offer)
    return offers, problems


def _unreadable(folder: Path, error: OSError) -> Problem:
    return Problem(
        code="Unreadable", message="{found} cannot be read: {detail}",
        params={"found": str(folder), "detail": error.strerror or str(error)},
        fix="check that the file may be read and is not locked by another program",
    )  # fmt: skip


def _layer_files(folder: Path) -> Iterator[tuple[Path, Path | None]]:
    if os.path.isfile(folder / LAYER_FILE):
        yield folder / LAYER_FILE, folder
        return
    for entry in sorted(folder.iterdir()):
        if os.path.isfile(entry / LAYER_FILE):
            yield entry / LAYER_FILE, entry
        elif os.path.isfile(entry) and entry.suffix in {".yaml", ".yml"}:
            yield entry, None


_OPENING = "a layer starts with “planloom: 1”, “layer: <id>”, “kind: profile” or “kind: directive”"


def offer_of_file(file: Path, folder: Path | None = None, *, strict: bool = False) -> Offer | None:
    """The offer of a layer file, or None if the file is no layer (a plan file, a list of waivers).

    Args:
        file: The YAML file.
        folder: Its layer folder, for templates.
        strict: Whether a file that is no layer is an error.

    Raises:
        SchemaError: The file cannot be read.
        ProfileError: ``strict``, and it is no layer.
    """
    source = read_yaml(file, "a directive", _OPENING) if strict else read_source_cached(file)
    layer_id = source.data.get("layer") if isinstance(source.data, dict) else None
    if isinstance(layer_id, str):
        return Offer(id=layer_id, file=file, folder=folder, shown=str(file))
    if strict or folder is not None:
        problem = Problem(
            code="NotALayer",
            message="{file} is not a layer: it has no “layer:” with an id",
            params={"file": str(file)},
            fix=_OPENING,
        )
        raise ProfileError(problem)
    return None


def read_yaml(file: Path, wanted: str, fix: str) -> Source:
    """The parsed file; of a document, all that is said is that it is none of what is wanted.

    Args:
        file: Where it stands.
        wanted: Message id of what it should be.
        fix: Message id of what to do with a document.

    Raises:
        SchemaError: It cannot be read.
    """
    try:
        return read_source_cached(file)
    except SchemaError:
        if not os.path.isfile(file) or file.suffix.lower() in (*PLAN_FILES, *COMPOSED, ""):
            raise
    raise SchemaError(
        Problem(
            code="IsDocument", message="{file} is a document; {wanted} is wanted", fix=fix,
            params={"file": str(file), "wanted": Msg(wanted)}, location=Location(file=str(file), line=0, column=0),
        )
    )  # fmt: skip


def read_source_cached(file: Path) -> Source:
    """The parsed file; parsed once as long as it does not change.

    Raises:
        SchemaError: It cannot be read.
    """
    try:
        stat = file.stat()
    except (OSError, ValueError):  # not there, or no path at all
        return read_source(file)
    return _read_source(file, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=256)
def _read_source(file: Path, mtime: int, size: int) -> Source:
    return read_source(file)

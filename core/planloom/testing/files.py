"""Checks 1 to 5: the files of a layer, before it does anything."""

import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from planloom.discovery import LAYER_FILE, LAYER_GROUP, Offer, discover
from planloom.layers import load_layer
from planloom.testing.specimen import NothingToCheck, Specimen, announced, wrong
from planloom_schemas.errors import Problem
from planloom_schemas.layer import FORMAT_VERSION

MARKER = "planloom-import-marker"
_TRAP = (
    f'import pathlib\npathlib.Path(__file__).with_name("{MARKER}").touch()\nraise ImportError("imported")\n'
)
_BUILD = """
import importlib, sys
backend, _, attribute = sys.argv[1].partition(":")
sys.path[:0] = sys.argv[3:]
module = importlib.import_module(backend)
for part in filter(None, attribute.split(".")):
    module = getattr(module, part)
module.build_wheel(sys.argv[2])
module.build_sdist(sys.argv[2])
"""


# ---- 1 ----


def loads(specimen: Specimen) -> Iterable[Problem]:
    """The layer loads; what is a warning elsewhere is a failure here."""
    return specimen.layer.warnings


# ---- 2 ----


def reads_without_import(specimen: Specimen) -> Iterator[Problem]:
    """The layer is found by its entry point and read while importing its package sets off an alarm."""
    package = _package(specimen)
    folder = specimen.offer.folder
    assert folder is not None  # _package looks for one
    if not specimen.offer.file.is_file():
        yield wrong(
            "BrokenPlugin",
            "{distribution} {version} announces the layer “{layer}”, but {file} is not in it",
            "let the entry point name the package that holds layer.yaml",
            distribution=specimen.offer.distribution,
            version=specimen.offer.version,
            layer=specimen.id,
            file=specimen.offer.shown,
        )
        return
    with tempfile.TemporaryDirectory() as scratch:
        _trapped_copy(folder, Path(scratch), package, specimen.id)
        sys.path.insert(0, scratch)
        try:
            found = discover().layers.get(specimen.id)
            yield from _read_there(specimen, found, Path(scratch))
        finally:
            sys.path.remove(scratch)
        if any(Path(scratch).rglob(MARKER)):
            yield wrong("ImportedToRead", "reading the layer imported its package {package}", package=package)


def _package(specimen: Specimen) -> str:
    if specimen.offer.folder is None:
        raise NothingToCheck("the layer is a single file, which no package ships")
    if specimen.root is not None:
        packages = announced(specimen.project, LAYER_GROUP)
        if specimen.id not in packages:
            raise NothingToCheck("pyproject.toml announces no layer")
        return packages[specimen.id]
    if not specimen.offer.distribution:
        raise NothingToCheck("the layer stands in a folder without pyproject.toml")
    return specimen.offer.shown.removesuffix(f"/{LAYER_FILE}").replace("/", ".")


def _trapped_copy(folder: Path, scratch: Path, package: str, layer: str) -> None:
    home = scratch.joinpath(*package.split("."))
    shutil.copytree(folder, home, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    for above in (home, *(parent for parent in home.parents if scratch in parent.parents)):
        (above / "__init__.py").write_text(_TRAP, encoding="utf-8")
    metadata = scratch / "planloom_kit_specimen-0.dist-info"
    metadata.mkdir()
    (metadata / "entry_points.txt").write_text(f"[{LAYER_GROUP}]\n{layer} = {package}\n", encoding="utf-8")


def _read_there(specimen: Specimen, found: Offer | None, scratch: Path) -> Iterator[Problem]:
    if found is None:
        yield wrong("NotFoundUnimported", "the entry point “{layer}” leads to no layer", layer=specimen.id)
        return
    # An installed copy of the same name makes a clash, which says nothing about reading.
    offer = Offer(id=found.id, file=found.file, folder=found.folder, shown=found.shown)
    if not offer.file.is_relative_to(scratch) and found.problem is None:
        return
    if found.problem is not None and found.problem.code != "ProfileClash":
        yield found.problem
    elif offer.file.is_file():
        load_layer(offer)


# ---- 3 ----


def names_are_unique(specimen: Specimen) -> Iterator[Problem]:
    """The id, the prefix, the codes and the slugs are this layer's alone."""
    from planloom.scaffold import prefixes_of

    others = {name: one for name, one in discover().layers.items() if not _is_same(one, specimen)}
    if specimen.id in others:
        yield wrong(
            "TakenId",
            "there is a layer called “{name}” already ({file})",
            "choose another id",
            name=specimen.id,
            file=others[specimen.id].shown,
        )
    prefix = specimen.layer.content.prefix
    if specimen.own_rules and prefix:
        owner = prefixes_of(discover()).get(prefix)
        if owner not in {None, specimen.id}:
            yield wrong(
                "TakenPrefix",
                "the prefix {prefix} belongs to the layer “{layer}”",
                "choose another one",
                prefix=prefix,
                layer=owner,
            )
    yield from _slugs(specimen)
    yield from _python_codes(specimen)


def _is_same(offer: Offer, specimen: Specimen) -> bool:
    """Whether an offer is this layer, or an installed copy of the same distribution."""
    if offer.id != specimen.id:
        return False
    same = (
        re.sub(r"[-_.]+", "-", offer.distribution).lower()
        == re.sub(r"[-_.]+", "-", specimen.offer.distribution).lower()
    )
    return (bool(offer.distribution) and same) or offer.file.resolve() == specimen.offer.file.resolve()


def _slugs(specimen: Specimen) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for item in specimen.merged.items.get("rules", ()):
        slug = item.get("slug")
        if slug and slug in seen and (specimen.is_own(item.id) or specimen.is_own(seen[slug])):
            yield wrong(
                "SharedSlug",
                "the rules {one} and {other} have the same slug “{slug}”",
                "give each rule a slug of its own",
                f"rules/{item.id}/slug",
                one=seen[slug],
                other=item.id,
                slug=slug,
            )
        seen.setdefault(slug or item.id, item.id)


def _python_codes(specimen: Specimen) -> Iterator[Problem]:
    yield from specimen.code.problems
    seen = set(specimen.own_rules)
    for rule in specimen.python_rules:
        if rule.code in seen:
            yield wrong(
                "RepeatedCode",
                "the code {code} is used twice",
                "give each rule a code of its own",
                code=rule.code,
            )
        if rule.code[:-3] != specimen.layer.content.prefix:
            yield wrong(
                "ForeignPrefix",
                "the rule {rule} is introduced here, but the prefix of this layer is {prefix}",
                "name it {prefix}001 or the like, or leave “kind” out if it changes another layer's rule",
                rule=rule.code,
                prefix=specimen.layer.content.prefix or "-",
            )
        seen.add(rule.code)


# ---- 4 ----


def has_known_format(specimen: Specimen) -> Iterator[Problem]:
    """The first key says a format version that this planloom reads."""
    data = specimen.source.data
    found = data.get("planloom") if isinstance(data, dict) else None
    if found != FORMAT_VERSION:
        yield Problem(
            code="UnknownFormat",
            message="the layer is written in format {found}; this planloom reads format {wanted}",
            params={"found": found, "wanted": FORMAT_VERSION},
            location=specimen.source.key_at(("planloom",)),
            fix="write planloom: {wanted}, or use a planloom that reads this format",
        )


# ---- 5 ----


def ships_every_file(specimen: Specimen) -> Iterator[Problem]:
    """What the layer names stands in its templates, is no link, and is packed into wheel and sdist."""
    yield from _escapes(specimen)
    folder = specimen.offer.folder
    if folder is None:
        return
    links = [file for file in folder.rglob("*") if file.is_symlink()]
    for link in links:
        yield wrong(
            "LinkInLayer",
            "{file} is a link, which no package carries",
            "put the file itself there",
            file=link.relative_to(folder).as_posix(),
        )
    if specimen.root is not None and not links and "build-system" in specimen.project:
        yield from _packed(specimen.root, specimen.project, folder)


def _escapes(specimen: Specimen) -> Iterator[Problem]:
    for path, name in _named_files(specimen.source.data, ()):
        parts = PurePosixPath(name.replace("\\", "/"))
        if parts.is_absolute() or PureWindowsPath(name).drive or ".." in parts.parts:
            yield Problem(
                code="PathEscapes",
                message="“{file}” leads out of the layer's templates",
                params={"file": name},
                location=specimen.source.value_at(path),
                fix="name a file inside templates/",
            )


def _named_files(data: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(data, dict):
        if set(data) == {"file"} and isinstance(data["file"], str):
            yield path, data["file"]
        for key, value in data.items():
            yield from _named_files(value, (*path, str(key)))


def _packed(root: Path, project: Mapping[str, Any], folder: Path) -> Iterator[Problem]:
    wanted = {
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if file.is_file() and _is_shipped(file)
    }
    with tempfile.TemporaryDirectory() as scratch:
        copy, out = Path(scratch) / "source", Path(scratch) / "dist"
        shutil.copytree(
            root, copy, ignore=shutil.ignore_patterns("__pycache__", ".git", ".venv", "dist", ".*_cache")
        )
        out.mkdir()
        done = _build(copy, out, project["build-system"])
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["?"])[-1]
            yield wrong(
                "CannotBuild",
                "the package cannot be built: {reason}",
                "see that the build backend is installed, then run python -m build",
                reason=reason,
            )
            return
        for kind, names in _archives(out):
            for name in sorted(wanted):
                if not any(packed.endswith(f"{folder.name}/{name}") for packed in names):
                    yield wrong(
                        "NotPacked",
                        "{file} is missing in the {kind}",
                        "include it in pyproject.toml; see that no .gitignore hides it",
                        file=name,
                        kind=kind,
                    )


def _is_shipped(file: Path) -> bool:
    return "__pycache__" not in file.parts and file.suffix != ".pyc"


def _build(source: Path, out: Path, system: Mapping[str, Any]) -> "subprocess.CompletedProcess[str]":
    backend = system.get("build-backend", "setuptools.build_meta")
    inside = [str(source / path) for path in system.get("backend-path", ())]
    return subprocess.run(
        [sys.executable, "-c", _BUILD, backend, str(out), *inside],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        errors="replace",
        timeout=120,
    )


def _archives(out: Path) -> Iterator[tuple[str, list[str]]]:
    for file in sorted(out.iterdir()):
        if file.suffix == ".whl":
            yield "wheel", zipfile.ZipFile(file).namelist()
        elif file.name.endswith(".tar.gz"):
            with tarfile.open(file) as packed:
                yield "sdist", packed.getnames()

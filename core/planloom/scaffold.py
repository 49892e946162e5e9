"""A new profile plugin: a complete distribution that installs, composes and passes the kit as it is written.

The files stand in ``scaffolding/`` (as .txt, so that no tool takes them for code) with ``@name@`` where
a name goes in; what is Chinese in them is the author's to change.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen

from planloom.discovery import Library
from planloom.layers import load_layer
from planloom.merge import Item, resolve
from planloom.pasting import flow
from planloom.stack import stack_of
from planloom.version import VERSION
from planloom_schemas.errors import PlanFileError, Problem
from planloom_schemas.forms import PREFIX, SLUG

_TEMPLATES = Path(__file__).parent / "scaffolding"
_PUBLISHED = "published"
_FILES: Mapping[str, str] = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "layer.yaml": "{package}/layer.yaml",
    "pledge.md.j2": "{package}/templates/pledge.md.j2",
    "init.py": "{package}/__init__.py",
    "plan.yaml": "examples/plan.yaml",
    "test_profile.py": "tests/test_profile.py",
    "check.yml": ".github/workflows/check.yml",
    "gitignore": ".gitignore",
}
_PYTHON_FILES: Mapping[str, str] = {
    "plugin.py": "{package}/plugin.py",
    "test_plugin.py": "tests/test_plugin.py",
}
_TYPICAL: Mapping[str, object] = {
    "integer": 60,
    "number": 60,
    "text": "甲",
    "boolean": True,
    "date": "2027-01-05",
    "list": ["甲", "乙"],
}


@frozen(kw_only=True)
class NewPlugin:
    """What a new profile plugin is to be.

    Args:
        id: Id of the profile.
        title: Its name, e.g. 医院工会.
        prefix: Of its rule codes, e.g. HOS.
        extends: The profile it stands on.
        with_python: Whether it brings a rule written in Python.
    """

    id: str
    title: str
    prefix: str
    extends: str
    with_python: bool = False

    @property
    def distribution(self) -> str:
        """The name it is installed under."""
        return f"planloom-{self.id}"

    @property
    def package(self) -> str:
        """The package that holds the layer."""
        return self.distribution.replace("-", "_")


def plugin_files(new: NewPlugin, library: Library) -> dict[str, str]:
    """The files of a new plugin: path inside its folder to text.

    Args:
        new: What it is to be.
        library: The layers on offer, to find its place among them.

    Raises:
        PlanFileError: A name is not well formed or taken.
        PlanloomError: The profile it extends cannot be used.
    """
    _refuse_names(new, library)
    words = _words(new, library)
    chosen = {**_FILES, **(_PYTHON_FILES if new.with_python else {})}
    files = {
        target.format(package=new.package): _filled(
            (_TEMPLATES / f"{name}.txt").read_text(encoding="utf-8"), words
        )
        for name, target in chosen.items()
    }
    return {**files, **_schemas()}


def _filled(text: str, words: Mapping[str, str]) -> str:
    return re.sub(r"@([a-z_]+)@", lambda match: words[match[1]], text)


def _schemas() -> dict[str, str]:
    """The schemas that the files name on their first line, so that any editor finds them without set-up."""
    import planloom_schemas

    home = Path(planloom_schemas.__file__).parent / _PUBLISHED
    return {
        f"schema/{name}.json": (home / f"{name}.json").read_text(encoding="utf-8")
        for name in ("layer", "plan")
    }


# ---- names ----


def _refuse_names(new: NewPlugin, library: Library) -> None:
    problems = [
        problem for problem in (_bad_id(new, library), _bad_prefix(new, library), _bad_title(new)) if problem
    ]
    if problems:
        raise PlanFileError(*problems)


def _bad_id(new: NewPlugin, library: Library) -> Problem | None:
    if not re.fullmatch(SLUG, new.id):
        return Problem(
            code="BadId",
            message="“{name}” cannot be the id of a profile",
            params={"name": new.id},
            fix="use small Latin letters, digits and hyphens, beginning with a letter, for example hospital",
        )
    if new.id in library.layers:
        return Problem(
            code="TakenId",
            message="there is a layer called “{name}” already ({file})",
            params={"name": new.id, "file": library.layers[new.id].shown},
            fix="choose another id",
        )
    return None


def _bad_prefix(new: NewPlugin, library: Library) -> Problem | None:
    if not re.fullmatch(PREFIX, new.prefix):
        return Problem(
            code="BadPrefix",
            message="“{prefix}” cannot be the prefix of rule codes",
            params={"prefix": new.prefix},
            fix="use two to five capital letters, for example --prefix HOS",
        )
    owner = prefixes_of(library).get(new.prefix)
    if owner:
        return Problem(
            code="TakenPrefix",
            message="the prefix {prefix} belongs to the layer “{layer}”",
            params={"prefix": new.prefix, "layer": owner},
            fix="choose another one with --prefix",
        )
    return None


def _bad_title(new: NewPlugin) -> Problem | None:
    if new.title.strip() and new.title.isprintable():
        return None
    return Problem(
        code="BadTitle",
        message="the title is empty or holds characters that cannot be printed",
        fix="give the name of the union, for example --title 医院工会",
    )


def prefixes_of(library: Library) -> dict[str, str]:
    """Every prefix in use, with the layer that has it; broken layers are passed over."""
    from planloom.layers import ENGINE
    from planloom_schemas.errors import PlanloomError

    found: dict[str, str] = {}
    for offer in (ENGINE, *library.layers.values()):
        try:
            layer = load_layer(offer) if offer.problem is None else None
        except PlanloomError:
            continue
        if layer is not None and layer.content.prefix:
            found[layer.content.prefix] = layer.id
    return found


# ---- what goes into the files ----


def _words(new: NewPlugin, library: Library) -> dict[str, str]:
    merged = resolve(stack_of(library, [new.extends], [], None))
    sections = [item for item in merged.items.get("sections", ()) if item.get("numbered") is not False]
    asked = [item for item in merged.items.get("facts", ()) if item.get("default") is None]
    return {
        "id": new.id,
        "fact": f"{new.id.replace('-', '_')}_posts",
        "title": new.title,
        "quoted_title": flow(new.title),
        "toml_title": new.title.replace("\\", "\\\\").replace('"', '\\"'),
        "prefix": new.prefix,
        "extends": new.extends,
        "distribution": new.distribution,
        "package": new.package,
        "version": VERSION,
        "edges": _edges(sections),
        "facts": ", ".join(f"{item.id}: {flow(_typical(item))}" for item in asked),
        "python_entry": _python_entry(new),
    }


def _typical(item: Item) -> object:
    one_of: Sequence[str] = item.get("one_of") or ()
    return one_of[0] if one_of else _TYPICAL.get(item.values["type"], "甲")


def _edges(sections: Sequence[Item]) -> str:
    """The place of the new section: after the first numbered one of what it extends, before the second."""
    after = [f"    after: [{item.id}]\n" for item in sections[:1]]
    before = [f"    before: [{item.id}]\n" for item in sections[1:2]]
    return "".join((*after, *before))


def _python_entry(new: NewPlugin) -> str:
    if not new.with_python:
        return ""
    return f'\n[project.entry-points."planloom.plugins"]\n{new.id} = "{new.package}.plugin"\n'


# ---- on disk ----


def write_plugin(files: Mapping[str, str], folder: Path) -> None:
    """Write a new plugin into a folder that does not exist yet, whole or not at all.

    Raises:
        PlanFileError: The folder exists, or cannot be written.
    """
    import shutil

    if folder.exists() or folder.is_symlink():
        problem = Problem(
            code="FolderExists",
            message="{folder} exists already; nothing was written",
            params={"folder": str(folder)},
            fix="choose another folder with -o, or move it away",
        )
        raise PlanFileError(problem)
    try:
        for name, text in files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise PlanFileError(_unwritable(folder, error)) from error


def _unwritable(folder: Path, error: OSError) -> Problem:
    return Problem(
        code="CannotWrite",
        message="{folder} cannot be written: {reason}",
        params={"folder": str(folder), "reason": error.strerror or str(error)},
        fix="choose another folder with -o",
    )

"""The directions of import, and the rules of the house that a machine can hold."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = re.compile(r"planloom(_\w+)?")
MAY_IMPORT = {
    "planloom_schemas": {"planloom_schemas"},
    "planloom": {"planloom_schemas", "planloom"},
    "planloom_cli": {"planloom_schemas", "planloom", "planloom_cli"},
}
PROFILES = ("school", "enterprise", "agency", "community", "union")


def modules(*roots: str) -> list[Path]:
    return sorted(path for root in roots for path in (ROOT / root).rglob("*.py"))


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize(
    "file", modules("schemas", "core", "cli"), ids=lambda file: file.relative_to(ROOT).as_posix()
)
def test_imports_point_downwards(file: Path) -> None:
    """Schemas know nothing of core, core nothing of the command line, and nobody imports a plugin."""
    package = file.relative_to(ROOT).parts[1]
    ours = {name.split(".")[0] for name in imported(file) if OURS.fullmatch(name.split(".")[0])}
    assert ours <= MAY_IMPORT[package]


@pytest.mark.parametrize(
    "file", modules("core", "schemas"), ids=lambda file: file.relative_to(ROOT).as_posix()
)
def test_core_neither_prints_nor_knows_a_profile(file: Path) -> None:
    """No printing, no exit, no clock, no randomness, and no profile's name below the command line."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    forbidden = {
        "print",
        "exit",
        "sys.exit",
        "dt.date.today",
        "date.today",
        "datetime.now",
        "dt.datetime.now",
        "time.time",
    }
    assert not called & forbidden
    assert "random" not in set(imported(file))
    texts = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    # "union" is also the name of a merge strategy.
    assert not texts & (set(PROFILES) - {"union"})


def test_bundled_profiles_are_data_behind_public_doors() -> None:
    """A bundled profile has a layer, templates and nothing that reaches into core's private parts."""
    for profile in PROFILES:
        folder = ROOT / "plugins" / f"planloom_{profile}"
        assert (folder / "layer.yaml").is_file()
        for file in folder.rglob("*.py"):
            assert {name for name in imported(file) if OURS.match(name)} <= {"planloom", "planloom.testing"}

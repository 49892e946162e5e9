"""The distribution: what is in the wheel, what is in the sdist, and that an installed one works."""

import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
IMPORT_ROOTS = ("schemas", "core", "cli", "plugins")
TOP_LEVEL = {
    "planloom", "planloom_schemas", "planloom_cli",
    "planloom_union", "planloom_school", "planloom_enterprise", "planloom_agency", "planloom_community",
}  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel made from the sdist made from the tree."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def wheel_of(folder: Path) -> Path:
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_the_wheel_brings_only_our_packages(built: Path) -> None:
    """site-packages receives the eight packages and nothing else."""
    names = {name.split("/")[0] for name in zipfile.ZipFile(wheel_of(built)).namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == TOP_LEVEL


def test_every_data_file_is_in_the_wheel(built: Path) -> None:
    """No layer, template, schema or catalogue is lost on the way into the wheel."""
    packed = set(zipfile.ZipFile(wheel_of(built)).namelist())
    wanted = {
        file.relative_to(ROOT / root).as_posix()
        for root in IMPORT_ROOTS
        for file in (ROOT / root).rglob("*")
        if file.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in file.parts)
    }
    assert wanted <= packed
    assert len(wanted) > 60


def test_the_sdist_holds_what_the_tests_need(built: Path) -> None:
    """The sdist has sources, tests, documents and the licence."""
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    assert {"LICENSE", "README.md", "README.zh-CN.md", "CHANGELOG.md", "tests/test_packaging.py"} <= names


def test_every_package_is_declared() -> None:
    """Folders, the packages of the wheel and the entry points name the same profiles."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {Path(path).name for path in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]}
    folders = {path.parent.name for root in IMPORT_ROOTS for path in (ROOT / root).glob("*/__init__.py")}
    assert packages == folders == TOP_LEVEL
    layers = project["project"]["entry-points"]["planloom.layers"]
    assert {f"planloom_{layer}" for layer in layers} == {
        path.name for path in (ROOT / "plugins").glob("planloom_*")
    }


@pytest.fixture(scope="module")
def installed(
    built: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a command of a fresh environment that has the wheel, and the libraries of this one."""
    home = tmp_path_factory.mktemp("env")
    venv.create(home, with_pip=False)
    scripts = home / ("Scripts" if sys.platform == "win32" else "bin")
    python = scripts / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(wheel_of(built))], check=True, capture_output=True)
    purelib = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    Path(purelib, "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")

    def run(*command: str, cwd: Path = home) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(scripts / command[0]), *command[1:]],
            cwd=cwd,
            check=False,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )

    return run


def test_an_installed_wheel_composes(
    installed: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """The command of a fresh environment writes a plan from the wheel's own files."""
    done = installed(
        "planloom", "compose", "-p", "school", "--year", "2027", "--set", "staff=86", "--set", "members=84",
        "--set", "women_members=60", "--organisation", "育才小学工会委员会", "-o", "plan.docx", "-o", "plan.md", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "育才小学工会委员会2027年工作计划" in (tmp_path / "plan.md").read_text(encoding="utf-8")
    assert zipfile.is_zipfile(tmp_path / "plan.docx")
    where = installed("python", "-c", "import planloom; print(planloom.__file__)").stdout
    assert "site-packages" in where
    assert str(ROOT) not in where

"""`planloom plugin new`: what it writes works as it stands, and it refuses what would not."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from .conftest import Run

FACTS = ("--set", "staff=60", "--set", "members=58", "--set", "women_members=30")


def test_it_composes_uninstalled(run: Run, tmp_path: Path) -> None:
    """The folder on the layer path is all that composing needs; the new section stands where it belongs."""
    done = run("plugin", "new", "hospital", "--title", "医院工会", "--prefix", "HOS")
    assert done.exit_code == 0, done.stderr
    assert "planloom-hospital was written" in done.stdout
    composed = run(
        "--layer-path",
        "planloom-hospital",
        "compose",
        "-p",
        "hospital",
        "--year",
        "2027",
        *FACTS,
        "-o",
        "plan.md",
    )
    assert composed.exit_code == 0, composed.stderr
    text = (tmp_path / "plan.md").read_text(encoding="utf-8")
    assert "## 二、岗位建功与一线关爱" in text
    assert "5月举办岗位练兵比武1次" in text


def test_everything_is_there(run: Run, tmp_path: Path) -> None:
    """A complete distribution, with the schema line that editors complete from."""
    run("plugin", "new", "hospital", "--title", "医院工会", "--python", "-o", "here")
    names = {
        file.relative_to(tmp_path / "here").as_posix()
        for file in (tmp_path / "here").rglob("*")
        if file.is_file()
    }
    assert names == {
        "pyproject.toml",
        "README.md",
        ".gitignore",
        ".github/workflows/check.yml",
        "examples/plan.yaml",
        "schema/layer.json",
        "schema/plan.json",
        "tests/test_profile.py",
        "tests/test_plugin.py",
        "planloom_hospital/__init__.py",
        "planloom_hospital/layer.yaml",
        "planloom_hospital/plugin.py",
        "planloom_hospital/templates/pledge.md.j2",
    }
    for name in ("planloom_hospital/layer.yaml", "examples/plan.yaml"):
        first = (tmp_path / "here" / name).read_text(encoding="utf-8").splitlines()[0]
        schema = (tmp_path / "here" / name).parent / first.removeprefix("# yaml-language-server: $schema=")
        assert schema.is_file()


def test_a_child_of_a_child(run: Run, tmp_path: Path) -> None:
    """`--extends` takes any profile, also one from the layer path, and finds its place among its sections."""
    run("plugin", "new", "hospital", "--title", "医院工会", "--prefix", "HOS")
    done = run(
        "--layer-path",
        "planloom-hospital",
        "plugin",
        "new",
        "clinic",
        "--title",
        "门诊部工会",
        "--extends",
        "hospital",
    )
    assert done.exit_code == 0, done.stderr
    layer = (tmp_path / "planloom-clinic" / "planloom_clinic" / "layer.yaml").read_text(encoding="utf-8")
    assert "extends: [hospital]" in layer
    assert "    after: [guidance]\n    before: [hospital-posts]\n" in layer
    composed = run(
        "--layer-path",
        "planloom-hospital",
        "--layer-path",
        "planloom-clinic",
        "compose",
        "-p",
        "clinic",
        "--year",
        "2027",
        *FACTS,
        "-o",
        "plan.md",
    )
    assert composed.exit_code == 0, composed.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Hospital", "--title", "医院工会", "--prefix", "HOS"), "“Hospital” cannot be the id of a profile"),
        (("9th", "--title", "医院工会", "--prefix", "HOS"), "“9th” cannot be the id of a profile"),
        (("../x", "--title", "医院工会", "--prefix", "HOS"), "“../x” cannot be the id of a profile"),
        (("school", "--title", "学校工会", "--prefix", "HOS"), "there is a layer called “school” already"),
        (("hospital", "--title", "医院工会", "--prefix", "hos"), "“hos” cannot be the prefix of rule codes"),
        (
            ("hospital", "--title", "医院工会", "--prefix", "UNI"),
            "the prefix UNI belongs to the layer “union”",
        ),
        (
            ("hospital", "--title", "医院工会", "--prefix", "COR"),
            "the prefix COR belongs to the layer “planloom”",
        ),
        (("hospital", "--title", " "), "the title is empty"),
        (("hospital", "--title", "医院\n工会"), "characters that cannot be printed"),
        (
            ("hospital", "--title", "医院工会", "--extends", "scool"),
            "there is no profile or directive “scool”",
        ),
    ],
)
def test_names_are_checked(run: Run, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    """A name that is not well formed or is taken is refused, and nothing is written."""
    done = run("plugin", "new", *words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_existing_folders_stay_untouched(run: Run, tmp_path: Path) -> None:
    """What stands where the plugin would go is left as it is."""
    kept = tmp_path / "planloom-hospital" / "layer.yaml"
    kept.parent.mkdir()
    kept.write_text("mine", encoding="utf-8")
    done = run("plugin", "new", "hospital", "--title", "医院工会")
    assert done.exit_code == 2
    assert "planloom-hospital exists already; nothing was written" in done.stderr
    assert [file.read_text(encoding="utf-8") for file in kept.parent.iterdir()] == ["mine"]


def test_titles_of_any_kind(run: Run, tmp_path: Path) -> None:
    """Marks that mean something in YAML and TOML come out as they were given."""
    done = run("plugin", "new", "hospital", "--title", '医院: "一院" #工会\\')
    assert done.exit_code == 0, done.stderr
    listed = run("--layer-path", "planloom-hospital", "profiles").stdout
    assert '医院: "一院" #工会\\' in listed
    import tomllib

    project = tomllib.loads((tmp_path / "planloom-hospital" / "pyproject.toml").read_text(encoding="utf-8"))
    assert '医院: "一院" #工会\\' in project["project"]["description"]


def test_its_wheel_is_complete_and_its_tests_pass(run: Run, tmp_path: Path) -> None:
    """The wheel holds layer and templates, and the author's own pytest passes in the folder."""
    run("plugin", "new", "hospital", "--title", "医院工会", "--prefix", "HOS", "--python")
    folder, copy = tmp_path / "planloom-hospital", tmp_path / "copy"
    shutil.copytree(folder, copy)
    build = "import sys, hatchling.build as b; b.build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=copy, check=True, capture_output=True)
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    assert {"planloom_hospital/layer.yaml", "planloom_hospital/templates/pledge.md.j2"} <= set(names)
    # One case of the kit for all; the others are run in test_plugin_check.
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not kit or 19"]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "3 passed, 1 skipped" in done.stdout

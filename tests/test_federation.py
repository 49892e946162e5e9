"""A distribution of somebody else's: built, installed beside planloom, used, checked, and taken away."""

import csv
import io
import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

import planloom
from planloom.discovery import HOUSE
from planloom.render import render_bytes

ROOT = Path(__file__).parent.parent
FEDERATION = ROOT / "examples" / "planloom-federation"
BUILD = "import sys, hatchling.build as b; b.build_wheel(sys.argv[1])"
IGNORED = shutil.ignore_patterns(".git", "__pycache__", ".venv", ".*_cache", ".hypothesis")
Call = Callable[..., "subprocess.CompletedProcess[str]"]


def han(text: str) -> int:
    """How many Chinese characters a text has."""
    return sum("\u4e00" <= letter <= "\u9fff" for letter in text)


def test_it_is_of_full_size() -> None:
    """Key points of a federation have 3,000 characters and thirty activities, and every month has one."""
    plan = planloom.compose(FEDERATION / "examples" / "plan.yaml", layer_path=[FEDERATION])
    assert han(render_bytes(plan, "md").decode("utf-8")) >= 3_000
    assert len(plan.activities) >= 30
    assert {month for activity in plan.activities for month in activity.months} == set(range(1, 13))
    assert plan.title == "滨江区总工会2027年工作要点"


def test_it_stands_alone() -> None:
    """A federation is no grassroots union, so it extends none of the bundled profiles."""
    library = planloom.discover([FEDERATION])
    bundled = {name for name, offer in library.layers.items() if offer.distribution == HOUSE}
    plan = planloom.compose(profiles=["federation"], period=2027, library=library)
    assert not bundled & {origin.origin.layer for said in plan.origins.values() for origin in said.holds}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both wheels."""
    folder = tmp_path_factory.mktemp("wheels")
    for source in (ROOT, FEDERATION):
        copy = tmp_path_factory.mktemp("source") / source.name
        shutil.copytree(source, copy, ignore=IGNORED)
        subprocess.run([sys.executable, "-c", BUILD, str(folder)], cwd=copy, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def home(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Call, Call]:
    """A fresh environment with both: what runs its commands, and what runs pip on it."""
    home = tmp_path_factory.mktemp("env")
    venv.create(home, with_pip=False)
    scripts = home / ("Scripts" if sys.platform == "win32" else "bin")
    python = str(scripts / "python")

    def pip(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "pip", "--python", python, "-q", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True)

    def run(*words: str, cwd: Path = home) -> "subprocess.CompletedProcess[str]":
        command = [str(scripts / "planloom"), "--lang", "en", *words]
        return subprocess.run(command, cwd=cwd, check=False, capture_output=True, text=True, encoding="utf-8")

    pip("install", "--no-deps", "--no-index", *map(str, wheels.glob("*.whl")))
    purelib = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    Path(purelib, "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return run, pip


def test_its_life(home: tuple[Call, Call], tmp_path: Path) -> None:
    """Installed it is listed, composes and passes the kit; taken away, it is missed by name."""
    run, pip = home
    listed = json.loads(run("profiles", "--format", "json").stdout)
    (row,) = [layer for layer in listed["layers"] if layer["id"] == "federation"]
    assert (row["title"], row["distribution"], row["version"], row["problems"]) == (
        "区总工会",
        "planloom-federation",
        "0.1.0",
        [],
    )
    assert [one["name"] for one in listed["plugins"]] == ["federation"]

    plan = tmp_path / "plan.yaml"
    shutil.copy(FEDERATION / "examples" / "plan.yaml", plan)
    done = run("compose", "plan.yaml", "-o", "plan.docx", "-o", "plan.md", "-o", "table.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "滨江区总工会2027年工作要点" in (tmp_path / "plan.md").read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO((tmp_path / "table.csv").read_text(encoding="utf-8-sig"))))
    assert rows[1] == ["序号", "重点任务", "工作内容", "责任部门", "完成时间"]

    checked = json.loads(run("check", "plan.yaml", "--format", "json", cwd=tmp_path).stdout)
    assert checked["findings"] == []
    assert {"FED001", "FED901"} <= {one["code"] for one in checked["rules"] if one["outcome"] == "pass"}

    kit = run("plugin", "check", "federation", "--format", "json")
    assert [one["number"] for one in json.loads(kit.stdout)["results"] if one["status"] == "failed"] == []

    pip("uninstall", "-y", "planloom-federation")
    gone = run("compose", "plan.yaml", "-o", "again.md", cwd=tmp_path)
    assert gone.returncode == 2
    assert gone.stderr.count("error ") == 1
    assert "“federation”" in gone.stderr
    assert not (tmp_path / "again.md").exists()
    assert "federation" not in run("profiles").stdout

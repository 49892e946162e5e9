"""L1–L4 through real files: the same bytes for any hash seed, time zone, locale and order of files."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import evolve

import planloom
from planloom_schemas.convert import plan_to_json
from planloom_schemas.errors import PlanloomError

from .strategies import World, corpus, write

PRINT = """
import json, sys
from pathlib import Path
import planloom
from planloom_schemas.convert import plan_to_json
from planloom_schemas.errors import PlanloomError

for folder in sorted(Path().iterdir()):
    try:
        plan = planloom.compose(folder / "plan.yaml", layer_path=[folder / "layers"])
        said = [json.dumps(plan_to_json(plan), ensure_ascii=False), *(note.text() for note in plan.notes)]
    except PlanloomError as error:
        said = [
            f"{one.location} {one.text()} {one.fix_text()} {one.paste} {[str(by) for by in one.parties]}"
            for one in error.problems
        ]
    sys.stdout.buffer.write("\\n".join([folder.name, *said, ""]).encode())
"""

ENVIRONMENTS = (
    {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8"},
    {"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai", "LC_ALL": "zh_CN.UTF-8", "LANGUAGE": "zh"},
    {
        "PYTHONHASHSEED": "4242",
        "TZ": "America/New_York",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
    },
)


def test_same_bytes_everywhere(tmp_path: Path) -> None:
    """L4: three hash seeds, time zones and locales, layers written to disk in three orders."""
    worlds = corpus()[::6]
    runs = []
    for number, environment in enumerate(ENVIRONMENTS):
        root = tmp_path / str(number)
        for index, world in enumerate(worlds):
            names = sorted(world.layers)
            write(world, root / f"{index:02}", names[number:] + names[:number][::-1])
        command = [sys.executable, "-c", PRINT]
        runs.append(
            subprocess.Popen(command, cwd=root, env={**os.environ, **environment}, stdout=subprocess.PIPE)
        )
    first, *others = [run.communicate()[0] for run in runs]
    assert all(run.returncode == 0 for run in runs)
    assert b"planloom-plan/1" in first
    assert b"layers say different things" in first
    for other in others:
        assert other == first


def test_order_and_repetition_of_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """L1–L3: profiles and directives named in any order, or twice, from one folder or two."""
    monkeypatch.chdir(tmp_path)
    for index, world in enumerate(corpus()[::15]):
        folder = Path(str(index))
        write(world, folder)
        expected = outcome(folder, [folder / "layers"])
        again = {name: [*world.plan.get(name, ())][::-1] * 2 for name in ("profiles", "directives")}
        write(evolve(world, plan={**world.plan, **again}, layers={}), folder / "x")
        (folder / "x" / "plan.yaml").replace(folder / "plan.yaml")
        (folder / "more").mkdir()
        assert outcome(folder, [folder / "more", folder / "layers"]) == expected


def outcome(folder: Path, layer_path: list[Path]) -> tuple[object, ...]:
    """What composing the plan file in a folder gives, lines of the plan file aside."""
    try:
        plan = planloom.compose(folder / "plan.yaml", layer_path=layer_path)
    except PlanloomError as error:
        return tuple((p.code, p.text(), p.paste, [str(q) for q in p.parties]) for p in error.problems)
    return plan_to_json(plan), tuple(note.text() for note in plan.notes)


def test_worlds_are_readable() -> None:
    """A failing law shows its world as the files one would write."""
    world = World({"a": {"planloom": 1, "layer": "a"}}, {"planloom": 1, "plan": "p", "facts": {"f": 1}})
    assert repr(world).splitlines()[1:] == [
        "--- a.yaml", "planloom: 1", 'layer: "a"', "", "--- p.yaml", "planloom: 1", 'plan: "p"', "facts:",
        '  "f": 1',
    ]  # fmt: skip

"""``planloom compose``: documents by ending, notes on standard error, everything or nothing."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]

SCHOOL = (
    "compose", "-p", "school", "--year", "2027", "--set", "staff=86", "--set", "members=84", "--set",
    "women_members=60", "--organisation", "育才小学工会委员会",
)  # fmt: skip


def test_markdown_without_output(run: Run) -> None:
    """Without -o the plan is printed as Markdown and nothing else stands on standard output."""
    done = run(*SCHOOL)
    assert done.exit_code == 0
    assert done.stdout.startswith("# 育才小学工会委员会2027年工作计划\n")
    assert "note " in done.stderr


def test_every_output_by_its_ending(run: Run, tmp_path: Path) -> None:
    """Each -o is written in its own format; standard output stays empty."""
    names = ("plan.docx", "plan.md", "plan.json", "plan.yaml", "plan.html", "plan.xlsx", "plan.ics")
    done = run(*SCHOOL, *(word for name in names for word in ("-o", name)))
    assert done.exit_code == 0, done.stderr
    assert done.stdout == ""
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(names)
    assert (tmp_path / "plan.docx").read_bytes().startswith(b"PK")
    data = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    assert data["facts"]["staff"] == 86
    assert data["origins"]["facts/staff/value"]["holds"][0]["file"] == "--set staff=86"


def test_format_wins_over_the_ending(run: Run, tmp_path: Path) -> None:
    """--format says the format of one -o, or of what is printed; - is standard output."""
    assert run(*SCHOOL, "-o", "plan.txt", "--format", "md").exit_code == 0
    assert (tmp_path / "plan.txt").read_text(encoding="utf-8").startswith("# 育才小学")
    assert json.loads(run(*SCHOOL, "--format", "json").stdout)["organisation"] == "育才小学工会委员会"
    assert run(*SCHOOL, "-o", "-", "-f", "md").stdout == (tmp_path / "plan.txt").read_text(encoding="utf-8")


def test_existing_output_is_replaced(run: Run, tmp_path: Path) -> None:
    """What composing writes may be composed again."""
    (tmp_path / "plan.md").write_text("old", encoding="utf-8")
    assert run(*SCHOOL, "-o", "plan.md").exit_code == 0
    assert (tmp_path / "plan.md").read_text(encoding="utf-8") != "old"


def test_assumed_facts_are_a_list(run: Run) -> None:
    """Every fact that nobody stated stands on a line of its own: title = value (id)."""
    lines = run(*SCHOOL, lang="zh").stderr.splitlines()
    line = next(line for line in lines if line.endswith("(boarding)"))
    assert line.split() == ["是否有寄宿生", "=", "false", "(boarding)"]
    assert any(line.startswith("提示 有 ") for line in lines)
    assert not any("(staff)" in line for line in lines)


def test_quiet_keeps_notes_back(run: Run) -> None:
    """-q, before or after the command, leaves standard error empty where all is well."""
    assert run(*SCHOOL, "-q").stderr == ""
    assert run("--quiet", *SCHOOL).stderr == ""


@pytest.mark.parametrize("option", ["--year", "--period"])
@pytest.mark.parametrize(
    ("period", "label"),
    [("2027", "2027年"), ("2026-09/2027-08", "2026—2027学年"), ("2027-02/2027-07", "2026—2027学年第二学期")],
)
def test_periods(option: str, period: str, label: str, run: Run) -> None:
    """Both options take a year, a school year or a term."""
    args = [option if word == "--year" else period if word == "2027" else word for word in SCHOOL]
    assert run(*args).stdout.startswith(f"# 育才小学工会委员会{label}工作计划")


def test_options_win_over_the_plan_file(run: Run, tmp_path: Path) -> None:
    """--set, --year and --organisation replace what the plan file says; its changes stay."""
    text = """\
planloom: 1
plan: p-2027
profiles: [school]
period: 2027
organisation: 甲校工会
facts: {staff: 86, members: 84, women_members: 60}
activities: {our-day: {title: 本校开放日, on: {month: 4}, section: culture}}
"""
    (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
    done = run(
        "compose", "p.yaml", "--set", "staff=40", "--year", "2028", "--organisation", "乙校工会", "-f", "json"
    )
    data = json.loads(done.stdout)
    assert (data["organisation"], data["period"]["label"], data["facts"]["staff"]) == (
        "乙校工会",
        "2028年",
        40,
    )
    assert "our-day" in {activity["id"] for activity in data["activities"]}


def test_broken_code_plugin_is_told_and_the_rest_works(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The documents are written, the plugin is named, and the exit code is 3; --no-plugins leaves it out."""
    info = tmp_path / "site" / "noisy-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: noisy\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[planloom.plugins]\nnoisy = noisy_plugin\n", encoding="utf-8")
    (tmp_path / "site" / "noisy_plugin.py").write_text("raise RuntimeError('坏了')\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    done = run(*SCHOOL, "-o", "plan.md")
    assert done.exit_code == 3
    assert "the plugin “noisy” (noisy 1.0) cannot be used: RuntimeError: 坏了" in done.stderr
    assert (tmp_path / "plan.md").exists()
    assert run(*SCHOOL, "--no-plugins").exit_code == 0
    monkeypatch.setenv("PLANLOOM_PLUGINS", "other")
    assert run(*SCHOOL).exit_code == 0
    monkeypatch.setenv("PLANLOOM_PLUGINS", "noisy")
    assert run(*SCHOOL).exit_code == 3


def test_broken_layer_beside_a_good_one_is_a_warning(run: Run, tmp_path: Path) -> None:
    """A file of the layer path that cannot be read is told of, and stops no plan that does not use it."""
    (tmp_path / "layers").mkdir()
    (tmp_path / "layers" / "bad.yaml").write_text("layer: x\nlayer: y\n", encoding="utf-8")
    done = run(*SCHOOL, "--layer-path", "layers", "-o", "plan.md")
    assert done.exit_code == 0
    assert "warning the key “layer” stands here a second time" in done.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a pipe with a name")
def test_a_failed_run_leaves_a_pipe_where_it_was(run: Run, tmp_path: Path) -> None:
    """Undoing the outputs before the one that fails takes back files, not a pipe."""
    os.mkfifo(tmp_path / "pipe.md")
    reader = os.open(tmp_path / "pipe.md", os.O_RDWR)
    try:
        done = run("compose", *SCHOOL, "-o", "a.md", "-o", "pipe.md", "-o", "nowhere/b.md")
    finally:
        os.close(reader)
    assert done.exit_code == 2
    assert [entry.name for entry in tmp_path.iterdir()] == ["pipe.md"]


REMOVED = """\
planloom: 1
plan: school-2027
profiles: [school]
period: 2027
organisation: 育才小学工会委员会
facts: {staff: 86, members: 84, women_members: 60}
sections: {culture: {remove: 本年度不单列}}
"""


@pytest.mark.parametrize("command", ["compose", "check"])
def test_a_removed_section_is_one_message(command: str, run: Run, tmp_path: Path) -> None:
    """An officer who removes a section reads one message, and what it offers works as it is."""
    (tmp_path / "plan.yaml").write_text(REMOVED, encoding="utf-8")
    refused = run(command, "plan.yaml", lang="zh")
    assert refused.exit_code == 2
    assert refused.stderr.count("错误 ") == 1
    assert (
        "错误 sections/culture 已被删去（本年度不单列），但下列内容仍要用到它：activities/" in refused.stderr
    )
    (offered,) = [line.partition("：")[2] for line in refused.stderr.splitlines() if "activities: {" in line]
    (tmp_path / "plan.yaml").write_text(f"{REMOVED}{offered.strip()}\n", encoding="utf-8")
    assert run(command, "plan.yaml", lang="zh").exit_code != 2


@pytest.mark.parametrize("command", ["compose", "check"])
def test_a_removed_tag_is_refused_everywhere(command: str, run: Run, tmp_path: Path) -> None:
    """Composing and checking refuse a plan that removes a tag which a rule looks for, in the same words."""
    plan = REMOVED.replace("sections: {culture", "tags: {theory")
    (tmp_path / "plan.yaml").write_text(plan, encoding="utf-8")
    refused = run(command, "plan.yaml")
    assert refused.exit_code == 2
    assert "tags/theory is removed (本年度不单列), and these still need it: " in refused.stderr
    assert "school-2027  plan.yaml:7" in " ".join(refused.stderr.split()).replace(" plan", "  plan")


def test_lines_to_paste_are_offered_in_one_piece(run: Run, tmp_path: Path) -> None:
    """Where several errors offer something, all of it follows once more, each key once."""
    (tmp_path / "layers").mkdir()
    for name, title in (("aaa", "甲"), ("bbb", "乙")):
        text = f"planloom: 1\nlayer: {name}\nkind: profile\ntitle: {name}\nactivities:\n"
        for activity in ("x", "y"):
            text += f"  {activity}: {{title: {title}, on: {{month: 3}}}}\n"
        (tmp_path / "layers" / f"{name}.yaml").write_text(text, encoding="utf-8")
    plan = "planloom: 1\nplan: p\nprofiles: [aaa, bbb]\nperiod: 2027\norganisation: 本会\n"
    (tmp_path / "plan.yaml").write_text(plan, encoding="utf-8")
    lines = run("--layer-path", "layers", "compose", "plan.yaml").stderr.splitlines()
    assert lines[-4:] == [
        "note all of it together, each key once:",
        "    activities:",
        "      x: {title: 甲}",
        "      y: {title: 甲}",
    ]
    (tmp_path / "plan.yaml").write_text(plan + "\n".join(line[4:] for line in lines[-3:]), encoding="utf-8")
    assert run("--layer-path", "layers", "compose", "plan.yaml").exit_code == 0

"""The program as a whole: help, languages, streams, and the commands that only show something."""

import json
from collections.abc import Callable
from pathlib import Path
from unicodedata import east_asian_width

import pytest
from click.testing import Result

import planloom
import planloom_cli
from planloom_cli.main import COMMANDS, cli
from planloom_cli.width import aligned, clipped, pad, width, wrapped

Run = Callable[..., Result]
HARBOUR = """\
planloom: 1
layer: harbour
kind: profile
title: 港口
prefix: HAR
facts: {docks: {type: integer, title: 泊位数, min: 1, default: 3, ask: true}}
documents: {port-law: {title: 中华人民共和国港口法, aliases: [港口法]}}
festivals: {航海日: {date: 07-11}}
sections: {work: {title: 工作, measures: {berths: {text: "共{{ docks }}个泊位"}}}}
activities: {open-day: {title: 开放日, on: {festival: 航海日}, section: work}}
rules:
  HAR001:
    slug: enough-berths
    title: 活动不宜太少
    kind: count
    of: {what: activity}
    at_least: 1
    per: year
    basis: [{document: port-law, article: 第三条}]
    help: 活动太少，会员感受不到。请至少安排一次。
"""
DISTRICT = """\
planloom: 1
layer: district
kind: directive
title: 区总工会要点
facts: {docks: {value: 9}}
rules: {HAR001: {at_least: 2}}
"""


@pytest.fixture
def layers(tmp_path: Path) -> Path:
    """A profile, a directive that tightens it, and a broken layer."""
    folder = tmp_path / "layers"
    folder.mkdir()
    (folder / "harbour.yaml").write_text(HARBOUR, encoding="utf-8")
    (folder / "district.yaml").write_text(DISTRICT, encoding="utf-8")
    (folder / "broken.yaml").write_text(
        "planloom: 1\nlayer: broken\nkind: profle\ntitle: 坏\n", encoding="utf-8"
    )
    return folder


def columns(text: str) -> int:
    """The widest line, with every Chinese character as two columns."""
    return max(sum(2 if east_asian_width(char) in "WF" else 1 for char in line) for line in text.splitlines())


# ---- help ----


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_eighty_columns(command: str, lang: str, run: Run) -> None:
    """Every command has help with options and examples, in both languages, within 80 columns."""
    done = run(*filter(None, [command, "--help"]), lang=lang)
    assert done.exit_code == 0
    assert columns(done.stdout) <= 80
    assert ("Examples:" if lang == "en" else "示例：") in done.stdout
    assert f"planloom {command}".strip() in done.stdout
    if lang == "zh":
        assert "用法：" in done.stdout
        assert "选项：" in done.stdout
        assert "Usage" not in done.stdout


def test_every_command_of_the_list_exists(run: Run) -> None:
    """Each listed command can be loaded, and the help lists them all."""
    listing = run("--help").stdout
    for name in COMMANDS:
        assert f"\n  {name} " in listing
        assert run(name, "--help").exit_code == 0


def test_version_is_the_engine_s(run: Run) -> None:
    """The program and the engine are of one version."""
    assert planloom_cli.__version__ == planloom.__version__
    assert run("--version").stdout == f"planloom {planloom.__version__}\n"


@pytest.mark.parametrize(
    ("environment", "chinese"),
    [
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LANG": "C"}, False),
        ({}, False),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.GB18030"}, True),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, True),
        ({"LC_ALL": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"}, True),
    ],
)
def test_language_follows_the_locale(
    environment: dict[str, str], chinese: bool, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LANGUAGE, LC_ALL, LC_MESSAGES, LANG decide, in this order; anything but Chinese is English."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    done = run("--help", lang=environment.get("LANGUAGE", ""))
    assert ("命令：" in done.stdout) is chinese


@pytest.mark.parametrize(
    "args",
    [
        ("--lang", "zh", "compose", "--help"),
        ("compose", "--help", "--lang", "zh"),
        ("compose", "--lang=zh", "--help"),
    ],
)
def test_lang_wins_wherever_it_stands(args: tuple[str, ...], run: Run) -> None:
    """``--lang`` is heard before and after the command, and after ``--help``."""
    assert "用法：" in run(*args, lang="en").stdout


@pytest.mark.parametrize(
    ("args", "english", "chinese"),
    [
        ((), "Usage: planloom", "用法： planloom"),
        (("compse",), "Did you mean 'compose'?", "是不是想写 'compose'？"),
        (("compose", "--formt", "x"), "No such option '--formt'", "没有选项 '--formt'"),
        (("compose", "-o"), "requires an argument", "后面要写值"),
        (("compose", "a", "b"), "unexpected extra argument", "多写了参数：b"),
        (("calendar",), "Missing argument", "缺少参数"),
        (("profiles", "--format", "xml"), "'xml' is not one of", "'xml' 不在可选范围内"),
        (("compose", "--set", "staff"), "write FACT=VALUE", "应写成“事实=值”"),
        (
            ("compose", "--set", "a=1", "--set", "a=2"),
            "the fact a is set twice: 1 and 2",
            "填写了两次：1 和 2",
        ),
        (("compose", "--organisation", "\udcff"), "not valid UTF-8", "不是有效的 UTF-8"),
        (("calendar", "20x7"), "“20x7” is no year", "“20x7”不是"),
        (("calendar", "3000"), "give a year from", "之间的年份"),
        (("schema", "plans"), "did you mean plan?", "是不是想写 plan？"),
        (("profiles", "nobody"), "no profile or directive “nobody”", "没有名为“nobody”"),
        (("explain", "a", "b", "c"), "explain takes", "explain 后面写"),
        (("explain", "XYZ001"), "no layer on offer has a rule “XYZ001”", "都没有规则“XYZ001”"),
        (("new",), "no profile is selected", "没有选用配置"),
    ],
)
def test_wrong_usage(args: tuple[str, ...], english: str, chinese: str, run: Run) -> None:
    """Wrong usage ends with 2, says so on standard error in the user's language, and prints no result."""
    for lang, words in (("en", english), ("zh", chinese)):
        done = run(*args, lang=lang)
        assert done.exit_code == 2
        assert words in done.stderr
        assert done.stdout == ""


# ---- the commands that show something ----


def test_profiles_lists_what_is_on_offer(run: Run, layers: Path) -> None:
    """Bundled and local layers are rows with origin; a broken one is a row with its error; exit code 0."""
    done = run("--layer-path", str(layers), "profiles")
    assert done.exit_code == 0
    rows = {line.split()[0]: line for line in done.stdout.splitlines() if not line.startswith(" ")}
    assert "planloom 0.1.0" in rows["school"]
    assert "planloom_school/layer.yaml" in rows["school"]
    assert "profile" in rows["harbour"]
    assert "directive" in rows["district"]
    assert "broken" in rows["broken"].split()[1]
    assert "profle is none of" in done.stdout


def test_profiles_as_json(run: Run, layers: Path) -> None:
    """The same as data."""
    data = json.loads(run("--layer-path", str(layers), "profiles", "--format", "json").stdout)
    found = {layer["id"]: layer for layer in data["layers"]}
    assert found["school"]["extends"] == ["union"]
    assert found["harbour"]["problems"] == []
    assert found["broken"]["problems"][0]["line"] == 3


def test_one_profile_shows_what_it_holds(run: Run, layers: Path) -> None:
    """Facts, sections, activities and rules stand with title, type and default."""
    shown = run("--layer-path", str(layers), "profiles", "harbour").stdout
    for words in ("泊位数", "integer", "asked", "开放日", "{festival: 航海日}", "HAR001", "活动不宜太少"):
        assert words in shown
    data = json.loads(run("--layer-path", str(layers), "profiles", "harbour", "-f", "json").stdout)
    assert data["facts"][0] == {
        "id": "docks", "type": "integer", "title": "泊位数", "min": 1, "default": 3, "ask": True,
        "layer": "harbour",
    }  # fmt: skip


def test_one_directive_shows_what_it_says(run: Run, layers: Path) -> None:
    """A directive is shown by its statements."""
    shown = run("--layer-path", str(layers), "profiles", "district").stdout
    assert "facts/docks/value" in shown
    assert "rules/HAR001/at_least" in shown


def test_inherited_items_are_shown_with_their_layer(run: Run) -> None:
    """A bundled profile shows the facts of what it extends."""
    shown = run("profiles", "school").stdout
    staff = next(line for line in shown.splitlines() if line.split()[:1] == ["staff"])
    assert staff.endswith("union")


def test_calendar_of_a_year(run: Run, layers: Path) -> None:
    """Festivals, solar terms, holidays and the days of local layers, each with weekday and status."""
    lines = run("--layer-path", str(layers), "calendar", "2027").stdout.splitlines()
    assert any(line.split() == ["2027-10-08", "Fri", "festival", "重阳节", "computed"] for line in lines)
    assert any("清明" in line and "solar-term" in line for line in lines)
    assert any("航海日" in line and "2027-07-11" in line and "observance" in line for line in lines)
    assert any(
        "announced" in line and "holiday" in line for line in run("calendar", "2026").stdout.splitlines()
    )
    assert "推算" in run("calendar", "2027", lang="zh").stdout


def test_calendar_as_json(run: Run) -> None:
    """The same as data."""
    data = json.loads(run("calendar", "2028", "--format", "json").stdout)
    ninth = {
        "start": "2028-10-26",
        "end": "2028-10-26",
        "kind": "festival",
        "name": "重阳节",
        "status": "computed",
    }
    assert ninth in data["days"]


@pytest.mark.parametrize("name", ["layer", "plan", "composed-plan", "check"])
def test_schema_is_printed_or_written(name: str, run: Run, tmp_path: Path) -> None:
    """Every published schema comes out as JSON, on standard output or in a file."""
    printed = run("schema", name).stdout
    assert json.loads(printed)["$schema"].startswith("http://json-schema.org/draft-07")
    assert run("schema", name, "-o", "s.json").stdout == ""
    assert (tmp_path / "s.json").read_text(encoding="utf-8") == printed
    assert name in run("schema").stdout


def test_rules_in_force_with_who_set_them(run: Run, layers: Path) -> None:
    """The joined parameter stands with every layer that speaks of it."""
    args = ("--layer-path", str(layers), "rules", "-p", "harbour", "-d", "district")
    _, _, shown = run(*args).stdout.partition("HAR001")
    line = next(line for line in shown.splitlines() if "at_least" in line)
    assert line.split()[1] == "2"
    assert "district: 2" in line
    data = json.loads(run(*args, "--format", "json").stdout)
    rule = next(rule for rule in data["rules"] if rule["code"] == "HAR001")
    assert rule["params"]["at_least"] == 2
    assert "district" in {entry["layer"] for entry in rule["entries"]["at_least"]}


@pytest.mark.parametrize("name", ["HAR001", "enough-berths"])
def test_a_rule_is_explained(name: str, run: Run, layers: Path) -> None:
    """By code or short name: title, basis with its state, help, parameters, and who else speaks of it."""
    shown = run("--layer-path", str(layers), "explain", name).stdout
    for words in (
        "活动不宜太少",
        "《中华人民共和国港口法》第三条 (not verified)",
        "请至少安排一次",
        "at_least:",
        "district",
    ):
        assert words in shown
    data = json.loads(run("--layer-path", str(layers), "explain", name, "--format", "json").stdout)
    assert data["basis"][0]["verified"] is False
    assert data["params"]["at_least"] == 1


# ---- environment ----


def test_layer_path_from_the_environment(run: Run, layers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PLANLOOM_LAYER_PATH names folders beside the option, and the option is heard after the command."""
    assert "harbour" in run("profiles", "--layer-path", str(layers)).stdout
    assert "harbour" in run("--layer-path", str(layers), "profiles").stdout
    assert "harbour" not in run("profiles").stdout
    monkeypatch.setenv("PLANLOOM_LAYER_PATH", str(layers))
    assert "harbour" in run("profiles").stdout


def test_completion_knows_profiles_and_facts(run: Run, layers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Profile names complete after -p, fact ids after --set."""
    from click.shell_completion import ShellComplete

    monkeypatch.setenv("PLANLOOM_LAYER_PATH", str(layers))
    complete = ShellComplete(cli, {}, "planloom", "_PLANLOOM_COMPLETE")
    assert {item.value for item in complete.get_completions(["compose", "-p"], "h")} == {"harbour"}
    assert {item.value for item in complete.get_completions(["compose", "--set"], "doc")} == {"docks="}
    assert {item.value for item in complete.get_completions([], "co")} == {"compose"}


# ---- width ----


def test_columns_stand_under_each_other() -> None:
    """Chinese and Latin cells give columns that begin in one place; an empty column takes no room."""
    lines = list(aligned([("a", "", "甲乙"), ("中文", "", "b")]))
    assert lines == ["a     甲乙", "中文  b"]
    assert (width("中a"), pad("中", 4), clipped("一二三四五", 7)) == (3, "中  ", "一二…")


def test_wrapping_keeps_marks_off_the_edge() -> None:
    """No line begins with a comma or ends with an opening bracket, and none is too wide."""
    text = "职工之家（含小家）建设，" * 12
    lines = wrapped(text, 24).splitlines()
    assert all(width(line) <= 24 for line in lines)
    assert not any(line[0] in "，。）" or line[-1] in "（" for line in lines)
    assert "".join(lines) == text

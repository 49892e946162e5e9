"""Hooks: each is documented with its signature and works; what fails spoils only itself."""

import inspect
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import planloom
from planloom import hookspecs
from planloom.plugins import HOOKS, Plugins, load_plugins

from .conftest import Run

PAGE = (Path(__file__).parent.parent / "docs" / "hooks.md").read_text(encoding="utf-8")
FACTS = ("--set", "staff=60", "--set", "members=58", "--set", "women_members=30")
Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a code plugin: its name and the text of its module."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)

    def put(name: str, code: str, distribution: str = "") -> None:
        distribution = distribution or f"planloom_{name}"
        module = f"module_of_{distribution}"
        (site / f"{module}.py").write_text(
            f"import planloom\nfrom planloom.rules.python import rule\n{code}", encoding="utf-8"
        )
        info = site / f"{distribution}-1.0.dist-info"
        info.mkdir()
        (info / "entry_points.txt").write_text(f"[planloom.plugins]\n{name} = {module}\n", encoding="utf-8")
        monkeypatch.delitem(sys.modules, module, raising=False)

    return put


def test_every_hook_is_documented() -> None:
    """docs/hooks.md has one heading for each hook, and its signature as it stands in the code."""
    assert re.findall(r"^## `(planloom_\w+)`$", PAGE, re.MULTILINE) == list(HOOKS)
    for name in HOOKS:
        assert f"def {name}{inspect.signature(getattr(hookspecs, name))}:".replace("'", "") in PAGE


def test_every_hook_is_a_specification() -> None:
    """The hooks that are called are those that are specified."""
    specified = {name for name in dir(hookspecs) if name.startswith("planloom_")}
    assert specified == set(HOOKS)


FILTER = """
@planloom.hookimpl
def planloom_filters():
    return {"shout": lambda value: value + "！"}
"""
RENDERER = """
@planloom.hookimpl
def planloom_renderers():
    return {"lines": lambda plan: plan.title.encode()}
"""
RULE = """
@rule(code="XYZ901", title="有秋游", severity="error")
def has_outing(view):
    if not view.select("activity", tags=("no-such",)):
        yield view.finding(None, "没有秋游；应当安排1次")

@planloom.hookimpl
def planloom_rules():
    return [has_outing]
"""
IMPORTER = """
@planloom.hookimpl
def planloom_importers():
    return {"odd": lambda data, name: data.decode("utf-16")}
"""


def test_filters_reach_texts(install: Install, tmp_path: Path) -> None:
    """A filter of a plugin is used in a text like any other."""
    install("shouting", FILTER)
    (tmp_path / "layer.yaml").write_text(
        "{planloom: 1, layer: own, kind: profile, title: 试,\n"
        " sections: {s: {title: 试, lead: \"{{ organisation | shout }}\"}}}", encoding="utf-8",
    )  # fmt: skip
    plan = planloom.compose(profiles=["own"], period=2027, organisation="工会", layer_path=[tmp_path])
    assert plan.sections[0].lead == "工会！"


def test_renderers_write_files(install: Install, run: Run, tmp_path: Path) -> None:
    """A renderer of a plugin writes the files of its ending."""
    install("lines", RENDERER)
    done = run(
        "compose", "-p", "union", "--year", "2027", *FACTS, "--organisation", "工会", "-o", "plan.lines"
    )
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "plan.lines").read_text(encoding="utf-8") == "工会2027年工作计划"


def test_rendering_finds_the_formats_of_plugins(install: Install, tmp_path: Path) -> None:
    """Rendering from Python writes the formats of installed plugins, or of those it is given."""
    install("lines", RENDERER)
    plan = planloom.compose(
        profiles=["union"],
        period=2027,
        facts={"staff": 60, "members": 58, "women_members": 30},
        organisation="工会",
    )
    planloom.render(plan, tmp_path / "plan.lines")
    assert (tmp_path / "plan.lines").read_text(encoding="utf-8") == "工会2027年工作计划"
    planloom.render(plan, tmp_path / "plan.txt", format="lines")
    assert (tmp_path / "plan.txt").read_text(encoding="utf-8") == "工会2027年工作计划"
    with pytest.raises(planloom.PlanloomError, match=r"no format has the ending \.lines"):
        planloom.render(plan, tmp_path / "other.lines", plugins=Plugins())


def test_rules_take_part_in_checks(install: Install) -> None:
    """A rule of a plugin is counted and finds like any other."""
    install("ruling", RULE)
    plan = planloom.compose(
        profiles=["union"],
        period=2027,
        facts={"staff": 60, "members": 58, "women_members": 30},
        organisation="工会",
    )
    report = planloom.check(plan)
    assert [one.message for one in report.findings if one.code == "XYZ901"] == ["没有秋游；应当安排1次"]


def test_importers_are_collected(install: Install) -> None:
    """A reader of a plugin is known by its ending."""
    install("reading", IMPORTER)
    assert list(load_plugins(planloom.discover()).importers) == ["odd"]


BROKEN = {
    "raises": ("raise RuntimeError('kaputt')", "RuntimeError: kaputt"),
    "exits": ("raise SystemExit(7)", "SystemExit: 7"),
    "lacks": ("import no_such_module_anywhere", "No module named"),
    "hook_raises": ("@planloom.hookimpl\ndef planloom_filters():\n    return 1 / 0", "ZeroDivisionError"),
    "misspells": (
        "@planloom.hookimpl\ndef planloom_filter():\n    return {}",
        "implements “planloom_filter”, which is no hook",
    ),
    "takes_more": ("@planloom.hookimpl\ndef planloom_rules(plan):\n    return []", "planloom_rules"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_plugin_is_a_line_while_the_rest_works(install: Install, run: Run, name: str) -> None:
    """`profiles` names the plugin with what is wrong, and lists and composes everything else."""
    code, said = BROKEN[name]
    install(name, code)
    install("shouting", FILTER)
    done = run("profiles")
    assert said in done.stdout
    assert name in done.stdout
    assert "school" in done.stdout
    assert "shouting" in done.stdout
    composed = run(
        "compose", "-p", "union", "--year", "2027", *FACTS, "--organisation", "工会", "-o", "plan.md"
    )
    assert said in composed.stderr
    assert "planloom" in composed.stderr
    assert Path("plan.md").is_file()
    assert run("--no-plugins", "profiles").stdout.count(said) == 0


def test_printing_on_import_spoils_no_output(install: Install, run: Run) -> None:
    """What a plugin prints does not end up inside the JSON of a command."""
    install("prints", "print('Hello')\n" + FILTER)
    done = run("profiles", "--format", "json")
    assert [one["name"] for one in json.loads(done.stdout)["plugins"]] == ["prints"]
    assert "Hello" in done.stderr


def test_two_plugins_of_one_name(install: Callable[..., None], run: Run) -> None:
    """Neither is used, both are named."""
    install("shouting", FILTER, "one_dist")
    install("shouting", FILTER, "other_dist")
    done = run("profiles")
    assert "the plugin name “shouting” is used more than once: one-dist 1.0, other-dist 1.0" in done.stdout

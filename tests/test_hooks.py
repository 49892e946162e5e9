"""Hooks: each is documented with its signature and works; what fails spoils only itself."""

import inspect
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pytest

import planloom
from planloom import hookspecs
from planloom.plugins import HOOKS, Plugins, load_plugins
from planloom.rules import limits

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
    "interrupts": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "cancels": ("import asyncio\nraise asyncio.CancelledError", "CancelledError"),
    "loops": ("while True: pass", "TimeUp: 0.5 s"),
    "gives_a_number": ("@planloom.hookimpl\ndef planloom_rules():\n    return 5", "TypeError"),
    "gives_endlessly": (
        "import itertools\n@planloom.hookimpl\ndef planloom_rules():\n    return itertools.count()",
        "planloom_rules gives more than 1000 rules",
    ),
    "stops_giving": (
        "@planloom.hookimpl\ndef planloom_rules():\n    raise ValueError('halb')\n    yield",
        "ValueError: halb",
    ),
    "gives_a_list": (
        "@planloom.hookimpl\ndef planloom_filters():\n    return ['a']",
        "planloom_filters gives list, not a mapping",
    ),
    "gives_text": (
        "@planloom.hookimpl\ndef planloom_renderers():\n    return 'abc'",
        "planloom_renderers gives str, not a mapping",
    ),
    "gives_no_names": (
        "@planloom.hookimpl\ndef planloom_filters():\n    return {1: len, 'a': len}",
        "1 is no name of a function",
    ),
    "gives_no_function": (
        "@planloom.hookimpl\ndef planloom_importers():\n    return {'odt': None}",
        "'odt' is no name of a function",
    ),
    "replaces": (
        "@planloom.hookimpl\ndef planloom_filters():\n    return {'cn_months': lambda value: '坏'}",
        "the built-in filter cn_months cannot be replaced",
    ),
    "takes_more": ("@planloom.hookimpl\ndef planloom_rules(plan):\n    return []", "planloom_rules"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_plugin_is_a_line_while_the_rest_works(
    install: Install, run: Run, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`profiles` names the plugin with what is wrong, and lists and composes everything else."""
    monkeypatch.setattr(limits, "PATIENCE", 0.5 if name == "loops" else limits.PATIENCE)
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
    assert composed.exit_code == 3
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


# ---- what a plugin brings fails when it is used ----

PLAN = """\
planloom: 1
plan: own
profiles: [union]
period: 2027
organisation: 示范工会
facts: {staff: 60, members: 58, women_members: 30}
sections:
  extra: {title: 其他, measures: {one: {text: "{{ organisation | odd }}"}}}
"""
FAILING = {
    "raises": ("raise ValueError('x')", "ValueError: x"),
    "exits": ("raise SystemExit(0)", "SystemExit: 0"),
    "interrupts": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "loops": ("while True: pass", "TimeUp: 0.3 s"),
    "recurses": ("return failing(*given)", "RecursionError"),
    "gives_rubbish": ("return object()", "may give object"),
    "cannot_say_it": (
        "raise type('E', (Exception,), {'__str__': lambda self: 1 / 0})()", ": E",
    ),
}  # fmt: skip


def failing(hook: str, body: str) -> str:
    """A plugin with a function for the name ``odd`` that does something."""
    return f"def failing(*given):\n    {body}\n@planloom.hookimpl\ndef {hook}():\n    return {{'odd': failing}}\n"


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a plugin brings has a third of a second."""
    monkeypatch.setattr(limits, "SECONDS", 0.3)


@pytest.mark.parametrize("name", FAILING)
def test_a_filter_that_fails_is_crashed_and_named(
    install: Install, run: Run, tmp_path: Path, hurried: None, name: str
) -> None:
    """A check goes on with the other rules; composing writes nothing; both end with 3 and name the plugin."""
    body, said = FAILING[name]
    install("guest", failing("planloom_filters", body))
    (tmp_path / "plan.yaml").write_text(PLAN, encoding="utf-8")
    checked = run("check", "plan.yaml", "-f", "json")
    assert checked.exit_code == 3
    report = json.loads(checked.stdout)
    (crashed,) = [one for one in report["rules"] if one["outcome"] == "crashed"]
    assert crashed["plugin"] == "guest"
    assert said in crashed["error"]
    assert report["outcomes"]["pass"] > 20
    assert ("plan.yaml", 8) in {(note["file"], note["line"]) for note in report["notes"]}
    composed = run("compose", "plan.yaml", "-o", "plan.md")
    assert composed.exit_code == 3
    assert "the plugin “guest” (planloom-guest 1.0)" in composed.stderr
    assert not Path("plan.md").exists()


def test_a_filter_that_hangs_is_waited_for_once(
    install: Install, run: Run, tmp_path: Path, hurried: None
) -> None:
    """A plan that uses it in 40 texts is not checked 40 times as long."""
    install("guest", failing("planloom_filters", "while True: pass"))
    measures = "".join(f"      m{n}: {{text: '{n}{{{{ organisation | odd }}}}'}}\n" for n in range(40))
    text = PLAN.partition("  extra:")[0] + f"  extra:\n    title: 其他\n    measures:\n{measures}"
    (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
    begin = perf_counter()
    assert run("check", "plan.yaml").exit_code == 3
    assert perf_counter() - begin < 10


@pytest.mark.parametrize("name", FAILING)
def test_a_renderer_that_fails_is_named(
    install: Install, run: Run, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The command ends with 3, says which plugin of which version failed and how, and writes nothing."""
    monkeypatch.setattr(limits, "PATIENCE", 0.3 if name == "loops" else limits.PATIENCE)
    body, said = FAILING[name]
    install("guest", failing("planloom_renderers", body))
    done = run("compose", "-p", "union", "--year", "2027", *FACTS, "-o", "plan.odd", "-o", "plan.md")
    assert done.exit_code == 3
    assert "the plugin “guest” (planloom-guest 1.0)" in done.stderr
    assert said in done.stderr
    assert not Path("plan.md").exists()


@pytest.mark.parametrize("name", FAILING)
def test_a_reader_that_fails_is_named(
    install: Install, run: Run, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Checking and importing end with 3 and say which plugin of which version failed, on which file."""
    monkeypatch.setattr(limits, "PATIENCE", 0.3 if name == "loops" else limits.PATIENCE)
    body, said = FAILING[name]
    install("guest", failing("planloom_importers", body))
    Path("last.odd").write_bytes(b"x")
    for command in (("check", "last.odd"), ("import", "last.odd", "--no-input", "-o", "plan.yaml")):
        done = run(*command)
        assert done.exit_code == 3
        assert "the plugin “guest” (planloom-guest 1.0)" in done.stderr
        assert said in done.stderr
        assert "last.odd" in done.stderr
    assert not Path("plan.yaml").exists()


def test_printing_spoils_no_result(install: Install, run: Run, tmp_path: Path) -> None:
    """What filters, rules and renderers print goes to standard error, not into a report or document."""
    install(
        "chatty",
        "@planloom.hookimpl\ndef planloom_filters():\n"
        "    return {'odd': lambda value: (print('FILTER'), value)[1]}\n"
        "@planloom.hookimpl\ndef planloom_renderers():\n"
        "    return {'lines': lambda plan: (print('RENDERER'), plan.title.encode())[1]}\n"
        "@rule(code='CHT901', title='说')\ndef talk(view):\n    print('RULE')\n    return []\n"
        "@planloom.hookimpl\ndef planloom_rules():\n    return [talk]\n",
    )
    (tmp_path / "plan.yaml").write_text(PLAN, encoding="utf-8")
    checked = run("check", "plan.yaml", "-f", "json")
    assert "CHT901" in {one["code"] for one in json.loads(checked.stdout)["rules"]}
    composed = run("compose", "plan.yaml", "-f", "lines", "-o", "-")
    assert composed.stdout == "示范工会2027年工作计划"
    assert {"FILTER", "RULE", "RENDERER"} <= {*checked.stderr.split(), *composed.stderr.split()}


RULE_HEADS = {
    "severity": "code='UNI901', title='甲', layer='union', severity='fatal'",
    "code": "code='x', title='甲'",
    "foreign": "code='XYZ901', title='甲', layer='union'",
    "number": "code=901, title='甲'",
    "basis": "code='UNI901', title='甲', layer='union', basis=5",
    "help": "code='UNI901', title='甲', layer='union', help=5",
}


@pytest.mark.parametrize("name", RULE_HEADS)
def test_a_rule_with_a_wrong_head_is_crashed(install: Install, run: Run, tmp_path: Path, name: str) -> None:
    """Its code must be the prefix of its layer and three digits, its severity one of three; no report fails."""
    install(
        "guest",
        f"@rule({RULE_HEADS[name]})\ndef found(view):\n    yield view.finding(None, '有')\n"
        "@planloom.hookimpl\ndef planloom_rules():\n    return [found]\n",
    )
    (tmp_path / "plan.yaml").write_text(PLAN.replace(" | odd", ""), encoding="utf-8")
    for format_ in ("human", "json", "sarif", "junit", "github"):
        assert run("check", "plan.yaml", "-f", format_).exit_code == 3
    rules = json.loads(run("check", "plan.yaml", "-f", "json").stdout)["rules"]
    assert [one["plugin"] for one in rules if one["outcome"] == "crashed"] == ["guest"]
    listed = run("rules", "-p", "union")
    assert "a rule of the plugin “guest” cannot be used" in listed.stderr


def test_a_crash_names_the_plugin_and_not_the_layer(install: Install) -> None:
    """A rule that belongs to a layer of somebody else is its plugin's fault, whatever it raises."""
    install(
        "guest",
        "@rule(code='UNI901', title='甲', layer='union')\ndef found(view):\n    raise KeyboardInterrupt\n"
        "@planloom.hookimpl\ndef planloom_rules():\n    return [found]\n",
    )
    plan = planloom.compose(
        profiles=["union"], period=2027, facts={"staff": 60, "members": 58, "women_members": 30}
    )
    (crashed,) = [one for one in planloom.check(plan).outcomes if one.outcome == "crashed"]
    assert (crashed.code, crashed.plugin, crashed.error) == ("UNI901", "guest", "KeyboardInterrupt: ")


def test_rules_in_python_are_listed_and_explained(install: Install, run: Run) -> None:
    """`rules` shows them among the others, `explain` by code or short name, with the plugin that brings them."""
    install(
        "ruling",
        "@rule(code='UNI901', slug='own-rule', title='有秋游', layer='union', when='staff > 10', help='走走。')\n"
        "def found(view):\n    return []\n@planloom.hookimpl\ndef planloom_rules():\n    return [found]\n",
    )
    listed = run("rules", "-p", "union").stdout.splitlines()
    place = next(number for number, line in enumerate(listed) if line.startswith("UNI901"))
    assert "python" in listed[place]
    assert "ruling" in listed[place + 1]
    assert "UNI901" not in run("rules").stdout
    rows = json.loads(run("rules", "-p", "union", "--format", "json").stdout)["rules"]
    (row,) = [one for one in rows if one["code"] == "UNI901"]
    assert (row["kind"], row["plugin"], row["when"]) == ("python", "ruling", "staff > 10")
    for name in ("UNI901", "own-rule"):
        told = run("explain", name).stdout
        for word in (
            "有秋游",
            "own-rule",
            "staff > 10",
            "走走。",
            "planloom-ruling 1.0",
            "module_of_planloom_ruling.py:",
        ):
            assert word in told
    data = json.loads(run("explain", "UNI901", "--format", "json").stdout)
    assert (data["kind"], data["plugin"], data["layers"][0]["version"]) == ("python", "ruling", "1.0")
    assert "did you mean UNI901?" in run("explain", "UNI991").stderr


def test_composing_says_whose_code_ran(install: Install, run: Run) -> None:
    """The summary of `compose` names the code plugins with their versions."""
    install("shouting", FILTER)
    done = run("compose", "-p", "union", "--year", "2027", *FACTS, "-o", "plan.md")
    assert "code plugins: shouting (planloom-shouting 1.0)" in done.stderr

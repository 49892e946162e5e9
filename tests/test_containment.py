"""Containment: a hostile or broken layer or plugin harms nobody in a plain compose or check.

The parts have corpora of their own: templates in test_texts, YAML in test_source, patterns in
test_rules_patterns, documents in test_documents, formats in test_render_files. Here the same attacks come
in through the front door.
"""

import io
import json
import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

import planloom
from planloom.layers import load_layer
from planloom.plugins import load_plugins
from planloom.render import render_bytes
from planloom.rules.engine import check_view
from planloom_schemas.errors import PlanloomError

from .conftest import Run
from .test_texts import ESCAPES

SECONDS = 2.0


def layer(folder: Path, **content: Any) -> Path:
    """A folder with one layer called evil, as JSON, which is YAML."""
    head = {"planloom": 1, "layer": "evil", "kind": "profile", "title": "恶意", "prefix": "EVL"}
    folder.mkdir(exist_ok=True)
    (folder / "layer.yaml").write_text(json.dumps({**head, **content}, ensure_ascii=False), encoding="utf-8")
    return folder


def compose(folder: Path, **more: Any) -> planloom.Plan:
    """The plan of the layer in a folder."""
    return planloom.compose(
        profiles=["evil"], period=2027, organisation="示范工会", layer_path=[folder], **more
    )


def refused(call: Callable[[], object]) -> list[str]:
    """The codes of the problems a call ends in, within the time allowed."""
    begin = perf_counter()
    with pytest.raises(PlanloomError) as caught:
        call()
    assert perf_counter() - begin < SECONDS
    return [problem.code for problem in caught.value.problems]


# ---- templates ----

BOMBS = [
    "{{ organisation.center(100000000) }}",
    "{{ '%0300000000d' % 1 }}",
    "{{ 'a' * 100000000 }}",
    "{{ 9 ** 9 ** 9 ** 9 }}",
    "{{ [0] * 100000000 }}",
    "{% for a in range(100000000) %}{% endfor %}",
    "{% for a in many %}{% for b in many %}{% for c in many %}{% endfor %}{% endfor %}{% endfor %}",
    "{% for a in many %}{% for b in many %}{{ long }}{% endfor %}{% endfor %}",
    "{% for a in many %}" * 4 + "{% endfor %}" * 4,
    "{{ long | replace('长', long) | replace('长', long) }}",
    "{{ many | join(long) | replace('长', long) }}",
    "{{ long ~ long ~ long" + " ~ long" * 300 + " }}",
    "{{ " + "(" * 2_000 + "1" + ")" * 2_000 + " }}",
    "{% if 1 %}" * 2_000 + "{% endif %}" * 2_000,
    "{{ " + "9" * 10_000 + " }}",
    "{{ 1" + " + 1" * 20_000 + " }}",
    "{{ 'x' | " + " | ".join(["upper"] * 10_000) + " }}",
    "长" * 120_000,
]
FACTS = {
    "many": {"type": "list", "title": "多", "default": [str(number) for number in range(300)]},
    "long": {"type": "text", "title": "长", "default": "长" * 2_000},
    "staff": {"type": "integer", "title": "人数", "default": 86},
    "clubs": {"type": "list", "title": "社团", "default": ["球类", "书画"]},
}


@pytest.mark.parametrize("text", [*ESCAPES, *BOMBS], ids=lambda text: text[:50])
def test_attack_templates_are_refused(text: str, tmp_path: Path) -> None:
    """A text that wants out, or more than its share, ends composing with an error that names the layer."""
    folder = layer(tmp_path / "evil", facts=FACTS, sections={"s": {"title": "试", "lead": text}})
    assert set(refused(lambda: compose(folder))) <= {"TemplateError", "RenderError", "BadTemplate"}


def test_nothing_foreign_reaches_a_template(tmp_path: Path) -> None:
    """Every name in scope is a plain value: text, number, list or mapping."""
    names = ("organisation", "period", "activities", "profiles", "staff", "clubs")
    text = "".join(
        f"{{% for a in {name} %}}{{% endfor %}}" for name in names if name not in {"organisation", "staff"}
    )
    folder = layer(
        tmp_path / "evil", facts=FACTS, sections={"s": {"title": "试", "lead": f"甲{text}{{{{ staff }}}}"}}
    )
    assert compose(folder).sections[0].lead == "甲86"


# ---- YAML ----

HEAD = "planloom: 1\nlayer: evil\nkind: profile\ntitle: 恶意\n"
YAML = {
    "laughs": HEAD
    + "x0: &x0 [y, y]\n"
    + "".join(f"x{i}: &x{i} [*x{i - 1}, *x{i - 1}]\n" for i in range(1, 30)),
    "deep": HEAD + "sections: " + "[" * 10_000 + "]" * 10_000,
    "tag": HEAD + "sections: !!python/object/apply:os.system ['touch marker']\n",
    "huge": HEAD + "heading: " + "长" * 2_200_000,
    "repeated": HEAD + "title: 甲\n",
    "binary": "planloom: 1\nlayer: evil\x00\n",
    "merge-key": HEAD + "facts: {<<: {a: {type: integer}}}\n",
}


@pytest.mark.parametrize("name", YAML)
def test_attack_files_are_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer file that is a bomb, runs code or contradicts itself is refused; nothing is run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / "layer.yaml").write_text(YAML[name], encoding="utf-8")
    refused(lambda: compose(tmp_path / "evil"))
    assert not (tmp_path / "marker").exists()


def test_a_hostile_file_does_not_spoil_the_list(run: Run, tmp_path: Path) -> None:
    """`profiles` names a file that cannot be read, and lists the rest."""
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / "layer.yaml").write_text(YAML["laughs"], encoding="utf-8")
    done = run("--layer-path", "evil", "profiles")
    assert done.exit_code == 0
    assert "layer.yaml" in done.stdout
    assert "school" in done.stdout


# ---- patterns ----


@pytest.mark.parametrize(
    "pattern", [r"(?:\d+,?)+元", "(a+)+b", "(a|aa)+b", ".*.*.*x", "(?=a)b", r"(a)\1", "a{0,2000}", "("]
)
def test_slow_patterns_never_run(pattern: str, tmp_path: Path) -> None:
    """A rule whose pattern could run away is refused or crashes by name, in time; the other rules go on."""
    rule = {"title": "慢", "kind": "pattern", "of": {"what": "text"}, "must_not": [pattern]}
    text = "1" * 40 + "a" * 40
    folder = layer(tmp_path / "evil", sections={"s": {"title": "试", "lead": text}}, rules={"EVL001": rule})
    begin = perf_counter()
    try:
        report = planloom.check(compose(folder))
    except PlanloomError as error:
        paths = [problem.path for problem in error.problems]
    else:
        paths = ["rules/EVL001"]
        assert {one.code: one.outcome for one in report.outcomes}["EVL001"] == "crashed"
        assert len(report.outcomes) > 1
    assert set(paths) <= {"rules/EVL001"}
    assert perf_counter() - begin < SECONDS


# ---- paths ----


@pytest.mark.parametrize(
    "name",
    [
        "../secret.md",
        "../../../../etc/passwd",
        "/etc/passwd",
        "C:\\secret.md",
        "..\\secret.md",
        "a/../../secret.md",
        "link.md",
    ],
)
def test_paths_stay_inside_the_layer(name: str, tmp_path: Path) -> None:
    """A template file outside the layer's templates is not read, however it is named."""
    folder = layer(tmp_path / "evil", sections={"s": {"title": "试", "lead": {"file": name}}})
    (tmp_path / "evil" / "secret.md").write_text("机密", encoding="utf-8")
    (folder / "templates").mkdir()
    (folder / "templates" / "link.md").symlink_to(tmp_path / "evil" / "secret.md")
    assert refused(lambda: compose(folder)) == ["PathEscapes"]


def test_a_missing_template_is_named(run: Run, tmp_path: Path) -> None:
    """A layer that lacks a file says so in the list, with the place that names it."""
    layer(tmp_path / "evil", sections={"s": {"title": "试", "lead": {"file": "gone.md"}}})
    done = run("--layer-path", "evil", "profiles")
    assert "templates/ has no file “gone.md”" in done.stdout
    assert "school" in done.stdout


# ---- what comes out ----

HOSTILE = '{{7*7}}<w:p>&|=cmd()+A1\x1b[31m%0A::error::\u202e"'


def test_hostile_words_are_inert_in_every_format(tmp_path: Path) -> None:
    """What means something to a template, a browser, Word, a spreadsheet or a terminal comes out as words."""
    clean = "".join(letter for letter in HOSTILE if letter.isprintable())
    folder = layer(
        tmp_path / "evil",
        heading="计划",
        sections={
            "s": {"title": "=1+1", "lead": "{% raw %}" + clean + "{% endraw %}"},
            "t": {"title": "表", "shows": "activities"},
        },
        activities={
            "a": {
                "title": "=cmd()",
                "on": {"month": 3},
                "section": "s",
                "owner": "@SUM(A1)",
                "place": "<script>",
            }
        },
    )
    plan = compose(folder)
    made = {name: render_bytes(plan, name) for name in ("md", "html", "docx", "xlsx", "ics", "json")}
    assert b"<script>" not in made["html"]
    assert b"<w:p>" not in made["html"]
    assert all(b"\x1b" not in made[name] for name in ("md", "html", "ics", "json"))
    with zipfile.ZipFile(io.BytesIO(made["xlsx"])) as book:
        sheets = b"".join(book.read(name) for name in book.namelist() if "sheet" in name)
    assert b"<f>" not in sheets
    assert "{{7*7}}" in made["md"].decode("utf-8").replace("\\", "")


@pytest.mark.parametrize("letter", ["\x1b", "\x00", "\x07"])
def test_control_characters_do_not_get_in(letter: str, tmp_path: Path) -> None:
    """A layer file with control characters is refused, escaped or not, or comes out without them."""
    folder = layer(tmp_path / "evil", sections={"s": {"title": f"试{letter}[31m", "lead": "甲"}})
    try:
        plan = compose(folder)
    except PlanloomError:
        return
    for name in ("md", "html", "docx", "ics"):
        assert letter.encode() not in render_bytes(plan, name) or name == "docx"


# ---- packages ----

MARKING = "import pathlib\npathlib.Path(__file__).with_name('marker').touch()\n"


def installed(site: Path, name: str, points: str, files: dict[str, str]) -> None:
    """A package in a site folder, as pip would leave it."""
    for file, text in files.items():
        path = site / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "entry_points.txt").write_text(points, encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that Python imports from."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    return folder


def test_data_is_read_without_import(site: Path) -> None:
    """A package that would leave a mark when imported leaves none when it is listed, loaded and composed."""
    data = "{planloom: 1, layer: marking, kind: profile, title: 试, sections: {s: {title: 试}}}"
    files = {"marking_package/__init__.py": MARKING, "marking_package/layer.yaml": data}
    installed(site, "marking", "[planloom.layers]\nmarking = marking_package\n", files)
    library = planloom.discover()
    assert load_layer(library.offer("marking")).title == "试"
    planloom.compose(profiles=["marking"], period=2027, library=library)
    assert not (site / "marking_package" / "marker").exists()
    assert "marking_package" not in sys.modules


def test_code_plugins_are_in_every_report(site: Path) -> None:
    """Who runs code is named with its version in the list and in the report of a check."""
    code = "import planloom\n@planloom.hookimpl\ndef planloom_filters():\n    return {}\n"
    installed(site, "quiet", "[planloom.plugins]\nquiet = quiet_module\n", {"quiet_module.py": code})
    (offer,) = load_plugins(planloom.discover()).loaded
    assert (offer.name, offer.distribution, offer.version) == ("quiet", "quiet", "1.0")
    plan = planloom.compose(
        profiles=["union"], period=2027, facts={"staff": 1, "members": 1, "women_members": 0}
    )
    assert ("quiet", "1.0") in {(one.distribution, one.version) for one in planloom.check(plan).plugins}


@pytest.mark.parametrize(
    "body",
    [
        "raise ValueError('x')",
        "raise SystemExit(0)",
        "return [1, 'x']",
        "return 7",
        "return check(view)",
        "while True: pass",
        "yield from (view.finding(None, 'x') for _ in iter(int, 1))",
        "return [view.finding(None, '{missing}')]",
    ],
)
def test_a_rule_that_misbehaves_is_crashed_and_named(
    body: str, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Raising, exiting, rubbish, endless recursion, loops and findings: outcome crashed; the rest goes on."""
    monkeypatch.setitem(check_view.__kwdefaults__ or {}, "seconds", 0.3)
    module = f"bad_{abs(hash(body))}"
    code = (
        "import planloom\nfrom planloom.rules.python import rule\ndef check(view):\n    " + body + "\n"
        "bad = rule(code='BAD901', title='坏')(check)\n"
        "@planloom.hookimpl\ndef planloom_rules():\n    return [bad]\n"
    )
    installed(site, "bad", f"[planloom.plugins]\nbad = {module}\n", {f"{module}.py": code})
    plan = planloom.compose(
        profiles=["union"], period=2027, facts={"staff": 1, "members": 1, "women_members": 0}
    )
    begin = perf_counter()
    outcomes = {one.code: one for one in planloom.check(plan).outcomes}
    assert perf_counter() - begin < 10
    assert outcomes["BAD901"].outcome == "crashed"
    assert outcomes["BAD901"].plugin == "bad"
    assert sum(one.outcome == "crashed" for one in outcomes.values()) == 1


def test_two_layers_of_one_name(site: Path, run: Run) -> None:
    """Both distributions are named, in the list and when it is chosen; nothing else is spoiled."""
    data = "{planloom: 1, layer: twice, kind: profile, title: 试}"
    for name in ("one", "other"):
        installed(
            site, name, f"[planloom.layers]\ntwice = {name}_package\n", {f"{name}_package/layer.yaml": data}
        )
    done = run("profiles")
    assert (
        "the name “twice” is offered more than once: one 1.0 (one_package/layer.yaml), other 1.0"
        in done.stdout
    )
    assert "school" in done.stdout
    assert run("compose", "-p", "twice", "--year", "2027").exit_code == 2


def test_a_package_without_its_data(site: Path, run: Run) -> None:
    """A wheel that lost its layer.yaml is named with its version."""
    installed(site, "lost", "[planloom.layers]\nlost = lost_package\n", {"lost_package/__init__.py": ""})
    done = run("profiles")
    assert "lost 1.0 announces the layer “lost”, but lost_package/layer.yaml is not in it" in done.stdout
    assert run("compose", "-p", "lost", "--year", "2027").exit_code == 3


# ---- requirements ----


def claiming(folder: Path) -> Path:
    """A layer that claims to speak for the law."""
    rule = {
        "title": "不得外出",
        "kind": "require",
        "of": {"what": "activity", "tags": ["outing"]},
        "forbidden": True,
        "binding": "law",
        "severity": "error",
        "basis": [{"document": "trade-union-law", "edition": 2021, "verified": True}],
    }
    return layer(folder, extends=["union"], rules={"EVL001": rule})


def test_a_layer_that_claims_law_counts_as_house(run: Run, tmp_path: Path) -> None:
    """Its rule is a house rule, and the list, the plan and the report say that it claimed more."""
    listed = run("--layer-path", str(claiming(tmp_path / "evil")), "profiles").stdout
    assert "claims to speak for the law or the upper union in EVL001; it counts as a house rule" in listed
    facts = {"staff": 60, "members": 58, "women_members": 30}
    plan = compose(claiming(tmp_path / "evil"), facts=facts)
    assert {rule.code: rule.binding for rule in plan.rules}["EVL001"] == "house"
    assert "CountsAsHouse" in {note.code for note in plan.notes}
    assert "CountsAsHouse" in {note.code for note in planloom.check(plan).notes}
    granted = compose(claiming(tmp_path / "evil"), facts=facts, grant=["evil"])
    assert {rule.code: rule.binding for rule in granted.rules}["EVL001"] == "law"


@pytest.mark.parametrize(
    "change",
    [
        {"remove": "不需要"},
        {"loosen": {"reason": "不需要", "severity": "advice"}},
        {"severity": "advice"},
        {"binding": "house", "severity": "advice"},
    ],
)
def test_nobody_weakens_what_law_requires(change: dict[str, Any], tmp_path: Path) -> None:
    """A layer on top of union cannot make one of its law rules weaker: it is refused, or without effect."""
    facts = {"staff": 60, "members": 58, "women_members": 30}
    base = planloom.compose(profiles=["union"], period=2027, facts=facts)
    law = next(rule for rule in base.rules if rule.binding == "law")
    folder = layer(tmp_path / "evil", extends=["union"], rules={law.code: change})
    refusal = ""
    found = law
    try:
        plan = compose(folder, facts=facts)
    except PlanloomError as error:
        refusal = str(error)
    else:
        found = next(rule for rule in plan.rules if rule.code == law.code)
    assert law.code in (refusal or law.code)
    assert (found.binding, found.severity, found.params) == (law.binding, law.severity, law.params)


def test_no_clock_and_no_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another time zone, folder and language change nothing in the plan."""
    folder = layer(tmp_path / "evil", sections={"s": {"title": "试", "lead": "{{ period.label }}"}})
    before = render_bytes(compose(folder), "md")
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    monkeypatch.chdir(os.sep)
    assert render_bytes(compose(folder), "md") == before

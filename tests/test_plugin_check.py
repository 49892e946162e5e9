"""The conformance kit: it passes what is right, and a planted fault proves of each check that it can fail."""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import planloom
from planloom.scaffold import NewPlugin, plugin_files, write_plugin
from planloom.testing import CHECKS, KitReport, KitResult, check_plugin, kit_cases

from .conftest import Run

TODAY = dt.date(2026, 11, 23)
LAYER, PLUGIN = "planloom_hospital/layer.yaml", "planloom_hospital/plugin.py"
Edit = Callable[[Path], None]


def planted(folder: Path, *, with_python: bool = True) -> Path:
    """The scaffold's distribution in a folder."""
    new = NewPlugin(id="hospital", title="医院工会", prefix="HOS", extends="union", with_python=with_python)
    write_plugin(plugin_files(new, planloom.discover()), folder)
    return folder


def swap(file: str, old: str, new: str) -> Edit:
    """An edit that replaces a text that must be there."""

    def edit(folder: Path) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def in_layer(old: str, new: str) -> Edit:
    """An edit of the layer."""
    return swap(LAYER, old, new)


def adding(text: str) -> Edit:
    """An edit that adds a rule at the end of the layer."""

    def edit(folder: Path) -> None:
        path = folder / LAYER
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    return edit


def in_python(code: str) -> Edit:
    """An edit that adds code to the plugin, such as one more rule or hook."""

    def edit(folder: Path) -> None:
        path = folder / PLUGIN
        text = path.read_text(encoding="utf-8").replace(
            "return [visits_leave_room]", "return [visits_leave_room, *MORE]"
        )
        path.write_text(f"{text}\n\nMORE = []\n{code}", encoding="utf-8")

    return edit


def a_filter(body: str, head: str = "") -> Edit:
    """An edit that adds a filter and uses it in a text."""

    def edit(folder: Path) -> None:
        hook = "@planloom.hookimpl\ndef planloom_filters():\n    return {'odd': odd}\n"
        in_python(f"{head}\ndef odd(value):\n    {body}\n\n{hook}")(folder)
        in_layer("现场登记意见", "现场{{ organisation | odd }}登记意见")(folder)

    return edit


def a_rule(body: str) -> Edit:
    """An edit that adds a rule in Python."""
    return in_python(f'@rule(code="HOS902", title="试")\ndef more(view):\n    {body}\n\nMORE.append(more)\n')


def a_link(folder: Path) -> None:
    """Put a link in place of the template."""
    file = folder / "planloom_hospital" / "templates" / "pledge.md.j2"
    file.rename(folder / "pledge.md.j2")
    file.symlink_to(folder / "pledge.md.j2")


def taken_prefix(folder: Path) -> None:
    """Use the prefix of another layer."""
    for name in (LAYER, PLUGIN):
        file = folder / name
        file.write_text(file.read_text(encoding="utf-8").replace("HOS", "SCH"), encoding="utf-8")


FORBIDDEN = (
    "  HOS003: {title: 不得有, kind: require, of: {what: activity, tags: [hospital-skills]}, "
    "forbidden: true}\n"
)
VISITS = "of: {what: activity, tags: [hospital-visit]}"
PLACE = f"  HOS003: {{title: 有地点, kind: field, {VISITS}, field: place, required: true}}\n"
FIX = """\
  HOS003:
    title: 有走访
    kind: require
    of: {what: activity, tags: [hospital-visit]}
    required: true
    fix: {unsafe: {set: {activities/other: {title: 其他, on: {month: 3}}}}}
    tests:
      - {name: 没有, plan: {}, want: [missing]}
"""
RENDERER = """
@planloom.hookimpl
def planloom_renderers():
    return {"csv": lambda plan: f"{plan.organisation},1\\n".encode()}
"""

FAULTS: Mapping[int, tuple[Edit, str]] = {
    1: (in_layer("    title: 岗位建功与一线关爱", "    titel: 岗位建功与一线关爱"), "titel"),
    2: (
        swap("pyproject.toml", 'hospital = "planloom_hospital"', 'hospital = "planloom_hospital.data"'),
        "not in it",
    ),
    3: (taken_prefix, "the prefix SCH belongs to the layer “school”"),
    4: (in_layer("planloom: 1", "planloom: 2"), "written in format 2"),
    5: (a_link, "pledge.md.j2 is a link"),
    6: (a_filter("return str(hash(value))"), "differs between two runs"),
    7: (a_filter("return value + open('/etc/hostname').read()[:0]"), "open"),
    8: (
        a_filter(
            "end = perf_counter() + 1.1\n    while perf_counter() < end: pass\n    return value",
            "from time import perf_counter",
        ),
        "takes",
    ),
    9: (
        a_filter("COUNT.append(value)\n    return str(len(COUNT))", "COUNT = []"),
        "depends on order or repetition",
    ),
    10: (adding(FORBIDDEN), "HOS001, HOS003"),
    11: (adding(PLACE), "HOS003 at activities/hospital-visits/place"),
    12: (
        in_layer("part: 中旬}, section: hospital-posts,", "part: 中旬},"),
        "activities/hospital-contest stands in no section",
    ),
    13: (
        in_layer("      - {name: 未安排, plan: {activities: {}}, want: [few]}\n", ""),
        "HOS001 has no case in which it complains",
    ),
    14: (in_layer("at_least: 1", "at_least: 0"), "HOS001 can never complain"),
    15: (
        in_layer("{window}安排了{found}次岗位练兵，至少应有{wanted}次", "岗位练兵不对"),
        "does not say both",
    ),
    16: (
        a_rule("yield view.finding(view.select('activity')[0], '第一项')"),
        "HOS902 crashes on a plan that is empty",
    ),
    17: (
        a_rule("if view.plan.facts.get('staff', 0) > 10: yield view.finding(None, '空')"),
        "HOS902 passes judgement although the fact staff is unknown",
    ),
    18: (
        a_rule("for one in view.select('activity'): yield view.finding(one, '长', start=0, end=999)"),
        "0 to 999",
    ),
    19: (adding(FIX), "the fix of HOS003 does not mend the case “没有”"),
    20: (
        in_layer("slug: hospital-visit-has-owner", "slug: hospital-contest-each-year"),
        "“hospital-contest-each-year” is the short name of HOS001, HOS002",
    ),
    21: (adding("  HOS003: {title: 慢, kind: pattern, of: {what: text}, must_not: ['(a+)+b']}\n"), "repeat"),
    22: (in_layer("want: [value]", "want: [missing]"), "HOS002, case “待定”: wanted missing, got value"),
    23: (in_layer("每季度走访1次，现场", "按照《一线走访办法》每季度走访1次，现场"), "cites “一线走访办法”"),
    24: (
        in_layer("{% if 'hospital-contest' in activities and", "{{ activities['no-such'].title }}{% if"),
        "no-such",
    ),
    25: (in_layer("每季度走访1次，现场", "每季度走访1次，None现场"), "'None'"),
    26: (in_python(RENDERER), "in .csv a hostile value comes through"),
    27: (swap("examples/plan.yaml", "profiles: [hospital]", "profiles: [hospital, ghost]"), "ghost"),
}


def failures(report: KitReport) -> dict[int, str]:
    """Number of each failed check, to what it says."""
    return {
        one.number: "\n".join(problem.text() for problem in one.problems)
        for one in report.results
        if one.status == "failed"
    }


def test_every_check_has_a_planted_fault() -> None:
    """There are 27 checks, numbered in order, and a fault for each."""
    assert [check.number for check in CHECKS] == list(FAULTS) == list(range(1, 28))


@pytest.mark.parametrize("number", FAULTS)
def test_a_planted_fault_is_found(number: int, tmp_path: Path) -> None:
    """The check that is there for it fails, and says what is wrong."""
    edit, said = FAULTS[number]
    folder = planted(tmp_path / "plugin", with_python=True)
    edit(folder)
    assert said in failures(check_plugin(folder, today=TODAY, only=[number])).get(number, "the check passes")


@pytest.mark.parametrize("name", ["school", "enterprise", "agency", "community"])
def test_bundled_profiles_pass(name: str) -> None:
    """The kit asks nothing of others that the bundled profiles do not keep."""
    # What processes of their own show is the same for all layers that are data only.
    only = () if name == "school" else set(range(1, 28)) - {6, 7, 8}
    assert failures(check_plugin(name, today=TODAY, only=only)) == {}


def skipping(folder: Path, words: str) -> KitResult:
    """Check 11 of a plugin that skips it with these words, and has its fault."""
    adding(PLACE)(folder)
    project = folder / "pyproject.toml"
    project.write_text(
        project.read_text(encoding="utf-8") + f"\n[tool.planloom.kit.skip]\n11 = {words}\n", encoding="utf-8"
    )
    (result,) = check_plugin(folder, today=TODAY, only=[11]).results
    return result


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ('{reason = "等待场地落实", until = 2026-12-31}', "skipped", ""),
        ('{reason = "等待场地落实", until = 2026-11-23}', "skipped", ""),
        ('{reason = "等待场地落实", until = 2026-11-22}', "failed", "ended on 2026-11-22"),
        ("{until = 2026-12-31}", "failed", "skipped without a reason"),
        ('{reason = "等待场地落实"}', "failed", "skipped without an end"),
        ("true", "failed", "skipped without a reason"),
    ],
)
def test_a_skip_needs_a_reason_and_a_date(tmp_path: Path, words: str, status: str, said: str) -> None:
    """A check is skipped for a reason until a day; otherwise it runs, and the skip is reported too."""
    result = skipping(planted(tmp_path / "plugin"), words)
    assert result.status == status
    assert said in "\n".join(problem.text() for problem in result.problems)
    assert (result.reason, str(result.date)) == ("等待场地落实", words[-11:-1]) or status == "failed"


def test_the_kit_is_parametrised_for_pytest(tmp_path: Path) -> None:
    """An author's pytest gets one case for each check; a failing one raises with what is wrong."""
    folder = planted(tmp_path / "plugin")
    in_layer("at_least: 1", "at_least: 0")(folder)
    cases = {case.check.number: case for case in kit_cases(folder, today=TODAY)}
    assert str(cases[14]) == "hospital-14-every-rule-can-fire-and-can-pass"
    with pytest.raises(AssertionError, match="HOS001 can never complain"):
        cases[14].run()
    cases[21].run()


def test_the_command_reports(run: Run, tmp_path: Path) -> None:
    """`plugin check` prints a line for each check and counts; what `plugin new` writes passes."""
    planted(tmp_path / "plugin")
    done = run("plugin", "check", "plugin")
    assert done.exit_code == 0, done.stdout
    assert "27 checks: 26 ran, 1 skipped, 0 failed" in done.stdout


def test_a_broken_layer_is_reported(run: Run, tmp_path: Path) -> None:
    """A layer that does not load fails check 1 and skips what needs it; JSON says all of it."""
    folder = planted(tmp_path / "plugin", with_python=False)
    in_layer("    title: 岗位建功与一线关爱", "    titel: 岗位建功与一线关爱")(folder)
    done = run("plugin", "check", "plugin/planloom_hospital", "--format", "json")
    assert done.exit_code == 1
    data = json.loads(done.stdout)
    assert data["format"] == "planloom-kit/1"
    first = data["results"][0]
    assert (first["number"], first["status"], first["problems"][0]["line"]) == (1, "failed", 21)
    assert sum(data["counts"].values()) == 27
    assert all(one["date"] and one["reason"] for one in data["results"] if one["status"] == "skipped")


def test_a_message_with_an_unknown_field_is_reported(tmp_path: Path) -> None:
    """The rule crashes; the checks of rules say so, and the kit goes on to its end."""
    folder = planted(tmp_path / "plugin", with_python=False)
    in_layer("安排了{found}次岗位练兵", "安排了{foo}次岗位练兵")(folder)
    report = check_plugin(folder, today=TODAY)
    assert len(report.results) == 27
    assert 15 in failures(report)
    assert "foo" in failures(report)[15]


def test_nothing_to_check(run: Run, tmp_path: Path) -> None:
    """A folder without a layer, and a name that nobody offers, are wrong input."""
    (tmp_path / "empty").mkdir()
    assert run("plugin", "check", "empty").exit_code == 2
    done = run("plugin", "check", "scool")
    assert done.exit_code == 2
    assert "school" in done.stderr

"""``planloom new``: a commented plan file from answers or options, or last year's moved on."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import planloom

Run = Callable[..., Result]

FACTS = ("--set", "staff=86", "--set", "members=84", "--set", "women_members=60")
HARBOUR = """\
planloom: 1
layer: harbour
kind: profile
title: 港口
facts:
  docks: {type: integer, title: 泊位数, min: 1, max: 50, ask: true}
  size: {type: choice, title: 规模, one_of: [大, 小], default: 小, ask: true}
  night: {type: boolean, title: 夜班, default: false, ask: true}
  wharf: {type: text, title: 码头名称, default: 一号码头}
sections: {work: {title: 工作, measures: {berths: {text: "共{{ docks }}个泊位"}}}}
activities:
  open-day: {title: 开放日, on: {month: 3}, section: work}
  games: {title: 运动会, on: {month: 5}, section: work}
"""
RAILWAY = """\
planloom: 1
layer: railway
kind: profile
title: 铁路
activities: {open-day: {on: {month: 11}}}
"""


@pytest.fixture
def layers(tmp_path: Path) -> Path:
    """Two profiles that differ on one date."""
    folder = tmp_path / "layers"
    folder.mkdir()
    (folder / "harbour.yaml").write_text(HARBOUR, encoding="utf-8")
    (folder / "railway.yaml").write_text(RAILWAY, encoding="utf-8")
    return folder


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody sits at the terminal."""
    monkeypatch.setattr("planloom_cli.new.stdin_is_terminal", lambda: True)


def text_of(file: Path) -> str:
    """The text of a written file."""
    return file.read_text(encoding="utf-8")


# ---- from options ----


def test_a_file_that_composes(run: Run, tmp_path: Path) -> None:
    """The file is named after the plan, says what was given, shows every default, and composes as it is."""
    done = run(
        "new", "-p", "school", "--year", "2027", *FACTS, "--organisation", "育才小学工会委员会", "--no-input"
    )
    assert done.exit_code == 0, done.stderr
    assert done.stdout == ""
    text = text_of(tmp_path / "school-2027.yaml")
    assert text.startswith("# yaml-language-server: $schema=")
    assert "  staff: 86 " in text
    assert "\n  # retirees: 10 " in text
    assert "organisation: 育才小学工会委员会 " in text
    plan = planloom.compose(tmp_path / "school-2027.yaml")
    assert plan.title == "育才小学工会委员会2027年工作计划"
    assert run("compose", "school-2027.yaml").exit_code == 0


def test_the_comments_can_be_brought_to_life(run: Run, tmp_path: Path) -> None:
    """Without “# ” before defaults and examples the file still composes, and the examples act."""
    run("new", "-p", "school", "--year", "2027", *FACTS, "--no-input")
    file = tmp_path / "school-2027.yaml"
    head, _, tail = text_of(file).partition("facts:\n")
    lines = [line.replace("  # ", "  ", 1) if line.startswith("  # ") else line for line in tail.splitlines()]
    live = [
        line.removeprefix("# ") if "----" not in line else line
        for line in lines
        if "按默认值处理" not in line
    ]
    file.write_text(head + "facts:\n" + "\n".join(live) + "\n", encoding="utf-8")
    plan = planloom.compose(file)
    assert "our-reading-day" in {activity.id for activity in plan.activities}
    assert any(provenance.why == "removed" for provenance in plan.origins.values())
    assert not any(note.code == "AssumedFacts" for note in plan.notes)


@pytest.mark.parametrize(
    ("args", "name"),
    [
        (("--year", "2026-09/2027-08"), "school-2026-09-2027-08.yaml"),
        (("--year", "2028", "-o", "ours.yaml"), "ours.yaml"),
        (("-p", "community", "--year", "2027", "-o", "two.yaml"), "two.yaml"),
    ],
)
def test_names(args: tuple[str, ...], name: str, run: Run, tmp_path: Path) -> None:
    """The file is named after profiles and period unless -o says otherwise."""
    done = run("new", "-p", "school", *args, *FACTS, "--no-input")
    assert done.exit_code == 0, done.stderr
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_an_existing_file_stays_without_force(run: Run, tmp_path: Path) -> None:
    """It is refused before anything is asked, and overwritten with --force."""
    (tmp_path / "school-2027.yaml").write_text("mine", encoding="utf-8")
    args = ("new", "-p", "school", "--year", "2027", *FACTS, "--no-input")
    assert run(*args).exit_code == 2
    assert text_of(tmp_path / "school-2027.yaml") == "mine"
    assert run(*args, "--force").exit_code == 0
    assert "staff: 86" in text_of(tmp_path / "school-2027.yaml")


def test_everything_missing_is_listed(run: Run, tmp_path: Path) -> None:
    """Where nobody can be asked, each fact without default is named, and nothing is written."""
    done = run("new", "-p", "school", "--year", "2027", "--set", "members=84")
    assert done.exit_code == 2
    for name in ("staff", "women_members"):
        assert f"give --set {name}=…" in done.stderr
    assert "members=…" not in done.stderr.replace("women_members=…", "")
    assert list(tmp_path.iterdir()) == []


def test_a_directive_is_named_from_the_new_file(run: Run, tmp_path: Path, layers: Path) -> None:
    """The path given on the command line is relative to here, the one written to the new file's folder."""
    text = "planloom: 1\nlayer: district\nkind: directive\ntitle: 区\nfacts: {wharf: {value: 二号码头}}\n"
    (tmp_path / "district.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "out").mkdir()
    args = ("-p", "harbour", "-d", "district.yaml", "--set", "docks=3", "--year", "2027", "-o", "out/p.yaml")
    done = run("--layer-path", layers.name, "new", *args, "--no-input")
    assert done.exit_code == 0, done.stderr
    assert 'directives: ["../district.yaml"]' in text_of(tmp_path / "out" / "p.yaml")
    assert run("--layer-path", layers.name, "compose", "out/p.yaml").exit_code == 0


@pytest.mark.parametrize(
    ("fact", "says"),
    [
        ("docks=0", "0 is too small; at least 1 is wanted"),
        ("docks=x", "a whole number is wanted, found “x”"),
        ("size=中", "中 is none of: 大, 小"),
        ("dock=1", "did you mean docks?"),
    ],
)
def test_facts_that_do_not_fit(fact: str, says: str, run: Run, layers: Path) -> None:
    """What --set says is checked against type and limits."""
    done = run(
        "--layer-path", layers.name, "new", "-p", "harbour", "--year", "2027", "--set", fact, "--no-input"
    )
    assert done.exit_code == 2
    assert says in done.stderr


# ---- with questions ----


@pytest.mark.usefixtures("answering")
def test_questions_until_the_answer_fits(run: Run, tmp_path: Path, layers: Path) -> None:
    """Period, name and each asked fact; a bad answer is explained and asked again; Enter is the default."""
    answers = "二〇二七\n2027\n港务\0工会\n港务工会\nabc\n99\n5\n中\n\n是\n"
    done = run("--layer-path", layers.name, "new", "-p", "harbour", input=answers, lang="zh")
    assert done.exit_code == 0, done.stderr
    for words in (
        "不是计划期",
        "看不见的控制字符 U+0000",
        "泊位数 (整数, 不小于 1, 不大于 50)",
        "应写整数",
        "99 太大",
        "夜班 (是或否) [否]: ",
        "单位或工会全称: ",
        "中 不在可选范围内",
    ):
        assert words in done.stderr
    text = text_of(tmp_path / "harbour-2027.yaml")
    assert "  docks: 5 " in text
    assert "  # size: 小 " in text
    assert "  night: true " in text
    assert "码头名称" not in done.stderr


@pytest.mark.usefixtures("answering")
def test_what_is_given_is_not_asked(run: Run, tmp_path: Path, layers: Path) -> None:
    """Options answer their questions."""
    args = ("--year", "2027", "--organisation", "港务工会", "--set", "docks=2", "--set", "size=大")
    done = run("--layer-path", layers.name, "new", "-p", "harbour", *args, input="\n")
    assert done.exit_code == 0, done.stderr
    assert "泊位数" not in done.stderr
    assert "  size: 大 " in text_of(tmp_path / "harbour-2027.yaml")


@pytest.mark.usefixtures("answering")
def test_profiles_that_differ_are_a_question(run: Run, tmp_path: Path, layers: Path) -> None:
    """Each difference is shown with its parties; the choice stands in the file, which composes."""
    args = (
        "new",
        "-p",
        "harbour",
        "-p",
        "railway",
        "--year",
        "2027",
        "--organisation",
        "联合工会",
        "--set",
        "docks=2",
    )
    done = run("--layer-path", layers.name, *args, input="2\n\n\n")
    assert done.exit_code == 0, done.stderr
    assert "layers/railway.yaml:5   {month: 11}" in done.stderr
    assert "activities:\n  open-day:\n    on: {month: 11}\n" in text_of(
        tmp_path / "harbour-railway-2027.yaml"
    )
    done = run("--layer-path", layers.name, "compose", "harbour-railway-2027.yaml", "-f", "json")
    assert done.exit_code == 0, done.stderr


def test_profiles_that_differ_without_questions(run: Run, tmp_path: Path, layers: Path) -> None:
    """The lines to decide on stand commented in the file, and the program says so."""
    args = ("new", "-p", "harbour", "-p", "railway", "--year", "2027", "--set", "docks=2", "--no-input")
    done = run("--layer-path", layers.name, *args)
    assert done.exit_code == 0, done.stderr
    assert "before it can be composed, settle in it what the profiles say differently" in done.stderr
    file = tmp_path / "harbour-railway-2027.yaml"
    assert "# activities:\n#   open-day:\n#     on: {month: 3}" in text_of(file)
    assert run("--layer-path", layers.name, "compose", file.name).exit_code == 2
    settled = text_of(file).replace("# activities:", "activities:").replace("#   open-day:", "  open-day:")
    file.write_text(settled.replace("#     on:", "    on:"), encoding="utf-8")
    assert run("--layer-path", layers.name, "compose", file.name).exit_code == 0


# ---- last year's plan ----

LAST = """\
# 本校计划，王芳整理
planloom: 1
plan: school-2027          # 编号
profiles: [school]
period: 2027
organisation: 育才小学工会委员会
signature: {date: 2027-01-05}
facts: {staff: 86, members: 84, women_members: 60}   # 去年年底的人数
activities:
  # 与运动会错开
  staff-congress: {on: {month: 4}}
waivers:
  - {rule: COR001, where: activities/x, reason: 换届推迟至四月, by: 王芳, until: 2027-04-30}
  - {rule: COR001, where: activities/y, reason: 两年内有效的安排, by: 王芳, until: 2028-04-30}
"""


def test_last_year_s_file_moves_on(run: Run, tmp_path: Path) -> None:
    """Only period, id, stated facts and ended waivers change; comments stay; other years are listed."""
    (tmp_path / "school-2027.yaml").write_text(LAST, encoding="utf-8")
    done = run("new", "--from", "school-2027.yaml", "--year", "2028", "--set", "staff=90")
    assert done.exit_code == 0, done.stderr
    wanted = (
        LAST.replace("plan: school-2027 ", "plan: school-2028 ")
        .replace("period: 2027", "period: 2028")
        .replace("staff: 86", "staff: 90")
        .replace("  - {rule: COR001, where: activities/x", "#   - {rule: COR001, where: activities/x")
    )
    assert text_of(tmp_path / "school-2028.yaml") == wanted
    assert "the waiver of COR001 ended on 2027-04-30" in done.stderr
    assert "signature/date names a year: 2027-01-05" in done.stderr
    assert "2028-04-30" not in done.stderr
    assert planloom.compose(tmp_path / "school-2028.yaml").period.year == 2028


def test_what_last_year_s_comments_say(run: Run, tmp_path: Path) -> None:
    """The title in a comment moves on, another year in one is listed; a sum is no year, # in a text no comment."""
    text = (
        "# 育才小学工会委员会2027年工作计划\n"
        + LAST
        + "  # 2027年的都在上面\n"
        + "# 2027年1月校对；标准2000元\n"
        + "sections:\n  care:\n    measures:\n      one: {text: 单笔2000元以上的由委员会讨论}\n"
        + "      two:\n        text: |\n          # 按2026年的办法发放\n"
        + "budget: {visits: {title: 慰问, amount: 2000}}\n"
    )
    (tmp_path / "school-2027.yaml").write_text(text, encoding="utf-8")
    done = run("new", "--from", "school-2027.yaml")
    assert done.exit_code == 0, done.stderr
    assert text_of(tmp_path / "school-2028.yaml").startswith("# 育才小学工会委员会2028年工作计划\n")
    named = [line for line in done.stderr.splitlines() if "names a year" in line]
    assert named == [
        "note signature/date names a year: 2027-01-05",
        "note sections/care/measures/two/text names a year: | # 按2026年的办法发放",
        "note a comment names a year: # 2027年的都在上面",
        "note a comment names a year: # 2027年1月校对；标准2000元",
    ]


@pytest.mark.parametrize(
    ("period", "moved"),
    [("2027", "2028"), ("2026-09/2027-08", "2027-09/2028-08"), ("2027-02/2027-07", "2028-02/2028-07")],
)
def test_without_a_year_the_next_one(period: str, moved: str, run: Run, tmp_path: Path) -> None:
    """Without --year every year of the period goes up by one; CRLF and BOM stay."""
    text = LAST.replace("period: 2027", f"period: {period}").replace("\n", "\r\n")
    (tmp_path / "old.yaml").write_bytes(b"\xef\xbb\xbf" + text.encode("utf-8"))
    done = run("new", "--from", "old.yaml", "-o", "new.yaml")
    assert done.exit_code == 0, done.stderr
    written = (tmp_path / "new.yaml").read_bytes()
    assert written.startswith(b"\xef\xbb\xbf# ")
    assert f"period: {moved}\r\n".encode() in written
    assert written.count(b"\n") == text.count("\n")


def test_all_waivers_ended(run: Run, tmp_path: Path) -> None:
    """The whole block is commented out, so that no key is left without a value."""
    (tmp_path / "school-2027.yaml").write_text(LAST.replace("2028-04-30", "2027-04-30"), encoding="utf-8")
    assert run("new", "--from", "school-2027.yaml", "--year", "2028").exit_code == 0
    assert "\n# waivers:\n" in text_of(tmp_path / "school-2028.yaml")
    assert run("compose", "school-2028.yaml").exit_code == 0


@pytest.mark.parametrize(
    "facts",
    [
        "facts: {staff: 86, members: 84, women_members: 60}",
        "facts:\n  staff: 86\n  members: 84\n  women_members: 60",
    ],
)
def test_a_fact_is_added_to_either_form(facts: str, run: Run, tmp_path: Path) -> None:
    """A fact the file does not state is put into its mapping, be it in one line or in several."""
    line = "facts: {staff: 86, members: 84, women_members: 60}   # 去年年底的人数"
    (tmp_path / "school-2027.yaml").write_text(LAST.replace(line, facts), encoding="utf-8")
    done = run(
        "new",
        "--from",
        "school-2027.yaml",
        "--year",
        "2028",
        "--set",
        "clubs=7",
        "--organisation",
        "新名工会",
    )
    assert done.exit_code == 0, done.stderr
    plan = planloom.compose(tmp_path / "school-2028.yaml")
    assert (plan.facts["clubs"], plan.facts["staff"], plan.organisation) == (7, 86, "新名工会")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--from", "gone.yaml"), "there is no file gone.yaml"),
        (
            ("--from", "school-2027.yaml", "-p", "union"),
            "--from takes its profiles and directives from the file",
        ),
        (("--from", "school-2027.yaml", "--year", "2027"), "school-2027.yaml exists already"),
        (("--from", "school-2027.yaml", "--year", "二〇二八"), "is no period"),
        (("--from", "school-2027.yaml", "--set", "stff=3"), "did you mean staff?"),
    ],
)
def test_bad_ways_to_move_on(args: tuple[str, ...], says: str, run: Run, tmp_path: Path) -> None:
    """Each ends with 2 and changes nothing."""
    (tmp_path / "school-2027.yaml").write_text(LAST, encoding="utf-8")
    done = run("new", *args)
    assert done.exit_code == 2
    assert says in done.stderr
    assert text_of(tmp_path / "school-2027.yaml") == LAST
    assert len(list(tmp_path.iterdir())) == 1

"""``planloom import``: a document becomes a plan file; what is missing is said and nothing is lost."""

import json
from pathlib import Path

import pytest

import planloom
from planloom.documents import read_document
from planloom.documents.importing import losses

from .conftest import Run

PLAN = """\
# 育才小学工会委员会2027年工作计划

为做好今年工作，制定本计划。

## 一、帮扶慰问

（一）3月上旬，由生活委员牵头走访困难会员10户。

（二）办好会员之家。

## 二、活动安排

| 时间 | 内容 | 责任人 |
|---|---|---|
| 3月 | 三八节趣味活动 | 女工委员 |
| 10月 | 秋季健步走 | 文体委员 |

育才小学工会委员会

2027年1月5日
"""
FACTS = ("--set", "staff=86", "--set", "members=84", "--set", "women_members=60")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A document in Markdown."""
    file = tmp_path / "old.md"
    file.write_text(PLAN, encoding="utf-8")
    return file


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody sits at the terminal."""
    monkeypatch.setattr("planloom_cli.importing.stdin_is_terminal", lambda: True)


def rows(stderr: str) -> dict[str, str]:
    """The lines of the tables on standard error: first column to the rest."""
    split = [line.strip().split("  ", 1) for line in stderr.splitlines() if line.startswith("  ")]
    return {row[0]: row[-1].strip() for row in split}


def test_what_was_recognised_and_what_is_missing(run: Run, source: Path, tmp_path: Path) -> None:
    """Standard error counts what was found and lists the facts to fill in; the file holds every line."""
    done = run("import", "old.md", "-p", "school", "-o", "plan.yaml")
    assert done.exit_code == 0, done.stderr
    assert done.stdout == ""
    told = rows(done.stderr)
    assert {name: told[name] for name in ("sections", "measures", "activities")} == {
        "sections": "3", "measures": "2", "activities": "2",
    }  # fmt: skip
    assert told["signature"] == "育才小学工会委员会 2027-01-05"
    assert (told["period"], told["organisation"]) == ("2027", "育才小学工会委员会")
    assert told["facts: staff"] == "职工人数"
    assert "import again with --set FACT=VALUE" in done.stderr
    assert done.stderr.splitlines()[-1] == (
        "wrote plan.yaml; once what is named above is settled: planloom compose plan.yaml -o plan.docx"
    )
    text = (tmp_path / "plan.yaml").read_text(encoding="utf-8")
    assert losses(read_document(source), text) == ()


def test_the_same_in_chinese(run: Run, source: Path) -> None:
    """Everything that is said is Chinese but for keys and names of files."""
    done = run("import", source.name, "-p", "school", "-o", "plan.yaml", lang="zh")
    told = rows(done.stderr)
    assert told["部分"] == "3"
    assert told["facts: staff"] == "职工人数"
    assert "wrote" not in done.stderr


def test_a_file_that_composes(run: Run, source: Path, tmp_path: Path) -> None:
    """With the facts stated the file composes as it is, and is named after the plan."""
    done = run("import", source.name, "-p", "school", *FACTS)
    assert done.exit_code == 0, done.stderr
    assert "next: planloom compose school-2027.yaml" in done.stderr
    plan = planloom.compose(tmp_path / "school-2027.yaml")
    assert plan.title == "育才小学工会委员会2027年工作计划"
    assert "秋季健步走" in {activity.title for activity in plan.activities}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("old.txt", PLAN.encode("utf-8")),
        ("old.txt", PLAN.encode("gb18030")),
        ("OLD.MD", PLAN.encode("utf-8-sig")),
    ],
)
def test_texts_in_their_encodings(run: Run, tmp_path: Path, name: str, content: bytes) -> None:
    """UTF-8 with and without mark and GB18030 are read alike."""
    (tmp_path / name).write_bytes(content)
    done = run("import", name, "-p", "school", "-o", "plan.yaml")
    assert done.exit_code == 0, done.stderr
    assert rows(done.stderr)["signature"] == "育才小学工会委员会 2027-01-05"


@pytest.mark.parametrize(
    ("profile", "year", "name"),
    [
        ("school", "2027", "plan.docx"),
        ("school", "2026-09/2027-08", "plan.md"),
        ("enterprise", "2028", "plan.md"),
        ("agency", "2027", "plan.md"),
        ("community", "2028", "plan.docx"),
    ],
)
def test_what_planloom_wrote(run: Run, tmp_path: Path, profile: str, year: str, name: str) -> None:
    """Of a plan of ours nothing is stated but what the profile does not say, and the plan comes back the same."""
    asked = ("-p", profile, *FACTS, "--year", year)
    run("compose", *asked, "--organisation", "甲校工会", "-o", name, "-o", "plan.json")
    done = run("import", name, *asked, "-o", "back.yaml")
    assert done.exit_code == 0, done.stderr
    told_of = rows(done.stderr)
    assert int(told_of["as in the profiles"]) >= int(told_of["measures"]) + int(told_of["activities"])
    stated = (tmp_path / "back.yaml").read_text(encoding="utf-8")
    assert [
        line for line in stated.splitlines() if line[:2] == "  " and not line.lstrip().startswith("#")
    ] == []
    run("compose", "back.yaml", "-o", "back.json")
    before, after = (
        json.loads((tmp_path / each).read_text(encoding="utf-8")) for each in ("plan.json", "back.json")
    )
    said = ("id", "title", "lead", "text", "dates", "owner", "place", "participants", "measures")
    for key in ("sections", "activities"):
        assert told(before[key], said) == told(after[key], said)


def told(items: list[dict[str, object]], keys: tuple[str, ...]) -> list[dict[str, object]]:
    """What some items say, without who said it."""
    return [
        {
            key: told(item[key], keys) if key == "measures" else item[key]  # type: ignore[arg-type]
            for key in keys
            if key in item
        }
        for item in items
    ]


def test_next_year_festivals_have_their_own_days(run: Run, tmp_path: Path) -> None:
    """What stood on a festival follows it: in the profile's activity, and in one that only the officer has."""
    (tmp_path / "old.md").write_text(
        """\
# 育才小学工会委员会2027年工作计划

## 一、活动安排

| 时间 | 内容 | 责任人 |
|---|---|---|
| 2月20日（元宵节） | 元宵节灯谜会 | 文体委员 |
| 10月5日至8日（重阳节前后） | 重阳节登高 | 生活委员 |
| 10月1日至7日（重阳节前） | 敬老节走访 | 生活委员 |
| 9月9日（重阳节） | 退休人员茶话会 | 生活委员 |
""",
        encoding="utf-8",
    )
    assert run("import", "old.md", "-p", "school", *FACTS, "-o", "a.yaml").exit_code == 0
    text = (tmp_path / "a.yaml").read_text(encoding="utf-8")
    assert "    on: {festival: 重阳节, before: 7 days}\n" in text
    assert run("new", "--from", "a.yaml", "--year", "2028", "-o", "b.yaml").exit_code == 0
    dates = {
        each.title: each.dates[0] for each in planloom.compose(tmp_path / "b.yaml").activities if each.dates
    }
    assert dates["元宵节灯谜会"].start.isoformat() == "2028-02-09"
    assert (dates["敬老节走访"].end.isoformat(), dates["退休人员茶话会"].start.isoformat()) == (
        "2028-10-25",
        "2028-09-09",
    )


def test_what_the_officer_changed_is_stated(run: Run, tmp_path: Path) -> None:
    """A measure with other figures is the profile's with those words, and one on several dates stands once."""
    run("compose", "-p", "school", "--year", "2027", *FACTS, "--organisation", "甲校工会", "-o", "plan.md")
    text = (tmp_path / "plan.md").read_text(encoding="utf-8")
    changed = text.replace("参与率不低于80%。（文体", "参与率不低于85%。（文体").replace(
        "9月下旬 | 工会主席", "9月中旬 | 工会主席"
    )
    assert text.count("参与率不低于80%。（文体") == 1
    (tmp_path / "plan.md").write_text(changed, encoding="utf-8")
    done = run("import", "plan.md", "-p", "school", *FACTS, "-o", "back.yaml")
    assert done.exit_code == 0, done.stderr
    back = planloom.compose(tmp_path / "back.yaml")
    goals = [each for section in back.sections for each in section.measures if "参与率不低于85%" in each.text]
    assert [each.id for each in goals] == ["goal-activity"]
    forum = [each for each in back.activities if each.title == "会员恳谈会"]
    assert [(each.id, each.months) for each in forum] == [("members-forum", (5, 9))]


def test_the_list_of_attachments_is_no_text_of_the_plan(run: Run, tmp_path: Path) -> None:
    """The note, the marks and the titles of attachments stay as comments; a place in brackets is a place."""
    (tmp_path / "old.txt").write_text(
        "育才小学工会委员会2027年工作计划\n一、经费\n经费按预算列支（详见附件2）。\n附件：1. 活动安排表\n"
        "2. 经费预算表\n育才小学工会委员会\n2027年1月5日\n附件1\n活动安排表\n3月：登山。\n4月：读书。\n5月：观影。\n附件2\n"
        "经费预算表\n",
        encoding="utf-8",
    )
    assert run("import", "old.txt", "-o", "a.yaml").exit_code == 0
    text = (tmp_path / "a.yaml").read_text(encoding="utf-8")
    said = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    assert "attachments:\n  schedule: {title: 活动安排表, shows: activities}" in said
    assert "    lead: 经费按预算列支。\n" in said
    assert "附件" not in said
    assert "预算表" not in said
    (tmp_path / "old.md").write_text(
        "# 甲校工会2027年工作计划\n## 一、活动安排\n| 时间 | 内容 | 参加人员（地点） |\n|---|---|---|\n"
        "| 3月 | 登山 | 全体会员（后山） |\n| 4月 | 读书 | 会员代表 |\n",
        encoding="utf-8",
    )
    assert run("import", "old.md", "-p", "school", *FACTS, "-o", "b.yaml").exit_code == 0
    climb, reading = (
        each for each in planloom.compose(tmp_path / "b.yaml").activities if each.title in ("登山", "读书")
    )
    assert (climb.participants, climb.place) == ("全体会员", "后山")
    assert (reading.participants, reading.place) == ("会员代表", None)


def test_without_a_profile(run: Run, source: Path, tmp_path: Path) -> None:
    """The file is written, and it is said that a profile must be named in it."""
    done = run("import", source.name)
    assert done.exit_code == 0, done.stderr
    assert rows(done.stderr)["profiles"] == "the profile of the union"
    assert "\n# profiles: [school]\n" in (tmp_path / "plan-2027.yaml").read_text(encoding="utf-8")


def test_what_the_document_does_not_say(run: Run, tmp_path: Path) -> None:
    """A missing year and name are to be filled in, or come from options."""
    (tmp_path / "old.txt").write_text("工作计划\n一、活动\n1.办好会员之家。\n", encoding="utf-8")
    told = rows(run("import", "old.txt", "-o", "a.yaml").stderr)
    assert told["period"] == "the year, school year or term"
    assert told["organisation"] == "the name of the union"
    done = run(
        "import", "old.txt", "-p", "school", "--year", "2026-09/2027-08", "--organisation", "甲校工会", *FACTS
    )
    assert done.exit_code == 0, done.stderr
    plan = planloom.compose(tmp_path / "school-2026-09-2027-08.yaml")
    assert (plan.organisation, plan.period.label) == ("甲校工会", "2026—2027学年")


@pytest.mark.usefixtures("answering")
def test_answers_stand_in_the_file(run: Run, tmp_path: Path) -> None:
    """At a terminal the year, the name and the facts are asked for; --no-input asks nothing."""
    (tmp_path / "old.txt").write_text("工作计划\n一、活动\n1.办好会员之家。\n", encoding="utf-8")
    done = run(
        "import", "old.txt", "-p", "school", "-o", "a.yaml", input="2028\n甲校工会\n86\n84\n60\n" + "\n" * 30
    )
    assert done.exit_code == 0, done.stderr
    plan = planloom.compose(tmp_path / "a.yaml")
    assert (plan.organisation, plan.period.label, plan.facts["staff"]) == ("甲校工会", "2028年", 86)
    assert run("import", "old.txt", "-p", "school", "--no-input", "-o", "b.yaml").exit_code == 0


def test_what_stands_in_the_way_of_composing_is_told(run: Run, tmp_path: Path) -> None:
    """Where nothing is missing but the file cannot be composed, each reason is a warning."""
    (tmp_path / "layers").mkdir()
    for name, month in (("harbour", 3), ("railway", 11)):
        (tmp_path / "layers" / f"{name}.yaml").write_text(
            f"{{planloom: 1, layer: {name}, kind: profile, title: 试, sections: {{work: {{title: 工作}}}},\n"
            f" activities: {{open-day: {{title: 开放日, on: {{month: {month}}}, section: work}}}}}}\n",
            encoding="utf-8",
        )
    (tmp_path / "old.md").write_text(PLAN, encoding="utf-8")
    done = run("--layer-path", "layers", "import", "old.md", "-p", "harbour", "-p", "railway", "-o", "a.yaml")
    assert done.exit_code == 0
    assert "warning " in done.stderr
    assert "activities/open-day" in done.stderr
    assert "once what is named above is settled" in done.stderr
    assert (tmp_path / "a.yaml").exists()


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("no.docx",), 2, "there is no file no.docx"),
        (("sheet.xlsx",), 2, "documents with the ending .xlsx cannot be read"),
        (("fake.docx",), 2, "fake.docx"),
        (("empty.txt",), 2, "empty.txt holds no text"),
        (("old.md", "-o", "mine.yaml"), 2, "mine.yaml exists already"),
        (("old.md", "-o", "old.md", "--force"), 2, "-o old.md would overwrite the document that is read"),
        (("old.md", "-p", "scool"), 2, "did you mean “school”?"),
        (("old.md", "--set", "staff=86"), 2, "no profile is selected"),
        (("old.md", "-p", "school", "--set", "staf=86"), 2, "did you mean staff?"),
        (("old.md", "--year", "soon"), 2, "--year soon"),
        ((), 2, "Missing argument 'FILE'"),
    ],
)
def test_refusals(run: Run, source: Path, args: tuple[str, ...], code: int, said: str) -> None:
    """Nothing is written, and the reason is on standard error."""
    folder = source.parent
    (folder / "mine.yaml").write_text("mine", encoding="utf-8")
    (folder / "empty.txt").write_bytes(b"\n")
    (folder / "sheet.xlsx").write_bytes(b"PK")
    (folder / "fake.docx").write_bytes(b"\x89PNG\r\n")
    before = sorted(file.name for file in folder.iterdir())
    done = run("import", *args)
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr
    assert sorted(file.name for file in folder.iterdir()) == before
    assert source.read_text(encoding="utf-8") == PLAN


def test_force_overwrites(run: Run, source: Path, tmp_path: Path) -> None:
    """An existing plan file is replaced with --force, and -q says nothing of it."""
    (tmp_path / "mine.yaml").write_text("mine", encoding="utf-8")
    done = run("import", source.name, "-o", "mine.yaml", "--force", "-q")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "planloom: 1" in (tmp_path / "mine.yaml").read_text(encoding="utf-8")


def test_a_lost_line_ends_the_command(
    run: Run, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should a line be missing in the plan file, nothing is written and the exit code is 3."""
    monkeypatch.setattr("planloom_cli.importing.import_document", lambda *_, **__: "planloom: 1\nplan: a\n")
    done = run("import", source.name, "-o", "plan.yaml")
    assert done.exit_code == 3
    assert "this line would be lost: 为做好今年工作，制定本计划。" in done.stderr
    assert not (tmp_path / "plan.yaml").exists()


# ---- readers of plugins ----

READER = """
import planloom

@planloom.hookimpl
def planloom_importers():
    return {"odt": lambda data, name: data.decode("utf-16"), "bad": lambda data, name: 1 / 0,
            "num": lambda data, name: 7, "md": lambda data, name: "# 别的"}
"""


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed plugin that reads further endings."""
    info = tmp_path / "site" / "reading-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: reading\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[planloom.plugins]\nreading = reading_plugin\n", encoding="utf-8")
    (tmp_path / "site" / "reading_plugin.py").write_text(READER, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))


@pytest.mark.usefixtures("reader")
def test_a_reader_of_a_plugin(run: Run, tmp_path: Path) -> None:
    """Its Markdown is imported and checked like a document; a built-in ending stays built in."""
    (tmp_path / "old.odt").write_bytes(PLAN.encode("utf-16"))
    (tmp_path / "old.md").write_text(PLAN, encoding="utf-8")
    for name in ("old.odt", "old.md"):
        told = rows(run("import", name, "-p", "school", "-o", f"{name}.yaml").stderr)
        assert (told["measures"], told["signature"]) == ("2", "育才小学工会委员会 2027-01-05")
    assert run("check", "old.odt").exit_code in {0, 1}
    assert run("--no-plugins", "import", "old.odt").exit_code == 2


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "old.bad",
            "the plugin “reading” (reading 1.0) cannot read .bad: ZeroDivisionError: division by zero",
        ),
        (
            "old.num",
            "the plugin “reading” (reading 1.0) cannot read .num: TypeError: no importer may give int",
        ),
    ],
)
def test_a_reader_that_fails_is_named(run: Run, tmp_path: Path, name: str, said: str) -> None:
    """The exit code is 3 and nothing is written."""
    (tmp_path / name).write_bytes(b"x")
    done = run("import", name, "-o", "plan.yaml")
    assert done.exit_code == 3
    assert said in done.stderr
    assert not (tmp_path / "plan.yaml").exists()

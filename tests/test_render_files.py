"""Every format: the same bytes every time, hostile text inert; and files written whole or not at all."""

import datetime as dt
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from hashlib import sha256
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import yaml
from docx import Document
from icalendar import Calendar
from lxml import etree

from planloom.render import format_of, formats, render_bytes, write_whole
from planloom_schemas.convert import plan_from_json, plan_to_json
from planloom_schemas.dates import parse_on, parse_period
from planloom_schemas.errors import RenderError
from planloom_schemas.layer import Spend
from planloom_schemas.plan import (
    DateSpan,
    Origin,
    Plan,
    PlanActivity,
    PlanBudgetLine,
    PlanMeasure,
    PlanSection,
)

Element = Any
"""An element of lxml, which names its class with an underscore."""
ORIGIN = Origin(layer="school")
HAS_TYPST = find_spec("typst") is not None
FORMATS = [
    pytest.param(name, marks=pytest.mark.skipif(name == "pdf" and not HAS_TYPST, reason="typst is an extra"))
    for name in formats()
]
HOSTILE = (
    "=cmd()|{{7*7}}<w:p><script>x</script>]]>&lt;\x00\x1b[31m\ud800\u202e#eval(1)`$\\\r\nBEGIN:VEVENT\r\n"
)


def plan(text: str = "健步走") -> Plan:
    """A plan in which every text is ``text``."""
    spans = (DateSpan(start=dt.date(2027, 3, 8), end=dt.date(2027, 3, 10)),)
    activity = PlanActivity(
        id="walk", title=text, on=parse_on({"from": "03-08", "to": "03-10"}), dates=spans, owner=(text,),
        place=text, participants=text, budget=Spend(amount=Decimal("12.50"), category=text), origin=ORIGIN,
    )  # fmt: skip
    measure = PlanMeasure(id="m", label="（一）", text=text, origin=ORIGIN)
    section: dict[str, Any] = {"title": text, "lead": text, "origin": ORIGIN}
    return Plan(
        title=text,
        organisation=text,
        period=parse_period("2027"),
        sections=(
            PlanSection(id="a", label="一、", measures=(measure,), **section),
            PlanSection(id="b", label="二、", shows="activities", **section),
            PlanSection(id="c", label="三、", shows="budget", **section),
        ),
        activities=(activity,),
        budget=(PlanBudgetLine(id="a", title=text, side="income", amount=Decimal(36000), origin=ORIGIN),),
    )


def workbook(data: bytes) -> list[list[list[str]]]:
    """What stands in the cells of each sheet; a formula would be an error."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with ZipFile(BytesIO(data)) as package:
        shared = etree.fromstring(package.read("xl/sharedStrings.xml"))
        names = sorted(name for name in package.namelist() if name.startswith("xl/worksheets/sheet"))
        sheets = [etree.fromstring(package.read(name)) for name in names]
    texts = ["".join(found.text or "" for found in item.iter(f"{space}t")) for item in shared]

    def cell(element: Element) -> str:
        assert element.find(f"{space}f") is None
        raw = element.findtext(f"{space}v") or ""
        return texts[int(raw)] if element.get("t") == "s" else raw

    return [[[cell(found) for found in row] for row in sheet.iter(f"{space}row")] for sheet in sheets]


def events(data: bytes) -> list[Any]:
    """The events of a calendar."""
    calendar: Any = Calendar.from_ical(data.decode())
    return list(calendar.walk("VEVENT"))


# ---- every format ----


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_plan_gives_the_same_bytes(name: str) -> None:
    """Also in another process with another hash seed, time zone and language."""
    code = (
        "import json, sys; from hashlib import sha256; from planloom.render import render_bytes;"
        "from planloom_schemas.convert import plan_from_json;"
        f"data = render_bytes(plan_from_json(json.load(sys.stdin)), {name!r});"
        "print(sha256(data).hexdigest())"
    )
    source = json.dumps(plan_to_json(plan()))
    here = sha256(render_bytes(plan_from_json(json.loads(source)), name)).hexdigest()
    path = os.pathsep.join(entry for entry in sys.path if entry)
    settings = {"PYTHONHASHSEED": "7", "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=source,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
    )
    assert (done.stdout.strip(), done.stderr) == (here, "")


@pytest.mark.parametrize("name", FORMATS)
def test_hostile_text_reaches_every_format_without_harm(name: str) -> None:
    """No control characters, no half surrogates; the file can be read as what it claims to be."""
    data = render_bytes(plan(HOSTILE), name)
    if name in ("md", "html", "json", "yaml", "ics"):
        text = data.decode()
        assert not set(text) & {"\x00", "\x1b", "\ud800", "\u202e"}
    readers: dict[str, Callable[[], object]] = {
        "docx": lambda: Document(BytesIO(data)),
        "xlsx": lambda: workbook(data),
        "ics": lambda: events(data),
        "json": lambda: json.loads(data),
        "yaml": lambda: yaml.safe_load(data),
        "pdf": lambda: data.index(b"%PDF"),
    }
    readers.get(name, lambda: None)()


def test_html_escapes_the_plan() -> None:
    """Nothing in a text becomes an element, and nothing is fetched."""
    page = render_bytes(plan(HOSTILE), "html").decode()
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert '<html lang="zh-CN">' in page


def test_a_calendar_has_one_all_day_event_a_span() -> None:
    """A text cannot open an event of its own; the end of an all-day event is the day after."""
    found = events(render_bytes(plan(HOSTILE), "ics"))
    assert len(found) == 1
    assert (found[0]["dtstart"].dt, found[0]["dtend"].dt) == (dt.date(2027, 3, 8), dt.date(2027, 3, 11))
    assert found[0]["dtstamp"].dt == dt.datetime(2027, 1, 1, tzinfo=dt.UTC)


def test_a_moved_activity_keeps_its_event() -> None:
    """The identity of an event does not depend on its date, so a calendar moves it along."""
    moved = json.loads(json.dumps(plan_to_json(plan())).replace("2027-03-10", "2027-03-12"))
    uids = {events(render_bytes(source, "ics"))[0]["uid"] for source in (plan(), plan_from_json(moved))}
    assert len(uids) == 1


def test_a_workbook_holds_text_as_text_and_money_as_numbers() -> None:
    """A text that begins with = is no formula."""
    sheets = workbook(render_bytes(plan("=1+1"), "xlsx"))
    days = [str((day - dt.date(1899, 12, 30)).days) for day in (dt.date(2027, 3, 8), dt.date(2027, 3, 10))]
    assert sheets[0][1] == ["=1+1", *days, "3月8日至10日", "=1+1", "=1+1", "=1+1", "12.50"]
    assert sheets[1][1] == ["一、=1+1", "（一）", "=1+1", "", "", ""]
    assert sheets[2][1:] == [["收入", "=1+1", "", "36000"], ["支出", "=1+1", "=1+1", "12.50"]]


def test_a_cell_that_could_become_a_formula_is_marked_as_text() -> None:
    """Such a cell stays text when somebody edits it; others are plain."""
    for title, marked in (("=1+1", True), ("@SUM(1)", True), ("健步走", False)):
        with ZipFile(BytesIO(render_bytes(plan(title), "xlsx"))) as book:
            assert (b'quotePrefix="1"' in book.read("xl/styles.xml")) == marked


def test_json_and_yaml_hold_the_published_format() -> None:
    """Both read back as the same data, Chinese in plain sight."""
    as_json, as_yaml = render_bytes(plan(), "json"), render_bytes(plan(), "yaml")
    assert "健步走" in as_json.decode()
    assert "健步走" in as_yaml.decode()
    assert json.loads(as_json) == plan_to_json(plan())
    assert yaml.safe_load(as_yaml)["format"] == "planloom-plan/1"


def test_pdf_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without typst the error names the command that installs it."""
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(RenderError) as caught:
        render_bytes(plan(), "pdf")
    assert caught.value.problems[0].fix_text() == 'run: pip install "planloom[pdf]"'


# ---- formats by name ----


@pytest.mark.parametrize(
    ("path", "wanted"),
    [("计划.docx", "docx"), ("a.b/计划.MD", "md"), ("x.yml", "yaml"), ("x.htm", "html"), ("x.csv", "csv")],
)
def test_the_ending_names_the_format(path: str, wanted: str) -> None:
    """Whatever its case, built in or brought by a plugin."""
    assert format_of(path, extra={"csv"}) == wanted


@pytest.mark.parametrize(
    ("path", "wanted", "fix"),
    [
        ("计划.doc", "计划.doc: no format has the ending .doc", "did you mean .docx?"),
        ("计划.wps", "计划.wps: no format has the ending .wps", "did you mean .docx?"),
        ("计划.et", "计划.et: no format has the ending .et", "did you mean .xlsx?"),
        ("计划", "计划: its name has no ending", "use one of the known endings: .docx .md .html"),
        ("x.qqq", "x.qqq: no format has the ending .qqq", "use one of the known endings: .docx .md .html"),
    ],
)
def test_an_unknown_ending_is_refused_with_the_known_ones(path: str, wanted: str, fix: str) -> None:
    """The message names the nearest ending or all of them."""
    with pytest.raises(RenderError) as caught:
        format_of(path)
    problem = caught.value.problems[0]
    assert problem.text() == wanted
    assert problem.fix_text().startswith(fix)


def test_a_plugin_adds_a_format() -> None:
    """A further format is a function from a plan to bytes; a built-in name stays built in."""
    assert render_bytes(plan(), "txt", extra={"txt": lambda plan: plan.title.encode()}) == "健步走".encode()
    assert render_bytes(plan(), "md", extra={"md": lambda plan: b""}) == render_bytes(plan(), "md")


def broken(plan: Plan) -> bytes:
    """A renderer that fails."""
    raise KeyError(plan.title)


def rubbish(plan: Plan) -> Any:
    """A renderer that gives text."""
    return plan.title


@pytest.mark.parametrize(
    ("renderer", "wanted"),
    [
        (broken, "the plugin that writes txt failed: KeyError: '健步走'"),
        (rubbish, "the plugin that writes txt should give bytes, but gave str"),
    ],
)
def test_a_broken_renderer_is_named(renderer: Any, wanted: str) -> None:
    """Whatever a plugin does, the error says which format failed."""
    with pytest.raises(RenderError, match="the plugin") as caught:
        render_bytes(plan(), "txt", extra={"txt": renderer})
    assert str(caught.value) == wanted


# ---- writing ----


def test_a_file_is_replaced_whole_and_keeps_its_rights(tmp_path: Path) -> None:
    """Nothing but the file is left in the folder."""
    target = tmp_path / "计划.docx"
    target.write_bytes(b"old")
    target.chmod(0o600)
    write_whole(target, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["计划.docx"]
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What it points to is replaced."""
    (tmp_path / "real.md").write_bytes(b"old")
    link = tmp_path / "link.md"
    link.symlink_to("real.md")
    write_whole(link, b"new")
    assert link.is_symlink()
    assert (tmp_path / "real.md").read_bytes() == b"new"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("missing/x.md", "{0}/missing/x.md cannot be written: there is no folder {0}/missing"),
        ("folder.md", "{0}/folder.md cannot be written: it is a folder"),
        ("file/x.md", "{0}/file/x.md cannot be written: {0}/file is not a folder"),
    ],
)
def test_a_path_that_cannot_be_written_says_why(tmp_path: Path, name: str, wanted: str) -> None:
    """With a hint, and without leaving anything behind."""
    (tmp_path / "folder.md").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(RenderError) as caught:
        write_whole(tmp_path / name, b"data")
    assert str(caught.value) == wanted.format(tmp_path)
    assert caught.value.problems[0].fix
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.md"]


def test_a_failing_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the new file cannot be completed, the old one stands and no draft stays."""
    target = tmp_path / "x.md"
    target.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(RenderError, match="the disk is full"):
        write_whole(target, b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("x.md", b"old")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a pipe with a name")
def test_writing_into_a_pipe_keeps_the_pipe(tmp_path: Path) -> None:
    """What is no plain file is written into; its reader gets the document, and no file takes its place."""
    pipe = tmp_path / "pipe.md"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(pipe, b"the document")
        assert os.read(reader, 100) == b"the document"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert [entry.name for entry in tmp_path.iterdir()] == ["pipe.md"]

"""Mending: only what is wrong changes, the findings are gone, nothing new has come."""

from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planloom.checking import Checker
from planloom.discovery import Library, discover
from planloom.mending import Mended, mend_file
from planloom.pipeline import Request
from planloom.plugins import Plugins
from planloom.rules.editing import edits_of
from planloom.rules.fixing import edited, with_edits
from planloom.source import parse_source
from planloom_schemas.finding import Finding, Repair
from planloom_schemas.rule import Fix

LAYER = """\
planloom: 1
layer: small
kind: profile
title: 小工会
prefix: SML
tags:
  sport: {title: 体育}
sections:
  work: {title: 主要工作, measures: {care: {text: 工会委员会在三月开职代会。}}}
activities:
  congress: {title: 召开教代会, on: {month: 3}, owner: 工会委员会}
rules:
  SML002: {title: 用教代会, kind: wording, words: {职代会: 教代会}}
  SML003:
    title: 有运动会
    kind: count
    of: {what: activity, tags: [sport]}
    at_least: 1
    per: year
    fix: {unsafe: {set: {activities/games: {title: 运动会, on: {month: 10}, owner: 工会, tags: [sport]}}}}
  SML004: {title: 不提元旦, kind: require, of: {what: activity, id: party}, forbidden: true, fix: {unsafe: {remove: activities/party}}}
"""  # noqa: E501
HEAD = """\
# 育才小学
planloom: 1   # 格式
plan: p2027
profiles: [small]
period: 2027
organisation: 育才小学工会委员会
signature: {date: 2027-01-05}
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library with one small profile."""
    folder = tmp_path_factory.mktemp("layers")
    (folder / "small.yaml").write_text(LAYER, encoding="utf-8")
    return discover((folder,))


def mended(
    folder: Path, library: Library, content: bytes, name: str = "plan.yaml", *, unsafe: bool = False
) -> Mended:
    """A file after mending."""
    file = folder / name
    file.write_bytes(content)
    profiles = ("small",) if file.suffix != ".yaml" else ()
    checker = Checker(request=Request(profiles=profiles), library=library, plugins=Plugins())
    result = mend_file(file, checker, unsafe=unsafe)
    assert file.read_bytes() == content  # nothing is written
    file.write_bytes(result.after)
    again = mend_file(file, checker, unsafe=unsafe)
    assert again.after == result.after  # a second run changes nothing
    return result


def test_only_the_wrong_word_changes(tmp_path: Path, library: Library) -> None:
    """Comments, blanks, line ends and the byte order mark stay; templates and other words too."""
    text = HEAD + (
        "sections:\n  more:\n    title: 其他 # 职代会\n    measures:\n      one:\n        text: |\n"
        "          三月由工会委员会开职代会；\n\n          六月再开职代会。   \n"
        "      two: {text: '工会委员会四月办“职代会”培训'}   # 职代会\n"
    )
    before = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
    result = mended(tmp_path, library, before)
    expected = text.replace("开职代会", "开教代会").replace("“职代会”", "“教代会”")
    assert result.after == b"\xef\xbb\xbf" + expected.replace("\n", "\r\n").encode()
    assert len(result.applied) == 3


def test_an_inherited_text_gets_a_line_to_paste(tmp_path: Path, library: Library) -> None:
    """It cannot be mended in place, and the finding says what to write."""
    file = tmp_path / "plan.yaml"
    file.write_text(HEAD, encoding="utf-8")
    report = Checker(request=Request(), library=library, plugins=Plugins()).file(file)
    (found,) = [one for one in report.findings if one.code == "SML002"]
    assert found.repair is not None
    assert found.repair.edits == ()
    assert found.repair.manual == "sections: {work: {measures: {care: {text: 工会委员会在三月开教代会。}}}}"
    assert mended(tmp_path, library, HEAD.encode()).after == HEAD.encode()


def test_what_changes_data_is_mended_only_when_asked(tmp_path: Path, library: Library) -> None:
    """`unsafe` sets and removes; `safe` alone leaves it."""
    text = HEAD + "activities:\n  party:   # 旧\n    title: 元旦晚会\n    on: {month: 1}\n    owner: 工会\n"
    assert mended(tmp_path, library, text.encode()).after == text.encode()
    result = mended(tmp_path, library, text.encode(), unsafe=True)
    assert result.after.decode() == HEAD + (
        "activities:\n  games: {title: 运动会, on: {month: 10}, owner: 工会, tags: [sport]}\n"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_document_keeps_its_encoding(tmp_path: Path, library: Library, encoding: str) -> None:
    """Whatever it was saved in."""
    text = "工会2027年工作计划\r\n\r\n一、主要工作\r\n三月由工会委员会开职代会。\r\n"
    result = mended(tmp_path, library, text.encode(encoding), "plan.txt")
    assert result.after == text.replace("职代会", "教代会").encode(encoding)


def test_a_word_document_is_never_changed(tmp_path: Path, library: Library) -> None:
    """Its findings are for a person to mend."""
    from docx import Document

    file = tmp_path / "plan.docx"
    document = Document()
    document.add_paragraph("工会2027年工作计划")
    document.add_paragraph("三月由工会委员会开职代会。")
    document.save(str(file))
    content = file.read_bytes()
    assert mended(tmp_path, library, content, "plan.docx").after == content


def test_a_fix_that_brings_another_finding_is_dropped(tmp_path: Path) -> None:
    """Two rules that contradict each other never go round in circles."""
    folder = tmp_path / "layers"
    folder.mkdir()
    circle = LAYER + "  SML005: {title: 用职代会, kind: wording, words: {教代会: 职代会}}\n"
    (folder / "small.yaml").write_text(circle, encoding="utf-8")
    text = HEAD + "sections: {more: {title: 其他, measures: {a: {text: 工会委员会三月开职代会。}}}}\n"
    result = mended(tmp_path, discover((folder,)), text.encode())
    assert result.after == text.encode()
    assert [one.code for one in result.refused] == ["SML002"]


_COMMENTS = st.text(alphabet="职代教工、，“”{}%#:'\"a1 \t🎉", max_size=12)
_BLANKS = st.text(alphabet=" ", max_size=3)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    comments=st.lists(_COMMENTS, min_size=4, max_size=4),
    blanks=st.lists(_BLANKS, min_size=2, max_size=2),
    newline=st.sampled_from(["\n", "\r\n"]),
    bom=st.booleans(),
    style=st.sampled_from(["{}", "'{}'", '"{}"', "|{n}          {}", ">-{n}          {}"]),
)
def test_every_untouched_byte_stays(
    tmp_path: Path,
    library: Library,
    comments: list[str],
    blanks: list[str],
    newline: str,
    bom: bool,
    style: str,
) -> None:
    """Whatever stands around the wrong word, and however it is written, only the word is another one."""
    written = style.replace("{n}", newline).replace("{}", "工会三月开职代会。" + blanks[0])
    lines = [
        f"# {comments[0]}",
        *HEAD.splitlines(),
        f"sections:  # {comments[1]}",
        f"  more:{blanks[1]}",
        "    title: 其他",
        "    measures:",
        f"      # {comments[2]}",
        "      one:",
        f"        text: {written}",
        f"# {comments[3]}",
        "",
    ]
    text = newline.join(lines)
    file = tmp_path / "plan.yaml"
    file.write_bytes(text.encode("utf-8-sig" if bom else "utf-8"))
    checker = Checker(request=Request(), library=library, plugins=Plugins())
    after = mend_file(file, checker).after
    assert after == text.replace("开职代会", "开教代会").encode("utf-8-sig" if bom else "utf-8")


@pytest.mark.parametrize(
    ("text", "fix", "expected"),
    [
        ("a: 1\n", {"set": {"b/c": 2}}, "a: 1\nb:\n  c: 2\n"),
        ("a: 1", {"set": {"b": "二"}}, "a: 1\nb: 二"),
        ("a: {b: 1} # c\nd: 2\n", {"set": {"a/e": [1]}}, "a: {b: 1, e: [1]} # c\nd: 2\n"),
        ("a: {}\n", {"set": {"a/e": 1}}, "a: {e: 1}\n"),
        ("a:\nb: 1\n", {"set": {"a/e": 1}}, "a: {e: 1}\nb: 1\n"),
        ("a:\n    b: 1   # c\n\nd: 2\n", {"set": {"a/e": 1}}, "a:\n    b: 1   # c\n    e: 1\n\nd: 2\n"),
        ("a:\r\n  b: |\r\n    x\r\n", {"set": {"a/e": 1}}, "a:\r\n  b: |\r\n    x\r\n  e: 1\r\n"),
        ("a: {b: old}\n", {"set": {"a/b": "new"}}, "a: {b: new}\n"),
        ("a:\n  b: 1 # x\n  c: 2\n", {"remove": "a/b"}, "a:\n  c: 2\n"),
        ("a: {b: 1, c: 2}\n", {"remove": ["a/b"]}, "a: {c: 2}\n"),
        ("a: {b: 1, c: 2}\n", {"remove": "a/c"}, "a: {b: 1}\n"),
        ("a: {b: 1}\nd: 2\n", {"remove": "a/b"}, "d: 2\n"),
        ("d: 2\n", {"remove": {"a/b": "理由"}}, "d: 2\na:\n  b: {remove: 理由}\n"),
    ],
)
def test_keys_are_set_and_removed_as_the_file_is_written(
    text: str, fix: dict[str, object], expected: str
) -> None:
    """In blocks with their indentation, in braces between the braces."""
    source = parse_source(text, "plan.yaml")
    own = frozenset({"a/b", "a/c"}) if "理由" not in expected else frozenset[str]()
    edits = edits_of(Fix(unsafe=fix), source, own, "标题")
    assert edited(text, edits) == expected
    parse_source(expected, "plan.yaml")


def test_a_blank_after_a_half_width_mark_goes_with_it(tmp_path: Path, library: Library) -> None:
    """The full-width mark has its own room, so none is left behind."""
    text = "# 工会2027年工作计划\n\n一、主要工作\n\n征集建议1次, 答复提案人。\n"
    after = mended(tmp_path, library, text.encode(), "plan.md").after.decode()
    assert "征集建议1次，答复提案人。" in after


def test_mending_grows_with_the_findings_and_not_with_their_square(tmp_path: Path, library: Library) -> None:
    """2,000 measures with a wrong word each get their edits in seconds."""
    measures = "".join(f"      m{n}: {{text: 第{n}次职代会由工会委员会在三月召开}}\n" for n in range(2_000))
    source = parse_source(f"{HEAD}sections:\n  more:\n    title: 其他\n    measures:\n{measures}", "p.yaml")
    found = [
        Finding(
            code="SML002", title="用教代会", severity="warn", binding="house", message_id="wrong", message="", quote="职代会",
            path=f"sections/more/measures/m{n}/text", data={"wanted": "教代会"}, repair=Repair(safe=True),
        )
        for n in range(2_000)
    ]  # fmt: skip
    begin = perf_counter()
    edits = [one.repair.edits for one in with_edits(found, {}, source) if one.repair]
    assert perf_counter() - begin < 4
    assert [len(each) for each in edits] == [1] * 2_000

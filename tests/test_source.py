import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from planloom.source import parse_source, read_source
from planloom_schemas.errors import Location, SchemaError


def codes(text: str) -> list[tuple[str, int, int]]:
    """Code, line and column of every problem in a text."""
    with pytest.raises(SchemaError) as caught:
        parse_source(text, "plan.yaml")
    return [
        (problem.code, problem.location.line, problem.location.column)
        for problem in caught.value.problems
        if problem.location
    ]


def place(location: Location) -> tuple[int, int, int | None, int | None]:
    """Line, column and end of a location."""
    return location.line, location.column, location.end_line, location.end_column


PLAN = """\
planloom: 1
活动:
  趣味赛: {on: {month: 3}, 经费: 3000.10}   # 注：不算
  list:
    - 😀甲
    - "乙"

facts: |
  时间：三月
"""


@pytest.mark.parametrize(
    ("path", "value", "key", "raw"),
    [
        (["planloom"], (1, 11, 1, 12), (1, 1, 1, 9), "1"),
        (["活动", "趣味赛", "经费"], (3, 29, 3, 36), (3, 25, 3, 27), "3000.10"),
        (["活动", "趣味赛", "on"], (3, 13, 3, 23), (3, 9, 3, 11), None),
        (["活动", "list", 0], (5, 7, 5, 9), (5, 7, 5, 9), "😀甲"),
        (["活动", "list", 1], (6, 7, 6, 10), (6, 7, 6, 10), '"乙"'),
        (["活动", "list"], (5, 5, 6, 10), (4, 3, 4, 7), None),
        (["活动", "list", 9, "x"], (5, 5, 6, 10), (4, 3, 4, 7), None),
        (["facts"], (8, 8, 9, 8), (8, 1, 8, 6), "|\n  时间：三月"),
        ([], (1, 1, 9, 8), (1, 1, 9, 8), None),
    ],
)
def test_places(path: list[str | int], value: tuple[int, ...], key: tuple[int, ...], raw: str | None) -> None:
    """Every key and value has its place; a missing path gives its nearest ancestor."""
    source = parse_source(PLAN, "plan.yaml")
    assert place(source.value_at(path)) == value
    assert place(source.key_at(path)) == key
    assert source.raw(path) == (raw if source.marks.get(tuple(path)) else None)


def test_windows_file_keeps_its_newlines() -> None:
    """A byte order mark is taken off, CRLF stays in the text, offsets count code points."""
    source = parse_source("\ufeff甲: 1\r\n乙: 二\r\n", "plan.yaml")
    assert (source.bom, source.newline, source.text) == (True, "\r\n", "甲: 1\r\n乙: 二\r\n")
    assert source.span(["乙"]) == (9, 10)
    assert source.key_span(["乙"]) == (6, 7)
    assert str(source.value_at(["乙"])) == "plan.yaml:2:4"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("", None), ("~", None), ("null", None), ("true", True), ("FALSE", False), ("yes", "yes"),
        ("on", "on"), ("12", 12), ("-5", -5), ("0o17", 15), ("0x1F", 31), ("0123", "0123"),
        ("1_000", "1_000"), ("9:00", "9:00"),
        ("3.10", 3.1), (".5", 0.5), ("1e3", 1000.0), ("1e999", "1e999"), (".inf", ".inf"), (".nan", ".nan"),
        ("2027-04-23", "2027-04-23"), ("'12'", "12"), ("110105194912310021" * 5, "110105194912310021" * 5),
    ],
)  # fmt: skip
def test_scalars(written: str, value: object) -> None:
    """The YAML 1.2 core schema holds; codes, times, dates and old booleans stay text."""
    data = cast("dict[str, object]", parse_source(f"a: {written}\n", "plan.yaml").data)
    assert data == {"a": value}
    assert type(data["a"]) is type(value)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("标题: x\n内容：y\n其他：z\n", [("FullWidthColon", 2, 3), ("FullWidthColon", 3, 3)]),
        ("a：1\nb: 2", [("FullWidthColon", 1, 2)]),
        ("a:\n  - title：x\n    on: 3\n", [("FullWidthColon", 2, 10)]),
        ("on:\n  month：3\n  day：4\n", [("FullWidthColon", 2, 8), ("FullWidthColon", 3, 6)]),
        ("a: {b：1，c：2}", [("FullWidthColon", 1, 6), ("FullWidthComma", 1, 8), ("FullWidthColon", 1, 10)]),
        ("a: {b: 1，c: 2}", [("FullWidthComma", 1, 9)]),
        ("a: {b: 1，c：2}", [("FullWidthComma", 1, 9)]),
        ("m: [7，8]", [("FullWidthComma", 1, 6)]),
        ("a: ｛b: 1｝\nc：2", [("FullWidthBracket", 1, 4), ("FullWidthColon", 2, 2)]),
        ("p: ［school］", [("FullWidthBracket", 1, 4)]),
        ("a:\n　　b: 1\n　　c: 2", [("WideSpace", 2, 1), ("WideSpace", 3, 1)]),
        ("a:　b\nc: 1", [("WideSpace", 1, 3)]),
        ("a:\n\tb: 1\n\tc: 2\n", [("TabIndent", 2, 1), ("TabIndent", 3, 1)]),
        ("a: @工会\nb: *重要\nc: &人\nd: %\ne: `x", [("ReservedStart", line, 4) for line in range(1, 6)]),
        ('t: "安康杯"竞赛\nu: [重要]通知', [("QuotedPart", 1, 4), ("TextAfterBracket", 2, 4)]),
        ("v: {{ org }}计划\nw: {{ org }}\n", [("UnquotedTemplate", 1, 4), ("UnquotedTemplate", 2, 4)]),
        ("a:1\nb:2\nc: 3", [("MissingSpace", 1, 2), ("MissingSpace", 2, 2)]),
        ("a: 时间: 三月\nb: c", [("ColonInText", 1, 6)]),
        ("title: x\nowner：张三\nz: [1\n", [("FullWidthColon", 2, 6), ("UnclosedBracket", 3, 4)]),
        ("a: 1\nb：2\na: 3\n", [("FullWidthColon", 2, 2), ("DuplicateKey", 3, 1)]),
    ],
)
def test_mistakes_of_chinese_input(text: str, wanted: list[tuple[str, int, int]]) -> None:
    """Mistakes of Chinese input get their true name and place, all in one go."""
    assert codes(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "text: 时间：三月，地点：报告厅\n",
        "text:\n  时间：三月，地点：报告厅\n",
        'a: "b：1"\nb: |\n  c：3\n  ｛x｝\n# 注：x，y\n',
        "d: [时间：三月]\ne: {remove: 经费优先，用于送温暖}\n",
        "url:\n  http://example.org\nat: 9:00\n",
        "a: 【重要】通知\nb: 50%\nc: a*b\n",
        "words: {校务公开: 院务公开}\nowner: [工会委员会, 院长办公室]\n",
        "%YAML 1.2\n---\na: 1\n",
    ],
)
def test_no_false_alarm(text: str) -> None:
    """Full-width marks in ordinary text, quotes, blocks and comments are no mistake."""
    assert parse_source(text, "plan.yaml").warnings == ()


def test_legal_colon_beside_another_mistake() -> None:
    """An unrelated mistake does not make a legal full-width colon suspicious."""
    assert codes("text: 一二\n  时间：三月\nother: [1, 2\n") == [("UnclosedBracket", 3, 8)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", [("EmptyFile", 1, 1)]),
        ("# 注\n", [("EmptyFile", 1, 1)]),
        ("---\n", [("EmptyFile", 2, 1)]),
        ("- a\n", [("TopLevelNotMapping", 1, 1)]),
        ("a: 1\n---\nb: 1\n", [("ManyDocuments", 2, 1)]),
        ("%YAML 1.1\n---\na: 1", [("YamlVersion", 1, 1)]),
        ("%YAML 2.0\n---\na: 1", [("YamlVersion", 1, 1)]),
        ("a: 1\na: 2\na: {c: 1, c: 2}",
         [("DuplicateKey", 2, 1), ("DuplicateKey", 3, 1), ("DuplicateKey", 3, 11)]),
        ("2027: x\ntrue: y\n? [a]\n: z",
         [("NonStringKey", 1, 1), ("NonStringKey", 2, 1), ("NonStringKey", 3, 3)]),
        ("<<: {a: 1}", [("MergeKey", 1, 1)]),
        ("a: *x", [("UnknownAlias", 1, 4)]),
        ("a: &a [*a]", [("AliasCycle", 1, 8)]),
        ("a: !!python/object:os.system x\nb: !foo y\nc: !!str 1",
         [("ExplicitTag", 1, 4), ("ExplicitTag", 2, 4), ("ExplicitTag", 3, 4)]),
        ("a: \x00\nb: \x07\ud800",
         [("ControlCharacter", 1, 4), ("ControlCharacter", 2, 4), ("ControlCharacter", 2, 5)]),
        ('a: "x\nb: 1', [("UnclosedQuote", 1, 4)]),
        ("a: [b, c]]", [("StrayBracket", 1, 10)]),
        ("a:\n  - 1\n b: 2", [("BadIndent", 3, 2)]),
        ("a: x\n b: y", [("UnexpectedColon", 2, 3)]),
        ('a: "\\q"', [("BadEscape", 1, 5)]),
    ],
)  # fmt: skip
def test_refused(text: str, wanted: list[tuple[str, int, int]]) -> None:
    """What is not a plain mapping of plain values is refused with its place."""
    assert codes(text) == wanted


def test_messages_say_found_and_wanted() -> None:
    """A message names what was found, its fix says how to mend it."""
    with pytest.raises(SchemaError) as caught:
        parse_source("a: 1\nb: 2\na: 3\n2027: x\n", "plan.yaml")
    assert [(p.text(), p.fix_text()) for p in caught.value.problems] == [
        ("the key “a” stands here a second time; the first is in line 1", "merge the two, or rename one"),
        ("the key 2027 is not text", 'put it in quotation marks: "2027":'),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: " + "[" * 10_000 + "]" * 10_000, "TooDeep"),
        ("- " * 10_000, "TooDeep"),
        ("".join(" " * i + "a:\n" for i in range(500)), "TooDeep"),
        ("a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 30)),
         "AliasLimit"),
        ("a: " + "长" * 2_200_000, "TooLarge"),
    ],
    ids=["deep-flow", "deep-list", "deep-block", "laughs", "huge"],
)  # fmt: skip
def test_hostile(text: str, code: str) -> None:
    """Bombs are refused early and without a crash."""
    assert [name for name, _, _ in codes(text)] == [code]


def test_hostile_number_of_problems() -> None:
    """A file of nothing but mistakes gives a bounded report."""
    assert len(codes("a: 1\n" * 50_000)) == 200


def test_aliases_are_expanded() -> None:
    """An alias repeats the value as a copy; its places are where the text stands."""
    source = parse_source("a: &x {m: 3.10}\nb: *x\n", "plan.yaml")
    data = source.data
    assert isinstance(data, dict)
    assert data == {"a": {"m": 3.1}, "b": {"m": 3.1}}
    assert data["a"] is not data["b"]
    assert source.raw(["b", "m"]) == "3.10"
    assert source.key_at(["b"]).line == 2
    assert source.value_at(["b", "m"]).line == 1


def test_anchor_is_no_part_of_the_raw_text() -> None:
    """The raw text of an anchored scalar is the scalar alone."""
    assert parse_source("a: &x 3.10\n", "plan.yaml").raw(["a"]) == "3.10"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a: >\n  第一行，\n  第二行\n", ["FoldedChinese"]),
        ("a: 第一行\n  第二行\n", ["FoldedChinese"]),
        ("a: >\n  one\n  two\nb: >\n  只有一行\nc: |\n  第一行\n  第二行\n", []),
        ("o: [工会主席，副主席]\n", ["FullWidthComma"]),
    ],
)
def test_warnings(text: str, wanted: list[str]) -> None:
    """What works but is hardly meant is a warning, not an error."""
    assert [warning.code for warning in parse_source(text, "plan.yaml").warnings] == wanted


@pytest.mark.parametrize(
    ("content", "code", "line", "found"),
    [
        ("标题: 计划\n".encode("gb18030"), "WrongEncoding", 1, "GB18030 (Windows ANSI)"),
        ("标题: 计划\n".encode("utf-16"), "WrongEncoding", 1, "UTF-16"),
        ("标题: 计划\n甲: ".encode() + b"\xff", "NotUtf8", 2, "0xFF"),
        (b"", "EmptyFile", 1, ""),
        (b"a: " + b"x" * (2 * 1024 * 1024), "TooLarge", 1, ""),
    ],
    ids=["gb18030", "utf-16", "broken", "empty", "large"],
)
def test_files_that_cannot_be_used(tmp_path: Path, content: bytes, code: str, line: int, found: str) -> None:
    """A wrong encoding is named, a wrong size refused."""
    path = tmp_path / "plan.yaml"
    path.write_bytes(content)
    with pytest.raises(SchemaError) as caught:
        read_source(path)
    [problem] = caught.value.problems
    assert problem.location
    assert (problem.code, problem.location.line, problem.params["found"]) == (code, line, found)
    assert problem.location.file == str(path)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    """A missing file, a folder and an impossible name are told apart."""
    paths: list[tuple[Path | str, str]] = [
        (tmp_path / "no.yaml", "FileNotFound"),
        (tmp_path, "IsDirectory"),
        ("a\0b", "Unreadable"),
    ]
    for path, code in paths:
        with pytest.raises(SchemaError) as caught:
            read_source(path)
        assert [problem.code for problem in caught.value.problems] == [code]


def test_reads_a_file(tmp_path: Path) -> None:
    """A file with byte order mark is read, its name kept as given."""
    path = tmp_path / "plan.yaml"
    path.write_bytes(codecs.BOM_UTF8 + "标题: 计划\r\n".encode())
    source = read_source(str(path))
    assert (source.data, source.bom, source.newline, source.file) == (
        {"标题": "计划"},
        True,
        "\r\n",
        str(path),
    )


def test_without_the_c_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pure Python parser gives the same data, places and diagnosis."""
    with_c = parse_source(PLAN, "plan.yaml")
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    pure = parse_source(PLAN, "plan.yaml")
    assert (pure.data, {path: pure.span(path) for path in pure.marks}) == (
        with_c.data,
        {path: with_c.span(path) for path in with_c.marks},
    )
    assert codes("标题: x\n内容：y\nz: @a\n") == [("FullWidthColon", 2, 3), ("ReservedStart", 3, 4)]


# Left out: what our reader refuses or names, and what PyYAML writes plain though YAML 1.2 reads a number.
TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\ufeff\u3000\xa0：，｛［")
).filter(lambda text: not re.fullmatch(r"0o[0-7]+|[-+]?[0-9.]+[eE][-+]?[0-9]+", text))
VALUES = st.recursive(
    TEXT | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def scalars(
    value: object, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Path and value of every scalar."""
    if isinstance(value, dict):
        for key, item in cast("dict[str, object]", value).items():
            yield from scalars(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[object]", value)):
            yield from scalars(item, (*path, index))
    else:
        yield path, value


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(TEXT, VALUES, min_size=1, max_size=5), st.booleans())
def test_round_trip(data: dict[str, object], flow: bool) -> None:
    """What PyYAML writes is read back equal, and every span holds the value as written."""
    text = yaml.safe_dump(data, allow_unicode=True, default_flow_style=flow, width=10**6)
    source = parse_source(text, "plan.yaml")
    assert source.data == data
    for path, value in scalars(data):
        start, end = source.span(path)
        raw = source.raw(path)
        assert raw is not None
        assert raw == text[start:end]
        assert "\n" in raw or yaml.safe_load(f"- {raw}") == [value]
        key_start, key_end = source.key_span(path)
        if isinstance(path[-1], str) and "\n" not in text[key_start:key_end]:
            assert yaml.safe_load(f"- {text[key_start:key_end]}") == [path[-1]]


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab：:，,｛｝{}[]\"'|>-&*!%@#? \n\t\u3000一1", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever is typed gives data or problems whose places lie in the text, never a crash."""
    try:
        source = parse_source(text, "plan.yaml")
    except SchemaError as error:
        lines = text.split("\n")
        for problem in error.problems:
            assert problem.location
            assert problem.location.column <= len(lines[problem.location.line - 1]) + 1
            assert problem.text()
            assert problem.fix_text()
    else:
        assert all(0 <= source.span(path)[0] <= source.span(path)[1] <= len(text) for path in source.marks)

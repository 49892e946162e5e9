"""Whatever is wrong with the input: where it stands, what was found and wanted, how to mend it; exit 2."""

import ctypes
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import frozen
from click.testing import Result

Run = Callable[..., Result]

HARBOUR = """\
planloom: 1
layer: harbour
kind: profile
title: 港口
facts:
  docks: {type: integer, title: 泊位数, min: 1, default: 3}
  cranes: {type: integer, title: 吊机数, ask: true}
sections: {work: {title: 工作, measures: {berths: {text: "共{{ docks }}个泊位"}}}}
activities: {open-day: {title: 开放日, on: {month: 3}, section: work}}
"""


def plan(text: str = "", profiles: str = "[harbour]") -> str:
    """A plan file of five lines, and what follows them."""
    return f"planloom: 1\nplan: p-2027\nprofiles: {profiles}\nperiod: 2027\norganisation: 港务工会\n{text}"


@frozen
class Case:
    """Files, and what the program must say of them."""

    files: Mapping[str, str]
    says: tuple[str, ...]
    args: tuple[str, ...] = ("compose", "plan.yaml", "-o", "out.md", "-o", "out.docx")
    encoding: str = "utf-8"


def layer(text: str, extends: str = "[]") -> str:
    """A layer called other."""
    return f"planloom: 1\nlayer: other\nkind: profile\ntitle: 别的\nextends: {extends}\n{text}"


CASES = {
    "no such file": Case({}, ("there is no file plan.yaml", "plan.yaml:1:1", "check the path")),
    "unknown profile": Case(
        {"plan.yaml": plan(profiles="[harbor]")},
        ("plan.yaml:3:12", "no profile or directive “harbor”", "did you mean “harbour”?"),
    ),
    "missing directive": Case(
        {"plan.yaml": plan("directives:\n  - harbour\n  - ./gone.yaml\n")},
        (
            "plan.yaml:7:5",
            "“harbour” is a profile, not a directive",
            "plan.yaml:8:5",
            "there is no file gone.yaml",
        ),
    ),
    "unknown layers beside an unknown key": Case(
        {"plan.yaml": plan("directives: [./gone.yaml]\nfact: {}\n", profiles="[harbor]")},
        (
            "plan.yaml:3:12",
            "“harbor”",
            "plan.yaml:6:14",
            "gone.yaml",
            "plan.yaml:7:1",
            "there is no field fact",
        ),
    ),
    "several wrong facts": Case(
        {"plan.yaml": plan("facts: {docks: 0, cranes: viele}\n")},
        (
            "plan.yaml:6:9",
            "0 is too small; at least 1",
            "plan.yaml:6:19",
            "a whole number is wanted, found “viele”",
        ),
    ),
    "a document": Case(
        {"last.md": "# 港务工会2026年工作计划\n\n做好：安全工作。\n"},
        ("last.md is a document; a plan file is wanted", "planloom import last.md -o plan.yaml"),
        ("compose", "last.md"),
    ),
    "a document in another encoding": Case(
        {"last.txt": "港务工会2026年工作计划\n\n做好安全工作。\n"},
        ("last.txt is a document; a plan file is wanted", "planloom import last.txt -o plan.yaml"),
        ("explain", "last.txt", "activities/open-day"),
        encoding="gb18030",
    ),
    "a document for a directive": Case(
        {"points.md": "# 要点\n\n做好：安全工作。\n"},
        ("points.md is a document; a directive is wanted", "“kind: directive”"),
        ("compose", "-p", "harbour", "--year", "2027", "-d", "points.md"),
    ),
    "no profile": Case(
        {"plan.yaml": plan(profiles="[]")}, ("no profile is selected; there are: ", "harbour", "-p")
    ),
    "unknown key": Case(
        {"plan.yaml": plan("activites: {}\n")},
        ("plan.yaml:6:1", "there is no field activites here", "did you mean activities?"),
    ),
    "fraction for a count": Case(
        {"plan.yaml": plan("facts: {docks: 5.7}\n")},
        (
            "plan.yaml:6:",
            "the fact docks (泊位数): a whole number is wanted, found 5.7",
            "change the value of docks",
        ),
    ),
    "text for a list": Case(
        {"plan.yaml": plan(profiles="harbour")},
        ("plan.yaml:3:11", "a list is wanted, found the text harbour", "write [harbour]"),
    ),
    "several mistakes at once": Case(
        {"plan.yaml": plan("activites: {}\nfacts: 3\n")},
        ("plan.yaml:6:1", "there is no field activites", "plan.yaml:7:8", "a mapping is wanted, found 3"),
    ),
    "one name and no name": Case(
        {"plan.yaml": plan("activities: {a: {title: 甲, on: {month: 3}, owner: 5, tags: 帮扶}}\n")},
        ("write one name, or several in brackets: [a, b]", "write [帮扶]"),
    ),
    "duplicate key": Case(
        {"plan.yaml": plan("period: 2028\n")},
        (
            "plan.yaml:6:1",
            "the key “period” stands here a second time; the first is in line 4",
            "merge the two",
        ),
    ),
    "tab": Case(
        {"plan.yaml": plan("facts:\n\tdocks: 3\n")},
        ("plan.yaml:7:1", "a tab is used to indent", "indent with spaces"),
    ),
    "full-width colon": Case(
        {"plan.yaml": plan("facts：\n  docks: 3\n")},
        ("plan.yaml:6:6", "a full-width colon “：”", "change “：” to “: ”"),
    ),
    "GB18030": Case(
        {"plan.yaml": plan()},
        ("plan.yaml:1:1", "saved as GB18030", "UTF-8 is wanted", "“Save as”"),
        encoding="gb18030",
    ),
    "missing fact": Case(
        {"plan.yaml": plan("activities: {a: {title: 甲, on: {month: 1}, when: cranes > 1}}\n")},
        (
            "the fact cranes (吊机数) is not stated",
            "such as activities/a",
            "--set cranes=…",
            "facts: {cranes: }",
        ),
    ),
    "extends in a circle": Case(
        {
            "layers/other.yaml": layer("", "[third]"),
            "layers/third.yaml": layer("", "[other]").replace("other", "third", 1),
            "plan.yaml": plan(profiles="[other]"),
        },
        ("layers/other.yaml:5:", "“extends” runs in a circle: other → third → other", "remove one of these"),
    ),
    "missing parent": Case(
        {"layers/other.yaml": layer("", "[harbor]"), "plan.yaml": plan(profiles="[other]")},
        ("layers/other.yaml:5:11", "no profile or directive “harbor”", "did you mean “harbour”?"),
    ),
    "profiles that disagree": Case(
        {
            "layers/other.yaml": layer("activities: {open-day: {on: {month: 11}}}\n"),
            "plan.yaml": plan(profiles="[harbour, other]"),
        },
        (
            "2 layers say different things of activities/open-day/on",
            "  harbour  layers/harbour.yaml:9  {month: 3}",
            "  other    layers/other.yaml:6    {month: 11}",
            "say in plan.yaml what holds: activities: {open-day: {",
        ),
    ),
    "removing an unknown item": Case(
        {"plan.yaml": plan("activities: {open-dya: {remove: 没有经费}}\n")},
        ("plan.yaml:6:", "activities/open-dya is removed, but no layer has it", "did you mean “open-day”?"),
    ),
    "no such day": Case(
        {"plan.yaml": plan("activities: {a: {title: 甲, on: {date: 02-30}}}\n")},
        ("plan.yaml:6:39", "02-30: month 2 has at most 29 days", "write a day from 1 to 29"),
    ),
    "unknown festival": Case(
        {"plan.yaml": plan("activities: {a: {title: 甲, on: {festival: 重洋节}}}\n")},
        ("plan.yaml:6:", "重洋节", "did you mean “重阳节”?"),
    ),
    "template that fails": Case(
        {
            "layers/other.yaml": layer("sections: {s: {title: 甲, lead: '共{{ dokcs }}个'}}\n", "[harbour]"),
            "plan.yaml": plan(profiles="[other]"),
        },
        (
            "layers/other.yaml:6:",
            "the text sections/s/lead of “other”, line 1: dokcs is missing",
            "write docks, or declare dokcs under facts",
        ),
    ),
    "bad period": Case(
        {"plan.yaml": plan().replace("2027\n", "二〇二七\n", 2)}, ("plan.yaml:4:9", "is no period")
    ),
    "no folder to write into": Case(
        {"plan.yaml": plan()},
        ("nowhere/out.docx cannot be written: there is no folder nowhere", "create the folder first"),
        ("compose", "plan.yaml", "-o", "out.md", "-o", "nowhere/out.docx"),
    ),
    "output onto a folder": Case(
        {"plan.yaml": plan()},
        ("layers cannot be written: it is a folder",),
        ("compose", "plan.yaml", "-o", "layers", "--format", "md"),
    ),
    "output onto the plan file": Case(
        {"plan.yaml": plan()},
        ("-o plan.yaml would overwrite a file that is read", "name another file"),
        ("compose", "plan.yaml", "-o", "./plan.yaml"),
    ),
    "unknown ending": Case(
        {"plan.yaml": plan()},
        ("out.doc: no format has the ending .doc", "did you mean .docx?"),
        ("compose", "plan.yaml", "-o", "out.md", "-o", "out.doc"),
    ),
    "fact nobody asks for": Case(
        {"plan.yaml": plan()},
        ("no layer asks for the fact dock", "--set dock=3", "did you mean docks?"),
        ("compose", "plan.yaml", "--set", "dock=3"),
    ),
    "wrong type with --set": Case(
        {"plan.yaml": plan()},
        ("the fact docks (泊位数): a whole number is wanted, found “三”", "--set docks=三"),
        ("compose", "plan.yaml", "--set", "docks=三"),
    ),
    "out of limits": Case(
        {"plan.yaml": plan()},
        (
            "the fact docks (泊位数): 0 is too small; at least 1 is wanted",
            "--set docks=0",
            "layers/harbour.yaml:6",
        ),
        ("compose", "plan.yaml", "--set", "docks=0"),
    ),
    "layer path that is no folder": Case(
        {"plan.yaml": plan()},
        ("--layer-path: gone is not a folder", "name an existing folder"),
        ("compose", "plan.yaml", "--layer-path", "gone"),
    ),
    "new onto an existing file": Case(
        {"p.yaml": "mine"},
        ("p.yaml exists already", "--force"),
        ("new", "-p", "harbour", "--year", "2027", "--set", "cranes=2", "-o", "p.yaml", "--no-input"),
    ),
    "new without what must be said": Case(
        {},
        ("the fact cranes (吊机数) is not stated", "give --set cranes=…"),
        ("new", "-p", "harbour", "--year", "2027", "--no-input"),
    ),
}


ODD = {
    "a text file in a plan": Case(
        {"plan.yaml": plan("sections: {work: {measures: {berths: {text: {file: berths.txt}}}}}\n")},
        ("plan.yaml:6:", "a plan file cannot use “file: berths.txt”", "write the text itself"),
    ),
    "a name that no file can have": Case(
        {"plan.yaml": plan('directives: ["a\\0b.yaml"]\n')}, ("plan.yaml:6:14", "cannot be read")
    ),
    "a text file that no file can be": Case(
        {"layers/other/layer.yaml": layer('sections: {s: {title: 甲, lead: {file: "\\0"}}}\n')},
        ("leads out of the layer's templates",),
        ("compose", "-p", "other", "--year", "2027"),
    ),
    "a number beyond all numbers": Case(
        {"plan.yaml": plan()},
        ("a whole number is wanted, found “1e99999999999”",),
        ("compose", "plan.yaml", "--set", "docks=1e99999999999"),
    ),
    "a number of thousands of digits": Case(
        {"plan.yaml": plan()},
        ("a whole number is wanted",),
        ("compose", "plan.yaml", "--set", "docks=" + "9" * 5000),
    ),
    "a number that no text can print": Case(
        {"plan.yaml": plan("facts: {docks: 99999999999999999999}\n")},
        ("plan.yaml:6:9", "1.00e+20 is too large; at most 1000000000000000 is wanted"),
    ),
    "another period on the command line": Case(
        {"plan.yaml": plan()}, ("  --year 27\n",), ("compose", "plan.yaml", "--year", "27")
    ),
    "no period on the command line": Case(
        {"plan.yaml": plan()}, ("is no period",), ("new", "--from", "plan.yaml", "--year", "")
    ),
    "no plan file on the command line": Case({}, ("is a folder",), ("rules", "")),
    "no output on the command line": Case(
        {"plan.yaml": plan()}, ("its name has no ending",), ("compose", "plan.yaml", "-o", "")
    ),
    "standard output twice": Case(
        {"plan.yaml": plan()}, ("- is named twice with -o",), ("compose", "plan.yaml", "-o", "-", "-o", "-")
    ),
    "output onto a directive": Case(
        {"plan.yaml": plan(), "points.yaml": layer("").replace("profile", "directive")},
        ("-o points.yaml would overwrite a file that is read",),
        ("compose", "plan.yaml", "-d", "points.yaml", "-o", "points.yaml"),
    ),
    "result onto the baseline": Case(
        {"plan.yaml": plan(), "known.json": "{}"},
        ("-o known.json would overwrite a file that is read",),
        ("check", "plan.yaml", "--baseline", "known.json", "-o", "known.json"),
    ),
    "a name too long": Case(
        {"plan.yaml": plan()}, ("its name is too long",), ("compose", "plan.yaml", "-o", "x" * 300 + ".md")
    ),
    "nesting without end in JSON": Case(
        {"plan.json": "[" * 100_000}, ("plan.json cannot be read",), ("explain", "plan.json", "activities/a")
    ),
    "a folder for a document": Case(
        {"old.md/x": ""}, ("old.md is a folder, a file is wanted",), ("check", "old.md")
    ),
}
"""What no officer types, and scripts pass all the same."""


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@pytest.mark.parametrize("case", [*CASES.values(), *ODD.values()], ids=[*CASES, *ODD])
def test_bad_input_is_explained(case: Case, run: Run, tmp_path: Path) -> None:
    """Exit code 2, every wanted word on standard error, nothing on standard output, nothing written."""
    files = {"layers/harbour.yaml": HARBOUR, **case.files}
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode("utf-8" if name.startswith("layers") else case.encoding))
    before = contents(tmp_path)
    done = run("--layer-path", "layers", *case.args)
    assert done.exit_code == 2, done.stderr
    for words in case.says:
        assert words in done.stderr
    assert done.stderr.startswith("error ")
    assert done.stdout == ""
    assert contents(tmp_path) == before
    chinese = run("--layer-path", "layers", *case.args, lang="zh")
    assert chinese.exit_code == 2
    assert chinese.stderr.startswith("错误 ")


def test_earlier_output_stays_when_a_later_one_fails(run: Run, tmp_path: Path) -> None:
    """A file that was there before a failed run is what it was, not the new document."""
    (tmp_path / "layers").mkdir()
    (tmp_path / "layers/harbour.yaml").write_text(HARBOUR, encoding="utf-8")
    (tmp_path / "plan.yaml").write_text(plan(), encoding="utf-8")
    (tmp_path / "out.md").write_text("old", encoding="utf-8")
    done = run("--layer-path", "layers", "compose", "plan.yaml", "-o", "out.md", "-o", "nowhere/x.md")
    assert done.exit_code == 2
    assert (tmp_path / "out.md").read_text(encoding="utf-8") == "old"


def test_a_directive_is_looked_for_here(run: Run, tmp_path: Path) -> None:
    """A path given with -d is relative to the current folder, wherever the plan file stands."""
    for name, text in {
        "layers/harbour.yaml": HARBOUR,
        "points.yaml": layer("").replace("profile", "directive"),
        "plans/plan.yaml": plan(),
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    for command in ("compose", "check", "rules"):
        done = run("--layer-path", "layers", command, "plans/plan.yaml", "-d", "points.yaml")
        assert done.exit_code == 0, done.stderr


@contextmanager
def as_an_ordinary_user() -> Iterator[None]:
    """Let permissions hold even where the tests are run by root: on Linux it can put that right away for a while."""
    if os.geteuid() != 0 or sys.platform != "linux":
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    head = (ctypes.c_uint32 * 2)(0x20080522, 0)  # the third version of the interface, this thread
    held = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; twice
    assert libc.capget(head, held) == 0
    given_up = (ctypes.c_uint32 * 6)(*held)
    given_up[0] &= ~0b110  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH
    assert libc.capset(head, given_up) == 0
    try:
        yield
    finally:
        assert libc.capset(head, held) == 0


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize(
    "args",
    [
        ("compose", "locked/plan.yaml"),
        ("check", "locked/plan.md"),
        ("compose", "plan.yaml", "-o", "out.md", "-o", "locked/out.md"),
        ("compose", "plan.yaml", "-d", "locked/points.yaml"),
        ("schema", "plan", "-o", "locked/plan.json"),
        ("new", "-p", "harbour", "--year", "2027", "--set", "cranes=2", "--no-input", "-o", "locked/p.yaml"),
    ],
)
def test_a_locked_folder_is_explained(args: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    """A folder that may not be entered is told like any other mistake, and nothing is written."""
    (tmp_path / "layers").mkdir()
    (tmp_path / "layers/harbour.yaml").write_text(HARBOUR, encoding="utf-8")
    (tmp_path / "plan.yaml").write_text(plan(), encoding="utf-8")
    (tmp_path / "locked").mkdir(mode=0)
    with as_an_ordinary_user():
        assert not os.access(tmp_path / "locked", os.X_OK, effective_ids=True)
        done = run("--layer-path", "layers", *args)
        listed = run("--layer-path", "locked", "profiles")
    assert done.exit_code == 2, done.stderr
    assert "locked" in done.stderr
    assert not (tmp_path / "out.md").exists()
    assert listed.exit_code == 0

"""The program as a process: locales, pipes, signals, and what starting it costs."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-m", "planloom_cli"]
FACTS = [
    "--year", "2027", "--set", "staff=86", "--set", "members=84", "--set", "women_members=60",
    "--organisation", "育才小学工会委员会",
]  # fmt: skip


def process(*args: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the program in a folder with this environment and nothing of ours."""
    kept: Mapping[str, str] = {
        name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ
    }
    return subprocess.run(
        [*PROGRAM, *args], cwd=folder, env={**kept, **environment}, capture_output=True, check=False
    )


@pytest.mark.parametrize(
    "environment",
    [
        {"LANG": "C"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0"},
        {"LANG": "zh_CN.UTF-8"},
        {"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "latin-1"},
    ],
)
def test_chinese_is_utf8_in_any_locale(environment: dict[str, str], tmp_path: Path) -> None:
    """Chinese in arguments and file names, Chinese out on both streams, whatever the locale."""
    done = process(
        "--lang", "zh", "compose", "-p", "school", *FACTS, "-o", "计划.md", folder=tmp_path, **environment
    )
    assert done.returncode == 0, done.stderr
    assert "提示 " in done.stderr.decode("utf-8")
    assert (tmp_path / "计划.md").read_text(encoding="utf-8").startswith("# 育才小学工会委员会2027年工作计划")
    shown = process("--lang", "zh", "profiles", folder=tmp_path, **environment).stdout
    assert "学校工会" in shown.decode("utf-8")


@pytest.mark.parametrize("args", [("compose", "-p", "school", *FACTS, "-q"), ("profiles",), ("--help",)])
def test_a_closed_pipe_is_no_crash(args: tuple[str, ...], tmp_path: Path) -> None:
    """The reader goes away before the result comes; the program ends quietly."""
    command = subprocess.Popen(
        [*PROGRAM, *args], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert command.stdout is not None
    assert command.stderr is not None
    command.stdout.close()
    said = command.stderr.read()
    command.stderr.close()
    assert command.wait() == 141
    assert said == b""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_interrupting_ends_with_130(tmp_path: Path) -> None:
    """Ctrl-C is a word and a code, not a traceback."""
    code = (
        "import os, signal, sys; from planloom_cli import main, session\n"
        "session.Session.library = lambda self: os.kill(os.getpid(), signal.SIGINT)\n"
        "main.main(['profiles'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 128 + signal.SIGINT
    assert b"Interrupted." in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_bug_stays_a_traceback(tmp_path: Path) -> None:
    """Only the errors of planloom are told in words."""
    code = (
        "from planloom_cli import main, session\n"
        "def broken(self): raise ZeroDivisionError('bug')\n"
        "session.Session.library = broken\n"
        "main.main(['profiles'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"Traceback" in done.stderr
    assert b"ZeroDivisionError: bug" in done.stderr


def test_same_bytes_in_any_environment(tmp_path: Path) -> None:
    """Locale, time zone and hash seed leave no trace in the documents."""
    outputs = set()
    for number, environment in enumerate(
        [
            {"LANG": "C", "TZ": "UTC", "PYTHONHASHSEED": "1"},
            {"LANG": "zh_CN.UTF-8", "TZ": "Asia/Shanghai", "PYTHONHASHSEED": "2"},
        ]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        args = ("compose", "-p", "school", *FACTS, "-o", "p.docx", "-o", "p.json", "-o", "p.md")
        assert process(*args, folder=folder, **environment).returncode == 0
        outputs.add(b"".join((folder / name).read_bytes() for name in ("p.docx", "p.json", "p.md")))
    assert len(outputs) == 1


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_starting_loads_nothing_heavy(option: str, tmp_path: Path) -> None:
    """Help and version import neither the engine nor what only the engine needs."""
    heavy = {"planloom", "planloom_schemas", "attrs", "cattrs", "jinja2", "yaml", "pathlib"}
    code = (
        "import sys; before = set(sys.modules); from planloom_cli.main import main\n"
        f"try: main([{option!r}])\n"
        f"finally: sys.stderr.write(repr(sorted((set(sys.modules) - before) & {heavy})))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0
    assert done.stderr == b"[]"


COMMANDS = [
    ("compose", "-p", "school", *FACTS, "-q"), ("profiles",), ("calendar", "2027"), ("explain", "SCH001"),
    ("schema", "plan"), ("rules", "-p", "school"), ("profiles", "--format", "json"), ("--help",),
]  # fmt: skip


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("args", COMMANDS)
def test_a_full_disk_behind_the_output_is_told(args: tuple[str, ...], tmp_path: Path) -> None:
    """A result that cannot be printed is an error in words, with the code of wrong input."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*PROGRAM, "--lang", "en", *args], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 2
    assert done.stderr.decode("utf-8").splitlines() == [
        "error standard output cannot be written: the disk is full",
        "  fix make room and run the command again",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="a shell that closes streams")
@pytest.mark.parametrize("args", COMMANDS)
def test_a_closed_output_is_told(args: tuple[str, ...], tmp_path: Path) -> None:
    """Where there is no standard output, a result for it does not vanish without a word."""
    line = ["sh", "-c", 'exec "$@" >&-', "sh", *PROGRAM, "--lang", "en", *args]
    done = subprocess.run(line, cwd=tmp_path, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(b"error standard output cannot be written: it is closed\n")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell that closes streams")
@pytest.mark.parametrize("closing", ["<&- >&- 2>&-", "<&- >&-", "2>&-"])
def test_files_are_written_without_streams(closing: str, tmp_path: Path) -> None:
    """A program that needs no stream runs without any."""
    line = ["sh", "-c", f'exec "$@" {closing}', "sh", *PROGRAM, "compose", "-p", "school", *FACTS]
    assert subprocess.run([*line, "-o", "plan.md"], cwd=tmp_path, check=False).returncode == 0
    assert (tmp_path / "plan.md").is_file()


def test_what_the_system_refuses_is_told(tmp_path: Path) -> None:
    """An error of the system that nobody foresaw names the file, and is no traceback."""
    code = (
        "from planloom_cli import main, session\n"
        "def refused(self): open('nowhere/x')\n"
        "session.Session.library = refused\n"
        "main.main(['--lang', 'en', 'profiles'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stderr.decode("utf-8").splitlines() == [
        "error nowhere/x cannot be used: No such file or directory",
        "  fix check the path and the permissions",
    ]


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii:strict"},
    ],
)
def test_answers_are_utf8_in_any_locale(environment: dict[str, str], tmp_path: Path) -> None:
    """Chinese typed at a question arrives whole, whatever the locale; bytes that are no text are asked again."""
    code = (
        "from planloom_cli import main, new\n"
        "new.stdin_is_terminal = lambda: True\n"
        "main.main(['--lang', 'en', 'new', '-p', 'school', '--year', '2027', '-o', 'p.yaml'])"
    )
    answers = b"\xd3\xfd\xb2\xc5\n" + "育才工会\n86\n84\n60\n\n\n\n".encode()
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, input=answers, capture_output=True, check=False,
        env={**os.environ, **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode("utf-8")
    assert b"an invisible control character" in done.stderr
    assert "organisation: 育才工会" in (tmp_path / "p.yaml").read_text(encoding="utf-8")

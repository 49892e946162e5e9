"""The documents do what they say: files they show are written, commands they show are run, output they show comes.

In a page, a fenced block ```` ```yaml title="plan.yaml" ```` is a file; a block ```` ```console ```` holds commands
after ``$`` and lines that must occur in what the command before them says. A block ``python`` is executed. Each page
runs in an empty folder of its own, from top to bottom.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
BLOCK = re.compile(r'^```(\w*)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_does_what_it_says(page: Path, tmp_path: Path) -> None:
    """Every shown file, command and snippet of a page works, in order."""
    for kind, title, body in BLOCK.findall(page.read_text(encoding="utf-8")):
        if title:
            file = tmp_path / title
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(body, encoding="utf-8")
        elif kind == "console":
            run_console(body, tmp_path)
        elif kind == "python":
            done = run([sys.executable, "-c", body], tmp_path)
            assert done.returncode == 0, done.stderr


def run_console(body: str, folder: Path) -> None:
    """Run each command of a block; the lines under it must occur in its output."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, *wanted = part.rstrip("\n").split("\n")
        words = shlex.split(command)
        if words[0] == "planloom":
            words[:1] = [sys.executable, "-m", "planloom_cli"]
        elif words[0] == "python":
            words[0] = sys.executable
        done = run(words, folder)
        said = done.stdout + done.stderr
        assert done.returncode in {0, 1, 2}, said
        for line in wanted:
            assert line.strip() in said, f"{command}\n{line!r} is not in:\n{said}"


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": "", "PYTHONUTF8": "1"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page names a file of the project."""
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_readmes_show_the_same_commands() -> None:
    """Both languages of the README show the same set-up commands."""
    commands = [
        [
            line
            for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
            if line.startswith("python3 -m venv")
        ]
        for name in ("README.md", "README.zh-CN.md")
    ]
    assert commands[0] == commands[1]
    assert len(commands[0]) == 2

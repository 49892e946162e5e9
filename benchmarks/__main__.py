"""The figures planloom promises, each measured as a ratio in one run: ``python -m benchmarks``.

Commands are timed as whole processes, the two of a pair in turn, so that a busy machine slows both alike. The
first run of each is not counted: it is the one that compiles the modules and keeps the layers it has read.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks import checking, inprocess

Row = tuple[str, str, str, bool]
PYTHON = sys.executable
IMPORTS = [PYTHON, "-c", "import attrs,cattrs,click,jinja2,pluggy"]
CLICK = [PYTHON, "-c", "import click"]
PLANLOOM = [PYTHON, "-m", "planloom_cli"]
COMPOSE = [
    *PLANLOOM, "compose", "-p", "school", "--year", "2027", "--set", "staff=86", "--set", "members=84",
    "--set", "women_members=60", "--organisation", "育才小学工会委员会",
]  # fmt: skip


def seconds(command: Sequence[str], folder: Path, **variables: str) -> float:
    """How long a command takes as a whole process, with compiled modules like any installed program."""
    environment = {**os.environ, "PLANLOOM_CACHE": str(folder / "kept"), **variables}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    begin = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, env=environment, **quiet)
    return time.perf_counter() - begin


def ratio(
    command: Sequence[str], base: Sequence[str], folder: Path, runs: int = 15, **variables: str
) -> float:
    """The median of the time of a command as a multiple of another's, pair by pair, run in turn."""
    pairs = [(seconds(command, folder, **variables), seconds(base, folder)) for _ in range(runs + 1)][1:]
    return statistics.median(one / other for one, other in pairs)


def startup(folder: Path) -> Iterator[Row]:
    """Start-up and cold composing."""
    for option in ("--version", "--help"):
        yield bound(f"planloom {option} / import click", ratio([*PLANLOOM, option], CLICK, folder), 1.5)
    yield bound(
        "compose to .md / import of five libraries", ratio([*COMPOSE, "-o", "x.md"], IMPORTS, folder), 2.0
    )
    first = ratio([*COMPOSE, "-o", "x.md"], IMPORTS, folder, PLANLOOM_CACHE="")
    yield "the same where nothing was kept before", f"{first:.2f} ×", "-", True
    yield from against_cookiecutter(folder)
    yield bound(
        "compose to .docx / import of five libraries", ratio([*COMPOSE, "-o", "x.docx"], IMPORTS, folder), 4.0
    )


def against_cookiecutter(folder: Path) -> Iterator[Row]:
    """Cold composing against cookiecutter writing one file."""
    template = folder / "template"
    (template / "{{cookiecutter.name}}").mkdir(parents=True)
    (template / "cookiecutter.json").write_text('{"name": "plan"}', encoding="utf-8")
    (template / "{{cookiecutter.name}}" / "plan.md").write_text("# {{cookiecutter.name}}\n", encoding="utf-8")
    peer = [PYTHON, "-m", "cookiecutter", "--no-input", "-f", str(template)]
    try:
        seconds(peer, folder)
    except subprocess.CalledProcessError:
        yield "compose to .md / cookiecutter writing one file", "cookiecutter is not installed", "< 1", False
        return
    yield bound(
        "compose to .md / cookiecutter writing one file", ratio([*COMPOSE, "-o", "x.md"], peer, folder), 1.0
    )


def bound(what: str, measured: float, most: float) -> Row:
    """A row that holds when the figure stays within its bound."""
    return what, f"{measured:.2f} ×", f"≤ {most:g} ×", measured <= most


def same_bytes(folder: Path) -> Row:
    """The same plan, byte for byte, whatever the hash seed, time zone and locale."""
    outputs = set()
    for seed, zone, locale in (
        ("0", "UTC", "C"),
        ("1", "Asia/Shanghai", "zh_CN.UTF-8"),
        ("77", "America/New_York", "en_US.UTF-8"),
    ):
        for kept in ("", str(folder / "kept")):
            surroundings = {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale, "PLANLOOM_CACHE": kept}
            written = b""
            for name in ("x.json", "x.docx", "x.md"):
                command = [*COMPOSE, "-o", name]
                environment = {**os.environ, **surroundings}
                subprocess.run(command, cwd=folder, check=True, env=environment, capture_output=True)
                written += (folder / name).read_bytes()
            outputs.add(written)
    return "same input, any hash seed, time zone, locale", f"{len(outputs)} result(s)", "1", len(outputs) == 1


def main() -> int:
    """Measure everything and print one table; the exit code says whether every bound holds."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        rows += startup(Path(name))
        rows += inprocess.rows(bound)
        rows += checking.rows(bound)
        rows.append(same_bytes(Path(name)))
    width = max(len(row[0]) for row in rows)
    for what, measured, wanted, holds in rows:
        print(f"{what:<{width}}  {measured:>14}  {wanted:>8}  {'ok' if holds else 'NOT REACHED'}")
    return 0 if all(row[3] for row in rows) else 1


Bound = Callable[[str, float, float], Row]

if __name__ == "__main__":
    sys.exit(main())

"""What the tests share: a folder for what is kept between runs, and a runner of commands in an empty folder."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from planloom_cli.main import cli

Run = Callable[..., Result]


@pytest.fixture(scope="session", autouse=True)
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Nothing of a test run is kept where the user's own runs keep it."""
    before = os.environ.get("PLANLOOM_CACHE")
    os.environ["PLANLOOM_CACHE"] = str(folder := tmp_path_factory.mktemp("shelf"))
    yield folder
    if before is None:
        del os.environ["PLANLOOM_CACHE"]
    else:
        os.environ["PLANLOOM_CACHE"] = before


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in process, in an empty folder: ``run("compose", "plan.yaml", lang="zh")``."""
    monkeypatch.chdir(tmp_path)
    for name in ("PLANLOOM_LAYER_PATH", "PLANLOOM_PLUGINS", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)

    def invoke(*args: str, lang: str = "en", input: str | None = None) -> Result:
        monkeypatch.setenv("LANGUAGE", lang)
        monkeypatch.setenv("COLUMNS", "80")
        return CliRunner().invoke(cli, args, input=input, prog_name="planloom", catch_exceptions=False)

    return invoke

"""What the tests of the command line share: a runner in an empty folder."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from planloom_cli.main import cli

Run = Callable[..., Result]


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

"""What the cases share: layers and plan files as text in a folder of their own."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import planloom
from planloom_schemas.errors import PlanloomError, Problem
from planloom_schemas.plan import Plan

Compose = Callable[..., Plan]
Refusal = Callable[..., "Refused"]


class Refused:
    """Why composing was refused, as people read it.

    Args:
        error: What was raised.
    """

    def __init__(self, error: PlanloomError) -> None:
        self.kind = type(error).__name__
        self.problems = error.problems
        self.codes = [problem.code for problem in error.problems]
        self.text = "\n".join(line for problem in error.problems for line in _lines(problem))

    @property
    def paste(self) -> str:
        """The one line that is offered for pasting."""
        (line,) = {problem.paste for problem in self.problems if problem.paste}
        return line


def _lines(problem: Problem) -> list[str]:
    at = f"{problem.location.file}:{problem.location.line}: " if problem.location else ""
    fix = problem.fix_text() + (f": {problem.paste}" if problem.paste else "")
    return [
        f"{at}{problem.text()}",
        *(f"  {party}" for party in problem.parties),
        *([f"  fix: {fix}"] if fix else []),
    ]


@pytest.fixture
def compose_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compose:
    """Composes files given as text: ``compose_text({"a.yaml": ..., "plan.yaml": ...})``."""
    monkeypatch.chdir(tmp_path)

    def compose(files: Mapping[str, str], **arguments: Any) -> Plan:
        for name, text in files.items():
            file = Path("plan.yaml") if name == "plan.yaml" else Path("layers") / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return planloom.compose("plan.yaml", layer_path=["layers"], **{"period": 2027, **arguments})

    return compose


@pytest.fixture
def refusal(compose_text: Compose) -> Refusal:
    """Composes files that must be refused; gives the error as text."""

    def refuse(files: Mapping[str, str], **arguments: Any) -> Refused:
        with pytest.raises(PlanloomError) as caught:
            compose_text(files, **arguments)
        return Refused(caught.value)

    return refuse

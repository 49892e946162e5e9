"""One layer in a process of its own: what it makes, touches and takes in time, as one line of JSON."""

import hashlib
import json
import sys
import sysconfig
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import planloom
from planloom.discovery import discover
from planloom.plugins import Plugins
from planloom.render import render_bytes
from planloom.rules.engine import check_view
from planloom.rules.planview import view_of_plan
from planloom.testing.specimen import Specimen, specimens_of
from planloom_schemas.convert import plan_to_json
from planloom_schemas.plan import Plan

_WATCHED = (
    "open",
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.spawn",
    "os.posix_spawn",
    "os.putenv",
    "os.remove",
    "os.rename",
    "os.mkdir",
    "shutil.",
    "urllib.",
    "http.",
)
_PRINTED = ("md", "html", "docx")
T = TypeVar("T")


def main(words: str) -> None:
    """Say everything about one layer."""
    asked = json.loads(words)
    seconds: dict[str, float] = {}
    specimen = timed("load", seconds, lambda: _specimen(asked))

    def compose() -> Plan:
        return specimen.compose(asked["facts"])

    compose()
    plan = timed("compose", seconds, compose)
    _check(specimen, plan)
    digests = timed("check", seconds, lambda: _check(specimen, plan))
    digests |= _documents(plan, specimen.code)
    events = _watched(lambda: (_check(specimen, compose()), _documents(plan, specimen.code)))
    sys.stdout.write(json.dumps({"digests": digests, "seconds": seconds, "events": events}) + "\n")


def _specimen(asked: Mapping[str, Any]) -> Specimen:
    library = discover([Path(folder) for folder in asked["layer_path"]])
    found = next(one for one in specimens_of(asked["target"], library) if one.id == asked["layer"])
    _ = found.layer, found.code
    return found


def timed(step: str, seconds: dict[str, float], call: Callable[[], T]) -> T:
    """The result of a call; the time it took goes into ``seconds``."""
    begin = time.perf_counter()
    result = call()
    seconds[step] = time.perf_counter() - begin
    return result


def _check(specimen: Specimen, plan: Plan) -> dict[str, str]:
    findings, outcomes = check_view(
        view_of_plan(plan), plan.rules, plan.facts, python_rules=specimen.python_rules
    )
    said = (
        [(one.code, one.path, one.message) for one in findings],
        [(one.code, one.outcome) for one in outcomes],
    )
    return {"findings": _digest(repr(said).encode())}


def _documents(plan: Plan, code: Plugins) -> dict[str, str]:
    made = {"plan": _digest(json.dumps(plan_to_json(plan), ensure_ascii=False).encode())}
    made |= {name: _digest(render_bytes(plan, name)) for name in _PRINTED}
    return made | {name: _digest(render_bytes(plan, name, extra=code.renderers)) for name in code.renderers}


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _watched(call: Callable[[], object]) -> list[str]:
    """What a call does to the world, beside reading what belongs to Python and planloom."""
    seen: list[str] = []
    watching = True
    homes = tuple(
        {sys.prefix, sys.base_prefix, sysconfig.get_path("stdlib"), str(Path(planloom.__file__).parents[1])}
    )

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if watching and event.startswith(_WATCHED):
            what = str(args[0]) if args else ""
            if event != "open" or not (what.startswith(homes) or what.isdigit()):
                seen.append(f"{event} {what}".strip())

    sys.addaudithook(hook)
    call()
    watching = False
    return sorted(set(seen))


if __name__ == "__main__":
    main(sys.argv[1])

"""Checks 6 to 8: the layer in processes of its own, in other surroundings, watched and timed."""

import ast
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from planloom.testing.specimen import Specimen, wrong
from planloom_schemas.errors import Msg, Problem

BUDGET_SECONDS = 1.0
"""How long loading, composing and checking may take, each; the bundled profiles need a hundredth of it."""
_SURROUNDINGS: tuple[Mapping[str, str], ...] = (
    {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C", "LANGUAGE": "en"},
    {"PYTHONHASHSEED": "4711", "TZ": "Asia/Shanghai", "LC_ALL": "C.UTF-8", "LANGUAGE": "zh_CN"},
)
_MODULES = frozenset(
    {
        "random",
        "secrets",
        "uuid",
        "time",
        "socket",
        "ssl",
        "http",
        "urllib",
        "requests",
        "subprocess",
        "multiprocessing",
        "ctypes",
        "tempfile",
    }
)
_CALLS = frozenset({"now", "today", "utcnow", "urandom", "system", "popen", "getenv"})
_BARE_CALLS = frozenset({"open", "exec", "eval", "input"})


def run_twice(specimen: Specimen) -> tuple[Mapping[str, Any], ...]:
    """What `planloom.testing.child` says in two surroundings at once."""
    with tempfile.TemporaryDirectory() as scratch:
        homes = (os.path.abspath(os.sep), scratch)
        children = [_start(specimen, more, home) for more, home in zip(_SURROUNDINGS, homes, strict=True)]
        return tuple(_said(child) for child in children)


def _start(specimen: Specimen, more: Mapping[str, str], home: str) -> "subprocess.Popen[str]":
    target = specimen.root or specimen.offer.folder or specimen.offer.file
    others = {
        offer.folder or offer.file.parent
        for offer in specimen.library.layers.values()
        if not offer.distribution
    }
    words = json.dumps(
        {
            "target": str(target.resolve()),
            "layer": specimen.id,
            "facts": specimen.variants["fullest"],
            "layer_path": sorted(str(folder.resolve()) for folder in others),
            "path": sys.path,
        },
        ensure_ascii=True,
    )
    return subprocess.Popen(
        [sys.executable, "-m", "planloom.testing.child", words],
        cwd=home,
        text=True,
        encoding="utf-8",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **more, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONUTF8": "1"},
    )


def _said(child: "subprocess.Popen[str]") -> Mapping[str, Any]:
    try:
        out, err = child.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        return {"error": "no answer in 60 s"}
    lines = out.strip().splitlines()
    if child.returncode or not lines:
        return {"error": (err.strip().splitlines() or [f"exit {child.returncode}"])[-1]}
    said: Mapping[str, Any] = json.loads(lines[-1])
    return said


def _failed(specimen: Specimen) -> Iterator[Problem]:
    for run in specimen.runs:
        if "error" in run:
            yield wrong(
                "ProcessFailed", "in a process of its own the layer failed: {reason}", reason=run["error"]
            )


# ---- 6 ----


def gives_the_same_bytes(specimen: Specimen) -> Iterator[Problem]:
    """Plan, documents and findings are the same for any hash seed, time zone, locale and folder."""
    yield from _failed(specimen)
    one, other = (run.get("digests", {}) for run in specimen.runs)
    for name in sorted(one.keys() | other.keys()):
        if one.get(name) != other.get(name):
            yield wrong(
                "NotDeterministic",
                "{what} differs between two runs of the same plan",
                "use no sets, hashes, clock, locale or environment in filters, rules and renderers",
                what=name,
            )


# ---- 7 ----


def touches_nothing(specimen: Specimen) -> Iterator[Problem]:
    """Nothing is opened, started or asked for while composing and checking, and no module could."""
    yield from _failed(specimen)
    seen = sorted({event for run in specimen.runs for event in run.get("events", ())})
    for event in seen:
        yield wrong(
            "TouchesTheWorld",
            "while composing or checking it did: {event}",
            "filters, rules and renderers work on what they are given, and on nothing else",
            event=event,
        )
    for file in _modules(specimen):
        yield from _suspects(file)


def _modules(specimen: Specimen) -> Iterable[Path]:
    """The files of the packages that its code plugins stand in."""
    if specimen.root is None:
        return ()
    from planloom.testing.specimen import package_folder

    packages = {offer.target.split(":")[0].split(".")[0] for offer in specimen.own_code}
    return sorted(file for name in packages for file in package_folder(specimen.root, name).rglob("*.py"))


def _suspects(file: Path) -> Iterator[Problem]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        for name in _named(node):
            yield wrong(
                "CouldTouchTheWorld",
                "{file}, line {line}: {name} reaches outside the plan",
                "take what is needed from the plan and its facts",
                file=file.name,
                line=getattr(node, "lineno", 0),
                name=name,
            )


def _named(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name.split(".")[0] in _MODULES)
    elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in _MODULES:
        yield node.module
    elif isinstance(node, ast.Call):
        called = node.func
        if isinstance(called, ast.Name) and called.id in _BARE_CALLS:
            yield f"{called.id}()"
        if isinstance(called, ast.Attribute) and called.attr in _CALLS:
            yield f"{ast.unparse(called)}()"


# ---- 8 ----


def is_fast(specimen: Specimen) -> Iterator[Problem]:
    """Loading, composing and checking keep to the budget in the faster of two runs."""
    yield from _failed(specimen)
    for step in ("load", "compose", "check"):
        taken = min((run["seconds"][step] for run in specimen.runs if "seconds" in run), default=0.0)
        if taken > BUDGET_SECONDS:
            yield wrong(
                "TooSlow",
                "to {step} takes {found} s; at most {wanted} s are allowed",
                "see which rule, filter or text does the most work",
                step=Msg(step),
                found=f"{taken:.1f}",
                wanted=f"{BUDGET_SECONDS:g}",
            )

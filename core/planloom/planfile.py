"""Plan files: read, and told from what else has their form."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from planloom.discovery import Library, read_yaml
from planloom.layers import LoadedLayer, plan_layer, structured
from planloom.source import Source
from planloom.stack import unfound
from planloom_schemas.errors import PlanFileError, Problem, SchemaError
from planloom_schemas.layer import PlanFile

_FROM_DOCUMENT = "make a plan file of it first: planloom import {file} -o plan.yaml"
_NO_PLAN_FILE: Mapping[str, tuple[str, str]] = {
    "layer": (
        "{file} is a layer, not a plan file",
        "name the plan file; use the layer with -p or under “directives:”",
    ),
    "origins": (
        "{file} is a composed plan, not a plan file",
        "name the plan file that it was composed from",
    ),
}
"""What else has the form of a plan file: a key that only it has, with message and fix."""


def load_plan_file(file: Path, library: Library | None = None) -> LoadedLayer:
    """The plan file as a layer.

    Args:
        file: Where it stands.
        library: Where the layers that it names must be found, if they are to be looked for.

    Raises:
        SchemaError: It is not what a plan file must be; names every problem.
        PlanFileError: It is a document, a composed plan or a layer.
    """
    return plan_of_source(read_yaml(file, "a plan file", _FROM_DOCUMENT), library)


def plan_of_source(source: Source, library: Library | None = None) -> LoadedLayer:
    """The plan file that was parsed, as a layer; see `load_plan_file`."""
    from planloom_schemas.convert import structure_plan_file

    data: Any = source.data
    for key, (message, fix) in _NO_PLAN_FILE.items():
        if key in data and "plan" not in data:
            raise PlanFileError(_not_a_plan_file(source, key, message, fix))
    try:
        content: PlanFile = structured(source, structure_plan_file)
        return plan_layer(content, source)
    except SchemaError as error:
        missing = unfound(source, library) if library else ()
        raise SchemaError(*error.problems, *missing) from error


def _not_a_plan_file(source: Source, key: str, message: str, fix: str) -> Problem:
    return Problem(
        code="NotAPlanFile", message=message, params={"file": source.file}, location=source.key_at((key,)), fix=fix
    )  # fmt: skip

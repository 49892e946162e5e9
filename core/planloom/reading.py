"""Reading what is to be checked, beside plan files: bytes, and composed plans in JSON."""

from pathlib import Path

from planloom_schemas.errors import Location, Problem, SchemaError
from planloom_schemas.plan import Plan

PLAN_FILES, COMPOSED = (".yaml", ".yml"), (".json",)
"""The endings of plan files and of composed plans; everything else is a document."""


def read_content(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        SchemaError: It cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        message, fix = "there is no file {found}", "check the path and the spelling of the file name"
        raise SchemaError(_unreadable("FileNotFound", message, fix, path)) from None
    except IsADirectoryError:
        message, fix = "{found} is a folder, a file is wanted", "name the file inside the folder"
        raise SchemaError(_unreadable("IsDirectory", message, fix, path)) from None
    except OSError as error:
        message = "{found} cannot be read: {detail}"
        fix = "check that the file may be read and is not locked by another program"
        raise SchemaError(_unreadable("Unreadable", message, fix, path, error.strerror or "?")) from error


def read_composed(path: Path) -> Plan:
    """A composed plan from its JSON.

    Raises:
        SchemaError: The file cannot be read, or is no composed plan.
    """
    import json

    from planloom_schemas.convert import StructureError, plan_from_json

    try:
        return plan_from_json(json.loads(read_content(path).decode("utf-8-sig")))
    except StructureError as error:
        at = Location(file=str(path), line=0, column=0)
        raise SchemaError(
            *(
                Problem(
                    code=one.code, message=one.message, params=one.params, path="/".join(map(str, one.path)),
                    location=at, fix=one.fix,
                )
                for one in error.mistakes
            )
        ) from error  # fmt: skip
    except (ValueError, RecursionError) as error:
        message, fix = "{found} cannot be read: {detail}", "name a composed plan in JSON"
        raise SchemaError(_unreadable("Unreadable", message, fix, path, str(error))) from error


def _unreadable(code: str, message: str, fix: str, path: Path, detail: str = "") -> Problem:
    params = {"found": str(path), "detail": detail}
    return Problem(code=code, message=message, params=params, fix=fix, location=Location(file=str(path)))

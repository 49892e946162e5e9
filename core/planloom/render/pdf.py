"""Plans as PDF, set by typst with the same measures as the Word document; an optional extra."""

import json
from collections.abc import Sequence
from pathlib import Path

from attrs import asdict

from planloom.render.layout import (
    Attachment,
    AttachmentNote,
    Block,
    RequirementRow,
    SignatureBlock,
    closing,
    layout,
)
from planloom.render.tables import Table
from planloom_schemas.errors import Problem, RenderError
from planloom_schemas.plan import Plan

_TEMPLATE = Path(__file__).parent / "templates" / "plan.typ"


def render(plan: Plan, requirements: Sequence[RequirementRow] = ()) -> bytes:
    """The plan as a .pdf file.

    Raises:
        RenderError: typst is not installed.
    """
    try:
        import typst
    except ImportError as error:
        message, fix = "PDF needs typst, which is not installed", "run: {command}"
        params = {"command": 'pip install "planloom[pdf]"'}
        raise RenderError(Problem(code="MissingExtra", message=message, params=params, fix=fix)) from error
    # Handed over as data, nothing in the plan can act as markup.
    blocks = layout(plan, requirements)
    kept = closing(blocks)
    data = json.dumps(
        [{**_plain(block), "kept": place in kept} for place, block in enumerate(blocks)], ensure_ascii=False
    )
    return bytes(typst.compile(_TEMPLATE.read_bytes(), sys_inputs={"blocks": data}))


def _plain(block: Block) -> dict[str, object]:
    plain: dict[str, object] = {"kind": type(block).__name__, **asdict(block)}
    match block:
        case AttachmentNote() | SignatureBlock():
            plain["lines"] = block.lines
        case Attachment(table=Table() as table):
            plain["table"] = _table(table)
        case _:
            pass
    return plain


def _table(table: Table) -> dict[str, object]:
    return {
        "columns": [
            {"lines": column.lines(column.title), "width": column.width, "align": column.align}
            for column in table.columns
        ],
        "cells": [
            {
                "lines": column.lines(cell.text),
                "rows": cell.rows,
                "align": column.align,
                "whole": kept or cell.rows == 1,
            }
            for row, kept in zip(table.rows, table.kept(), strict=True)
            for cell, column in zip(row, table.columns, strict=True)
            if cell.rows
        ],
    }

"""Plans as Markdown: plain CommonMark with GitHub tables, every character of the plan inert."""

from collections.abc import Iterable, Iterator, Sequence

from planloom.regexes import compiled
from planloom.render.layout import (
    Attachment,
    AttachmentNote,
    Block,
    Heading,
    Paragraph,
    RequirementRow,
    SignatureBlock,
    Title,
    layout,
)
from planloom.render.tables import Table
from planloom_schemas.plan import Plan

_MARKUP = r"[\\`*_\[\]<>|~$#]|&(?=#?[0-9A-Za-z]+;)"
_OPENING = r"^(?:[0-9]{1,9}(?=[.)](?:\s|$))|(?=[-+=]))"
_RULES = {"left": ":---", "center": ":---:", "right": "---:"}


def render(plan: Plan, requirements: Sequence[RequirementRow] = ()) -> bytes:
    """The plan as a Markdown file."""
    pieces = [piece for block in layout(plan, requirements) for piece in _block(block)]
    return ("\n\n".join(pieces) + "\n").encode()


def _block(block: Block) -> Iterator[str]:
    match block:
        case Title():
            yield f"# {_escaped(block.text)}"
        case Heading(label, text):
            yield f"## {_escaped(label + text)}"
        case Paragraph(text):
            yield _paragraph(text)
        case AttachmentNote():
            yield from map(_paragraph, block.lines)
        case SignatureBlock(name, date):
            yield from (_paragraph(text) for text in (name, date) if text)
        case Attachment():
            yield f"## {block.mark}"
            yield f"### {_escaped(block.title)}"
            if block.table:
                yield _table(block.table)


def _escaped(text: str) -> str:
    return compiled(_MARKUP).sub(r"\\\g<0>", text)


def _paragraph(text: str) -> str:
    """A paragraph whose first characters start no list and no rule."""
    return compiled(_OPENING).sub(r"\g<0>\\", _escaped(text))


def _table(table: Table) -> str:
    rules = [_RULES[column.align] for column in table.columns]
    lines = [_line(column.title for column in table.columns), _line(rules)]
    lines += [_line(_escaped(cell.text) if cell.rows else "" for cell in row) for row in table.rows]
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"

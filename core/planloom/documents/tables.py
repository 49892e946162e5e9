"""Tables of documents: a schedule gives activities, any other table gives its rows."""

import re
from collections.abc import Iterator, Mapping, Sequence

from planloom.documents.entries import Entry, names_in, owners_in, words_at
from planloom.documents.paragraphs import Paragraph, slice_of
from planloom.documents.times import Time, read_times

_ROLES: Mapping[str, "re.Pattern[str]"] = {
    "demand": re.compile(r"要求"),
    "owner": re.compile(r"责任|负责|承办|牵头|主办"),
    "month": re.compile(r"^(?:月份?|月\s*份|季度)$"),
    "time": re.compile(r"时间|日期|日程|时段|月份"),
    "people": re.compile(r"参加|参与|对象|范围|人员"),
    "place": re.compile(r"地点|场所"),
    "content": re.compile(r"内容|活动|工作|项目|事项|措施|任务|安排"),
}
_SPLIT = re.compile(r"[^。；;]+[。；;]*")
_PLACE_BEHIND = re.compile(r"[（(](?:地点|场所)[）)]")
_BEHIND = re.compile(r"(?P<before>.*?)[（(](?P<behind>[^（()）]+)[）)]")

Row = Mapping[int, Sequence[Paragraph]]


def read_tables(cells: Sequence[Paragraph]) -> dict[int, tuple[Entry, ...]]:
    """The entries of each table by its number, from the paragraphs of its cells."""
    tables: dict[int, dict[int, dict[int, list[Paragraph]]]] = {}
    for paragraph in cells:
        at = paragraph.cell
        if at:
            tables.setdefault(at.table, {}).setdefault(at.row, {}).setdefault(at.column, []).append(paragraph)
    return {number: tuple(_table(list(rows.values()))) for number, rows in tables.items()}


def _table(rows: Sequence[Row]) -> Iterator[Entry]:
    roles = _roles(rows[0])
    is_schedule = {"month", "time"} & roles.keys() and "content" in roles
    # What answers requirements names activities that stand in the schedule already.
    if "demand" in roles or not is_schedule:
        yield from (_row(paragraph) for row in rows for each in row.values() for paragraph in each)
        return
    yield from (_row(paragraph) for each in rows[0].values() for paragraph in each)
    carried: Time | None = None
    is_all_year = False
    for row in rows[1:]:
        month, time = (read_times(_text(row, roles.get(role))) for role in ("month", "time"))
        # Cells merged over several rows hold their text in the first.
        if _text(row, roles.get("month")):
            is_all_year = month is None
        carried = month or (time if "month" not in roles or is_all_year else None) or carried
        is_exact = time and carried and not set(time.months).isdisjoint(carried.months)
        yield from _scheduled(row, roles, time if is_exact else carried)


def _roles(head: Row) -> dict[str, int]:
    """What each column holds, by the words above it; each column has one role, each role one column."""
    roles: dict[str, int] = {}
    for column in head:
        words = re.sub(r"\s", "", _text(head, column))
        role = next((name for name, words_of in _ROLES.items() if words_of.search(words)), None)
        if role and role not in roles:
            roles[role] = column
        if role == "people" and _PLACE_BEHIND.search(words):
            roles.setdefault("place", column)
    return roles


def _text(row: Row, column: int | None) -> str:
    return "".join(paragraph.text for paragraph in row.get(column or 0, ()))


def _row(paragraph: Paragraph) -> Entry:
    return Entry(kind="row", paragraph=paragraph, source=paragraph, title=paragraph.text)


def _scheduled(row: Row, roles: Mapping[str, int], time: Time | None) -> Iterator[Entry]:
    owner = names_in(_text(row, roles.get("owner")))
    people, place = _people_and_place(row, roles)
    occasion = _BEHIND.fullmatch(_text(row, roles.get("time")))
    for column, paragraphs in row.items():
        for paragraph in paragraphs:
            if column != roles["content"] or time is None:
                yield _row(paragraph)
                continue
            for piece in _pieces(paragraph):
                title = piece.text.rstrip("。；; ")
                yield Entry(
                    kind="activity", paragraph=piece, source=paragraph, title=title, on=time.on,
                    months=time.months, owner=owner or owners_in(title), place=place, participants=people,
                    occasion=occasion["behind"] if occasion else "",
                )  # fmt: skip


def _people_and_place(row: Row, roles: Mapping[str, int]) -> tuple[str | None, str | None]:
    """Who takes part and where; in a column 参加人员（地点） the place stands in brackets behind."""
    people, place = _text(row, roles.get("people")), _text(row, roles.get("place"))
    if "people" in roles and roles.get("place") == roles["people"]:
        both = _BEHIND.fullmatch(people)
        people, place = (both["before"], both["behind"]) if both else (people, "")
    return people or None, place or None


def _pieces(paragraph: Paragraph) -> Iterator[Paragraph]:
    for match in _SPLIT.finditer(paragraph.text, words_at(paragraph)):
        if match[0].strip("。；; "):
            yield slice_of(paragraph, *match.span())

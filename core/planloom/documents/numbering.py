"""Automatic numbers of .docx as the words a reader sees: 一、（一）1.（1）."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from planloom.documents.package import local
from planloom.rules.layout_kinds import cn_number

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MAX_LEVELS = 9
_MAX_CHAIN = 20
_LONGEST_TEXT = 40  # it is printed before every paragraph


def child(element: "Element | None", *path: str) -> "Element | None":
    """The first descendant along a path of local names."""
    for name in path:
        if element is None:
            return None
        for each in element:
            if local(each.tag) == name:
                element = each
                break
        else:
            return None
    return element


def value(element: "Element | None", *path: str, name: str = "val") -> str | None:
    """An attribute, by its local name, of the descendant along a path."""
    found = child(element, *path)
    if found is None:
        return None
    for key, said in found.attrib.items():
        if local(key) == name:
            return str(said)
    return None


def number(text: str | None, default: int = 0) -> int:
    """A whole number of an attribute."""
    return int(text) if text is not None and text.lstrip("-").isdecimal() and len(text) < 10 else default


# ---- styles ----


@frozen
class Style:
    """What of a paragraph style matters here, with what it is based on taken in."""

    name: str = ""
    outline: int | None = None
    num: str | None = None
    level: int | None = None
    is_bold: bool = False


class Styles:
    """The paragraph styles of a document; each is worked out when it is first asked for."""

    def __init__(self, root: "Element | None") -> None:
        self._found: dict[str, Element] = {}
        self._default = ""
        self._known: dict[str, Style] = {}
        for style in root if root is not None else ():
            if local(style.tag) == "style":
                attributes = {local(key): str(said) for key, said in style.attrib.items()}
                self._found[attributes.get("styleId", "")] = style
                if attributes.get("type") == "paragraph" and attributes.get("default") in ("1", "true", "on"):
                    self._default = attributes.get("styleId", "")

    def get(self, name: str | None) -> Style:
        """A style by its id; the default one where there is none."""
        name = name if name in self._found else self._default
        if name not in self._known:
            self._known[name] = self._resolved(name)
        return self._known[name]

    def _resolved(self, name: str) -> Style:
        chain: list[Element] = []
        while name in self._found and len(chain) < _MAX_CHAIN:
            chain.append(self._found[name])
            name = value(self._found[name], "basedOn") or ""
        style = Style()
        for element in reversed(chain):
            style = _based(element, style)
        return style


def _based(element: "Element", style: Style) -> Style:
    """A style that is based on another."""
    properties = child(element, "pPr")
    outline, num = value(properties, "outlineLvl"), value(properties, "numPr", "numId")
    level = value(properties, "numPr", "ilvl")
    return Style(
        name=(value(element, "name") or "").lower(),
        outline=number(outline) if outline is not None else style.outline,
        num=num if num is not None else style.num,
        level=number(level) if level is not None else style.level,
        is_bold=is_on(child(element, "rPr", "b"), style.is_bold),
    )


def is_on(element: "Element | None", default: bool = False) -> bool:
    """Whether a switch such as ``w:b`` is on."""
    if element is None:
        return default
    said = next((each for key, each in element.attrib.items() if local(key) == "val"), "1")
    return str(said).lower() not in ("0", "false", "off", "none")


# ---- definitions of numbers ----


@frozen
class Level:
    """How one level is numbered."""

    format: str = "decimal"
    text: str = ""
    start: int = 1
    restarts: bool = True
    is_legal: bool = False
    style: str = ""


@frozen(eq=False)
class Numbering:
    """Definitions of numbers, and the count so far: ask for the labels of paragraphs in their order.

    Args:
        styles: The styles of the document.
        abstract: Levels of each definition.
        nums: Each list: its definition, where its levels begin again, and levels of its own.
        counts: How far each definition has been counted, by level.
        begun: Lists of which a paragraph was seen.
    """

    styles: Styles
    abstract: dict[str, dict[int, Level]] = field(factory=dict[str, dict[int, Level]])
    nums: dict[str, tuple[str, dict[int, int], dict[int, Level]]] = field(
        factory=dict[str, tuple[str, dict[int, int], dict[int, Level]]]
    )
    counts: dict[str, dict[int, int]] = field(factory=dict[str, dict[int, int]])
    begun: set[str] = field(factory=set[str])

    def label(self, num: str, level: int) -> tuple[str, bool]:
        """The number of the next paragraph of a list.

        Returns:
            Its words, "" for bullets; and whether there is such a list at all.
        """
        if num not in self.nums or not 0 <= level < MAX_LEVELS:
            return "", False
        abstract, starts, own = self.nums[num]
        levels = {**self.abstract.get(abstract, {}), **own}
        if level not in levels:
            return "", False
        counts = self.counts.setdefault(abstract, {})
        if num not in self.begun:
            self.begun.add(num)
            for restarted in starts:
                counts.pop(restarted, None)
        self._step(counts, level, levels, starts)
        return _printed(level, counts, levels), True

    def _step(
        self, counts: dict[int, int], level: int, levels: Mapping[int, Level], starts: Mapping[int, int]
    ) -> None:
        for above in range(level + 1):
            first = starts.get(above, levels[above].start if above in levels else 1)
            if above == level:
                counts[above] = counts[above] + 1 if above in counts else first
            else:
                counts.setdefault(above, first)
        for deeper in [each for each in counts if each > level and levels.get(each, Level()).restarts]:
            del counts[deeper]

    def level_of_style(self, num: str, style: str) -> int | None:
        """The level that is tied to a style."""
        abstract, _, own = self.nums.get(num, ("", {}, {}))
        levels = {**self.abstract.get(abstract, {}), **own}
        return next((each for each, said in levels.items() if style and said.style == style), None)


def read_numbering(root: "Element | None", styles: Styles) -> Numbering:
    """The definitions of ``numbering.xml``."""
    numbering = Numbering(styles)
    links: dict[str, str] = {}
    for element in root if root is not None else ():
        attributes = {local(key): str(said) for key, said in element.attrib.items()}
        if local(element.tag) == "abstractNum":
            name = attributes.get("abstractNumId", "")
            numbering.abstract[name] = dict(_levels(element))
            if link := value(element, "numStyleLink"):
                links[name] = link
        elif local(element.tag) == "num":
            starts, own = _overrides(element)
            numbering.nums[attributes.get("numId", "")] = (
                value(element, "abstractNumId") or "",
                starts,
                own,
            )
    for name, link in links.items():
        linked = numbering.nums.get(styles.get(link).num or "", ("", {}, {}))[0]
        numbering.abstract[name] = numbering.abstract.get(linked, {})
    return numbering


def _levels(element: "Element") -> Iterator[tuple[int, Level]]:
    for each in element:
        if local(each.tag) == "lvl":
            yield number(value(each, name="ilvl")), _level(each)


def _level(element: "Element") -> Level:
    return Level(
        format=value(element, "numFmt") or "decimal",
        text=(value(element, "lvlText") or "")[:_LONGEST_TEXT],
        start=number(value(element, "start"), 1),
        restarts=value(element, "lvlRestart") != "0",
        is_legal=is_on(child(element, "isLgl")),
        style=value(element, "pStyle") or "",
    )


def _overrides(element: "Element") -> tuple[dict[int, int], dict[int, Level]]:
    starts: dict[int, int] = {}
    own: dict[int, Level] = {}
    for each in element:
        if local(each.tag) == "lvlOverride":
            level = number(value(each, name="ilvl"))
            start = value(each, "startOverride")
            if start is not None:
                starts[level] = number(start, 1)
            replaced = child(each, "lvl")
            if replaced is not None:
                own[level] = _level(replaced)
    return starts, own


# ---- numbers as words ----


def _printed(level: int, counts: Mapping[int, int], levels: Mapping[int, Level]) -> str:
    own = levels[level]
    if own.format in ("bullet", "none"):
        return ""
    text = own.text
    for above in range(level + 1):
        said = levels.get(above, Level())
        if own.is_legal:
            said = evolve(said, format="decimal")
        text = text.replace(f"%{above + 1}", numeral(counts.get(above, said.start), said.format))
    return text.strip()


_LEGAL_DIGITS = dict(zip("一二三四五六七八九十", "壹贰叁肆伍陆柒捌玖拾", strict=True))
_CHINESE = frozenset(
    {
        "chineseCounting", "chineseCountingThousand", "ideographDigital", "japaneseCounting",
        "koreanDigital2", "japaneseDigitalTenThousand", "taiwaneseCounting", "taiwaneseCountingThousand",
    }
)  # fmt: skip
_ROMAN = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


def numeral(count: int, format: str) -> str:
    """A number in one of Word's formats; what is not known is written in digits."""
    if not 0 < count < 100:
        return str(count)
    if format in _CHINESE:
        return cn_number(count)
    match format:
        case "chineseLegalSimplified" | "ideographLegalTraditional" | "japaneseLegal":
            return "".join(_LEGAL_DIGITS.get(sign, sign) for sign in cn_number(count))
        case "decimalEnclosedCircle" | "decimalEnclosedCircleChinese":
            return chr(0x2460 + count - 1) if count <= 20 else f"({count})"
        case "decimalEnclosedParen":
            return f"({count})"
        case "decimalEnclosedFullstop":
            return f"{count}."
        case "decimalFullWidth" | "decimalFullWidth2":
            return "".join(chr(ord(digit) + 0xFEE0) for digit in str(count))
        case "decimalZero":
            return f"{count:02}"
        case "lowerLetter" | "upperLetter":
            return _cased(chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1), format)
        case "lowerRoman" | "upperRoman":
            return _cased(_roman(count), format)
        case _:
            return str(count)


def _cased(text: str, format: str) -> str:
    return text.upper() if format.startswith("upper") else text


def _roman(count: int) -> str:
    written = ""
    for size, sign in _ROMAN:
        written += sign * (count // size)
        count %= size
    return written

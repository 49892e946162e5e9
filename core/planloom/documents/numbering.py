"""Automatic numbers of .docx as the words a reader sees: 一、（一）1.（1）."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from planloom.documents.package import local
from planloom.rules.layout_kinds import cn_number

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MAX_LEVELS = 9
_MAX_CHAIN = 20


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


def read_styles(root: "Element | None") -> Mapping[str, Style]:
    """The styles of a document by id; the default paragraph style under ""."""
    found: dict[str, Element] = {}
    default = ""
    for style in root if root is not None else ():
        if local(style.tag) == "style":
            attributes = {local(key): str(said) for key, said in style.attrib.items()}
            found[attributes.get("styleId", "")] = style
            if attributes.get("type") == "paragraph" and attributes.get("default") in ("1", "true", "on"):
                default = attributes.get("styleId", "")
    styles = {name: _style(name, found) for name in found}
    return {**styles, "": styles.get(default, Style())}


def _style(name: str, found: "Mapping[str, Element]") -> Style:
    chain: list[Element] = []
    parent = name
    while parent in found and len(chain) < _MAX_CHAIN:
        chain.append(found[parent])
        parent = value(found[parent], "basedOn") or ""
    style = Style()
    for element in reversed(chain):
        properties = child(element, "pPr")
        outline, num = value(properties, "outlineLvl"), value(properties, "numPr", "numId")
        level = value(properties, "numPr", "ilvl")
        style = Style(
            name=(value(element, "name") or "").lower(),
            outline=number(outline) if outline is not None else style.outline,
            num=num if num is not None else style.num,
            level=number(level) if level is not None else style.level,
            is_bold=is_on(child(element, "rPr", "b"), style.is_bold),
        )
    return style


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
    """Definitions of numbers, and the count so far: ask for the labels of paragraphs in their order."""

    styles: Mapping[str, Style]
    _abstract: dict[str, dict[int, Level]] = field(factory=dict)
    _nums: dict[str, tuple[str, dict[int, int], dict[int, Level]]] = field(factory=dict)
    _counts: dict[str, dict[int, int]] = field(factory=dict)
    _begun: set[str] = field(factory=set)

    def label(self, num: str, level: int) -> tuple[str, bool]:
        """The number of the next paragraph of a list.

        Returns:
            Its words, "" for bullets; and whether there is such a list at all.
        """
        if num not in self._nums or not 0 <= level < MAX_LEVELS:
            return "", False
        abstract, starts, own = self._nums[num]
        levels = {**self._abstract.get(abstract, {}), **own}
        if level not in levels:
            return "", False
        counts = self._counts.setdefault(abstract, {})
        if num not in self._begun:
            self._begun.add(num)
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
        abstract, _, own = self._nums.get(num, ("", {}, {}))
        levels = {**self._abstract.get(abstract, {}), **own}
        return next((each for each, said in levels.items() if style and said.style == style), None)


def read_numbering(root: "Element | None", styles: Mapping[str, Style]) -> Numbering:
    """The definitions of ``numbering.xml``."""
    numbering = Numbering(styles)
    links: dict[str, str] = {}
    for element in root if root is not None else ():
        attributes = {local(key): str(said) for key, said in element.attrib.items()}
        if local(element.tag) == "abstractNum":
            name = attributes.get("abstractNumId", "")
            numbering._abstract[name] = dict(_levels(element))
            if link := value(element, "numStyleLink"):
                links[name] = link
        elif local(element.tag) == "num":
            starts, own = _overrides(element)
            numbering._nums[attributes.get("numId", "")] = (value(element, "abstractNumId") or "", starts, own)
    for name, link in links.items():
        linked = numbering._nums.get((styles.get(link) or Style()).num or "", ("", {}, {}))[0]
        numbering._abstract[name] = numbering._abstract.get(linked, {})
    return numbering


def _levels(element: "Element") -> Iterator[tuple[int, Level]]:
    for each in element:
        if local(each.tag) == "lvl":
            yield number(value(each, name="ilvl")), _level(each)


def _level(element: "Element") -> Level:
    return Level(
        format=value(element, "numFmt") or "decimal",
        text=value(element, "lvlText") or "",
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
_ROMAN = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


def numeral(count: int, format: str) -> str:
    """A number in one of Word's formats; what is not known is written in digits."""
    writer: Any = _FORMATS.get(format)
    return writer(count) if writer and 0 < count < 100 else str(count)


def _letters(count: int) -> str:
    return chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)


def _roman(count: int) -> str:
    written = ""
    for size, sign in _ROMAN:
        written += sign * (count // size)
        count %= size
    return written


def _circled(count: int) -> str:
    return chr(0x2460 + count - 1) if count <= 20 else f"({count})"


def _chinese(count: int) -> str:
    return cn_number(count)


_FORMATS = {
    **dict.fromkeys(
        (
            "chineseCounting", "chineseCountingThousand", "ideographDigital", "japaneseCounting",
            "japaneseDigitalTenThousand", "taiwaneseCounting", "taiwaneseCountingThousand", "koreanDigital2",
        ),
        _chinese,
    ),
    **dict.fromkeys(
        ("chineseLegalSimplified", "ideographLegalTraditional", "japaneseLegal"),
        lambda count: "".join(_LEGAL_DIGITS.get(sign, sign) for sign in cn_number(count)),
    ),
    **dict.fromkeys(("decimalEnclosedCircle", "decimalEnclosedCircleChinese"), _circled),
    "decimalEnclosedParen": lambda count: f"({count})",
    "decimalEnclosedFullstop": lambda count: f"{count}.",
    **dict.fromkeys(
        ("decimalFullWidth", "decimalFullWidth2"),
        lambda count: "".join(chr(ord(digit) + 0xFEE0) for digit in str(count)),
    ),
    "decimalZero": lambda count: f"{count:02}",
    "lowerLetter": _letters,
    "upperLetter": lambda count: _letters(count).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda count: _roman(count).upper(),
}  # fmt: skip

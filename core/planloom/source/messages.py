"""What can be wrong with a file, in words: loaded only when something is."""

from typing import Any

from planloom.source.places import LINE_BREAK, MAX_DEPTH, YamlPath
from planloom_schemas.errors import Location, Problem

MESSAGES: dict[str, tuple[str, str]] = {
    "FileNotFound": ("there is no file {found}", "check the path and the spelling of the file name"),
    "IsDirectory": ("{found} is a folder, a file is wanted", "name the file inside the folder"),
    "Unreadable": ("{found} cannot be read: {detail}",
        "check that the file may be read and is not locked by another program"),
    "TooLarge": ("the file is larger than {wanted} MB", "split it, or remove what does not belong into it"),
    "WrongEncoding": ("the file is saved as {found}, UTF-8 is wanted",
        "open it in an editor, choose “Save as”, and choose UTF-8 as the encoding"),
    "NotUtf8": ("from here on the file is not valid UTF-8 (byte {found})",
        "save the file anew with the encoding UTF-8"),
    "EmptyFile": ("the file is empty", "write at least one line of the form “key: value”"),
    "TopLevelNotMapping": ("the file does not begin with a key, but with {found}",
        "write lines of the form “key: value”"),
    "ManyDocuments": ("a second document begins here with “---”; one file holds one",
        "remove the line, or use two files"),
    "ControlCharacter": ("an invisible control character {found} stands here",
        "delete it; it often comes in by copying"),
    "DuplicateKey": ("the key “{found}” stands here a second time; the first is in line {line}",
        "merge the two, or rename one"),
    "NonStringKey": ("the key {found} is not text", 'put it in quotation marks: "{wanted}":'),
    "MergeKey": ("the merge key “<<” is not supported", "write the keys out"),
    "UnknownAlias": ("“*{found}” refers to a name that is not defined",
        "if text beginning with * is meant, put it in quotation marks"),
    "AliasCycle": ("“*{found}” contains itself", "write the value out instead of referring to it"),
    "AliasLimit": ("references (*name) expand to more than {wanted} values", "write the values out"),
    "TooDeep": ("the nesting is deeper than {wanted} levels", "make the structure flatter"),
    "ExplicitTag": ("the type mark “{found}” is not allowed",
        "remove it; if text beginning with ! is meant, put it in quotation marks"),
    "YamlVersion": ("the line “%YAML” asks for a version other than 1.2", "remove the line"),
    "UnknownDirective": ("this line begins with %, which only %YAML 1.2 may do", "remove the line"),
    "FoldedChinese": ("the lines of this Chinese text are joined by spaces",
        "begin the text with | instead, or write it in one line"),
    "FullWidthColon": ("a full-width colon “：” follows the key; a half-width “: ” with a space is wanted",
        "change “：” to “: ”; if text is meant, put it in quotation marks"),
    "FullWidthComma": ("a full-width comma “，” separates the items; a half-width “,” is wanted",
        "change “，” to “, ”; if text is meant, put it in quotation marks"),
    "FullWidthBracket": ("full-width brackets in “{found}”; half-width brackets are wanted",
        "change the brackets to half-width ones; if text is meant, put it in quotation marks"),
    "WideSpace": ("a full-width or non-breaking space is used as blank", "change it to ordinary spaces"),
    "TabIndent": ("a tab is used to indent", "indent with spaces, two for each level"),
    "ReservedStart": ("the text is not in quotation marks and begins with “{found}”, which YAML reserves",
        "put the whole text in quotation marks"),
    "QuotedPart": ("only the beginning of the text, {found}, is in quotation marks",
        "use Chinese quotation marks “ ”, or put the whole text in one pair of '…'"),
    "UnquotedTemplate": ("the text begins with the template “{found}” without quotation marks",
        "put the whole text in quotation marks"),
    "TextAfterBracket": ("text follows the brackets “{found}”", "put the whole text in quotation marks"),
    "MissingSpace": ("a space is missing after “{found}”", "write “{found} ” with a space after it"),
    "ColonInText": ("the text contains a colon followed by a space",
        "put the whole text in quotation marks, or use “：”"),
    "UnexpectedColon": ("a colon stands here where no key can be",
        "check indentation and colon of this line and the one before"),
    "MissingColon": ("a key without “: ” after it",
        "write “key: value”, or indent the line if it continues the text above"),
    "BadStart": ("“{found}” cannot stand at the beginning here", "put the whole text in quotation marks"),
    "UnclosedQuote": ("the quotation mark that opens here is never closed",
        "close it with the same half-width mark"),
    "UnclosedBracket": ("the bracket that opens here is not closed, or a comma is missing before “{found}”",
        "separate the items by “, ” and close the bracket"),
    "StrayBracket": ("the bracket “{found}” was never opened",
        "remove it, or open it before; if text is meant, put it in quotation marks"),
    "BadIndent": ("the indentation of this line does not fit the lines above",
        "give keys of one level the same number of spaces"),
    "BadEscape": ("“\\” begins an escape that does not exist",
        "use single quotation marks '…', or write \\\\ for one backslash"),
    "BadBlockHeader": ("after | or > only a line break may follow",
        "begin the text on the next line, indented"),
    "BadYaml": ("the file cannot be understood here ({detail})",
        "check the indentation, colons, brackets and quotation marks"),
}  # fmt: skip

# Fragments of libyaml's and PyYAML's own messages; the first code with a fragment that occurs is taken.
_PARSER_SAYS = {
    "TooDeep": ("nesting depth",),
    "UnexpectedColon": ("mapping values are not allowed",),
    "MissingColon": ("could not find expected ':'",),
    "BadStart": ("cannot start any token", "alphabetic or numeric",),
    "TabIndent": ("tab character",),
    "YamlVersion": ("incompatible YAML", "%YAML",),
    "UnknownDirective": ("unknown directive", "directive name"),
    "BadEscape": ("escape", "hexdecimal", "hexadecimal",),
    "BadBlockHeader": ("comment or line break", "comment or a line break", "chomping",),
    "UnclosedQuote": ("end of stream", "document indicator", "document separator",),
    "UnclosedBracket": ("',' or",),
    "BadIndent": ("expected key", "'-' indicator", "block end", "entries are not", "document start"),
}  # fmt: skip


_POINT_AT_BEGINNING = {"UnclosedQuote", "UnclosedBracket", "MissingColon"}


def problem(code: str, location: Location, path: YamlPath = (), **params: object) -> Problem:
    """A problem in its words."""
    message, fix = MESSAGES[code]
    return Problem(
        code=code, message=message, fix=fix, params={"found": "", **params}, path="/".join(map(str, path)),
        location=location,
    )  # fmt: skip


def clip(text: str) -> str:
    """The first line of a text, shortened."""
    shown = LINE_BREAK.split(text.strip(), maxsplit=1)[0]
    return shown if len(shown) <= 40 else shown[:39] + "…"


def parser_failure(error: Any, text: str, event: Any) -> tuple[str, int, int, dict[str, object]]:
    """What PyYAML's error means.

    Args:
        error: A `yaml.YAMLError`.
        text: What was parsed.
        event: The last event before it.

    Returns:
        The code of the problem, where it begins, where the parser stopped, and the params.
    """
    said = str(getattr(error, "problem", None) or error)
    mark = getattr(error, "problem_mark", None) or event.end_mark
    context = getattr(error, "context_mark", None)
    code = next((name for name, says in _PARSER_SAYS.items() if any(map(said.__contains__, says))), "BadYaml")
    at = min(mark.index, len(text))
    if code == "BadStart" and text[at : at + 1] == "\t":
        code = "TabIndent"
    if code in ("BadIndent", "BadYaml") and text[at : at + 1] in ("]", "}"):
        code = "StrayBracket"
    if code == "UnclosedQuote" and "quoted" not in str(getattr(error, "context", "")):
        code = "BadYaml"
    opening = context.index if context and code in _POINT_AT_BEGINNING else at
    found = text[at : at + 1] if code == "StrayBracket" else clip(text[at : at + 20]) or "…"
    return code, opening, at, {"found": found, "detail": clip(said), "wanted": MAX_DEPTH}

"""Every message has a Chinese translation that takes the same values; the compiled catalogues are up to date.

After a change of messages add what is missing to ``planloom.po`` and compile the catalogues:
``pybabel compile -d cli/planloom_cli/locale -l zh_CN -D planloom`` (and ``-D messages``).
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import click
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from planloom.facts import TYPE_NAMES
from planloom_cli import messages
from planloom_cli.main import COMMANDS, cli
from planloom_cli.messages import told, tr
from planloom_schemas.errors import Problem
from planloom_schemas.rule import BINDINGS, SEVERITIES

ROOT = Path(__file__).parent.parent
CATALOGUES = ROOT / "cli" / "planloom_cli" / "locale" / "zh_CN" / "LC_MESSAGES"

# Modules whose texts are no messages: Chinese help of the JSON Schemas, and names of fields.
NO_MESSAGES = {"jsonschema.py", "layerdocs.py", "schemahelp.py", "layer.py", "rule.py", "statement.py"}
# Tables of words that are split, and of what libraries say.
NO_MESSAGE_TABLES = {"_FIRST", "_DATA", "_PARSER_SAYS"}
# A message begins with a letter, a sign or a value, and has a space and words.
BEGINNING = re.compile(r"[A-Za-z“|+]|\{[a-z]|--[a-z]|: ")
# What is typed, what libraries say, what only programmers read.
NOT_TRANSLATED = re.compile(
    r"planloom [a-z]|planloom: 1|pip install|facts: \{|every: quarter$|not in$|activities are resolved"
    r"|GB18030 |found wanted$|(the value|the text|a list:|a mapping:) $"
    r"|.*(\(\?P<|print$)"
)


def silent_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes under which no message stands: docstrings, types, patterns, tables, pieces of f-strings."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr() | ast.JoinedStr():
                yield node
            case ast.Raise() if "TypeError" in ast.unparse(node):
                yield node
            case ast.Call() if ast.unparse(node.func) in {"cast", "TypeVar", "re.compile"}:
                yield node
            case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
                if ast.unparse(target) in NO_MESSAGE_TABLES:
                    yield node
        for kind in ("annotation", "returns"):
            typed = getattr(node, kind, None)
            if isinstance(typed, ast.AST):
                yield typed


def messages_of(file: Path) -> Iterator[str]:
    """The texts of a module that a person may come to read."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    silent = {id(inner) for node in silent_nodes(tree) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            text = node.value
            words = " " in text.strip() and re.search("[a-z]{2}", text) and BEGINNING.match(text)
            if words and not NOT_TRANSLATED.match(text):
                yield text


MODULES = [
    file
    for root in ("schemas", "core", "cli")
    for file in sorted((ROOT / root).rglob("*.py"))
    if file.name not in NO_MESSAGES and file.parent.name != "scaffolding"
]


@pytest.fixture(autouse=True)
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """Speak Chinese."""
    monkeypatch.setenv("LANGUAGE", "zh_CN")


def fields(text: str) -> set[str]:
    """The names of the values that a message takes."""
    return {name.partition(".")[0] for _, name, _, _ in Formatter().parse(text) if name is not None}


def read(domain: str) -> Catalog:
    """A catalogue as it is written."""
    with (CATALOGUES / f"{domain}.po").open("rb") as stream:
        return read_po(stream, locale="zh_CN")


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_every_message_is_translated(file: Path) -> None:
    """Each text of a module that a person may read is in the catalogue, or is put together from what is."""
    missing = [text for text in messages_of(file) if tr(text) == text]
    assert not missing, "add to planloom.po: " + "\n".join(missing)


def test_every_word_of_a_table_is_translated() -> None:
    """Single words that stand in tables: types, severities, bindings, kinds, placeholders."""
    words = {*TYPE_NAMES.values(), *TYPE_NAMES, *SEVERITIES, *BINDINGS, "profile", "directive"}
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.resolve_command(context, [name])[1]
        assert command is not None
        for param in command.params:
            words.add(param.make_metavar(context) if isinstance(param, click.Argument) else "")
            words |= {getattr(param, "help", None) or "", param.metavar or ""}
    untranslated = {word for word in words if word and not re.search("[\u4e00-\u9fff]", tr(word) + word)}
    assert untranslated == set()


@pytest.mark.parametrize("domain", ["planloom", "messages"])
def test_translations_take_the_same_values(domain: str) -> None:
    """A translation names only values that its message has, and forgets none."""
    for message in read(domain):
        if message.id:
            ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
            texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
            wanted = set().union(*map(fields, ids))
            for text in texts:
                assert text, message.id
                assert fields(text) <= wanted, message.id
                assert len(ids) > 1 or fields(text) == wanted, message.id


@pytest.mark.parametrize("domain", ["planloom", "messages"])
def test_compiled_catalogues_are_up_to_date(domain: str) -> None:
    """What gettext reads is what the catalogue says."""
    with (CATALOGUES / f"{domain}.mo").open("rb") as stream:
        compiled = read_mo(stream)
    assert texts_of(compiled) == texts_of(read(domain))


def texts_of(catalogue: Catalog) -> dict[str, str]:
    """Message id to translation; of plurals the first of each."""
    return {first(message.id): first(message.string) for message in catalogue if message.id}


def first(text: object) -> str:
    """A text, or the first of several."""
    return str(text[0] if isinstance(text, tuple | list) else text)


def test_messages_that_are_put_together() -> None:
    """A place with a colon before a message, and what is wanted with what was found."""
    assert tr("the fact {fact} ({title}): {found} is none of: {wanted}").startswith(
        "事实 {fact}（{title}）：{found}"
    )
    assert tr("a list is wanted, found the text {found}") == "应写列表，现为 文字“{found}”"
    problem = Problem(
        code="WrongType",
        message="{wanted} is wanted, found {found}",
        params={"wanted": TYPE_NAMES["integer"], "found": "5.7"},
    )
    assert told(problem) == ("应写整数，现为 5.7", "")


def test_english_is_the_message_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """In English nothing is looked up."""
    monkeypatch.setenv("LANGUAGE", "en")
    assert tr("add {key}") == "add {key}"
    assert messages.language() == "en"

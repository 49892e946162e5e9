"""The templates of texts: Jinja's grammar, our own evaluation, contained by construction.

Jinja parses a text; ``reader``, an allow-list, turns the few syntax nodes a plan needs into a tree of plain
data; ``steps`` turns the tree into closures over plain data. No template ever becomes Python code: there is no
attribute access, no call and no operator that could reach anything but the strings, numbers, lists and mappings
of the context. Costs are counted, not timed, so that the same text always ends the same way: see the
``MAX_…`` figures.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from attrs import field

from planloom.texts.filters import FILTERS
from planloom.texts.run import Fault, Run, Step, TextError
from planloom.texts.steps import Tree, build
from planloom_schemas.records import frozen

if TYPE_CHECKING:
    from jinja2 import Environment, nodes

    from planloom.texts.reads import Rendered

__all__ = ["Fault", "Renderer", "Template", "TextError", "Tree", "is_plain"]

MAX_SOURCE = 100_000
MOST_REMEMBERED = 4_096

Filter = Callable[..., object]
_MARKS = ("{{", "{%", "{#")


@frozen
class Template:
    """A text that has been read and may be rendered.

    Args:
        source: The text as written.
        tree: What it says, as plain data; None if it holds no template mark and is its own result.
    """

    source: str
    tree: Tree | None = field(default=None, eq=False, repr=False)
    _body: Step | None = field(default=None, eq=False, repr=False)

    @property
    def literal(self) -> bool:
        """Whether the text is its own result."""
        return self.tree is None


def is_plain(value: object) -> bool:
    """Whether a value is nothing but text, numbers, truth values, None, lists and mappings of such."""
    if type(value) is list:
        return all(is_plain(member) for member in value)
    if type(value) is dict:
        return all(type(key) in {str, int} and is_plain(member) for key, member in value.items())
    return value is None or type(value) in {str, int, float, bool}


class Renderer:
    """Reads and renders texts with the built-in filters and some more.

    Args:
        filters: Further filters by name; they get plain values and must return plain values.
    """

    def __init__(self, filters: Mapping[str, Filter] | None = None) -> None:
        clashing = sorted(FILTERS.keys() & (filters or {}))
        if clashing:
            raise ValueError(f"filters cannot be replaced: {', '.join(clashing)}")
        self._filters: dict[str, Filter] = {**FILTERS, **(filters or {})}
        self._environment: Environment | None = None
        self._known: dict[str, Template] = {}
        self._rendered: dict[str, Rendered | None] = {}

    def parse(self, source: str, tree: Tree | None = None) -> Template:
        """Reads a text; the same text is read once.

        Args:
            source: The text as written.
            tree: The tree of its template, if it is known from reading the text before.

        Returns:
            The template.

        Raises:
            TextError: If it is no template, or uses what texts may not use; names every such place.
        """
        known = self._known.get(source)
        if known is None:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
                self._rendered.clear()
            known = self._known[source] = self._read(source) if tree is None else self._built(source, tree)
        return known

    def render(self, template: Template, context: Mapping[str, object]) -> str:
        """The text with the values of a context; trailing line breaks are cut off.

        Args:
            template: What `parse` gave.
            context: Plain values by name (see `is_plain`); never read as templates themselves.

        Raises:
            TextError: If names are missing, naming all of them; or if the text grows or repeats too much.
        """
        if template._body is None:
            return template.source.rstrip("\n")
        before = self._before(template)
        known = before.get(context) if before else None
        if known is not None:
            return known
        run = Run(context)
        template._body(run)
        if run.faults:
            raise TextError(run.faults)
        text = "".join(run.written).rstrip("\n")
        if before:
            before.put(context, text)
        return text

    def _before(self, template: Template) -> "Rendered | None":
        """What a text became before; kept from its second time on, as most processes print one plan."""
        if template.source not in self._rendered:
            self._rendered[template.source] = None
            return None
        before = self._rendered[template.source]
        if before is None and template.tree is not None:
            from planloom.texts.reads import Rendered

            before = self._rendered[template.source] = Rendered(template.tree)
        return before

    def _read(self, source: str) -> Template:
        if len(source) > MAX_SOURCE:
            message, params = (
                "the text has {found} characters, at most {most}",
                {"found": len(source), "most": MAX_SOURCE},
            )
            raise TextError([Fault(1, message, params, "make it shorter")])
        if not any(mark in source for mark in _MARKS):
            return Template(source)
        from planloom.texts.reader import Reader

        reader = Reader(self._filters)
        tree = reader.body(self._syntax(source).body)
        if reader.faults:
            raise TextError(reader.faults)
        return self._built(source, tree)

    def _built(self, source: str, tree: Tree) -> Template:
        return Template(source, tree, build(tree, self._filters))

    def _syntax(self, source: str) -> "nodes.Template":
        from jinja2 import TemplateSyntaxError
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        from planloom.texts.reader import TOO_DEEP, TOO_LARGE, syntax_fault

        # Nothing is ever compiled from this environment; it is the sandbox so that nothing could be.
        if self._environment is None:
            self._environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        try:
            return self._environment.parse(source)
        except TemplateSyntaxError as error:
            raise TextError([syntax_fault(error.lineno, error.message or "")]) from None
        except (RecursionError, MemoryError):
            raise TextError([Fault(1, TOO_DEEP, {}, "make it simpler")]) from None
        except (ValueError, OverflowError):  # Python refuses to read integers of thousands of digits
            raise TextError([Fault(1, TOO_LARGE, {}, "write a smaller one")]) from None

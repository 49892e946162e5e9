"""Code plugins: loaded and called one by one, so that one that fails spoils only itself."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from importlib import import_module
from itertools import islice
from types import ModuleType
from typing import TYPE_CHECKING, Any

from attrs import field

from planloom.discovery import CodeOffer, Library
from planloom.texts import Renderer, is_plain
from planloom.texts.filters import FILTERS
from planloom_schemas.errors import PlanloomError, Problem, nearest
from planloom_schemas.records import frozen

if TYPE_CHECKING:
    from planloom.rules.python import PythonRule

_MOST_ENTRIES = 1_000
PLUGIN_FAILED = "PluginFailed"
"""The code of the problem that a function of a plugin failed."""
HOOKS = ("planloom_filters", "planloom_rules", "planloom_renderers", "planloom_importers")


@lru_cache(maxsize=8)
def _renderer(filters: tuple[tuple[str, Callable[..., object]], ...]) -> Renderer:
    return Renderer(dict(filters))


@frozen(eq=False)
class Plugins:
    """What code plugins contribute.

    Args:
        loaded: The offers that were loaded, sorted by name.
        filters: Template filters by name.
        rules: Rules written in Python, with the plugin that brings each.
        renderers: Renderers by ending.
        importers: Readers by ending.
        problems: Plugins that could not be loaded or failed, and names claimed twice.
    """

    loaded: tuple[CodeOffer, ...] = ()
    filters: Mapping[str, Callable[..., object]] = field(factory=dict)
    rules: tuple[tuple[str, Any], ...] = ()
    renderers: Mapping[str, Callable[..., bytes]] = field(factory=dict)
    importers: Mapping[str, Callable[..., str]] = field(factory=dict)
    problems: tuple[Problem, ...] = ()
    renderer: Renderer = field(factory=lambda: _renderer(()))

    def rule_names(self) -> list[tuple[str, str]]:
        """The codes and short names of the rules in Python, each with the code."""
        return [(name, rule.code) for _, rule in self._usable() for name in (rule.slug, rule.code) if name]

    def rules_named(self, name: str) -> "tuple[tuple[CodeOffer, PythonRule], ...]":
        """The usable rules in Python with a code or short name, each with its plugin."""
        offers = {offer.name: offer for offer in self.loaded}
        return tuple(
            (offers[plugin], rule) for plugin, rule in self._usable() if name in (rule.code, rule.slug)
        )

    def _usable(self) -> "Iterator[tuple[str, PythonRule]]":
        if self.rules:
            from planloom.rules.plugged import flaw_of
            from planloom.rules.python import PythonRule

            for plugin, rule in self.rules:
                if isinstance(rule, PythonRule) and not flaw_of(rule, {}):
                    yield plugin, rule


_NONE = Plugins()


def load_plugins(library: Library) -> Plugins:
    """Load the code plugins of a library; nothing is imported where there are none."""
    return _load(library.code) if library.code else _NONE


def _load(offers: tuple[CodeOffer, ...]) -> Plugins:
    from planloom.rules import limits

    loaded: list[CodeOffer] = []
    problems: list[Problem] = []
    said: dict[str, list[tuple[CodeOffer, Any]]] = {hook: [] for hook in HOOKS}
    for offer in _unique(offers, problems):
        try:
            misspelt, answers = limits.within_limit(partial(_contributed, offer), limits.PATIENCE)
        except Exception as error:
            problems.append(_problem("BrokenPlugin", _BROKEN, offer, error))
            continue
        problems += misspelt
        loaded.append(offer)
        for hook in HOOKS:
            said[hook] += ((offer, answer) for answer in answers[hook])
    filters = _by_name(said["planloom_filters"], "filter", problems)
    return Plugins(
        loaded=tuple(loaded),
        filters=filters,
        rules=tuple((offer.name, rule) for offer, answer in said["planloom_rules"] for rule in answer),
        renderers=_by_name(said["planloom_renderers"], "renderer", problems),
        importers=_by_name(said["planloom_importers"], "importer", problems),
        problems=tuple(problems),
        renderer=_renderer(tuple(sorted(filters.items()))),
    )


def _contributed(offer: CodeOffer) -> tuple[list[Problem], dict[str, list[Any]]]:
    """What a plugin misspells, and what its hooks give."""
    import pluggy

    from planloom import hookspecs

    manager = pluggy.PluginManager("planloom")
    manager.add_hookspecs(hookspecs)
    manager.register(_imported(offer), name=offer.name)
    return _misspelt(manager, offer), {hook: _answers(hook, getattr(manager.hook, hook)()) for hook in HOOKS}


def _answers(hook: str, given: list[Any]) -> list[Any]:
    """What a hook gave, read while its plugin can still be blamed.

    Raises:
        TypeError: It is no list of rules, or no mapping of names to functions.
        ValueError: It has too many entries, or the name of a built-in filter.
    """
    if hook == "planloom_rules":
        return [_rules(answer) for answer in given]
    return [dict(_functions(hook, answer)) for answer in given]


def _rules(answer: Any) -> list[Any]:
    rules = list(islice(answer, _MOST_ENTRIES + 1))
    if len(rules) > _MOST_ENTRIES:
        raise ValueError(f"planloom_rules gives more than {_MOST_ENTRIES} rules")
    return rules


def _functions(hook: str, answer: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    if not isinstance(answer, Mapping):
        raise TypeError(f"{hook} gives {type(answer).__name__}, not a mapping")
    for name, function in answer.items():
        if not isinstance(name, str) or not callable(function):
            raise TypeError(f"{hook}: {name!r} is no name of a function")
        if hook == "planloom_filters" and name in FILTERS:
            raise ValueError(f"the built-in filter {name} cannot be replaced")
        yield name, function


def _imported(offer: CodeOffer) -> ModuleType | Any:
    module, _, attribute = offer.target.partition(":")
    found: Any = import_module(module.strip())
    for part in attribute.strip().split(".") if attribute.strip() else ():
        found = getattr(found, part)
    return found


def _unique(offers: tuple[CodeOffer, ...], problems: list[Problem]) -> list[CodeOffer]:
    names = [offer.name for offer in offers]
    for name in sorted({name for name in names if names.count(name) > 1}):
        clashing = ", ".join(f"{o.distribution} {o.version}" for o in offers if o.name == name)
        problems.append(
            Problem(
                code="PluginClash", message="the plugin name “{name}” is used more than once: {offers}",
                params={"name": name, "offers": clashing}, fix="uninstall all but one",
            )
        )  # fmt: skip
    return [offer for offer in offers if names.count(offer.name) == 1]


def _misspelt(manager: Any, offer: CodeOffer) -> list[Problem]:
    found = []
    for plugin in manager.get_plugins():
        for name in dir(plugin):
            marked = manager.parse_hookimpl_opts(plugin, name) is not None
            if marked and name not in HOOKS:
                near = nearest(name, HOOKS)
                found.append(
                    Problem(
                        code="UnknownHook", message="the plugin “{plugin}” implements “{hook}”, which is no hook",
                        params={"plugin": offer.name, "hook": name, "near": near},
                        fix="did you mean {near}?" if near else "see docs/hooks.md",
                    )
                )  # fmt: skip
    return found


_BROKEN = "the plugin “{plugin}” ({distribution} {version}) cannot be used: {error}"
_FAILED = {
    "filter": "the filter {name} of the plugin “{plugin}” ({distribution} {version}) failed: {error}",
    "renderer": "the plugin “{plugin}” ({distribution} {version}) cannot write .{name}: {error}",
    "importer": "the plugin “{plugin}” ({distribution} {version}) cannot read .{name}: {error}",
}


def _problem(code: str, message: str, offer: CodeOffer, error: Exception, **more: object) -> Problem:
    from planloom.rules.limits import reason

    named = {"plugin": offer.name, "distribution": offer.distribution, "version": offer.version}
    return Problem(
        code=code, message=message, params={**named, "error": reason(error), **more},
        fix="update or uninstall {distribution}, or leave it out with --no-plugins",
    )  # fmt: skip


_MAY_GIVE: Mapping[str, Callable[[object], bool]] = {
    "filter": is_plain,
    "renderer": lambda result: isinstance(result, bytes),
    "importer": lambda result: isinstance(result, str),
}


class _Contained:
    """A function of a plugin that may fail, hang or give rubbish: then the plugin is named, and nobody else is hit.

    Args:
        offer: The plugin.
        what: ``filter``, ``renderer`` or ``importer``.
        name: Of the filter, or the ending.
        function: What the plugin brings.
    """

    def __init__(self, offer: CodeOffer, what: str, name: str, function: Callable[..., Any]) -> None:
        self._offer = offer
        self._what, self._name, self._function = what, name, function
        self._stuck: Problem | None = None

    def __call__(self, *given: object) -> Any:
        """What the function gives.

        Raises:
            PlanloomError: It failed; once it took too long, it is not called again.
        """
        from planloom.rules import limits

        if self._stuck is not None:
            raise PlanloomError(self._stuck)
        seconds = limits.SECONDS if self._what == "filter" else limits.PATIENCE
        try:
            return limits.within_limit(partial(self._checked, given), seconds)
        except Exception as error:
            problem = _problem(PLUGIN_FAILED, _FAILED[self._what], self._offer, error, name=self._name)
            self._stuck = problem if isinstance(error, limits.TimeUp) else None
            raise PlanloomError(problem) from error

    def _checked(self, given: tuple[object, ...]) -> Any:
        result = self._function(*given)
        if not _MAY_GIVE[self._what](result):
            raise TypeError(f"no {self._what} may give {type(result).__name__}")
        return result


def _by_name(said: list[tuple[CodeOffer, Any]], what: str, problems: list[Problem]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    owner: dict[str, str] = {}
    for offer, answer in said:
        for name, function in sorted(answer.items()):
            if name in found:
                problems.append(
                    Problem(
                        code="PluginClash", message="the {what} “{name}” is brought by “{one}” and “{other}”",
                        params={"what": what, "name": name, "one": owner[name], "other": offer.name},
                        fix="uninstall one of them",
                    )
                )  # fmt: skip
            found.setdefault(name, _Contained(offer, what, name, function))
            owner.setdefault(name, offer.name)
    return found

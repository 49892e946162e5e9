"""Code plugins: loaded and called one by one, so that one that fails spoils only itself."""

import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import Any

from attrs import field

from planloom.discovery import CodeOffer, Library
from planloom.texts import Renderer
from planloom_schemas.errors import Problem, nearest
from planloom_schemas.records import frozen

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
        heads = [(getattr(rule, "code", ""), getattr(rule, "slug", "")) for _, rule in self.rules]
        return [(str(name), str(code)) for code, slug in heads for name in (slug, code) if name]


_NONE = Plugins()


def load_plugins(library: Library) -> Plugins:
    """Load the code plugins of a library; nothing is imported where there are none."""
    return _load(library.code) if library.code else _NONE


def _load(offers: tuple[CodeOffer, ...]) -> Plugins:
    import pluggy

    from planloom import hookspecs

    loaded: list[CodeOffer] = []
    problems: list[Problem] = []
    said: dict[str, list[tuple[CodeOffer, Any]]] = {hook: [] for hook in HOOKS}
    for offer in _unique(offers, problems):
        try:
            manager = pluggy.PluginManager("planloom")
            manager.add_hookspecs(hookspecs)
            # What a plugin prints must not end up inside a result on standard output.
            with redirect_stdout(sys.stderr):
                manager.register(_imported(offer), name=offer.name)
                problems += _misspelt(manager, offer)
                answers = {hook: list(getattr(manager.hook, hook)()) for hook in HOOKS}
        except (Exception, SystemExit) as error:
            problems.append(_broken(offer, error))
            continue
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


def _broken(offer: CodeOffer, error: BaseException) -> Problem:
    return Problem(
        code="BrokenPlugin",
        message="the plugin “{plugin}” ({distribution} {version}) cannot be used: {error}",
        params={
            "plugin": offer.name, "distribution": offer.distribution, "version": offer.version,
            "error": f"{type(error).__name__}: {error}",
        },
        fix="update or uninstall {distribution}, or leave it out with --no-plugins",
    )  # fmt: skip


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
            found.setdefault(name, function)
            owner.setdefault(name, offer.name)
    return found

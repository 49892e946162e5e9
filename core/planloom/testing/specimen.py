"""What the kit looks at: one layer, wherever it stands, with everything that several checks need of it."""

import datetime as dt
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib import invalidate_caches
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from planloom.discovery import (
    HOUSE,
    LAYER_FILE,
    LAYER_GROUP,
    PLUGIN_GROUP,
    CodeOffer,
    Library,
    Offer,
    offer_of_file,
)
from planloom.facade import compose
from planloom.layers import LoadedLayer, load_layer
from planloom.merge import Item, Resolution, resolve
from planloom.plugins import Plugins, load_plugins
from planloom.rules.python import PythonRule
from planloom.rules.trials import Trial, run_rule_tests
from planloom.source import Source, read_source
from planloom.stack import stack_of
from planloom.testing.made_up import fullest, smallest, typical
from planloom_schemas.errors import PlanloomError, Problem, ProfileError
from planloom_schemas.layer import Signature
from planloom_schemas.plan import Plan, PlanRule
from planloom_schemas.rule import Rule

ORGANISATION = "示范单位工会委员会"
EXAMPLE = Path("examples") / "plan.yaml"
YEAR = 2027


class NothingToCheck(Exception):  # noqa: N818 - it steers, and is no failure
    """A check has nothing to look at; its message id says why."""


@frozen(kw_only=True, eq=False)
class Specimen:
    """One layer under test.

    Args:
        offer: The layer.
        library: Every layer on offer, this one among them.
        root: The folder of its distribution (with pyproject.toml), or None.
        project: What pyproject.toml says.
        own_code: The code plugins of its distribution.
    """

    offer: Offer
    library: Library
    root: Path | None = None
    project: Mapping[str, Any] = field(factory=dict)
    own_code: tuple[CodeOffer, ...] = ()

    @property
    def id(self) -> str:
        """Id of the layer."""
        return self.offer.id

    @cached_property
    def source(self) -> Source:
        """The file of the layer, parsed."""
        return read_source(self.offer.file)

    @cached_property
    def layer(self) -> LoadedLayer:
        """The layer, loaded."""
        return load_layer(self.library.offer(self.id))

    @cached_property
    def own_rules(self) -> Mapping[str, Rule]:
        """The rules it introduces."""
        return {code: rule for code, rule in (self.layer.content.rules or {}).items() if rule.kind}

    @cached_property
    def trials(self) -> Mapping[str, tuple[Trial, ...]]:
        """What became of the cases of its rules."""
        return {code: run_rule_tests(code, rule, self.layer.content) for code, rule in self.own_rules.items()}

    @cached_property
    def runs(self) -> tuple[Mapping[str, Any], ...]:
        """What two processes in different surroundings say of it."""
        from planloom.testing.processes import run_twice

        return run_twice(self)

    # ---- in company ----

    @cached_property
    def selection(self) -> Mapping[str, Sequence[str]]:
        """How a plan selects it; a directive needs a profile under it."""
        if self.layer.kind == "profile":
            return {"profiles": [self.id]}
        house = sorted(name for name, offer in self.library.layers.items() if offer.distribution == HOUSE)
        return {"profiles": house[:1], "directives": [self.id]}

    @cached_property
    def merged(self) -> Resolution:
        """It merged with all it extends."""
        chosen = self.selection
        return resolve(stack_of(self.library, chosen["profiles"], chosen.get("directives", ()), None))

    @cached_property
    def facts(self) -> tuple[Item, ...]:
        """The facts that it and all it extends ask for."""
        return self.merged.items.get("facts", ())

    @cached_property
    def code(self) -> Plugins:
        """The code plugins installed, and its own from the folder."""
        with _importable(self.root, self.own_code):
            return load_plugins(self.library)

    @property
    def python_rules(self) -> tuple[PythonRule, ...]:
        """The rules that its own code plugins bring."""
        names = {offer.name for offer in self.own_code}
        return tuple(rule for name, rule in self.code.rules if name in names)

    def compose(self, facts: Mapping[str, object], **more: Any) -> Plan:
        """A plan from it alone.

        Raises:
            PlanloomError: It cannot be composed with these facts.
        """
        chosen: dict[str, Any] = {
            **self.selection,
            "facts": facts,
            "period": YEAR,
            "organisation": ORGANISATION,
            "library": self.library,
            "plugins": self.code,
            **more,
        }
        plan = compose(**chosen)
        # The name and the day under a plan are the officer's, not the layer's.
        return evolve(plan, signature=Signature(name=ORGANISATION, date=dt.date(YEAR, 1, 5)))

    @cached_property
    def plan(self) -> Plan:
        """The plan of typical facts: defaults, and something likely where there is none."""
        return self.compose(self.variants["typical"])

    @cached_property
    def variants(self) -> Mapping[str, Mapping[str, object]]:
        """Facts to try it with: likely ones, the smallest, the fullest."""
        return {
            "typical": typical(self.facts, self._example_facts()),
            "smallest": smallest(self.facts),
            "fullest": fullest(self.facts),
        }

    @property
    def example(self) -> Path | None:
        """The example plan of its distribution, if there is one."""
        file = self.root / EXAMPLE if self.root else None
        return file if file is not None and file.is_file() else None

    def _example_facts(self) -> Mapping[str, object]:
        if self.example is None:
            return {}
        try:
            data = read_source(self.example).data
        except PlanloomError:
            return {}
        facts = data.get("facts") if isinstance(data, dict) else None
        return facts if isinstance(facts, dict) else {}

    @cached_property
    def rules(self) -> tuple[PlanRule, ...]:
        """The rules in force with it, its own and those of what it extends."""
        return self.plan.rules

    def is_own(self, code: str) -> bool:
        """Whether it introduces a rule."""
        return code in self.own_rules


def wrong(code: str, message: str, fix: str = "", path: str = "", /, **params: object) -> Problem:
    """A problem that a check found."""
    return Problem(code=code, message=message, params=params, path=path, fix=fix)


# ---- where the layer stands ----


def specimens_of(target: str | Path, library: Library) -> tuple[Specimen, ...]:
    """The layers of a folder, of a file, or of the name of an installed one.

    Args:
        target: A distribution's folder, a layer's folder or file, or a layer's id.
        library: Every layer on offer.

    Raises:
        ProfileError: There is no layer.
        SchemaError: A file cannot be read.
    """
    path = Path(target)
    if not path.exists():
        name = str(target)
        offer = library.offer(name)
        own = tuple(one for one in library.code if one.distribution == offer.distribution)
        return (Specimen(offer=offer, library=library, own_code=own),)
    root = (
        path
        if (path / "pyproject.toml").is_file()
        else path.parent
        if (path / LAYER_FILE).is_file()
        else None
    )
    project = _project(root)
    offers = list(_offers(path, root, project))
    if not offers:
        raise ProfileError(
            wrong(
                "NoLayer",
                "{folder} holds no layer",
                "name the folder that has pyproject.toml or layer.yaml in it",
                folder=str(target),
            )
        )
    code = tuple(_code_offers(project))
    names = {offer.name for offer in code}
    known = Library(
        {**library.layers, **{offer.id: offer for offer in offers}},
        (*(one for one in library.code if one.name not in names), *code),
        library.problems,
    )
    home = root if project else None
    return tuple(
        Specimen(offer=offer, library=known, root=home, project=project, own_code=code) for offer in offers
    )


def _project(root: Path | None) -> Mapping[str, Any]:
    file = root / "pyproject.toml" if root else None
    if file is None or not file.is_file():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError(
            wrong(
                "BadProject",
                "{file} cannot be read: {reason}",
                "mend the file",
                file=str(file),
                reason=str(error),
            )
        ) from error


def announced(project: Mapping[str, Any], group: str) -> Mapping[str, str]:
    """The entry points of one group that pyproject.toml announces."""
    points = project.get("project", {}).get("entry-points", {}).get(group, {})
    return {str(name): str(target) for name, target in points.items()}


def _offers(path: Path, root: Path | None, project: Mapping[str, Any]) -> Iterator[Offer]:
    distribution, version = _shipped(project)
    for layer_id, package in sorted(announced(project, LAYER_GROUP).items()):
        assert root is not None  # a project is read from its root
        folder = package_folder(root, package)
        if path.resolve() in {root.resolve(), folder.resolve()}:
            shown = f"{package.replace('.', '/')}/{LAYER_FILE}"
            yield Offer(
                id=layer_id,
                file=folder / LAYER_FILE,
                folder=folder,
                shown=shown,
                distribution=distribution,
                version=version,
            )
    if announced(project, LAYER_GROUP):
        return
    files = [path] if path.is_file() else [path / LAYER_FILE, *sorted(path.glob(f"*/{LAYER_FILE}"))]
    for file in files:
        if file.is_file():
            found = offer_of_file(file, file.parent if file.name == LAYER_FILE else None, strict=True)
            assert found is not None  # strict raises instead
            yield evolve(found, distribution=distribution, version=version)


def _shipped(project: Mapping[str, Any]) -> tuple[str, str]:
    """The name and the version of the distribution."""
    table = project.get("project", {})
    return str(table.get("name", "")), str(table.get("version", ""))


def package_folder(root: Path, package: str) -> Path:
    """Where a package of a distribution's folder stands: beside pyproject.toml or under src."""
    parts = package.strip().split(".")
    under_src = root.joinpath("src", *parts)
    return under_src if under_src.is_dir() else root.joinpath(*parts)


def _code_offers(project: Mapping[str, Any]) -> Iterator[CodeOffer]:
    distribution, version = _shipped(project)
    for name, target in sorted(announced(project, PLUGIN_GROUP).items()):
        yield CodeOffer(name=name, target=target, distribution=distribution, version=version)


class _importable:  # noqa: N801 - used as a function
    """While it lasts, the packages of a folder can be imported, and are those of the folder."""

    def __init__(self, root: Path | None, code: Sequence[CodeOffer]) -> None:
        self.paths = [str(path) for path in (root and root / "src", root) if path and path.is_dir()]
        self.packages = (
            {offer.target.split(":")[0].split(".")[0] for offer in code} if self.paths else set[str]()
        )

    def __enter__(self) -> None:
        # A copy of the same package elsewhere may have been loaded before.
        for name in [name for name in sys.modules if name.split(".")[0] in self.packages]:
            del sys.modules[name]
        sys.path[:0] = self.paths
        invalidate_caches()

    def __exit__(self, *_: object) -> None:
        for path in self.paths:
            sys.path.remove(path)

"""What is kept between runs: read faithfully, never stale, never code, and never in the way."""

import datetime as dt
import pickle
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import Result

from planloom import compose
from planloom.discovery import Library, discover
from planloom.layers import ENGINE, LoadedLayer, load_layer
from planloom.shelf import Shelf
from planloom_schemas.convert import plan_to_json
from planloom_schemas.plan import Plan

Run = Callable[..., Result]
FACTS = {"staff": 86, "members": 84, "women_members": 60}


def composed(profile: str, library: Library) -> Plan:
    """A plan of a bundled profile."""
    return compose(profiles=[profile], period=2027, facts=FACTS, organisation="某单位工会", library=library)


def fresh(offer_id: str, shelf: Shelf) -> LoadedLayer:
    """A layer as a new process would load it: nothing is remembered but what is on the shelf."""
    from planloom.layers import _load_layer

    _load_layer.cache_clear()
    library = discover()
    return load_layer(ENGINE if offer_id == "planloom" else library.layers[offer_id], shelf)


def names_in(folder: Path) -> set[str]:
    """The names under which something is kept, without what tells environments apart."""
    return {file.name.rpartition("-")[0] for file in folder.iterdir()}


@pytest.mark.parametrize("profile", ["school", "enterprise", "agency", "community"])
def test_a_kept_layer_makes_the_same_plan(profile: str, tmp_path: Path) -> None:
    """A plan from kept layers is the plan from their files, provenance included."""
    shelf = Shelf(tmp_path)
    for name in ("planloom", "union", profile):
        fresh(name, shelf)
    assert names_in(tmp_path) == {"planloom", "union", profile}
    kept = [fresh(name, shelf) for name in ("planloom", "union", profile)]
    assert all(layer.trees or layer.id == "planloom" for layer in kept)
    library = discover(shelf=shelf)
    assert plan_to_json(composed(profile, library)) == plan_to_json(composed(profile, discover()))


def test_a_kept_layer_knows_how_it_was_written(tmp_path: Path) -> None:
    """Where somebody asks for the text or its places, the file is read after all."""
    fresh("school", Shelf(tmp_path))
    layer = fresh("school", Shelf(tmp_path))
    assert layer.trees
    assert layer.source is not None
    assert layer.source.key_at(("layer",)).line > 0
    assert layer.content.prefix == layer.prefix == "SCH"


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    """What is kept is only taken for exactly what it was made of, in this order and parted like this."""
    shelf = Shelf(tmp_path)
    shelf.put("x", [b"ab", b"c"], ("value", Decimal("1.5"), dt.date(2027, 1, 5)))
    assert shelf.take("x", [b"ab", b"c"]) == ("value", Decimal("1.5"), dt.date(2027, 1, 5))
    for other in ([b"a", b"bc"], [b"c", b"ab"], [b"ab"], [b"ab", b"d"]):
        assert shelf.take("x", other) is None
    assert shelf.take("y", [b"ab", b"c"]) is None


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-1], lambda data: data[:20], lambda data: b"", lambda data: data + b"x"]
)
def test_a_damaged_file_is_passed_over(damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    """Half a file, an empty one or one that grew counts as none."""
    shelf = Shelf(tmp_path)
    shelf.put("x", [b"a"], "value")
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage(file.read_bytes()))
    assert shelf.take("x", [b"a"]) is None


class _Bomb:
    def __reduce__(self) -> tuple[object, ...]:
        return exec, ("raise SystemExit('ran')",)


@pytest.mark.parametrize("value", [_Bomb(), exec, print, Path("x"), pickle.Unpickler, pytest.raises])
def test_nothing_on_the_shelf_becomes_code(value: object, tmp_path: Path) -> None:
    """Even with the right sums, a value that is no plain data and none of planloom's classes is passed over."""
    shelf = Shelf(tmp_path)
    shelf.put("x", [b"a"], value)
    assert shelf.take("x", [b"a"]) is None


def test_a_folder_that_cannot_be_used_keeps_nothing(tmp_path: Path) -> None:
    """A shelf that is a file, or missing, is no error."""
    (tmp_path / "file").write_text("")
    for shelf in (Shelf(tmp_path / "file"), Shelf(tmp_path / "file" / "below")):
        shelf.put("x", [b"a"], "value")
        assert shelf.take("x", [b"a"]) is None


def test_only_installed_layers_are_kept(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A draft in a folder is read every time; PLANLOOM_CACHE says where, and empty keeps nothing."""
    monkeypatch.setenv("PLANLOOM_CACHE", str(tmp_path / "shelf"))
    (tmp_path / "drafts").mkdir()
    draft = "planloom: 1\nlayer: draft\nkind: profile\ntitle: 草稿\nprefix: DRA\nextends: [union]\n"
    (tmp_path / "drafts" / "draft.yaml").write_text(draft, encoding="utf-8")
    words = ("compose", "-p", "draft", "--year", "2027", "--set", "staff=86", "--set", "members=84",
             "--set", "women_members=60", "-o", "x.md", "--layer-path", "drafts")  # fmt: skip
    assert run(*words).exit_code == 0
    from planloom.layers import _load_layer

    assert names_in(tmp_path / "shelf") - {"_regexes"} == {"planloom", "union"}
    _load_layer.cache_clear()
    monkeypatch.setenv("PLANLOOM_CACHE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    assert run(*words).exit_code == 0
    assert not (tmp_path / "caches").exists()


def test_what_cannot_be_kept_leaves_nothing(tmp_path: Path) -> None:
    """Where the place of a value is taken by a folder, no draft is left beside it."""
    Shelf(tmp_path).put("value", [b"x"], 1)
    (file,) = tmp_path.iterdir()
    file.unlink()
    file.mkdir()
    Shelf(tmp_path).put("value", [b"x"], 1)
    assert list(tmp_path.iterdir()) == [file]

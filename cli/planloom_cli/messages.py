"""The user's language: which it is, and how a message comes out in it.

The chosen language stands in the environment variable ``LANGUAGE``, where gettext looks for it: click
translates its own messages with gettext's global domain and offers no other way in. Nothing of planloom is
imported here.
"""

import gettext
import os
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planloom_schemas.errors import Problem

LANGUAGES: Mapping[str, str] = {"zh": "zh_CN", "en": "en"}
"""What ``--lang`` accepts, with gettext's name for it."""

LOCALE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "locale")
_CLICK_DOMAIN = "messages"
_DOMAIN = "planloom"
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
_WINDOWS_CHINESE = 0x04
# Parameters whose values are message ids themselves: names of types and of kinds of things.
_WORDS = frozenset({"wanted", "what"})
_WANTED = " is wanted, found "


def use(language: str) -> None:
    """Speak a language from here on: "zh" or "en"."""
    os.environ["LANGUAGE"] = LANGUAGES[language]
    gettext.bindtextdomain(_CLICK_DOMAIN, LOCALE)


def language() -> str:
    """The language spoken: "zh" or "en"."""
    return "zh" if os.environ.get("LANGUAGE", "").startswith("zh") else "en"


def detect() -> str:
    """The language the user's system speaks, as far as planloom speaks it."""
    for name in _VARIABLES:
        value = os.environ.get(name)
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return _of_windows() if sys.platform == "win32" else "en"


def _of_windows() -> str:
    import ctypes

    code: int = ctypes.windll.kernel32.GetUserDefaultUILanguage()  # type: ignore[attr-defined,unused-ignore]
    # The low ten bits are the language without its region.
    return "zh" if code & 0x3FF == _WINDOWS_CHINESE else "en"


@lru_cache(maxsize=2)
def _catalogue(name: str) -> gettext.NullTranslations:
    # `gettext.translation` would load the locales of the whole world to find this one file.
    try:
        with open(os.path.join(LOCALE, name, "LC_MESSAGES", f"{_DOMAIN}.mo"), "rb") as file:
            return gettext.GNUTranslations(file)
    except FileNotFoundError:  # English is written in the code
        return gettext.NullTranslations()


def tr(message: str) -> str:
    """An English message id in the user's language; unknown ones stay as they are."""
    if not message:
        return ""
    catalogue = _catalogue(LANGUAGES[language()])
    found = catalogue.gettext(message)
    return found if found != message else _composed(message, catalogue)


def _composed(message: str, catalogue: gettext.NullTranslations) -> str:
    """A message id that was put together from two: ``where: what`` or ``x is wanted, found y``."""
    wanted, between, found = message.partition(_WANTED)
    if between and catalogue.gettext(wanted) != wanted:
        frame = catalogue.gettext("{wanted} is wanted, found {found}")
        return frame.replace("{wanted}", catalogue.gettext(wanted)).replace("{found}", tr(found))
    end = message.find(": ")
    while end != -1:
        head = message[: end + 2]
        if catalogue.gettext(head) != head:
            return catalogue.gettext(head) + tr(message[end + 2 :])
        end = message.find(": ", end + 1)
    return message


def told(problem: "Problem") -> tuple[str, str]:
    """The message of a problem and what to do about it, in the user's language."""
    from attrs import evolve

    words = {
        name: tr(value) for name, value in problem.params.items() if name in _WORDS and isinstance(value, str)
    }
    spoken = evolve(problem, params={**problem.params, **words}) if words else problem
    return spoken.text(tr), spoken.fix_text(tr)

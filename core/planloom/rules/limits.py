"""Running other people's code so that it can fail, hang or return rubbish without taking the check with it.

A Python rule runs in a daemon thread of its own. When its time is up, an exception is raised inside the
thread, which ends any loop written in Python; code that is stuck in C or swallows the exception is left
behind, and as a daemon it cannot keep the process alive. `os._exit` and the like cannot be contained: a
code plugin is trusted like any installed package.
"""

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

SECONDS = 5.0
"""How long one Python rule may take."""
MOST = 10_000
"""How many findings one Python rule may have."""


class TimeUp(Exception):  # noqa: N818
    """A call took longer than it may."""


class _Stopped(BaseException):
    """Raised inside a thread whose time is up."""


def within_limit(call: Callable[[], T], seconds: float) -> T:
    """The result of a call that must end in time.

    Raises:
        TimeUp: It did not.
        BaseException: Whatever it raised, `SystemExit` included.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(call())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        _stop(thread)
        raise TimeUp
    if errors:
        raise errors[0]
    return results[0]


def _stop(thread: threading.Thread) -> None:
    import ctypes

    identity = ctypes.c_ulong(thread.ident or 0)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(identity, ctypes.py_object(_Stopped))
    thread.join(0.2)

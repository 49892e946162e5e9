"""Running other people's code so that it can fail, hang or return rubbish without taking the run with it.

What a plugin brings runs in a daemon thread of its own: its import and hooks, its rules, filters, renderers
and readers. When its time is up, an exception is raised inside the thread, which ends any loop written in
Python; code that is stuck in C or swallows the exception is left behind, and as a daemon it cannot keep the
process alive. What it prints goes to standard error, never into a result. `os._exit`, a crash of the
interpreter, threads of its own and memory cannot be contained: a code plugin is trusted like any installed
package.
"""

import sys
import threading
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import TypeVar

T = TypeVar("T")

SECONDS = 5.0
"""How long one Python rule, or one call of a filter, may take."""
PATIENCE = 20.0
"""How long a plugin may take to load, and to write or read one document."""
MOST = 10_000
"""How many findings one Python rule may have."""


class TimeUp(Exception):  # noqa: N818
    """A call took longer than it may."""


class Raised(Exception):  # noqa: N818
    """A call raised what is no `Exception`, as `SystemExit`: in its thread nobody pressed a key."""

    def __init__(self, what: BaseException) -> None:
        super().__init__(what)
        self.what = what


def within_limit(call: Callable[[], T], seconds: float) -> T:
    """The result of a call that must end in time.

    Raises:
        TimeUp: It did not.
        Raised: It raised what is no `Exception`.
        Exception: Whatever else it raised.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(call())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    # Here, not in the thread: one that never ends must not keep standard output.
    with redirect_stdout(sys.stderr):
        thread.start()
        thread.join(seconds)
    if thread.is_alive():
        _stop(thread)
        raise TimeUp(f"{seconds:g} s")
    if errors and not isinstance(errors[0], Exception):
        raise Raised(errors[0])
    if errors:
        raise errors[0]
    return results[0]


def reason(error: Exception) -> str:
    """How a call of `within_limit` failed, in words."""
    found = error.what if isinstance(error, Raised) else error
    try:
        return f"{type(found).__name__}: {found}"
    except Exception:  # its author wrote that too
        return type(found).__name__


def _stop(thread: threading.Thread) -> None:
    import ctypes

    # Of all exceptions the one that ends a thread without a word, should it come after the call has ended.
    identity = ctypes.c_ulong(thread.ident or 0)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(identity, ctypes.py_object(SystemExit))
    thread.join(0.2)

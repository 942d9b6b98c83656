"""Code that came as text: run it, remember its lines, and tell whether two definitions are the same.

A notebook's cell, an exercise's stub and lines put in order all are such text. `LINES` keeps what may be quoted.
"""

import dis
import linecache
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

LINES: dict[str, list[str]] = {}
"""The student's own lines, by file name: whose name is not in here is the library's, or the check's."""


def remember(filename: str, lines: list[str]) -> None:
    """Keep lines that are in no file, so that a traceback can quote them."""
    LINES[filename] = lines
    linecache.cache[filename] = (sum(map(len, lines)), None, lines, filename)


def restored(make: Callable[..., CodeType], parts: tuple[Any, ...], filename: str) -> CodeType:
    """Make a code object anew as `make(*parts)`, standing in `filename` again, by which its lines are found."""
    return make(*parts).replace(co_filename=filename)


@dataclass(frozen=True)
class Source:
    """Python source that defines `name`."""

    text: str
    name: str

    @property
    def filename(self) -> str:
        """What a traceback calls the file that this is not in."""
        return f"<{self.name}>"

    @property
    def lines(self) -> list[str]:
        """The lines, each with its end."""
        return self.text.splitlines(keepends=True)

    def load(self) -> Any:
        """Run the source as a notebook would, and return what it defined.

        Raises whatever the source raises, SyntaxError too, and NameError when it defines no such name.
        """
        remember(self.filename, self.lines)
        namespace: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(self.text, self.filename, "exec"), namespace)
        if self.name not in namespace:
            raise NameError(f"nothing here is called {self.name}")
        return namespace[self.name]


def fingerprint(thing: object) -> Hashable:
    """What a definition does, without where it stands: equal for a copy in another cell with other comments."""
    if isinstance(thing, CodeType):
        steps = ((_SAME.get(step.opname, step.opname), step) for step in dis.get_instructions(thing))
        return tuple((name, fingerprint(step.argval)) for name, step in steps if name)
    if isinstance(thing, FunctionType):
        return fingerprint(thing.__code__), repr(thing.__defaults__), repr(thing.__kwdefaults__)
    if isinstance(thing, (staticmethod, classmethod)):
        return fingerprint(thing.__func__)
    if isinstance(thing, property):
        return fingerprint(thing.fget), fingerprint(thing.fset)
    if isinstance(thing, type):
        own = {name: value for name, value in vars(thing).items() if name not in _BOOKKEEPING}
        return tuple((name, fingerprint(own[name])) for name in sorted(own))
    return type(thing).__name__, repr(thing)


# A call of a module's function is compiled in another way where the import stands in the same piece of source, and a
# notebook compiles a cell statement by statement.
_SAME = {"LOAD_METHOD": "LOAD_ATTR", "CALL_METHOD": "CALL_FUNCTION", "PUSH_NULL": "", "PRECALL": ""}

# What Python itself writes into every class.
_BOOKKEEPING = {
    "__module__", "__dict__", "__weakref__", "__doc__", "__qualname__", "__firstlineno__", "__static_attributes__",
}  # fmt: skip

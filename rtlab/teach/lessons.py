"""Which lessons have something to ask: the modules `lesson_NN`, found by the number that an id begins with."""

import importlib
import pkgutil
from pathlib import Path
from types import ModuleType


def lessons() -> list[str]:
    """Return the numbers of the lessons that have a module, in order."""
    modules = pkgutil.iter_modules([str(Path(__file__).parent)])
    return sorted(module.name[7:] for module in modules if module.name.startswith("lesson_"))


def lesson(number: str) -> ModuleType | None:
    """Import the module of a lesson, such as "06"; None where there is none."""
    return importlib.import_module(f"rtlab.teach.lesson_{number}") if number in lessons() else None

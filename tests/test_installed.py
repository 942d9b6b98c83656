"""A part that is missing is named before anything of a lesson runs, with what to do about it."""

from importlib.metadata import packages_distributions

import pytest
from packaging.utils import canonicalize_name

from rtlab import installed
from rtlab.errors import Missing

from .test_environment import wanted


def test_the_parts_are_the_dependencies_of_rtlab_itself() -> None:
    assert {canonicalize_name(package) for package in installed.PARTS.values()} == set(wanted())


def test_each_module_is_in_the_package_that_is_named() -> None:
    found = packages_distributions()
    for module, package in installed.PARTS.items():
        assert canonicalize_name(package) in map(canonicalize_name, found[module])


def test_what_is_missing_is_said_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    installed.check()
    monkeypatch.setitem(installed.PARTS, "no_such_module", "no-such-package")
    with pytest.raises(Missing, match=r"no-such-package is not installed: .* `make venv`"):
        installed.check()

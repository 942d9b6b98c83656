"""pyproject.toml is the one list of dependencies: environment.yml and constraints.txt agree with it."""

import re
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ENVIRONMENT: dict[str, Any] = yaml.safe_load((ROOT / "environment.yml").read_text())
CONSTRAINTS = (ROOT / "constraints.txt").read_text().splitlines()

# The extras that the lessons use; `test` is for those who change rtlab.
LESSONS = ("server", "lab", "brokers", "push")
# conda-forge's own names.
CONDA_NAMES = {"matplotlib": "matplotlib-base", "prometheus-client": "prometheus_client", "redis": "redis-py"}
# What an environment needs beside rtlab's dependencies.
CONDA_ITSELF = {"python", "pip"}

# The machines a constraint may be for, as far as a marker can tell them apart.
MACHINES = [
    {"python_version": version, "python_full_version": f"{version}.9", "sys_platform": sys_platform,
     "platform_system": system, "os_name": os_name, "platform_python_implementation": "CPython",
     "implementation_name": "cpython"}
    for version, (sys_platform, system, os_name) in product(
        ("3.10", "3.11", "3.12", "3.13"),
        (("linux", "Linux", "posix"), ("darwin", "Darwin", "posix"), ("win32", "Windows", "nt")),
    )
]  # fmt: skip


def wanted(*extras: str) -> dict[str, Requirement]:
    """The dependencies of rtlab itself and of the extras, by name."""
    lines = list(PROJECT["dependencies"])
    for extra in extras:
        lines += PROJECT["optional-dependencies"][extra]
    return {canonicalize_name(Requirement(line).name): Requirement(line) for line in lines}


def conda_lines() -> tuple[list[str], list[str]]:
    """The lines for conda, and those for pip."""
    entries = ENVIRONMENT["dependencies"]
    (pip,) = [entry["pip"] for entry in entries if isinstance(entry, dict)]
    return [entry for entry in entries if isinstance(entry, str)], pip


def applies(requirement: Requirement, machine: dict[str, str]) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(machine)


def test_environment_has_what_the_lessons_need_with_the_same_bounds_and_nothing_else() -> None:
    conda, pip = conda_lines()
    requirements = [Requirement(line) for line in [*conda, *pip] if not line.startswith("--editable")]
    given = {requirement.name: requirement for requirement in requirements}
    expected = {CONDA_NAMES.get(name, name): requirement for name, requirement in wanted(*LESSONS).items()}
    assert set(given) - CONDA_ITSELF == set(expected)
    for name, requirement in expected.items():
        assert given[name].specifier == requirement.specifier, name
        assert str(given[name].marker) == str(requirement.marker), name
    assert len(requirements) == len(given)


def test_environment_installs_rtlab_itself_on_the_same_python() -> None:
    conda, pip = conda_lines()
    assert pip[-1] == "--editable ."
    assert f"python{PROJECT['requires-python']}" in conda


def test_every_extra_is_for_the_lessons_or_for_the_tests() -> None:
    assert set(PROJECT["optional-dependencies"]) == {*LESSONS, "test"}


def test_make_installs_every_extra_that_has_something_in_it() -> None:
    (extras,) = re.findall(r"--editable '\.\[(.*)\]'", (ROOT / "Makefile").read_text())
    assert set(extras.split(",")) == {
        name for name, lines in PROJECT["optional-dependencies"].items() if lines
    }


@pytest.mark.parametrize("line", CONSTRAINTS)
def test_a_constraint_is_a_name_a_version_and_a_marker(line: str) -> None:
    requirement = Requirement(line)
    assert requirement.url is None
    assert not requirement.extras
    assert [specifier.operator for specifier in requirement.specifier] == ["=="]
    assert "*" not in str(requirement.specifier)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda it: f"{it['sys_platform']}-{it['python_version']}")
def test_constraints_pin_each_dependency_once_and_within_its_bounds(machine: dict[str, str]) -> None:
    pins: dict[str, list[str]] = {}
    for requirement in map(Requirement, CONSTRAINTS):
        if applies(requirement, machine):
            (pin,) = requirement.specifier
            pins.setdefault(canonicalize_name(requirement.name), []).append(pin.version)
    assert [name for name, versions in pins.items() if len(versions) > 1] == []
    for name, requirement in wanted(*PROJECT["optional-dependencies"]).items():
        if applies(requirement, machine):
            assert requirement.specifier.contains(pins[name][0]), name

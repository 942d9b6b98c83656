"""`rtlab doctor`: what this installation needs, looked at one by one, with a remedy for each fault.

from rtlab.doctor import doctor
doctor()
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module, metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from rich.console import Console
from rich.table import Table

from rtlab.clients.reader import Reader
from rtlab.errors import RtlabError

MARKS = {"good": "✓", "look": "!", "bad": "✗"}
COLOURS = {"good": "green", "look": "yellow", "bad": "red"}
PROXIES = ("http_proxy", "https_proxy", "all_proxy")
EXTRAS = ("lab", "brokers", "push")  # what the lessons use
REPOSITORY = Path(__file__).parents[1]  # where rtlab runs from a checkout
FEW_FILES = 1024  # descriptors: what a lesson with 200 clients needs, with room


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `state` is good, look or bad; `remedy` says what to do where it is not good."""

    what: str
    state: str
    found: str
    remedy: str = ""


class Report:
    """What the doctor found."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings

    @property
    def healthy(self) -> bool:
        """Whether nothing is bad."""
        return all(finding.state != "bad" for finding in self.findings)

    def __repr__(self) -> str:
        lines = [
            f"{MARKS[f.state]} {f.what}: {f.found}" + (f"\n    → {f.remedy}" if f.remedy else "")
            for f in self.findings
        ]
        return "\n".join([*lines, "All is well." if self.healthy else "Mend what has a ✗, then ask again."])

    def print(self) -> None:
        """Print it as a table on a terminal."""
        table = Table("", "looked at", "found", "what to do", box=None, pad_edge=False)
        for f in self.findings:
            table.add_row(f"[{COLOURS[f.state]}]{MARKS[f.state]}[/]", f.what, f.found, f.remedy)
        Console().print(table)


def doctor() -> Report:
    """Look at everything; takes a second or two."""
    return Report(
        [
            finding
            for look in (python, packages, kernel, port, files, proxies, techniques)
            for finding in look()
        ]
    )


def python() -> Iterator[Finding]:
    """The version of Python."""
    found = f"{sys.version.split()[0]} in {_near(sys.prefix)}"
    right = sys.version_info >= (3, 10)
    yield Finding("Python", "good" if right else "bad", found, "" if right else "use Python 3.10 or newer")


def _near(path: str) -> str:
    """A path as seen from here where that is short: what is stored in a notebook then tells nothing of the machine."""
    try:
        seen = os.path.relpath(path)
    except ValueError:  # on another drive
        return path
    return path if not os.path.isabs(path) or seen.startswith(os.path.join("..", "..")) else seen


def packages() -> Iterator[Finding]:
    """What rtlab's extras name, and whether it is installed in a version that will do."""
    installed = metadata.requires("rtlab") or []
    wanted = _of_the_repository() or installed
    if added := {_bare(text) for text in wanted} - {_bare(text) for text in installed}:
        older = f"older than the repository, which wants {', '.join(sorted(added))}"
        yield Finding(
            "installation", "look", older, "make venv, or pip install -e '.[lab]' in the repository"
        )
    missing: dict[str, list[str]] = {extra: [] for extra in ("", *EXTRAS)}
    for text in wanted:
        requirement = Requirement(text)
        for extra, faults in missing.items():
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                if fault := _fault(requirement):
                    faults.append(fault)
                break
    if not any(missing.values()):
        yield Finding("packages", "good", "all that the lessons use")
    for extra, faults in missing.items():
        if not faults:
            continue
        install = f"pip install 'rtlab[{extra}]'" if extra else "pip install rtlab"
        state = "bad" if extra in ("", "lab") else "look"
        yield Finding(f"packages ({extra or 'base'})", state, ", ".join(faults), f"make venv, or {install}")


def _of_the_repository() -> list[str]:
    """What pyproject.toml wants, in a checkout: what pip noted of rtlab is as old as the installation."""
    file = REPOSITORY / "pyproject.toml"
    try:
        project = import_module("tomllib").loads(file.read_text(encoding="utf-8"))["project"]
    except (ImportError, OSError):  # Python 3.10 cannot read it; an installed wheel has no such file
        return []
    texts = list(project["dependencies"])
    for extra in EXTRAS:
        for text in project["optional-dependencies"][extra]:
            bare, _, marker = text.partition(";")
            texts.append(f'{bare}; {f"({marker}) and " if marker else ""}extra == "{extra}"')
    return texts


def _bare(text: str) -> str:
    """A requirement without the conditions under which it is one."""
    requirement = Requirement(text)
    return f"{canonicalize_name(requirement.name)}{requirement.specifier}"


def _fault(requirement: Requirement) -> str:
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return f"{requirement.name} is missing"
    fits = requirement.specifier.contains(version, prereleases=True)
    return "" if fits else f"{requirement.name} is {version}, wanted {requirement.specifier}"


def kernel() -> Iterator[Finding]:
    """Whether a notebook's kernel is this very environment."""
    spec = Path(sys.prefix, "share", "jupyter", "kernels", "python3", "kernel.json")
    if not spec.is_file():
        yield Finding(
            "kernel",
            "look",
            "this environment has none of its own",
            "make venv, or python -m ipykernel install --sys-prefix",
        )
        return
    command = json.loads(spec.read_text())["argv"][0]
    ours = os.path.isabs(command) and os.path.samefile(Path(command).parent, Path(sys.executable).parent)
    remedy = "" if ours else "make venv; then open the lessons with make lab"
    yield Finding("kernel", "good" if ours else "look", f"python3 is {_near(command)}", remedy)


def port() -> Iterator[Finding]:
    """Whether a port of 127.0.0.1 can be had, and whether the usual one is free."""
    try:
        with socket.create_server(("127.0.0.1", 0)):
            pass
    except OSError as error:
        yield Finding(
            "port", "bad", f"cannot listen on 127.0.0.1: {error}", "allow Python to listen on loopback"
        )
        return
    with socket.socket() as usual:
        taken = usual.connect_ex(("127.0.0.1", 8765)) == 0
    yield Finding(
        "port", "good", "8765 is in use; the lessons take any free one" if taken else "8765 is free"
    )


def files() -> Iterator[Finding]:
    """How many descriptors a process may have: each connection takes one at each end."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = soft == resource.RLIM_INFINITY or soft >= FEW_FILES
    yield Finding(
        "open files", "good" if enough else "look", f"{soft} a process", "" if enough else "ulimit -n 4096"
    )


def proxies() -> Iterator[Finding]:
    """Proxy variables: the readers ignore them for this machine, other programs may not."""
    found = [name for name in PROXIES if os.environ.get(name) or os.environ.get(name.upper())]
    spared = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    if found and "127.0.0.1" not in spared and spared != "*":
        yield Finding(
            "proxy",
            "look",
            f"{', '.join(found)} set",
            "export no_proxy=127.0.0.1,localhost (for curl and the like)",
        )
    else:
        yield Finding("proxy", "good", "none in the way of 127.0.0.1")


def techniques() -> Iterator[Finding]:
    """One event through the server and back, by each technique."""
    from rtlab.clients import READERS
    from rtlab.server.thread import ServerThread

    try:
        server = ServerThread()
    except RtlabError as error:
        yield Finding("server", "bad", str(error), "see above")
        return
    try:
        server.call(lambda: server.server.channels.find("doctor").publish("hello"))
        url = f"{server.url}/channels/doctor"
        failed = [name for make in READERS.values() if (name := _try(make, url))]
    finally:
        server.close()
    state, found = (
        ("bad", "; ".join(failed)) if failed else ("good", f"an event came by all {len(READERS)} of them")
    )
    yield Finding(
        "techniques",
        state,
        found,
        "something on this machine filters 127.0.0.1: a firewall?" if failed else "",
    )


def _try(make: Callable[..., Reader], url: str) -> str:
    """What went wrong when a reader was to read one event; nothing if it did."""
    try:
        with make(url, after="start") as reader:
            got = list(reader.events(limit=1, timeout=5.0))
    except RtlabError as error:
        return str(error)
    return "" if got else f"{type(reader).__name__}: no event within 5 s"

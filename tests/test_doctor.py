"""The doctor finds what is wrong, and says what to do."""

import os
import socket
import sys

import pytest

from rtlab import doctor as room
from rtlab.doctor import Finding, Report, doctor


def only(look):
    (finding,) = look()
    return finding


def test_a_healthy_installation_is_called_so():
    report = doctor()
    assert report.healthy, report
    assert repr(report).endswith("All is well.")
    assert {"Python", "packages", "port", "techniques"} <= {finding.what for finding in report.findings}


def test_a_missing_package_is_named_with_the_extra_that_brings_it(monkeypatch, tmp_path):
    monkeypatch.setattr(room, "REPOSITORY", tmp_path)
    monkeypatch.setattr(
        room.metadata,
        "requires",
        lambda _: ['ipywidgets>=8; extra == "lab"', 'no-such-thing>=1; extra == "lab"', "tornado>=99"],
    )
    base, lab = room.packages()
    assert base.found.startswith("tornado is ")
    assert "wanted >=99" in base.found
    assert (lab.state, lab.found) == ("bad", "no-such-thing is missing")
    assert "rtlab[lab]" in lab.remedy


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib came with Python 3.11")
def test_an_installation_older_than_the_repository_is_told(monkeypatch, tmp_path):
    installed = ["tornado>=6.5", 'ipywidgets>=8; extra == "lab"', 'PyYAML>=6; extra == "push"']
    monkeypatch.setattr(room.metadata, "requires", lambda _: installed)
    monkeypatch.setattr(room, "REPOSITORY", tmp_path)
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["tornado>=6.5", "no-such-thing>=2"]\n'
        '[project.optional-dependencies]\nlab = ["ipywidgets>=8"]\nbrokers = []\n'
        'push = ["pyyaml>=6", "nor-this; platform_system == \'Nowhere\'"]\n'
    )
    older, base = room.packages()
    assert (older.what, older.state) == ("installation", "look")
    assert older.found == "older than the repository, which wants no-such-thing>=2, nor-this"
    assert "make venv" in older.remedy
    assert (base.state, base.found) == ("bad", "no-such-thing is missing")


def test_a_missing_broker_is_no_illness(monkeypatch, tmp_path):
    monkeypatch.setattr(room, "REPOSITORY", tmp_path)
    monkeypatch.setattr(room.metadata, "requires", lambda _: ['no-such-thing; extra == "brokers"'])
    assert only(room.packages).state == "look"


def test_a_kernel_of_another_environment_is_found(monkeypatch, tmp_path):
    monkeypatch.setattr(room.sys, "prefix", str(tmp_path))
    assert only(room.kernel).state == "look"
    spec = tmp_path / "share/jupyter/kernels/python3/kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text('{"argv": ["/usr/bin/python3", "-m", "ipykernel_launcher"]}')
    found = only(room.kernel)
    assert found.state == "look"
    assert "make lab" in found.remedy


def test_what_is_near_is_told_as_seen_from_here(monkeypatch, tmp_path):
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    monkeypatch.setattr(room.sys, "prefix", str(tmp_path / ".venv"))
    assert only(room.python).found.endswith(f"in {os.path.join('..', '.venv')}")
    monkeypatch.setattr(room.sys, "prefix", os.path.join(os.sep, "far", "away", ".venv"))
    assert only(room.python).found.endswith(os.path.join(os.sep, "far", "away", ".venv"))


def test_a_port_in_use_is_told_but_no_fault(monkeypatch):
    finding = only(room.port)
    assert finding.state == "good"
    with socket.socket() as usual:
        if usual.connect_ex(("127.0.0.1", 8765)):
            assert "is free" in finding.found


def test_proxy_variables_that_would_catch_loopback_are_told(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    assert "no_proxy" in only(room.proxies).remedy
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    assert only(room.proxies).state == "good"


def test_techniques_that_get_nothing_through_are_a_fault(monkeypatch):
    monkeypatch.setattr(room, "_try", lambda make, url: f"{make.__name__}: no event within 5 s")
    finding = only(room.techniques)
    assert finding.state == "bad"
    assert "WebSocket: no event" in finding.found


@pytest.mark.parametrize(("state", "healthy"), [("good", True), ("look", True), ("bad", False)])
def test_only_what_is_bad_makes_a_report_unhealthy(state, healthy, capsys):
    report = Report([Finding("x", state, "y", "z")])
    assert report.healthy is healthy
    report.print()
    assert "z" in capsys.readouterr().out

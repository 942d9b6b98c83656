"""`rtlab push …`: the four parties as four processes."""

from __future__ import annotations

import contextlib
import json
import re
import stat
import subprocess
import sys

import pytest
import requests
from click.testing import CliRunner

from rtlab.cli import main

pytestmark = pytest.mark.limit(200)

MAIN = [sys.executable, "-u", "-c", "from rtlab.cli import main; main()", "push"]


def push(*arguments, stdin=None):
    return subprocess.run(
        [*MAIN, *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=50
    )


def here(*arguments):
    """The same in this process: a Python that starts takes seconds on a busy machine."""
    return CliRunner().invoke(main, ["push", *map(str, arguments)])


@contextlib.contextmanager
def service(*arguments):
    """A push service in a process of its own: its process, and its URL."""
    command = [*MAIN, "serve", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            found = re.fullmatch(r"rtlab: listening on (http://\S+:(\d+))\n", line)
            assert found, process.stderr.read()
            yield process, found[1], found[2]
        finally:
            process.terminate()
            process.communicate(timeout=10)


def test_a_message_from_sender_to_device_though_the_service_was_killed_in_between(tmp_path):
    store, device, key = tmp_path / "push.sqlite", tmp_path / "device.json", tmp_path / "vapid.pem"
    to = tmp_path / "subscriptions.json"
    public = here("keys", key).stdout.strip()
    assert here("keys", key).stdout.strip() == public
    with service("--store", store, "--port", 0) as (process, url, port):
        subscribed = push("subscribe", url, "--device", device, "--key", public, "--name", "mail")
        to.write_text(subscribed.stdout)
        sent = push("send", "you have mail", "--to", to, "--key", key, "--contact", "mailto:a@example.org")
        assert json.loads(sent.stdout)["status"] == 201, sent.stderr
        process.kill()
    with service("--store", store, "--port", port):
        heard = push("listen", "--device", device, "--limit", 1, "--timeout", 30)
        assert json.loads(heard.stdout) == {"application": "mail", "text": "you have mail"}, heard.stderr
        assert here("listen", "--device", device, "--timeout", 0.2).stdout == ""
    for path in (device, key):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_subscription_that_is_gone_is_removed_and_said(tmp_path):
    to, key = tmp_path / "subscriptions.json", tmp_path / "vapid.pem"
    public = here("keys", key).stdout.strip()
    with service("--store", ":memory:", "--port", 0, "--no-sync") as (_, url, _port):
        given = json.loads(here("subscribe", url, "--device", tmp_path / "d.json", "--key", public).stdout)
        to.write_text(json.dumps([given | {"endpoint": f"{url}/push/p/gone"}]))
        arguments = ("send", "--to", to, "--key", key, "--contact", "mailto:a@example.org")
        refused = push(*arguments, stdin="hello")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "404" in refused.stderr
        assert "(removed)" in refused.stderr
        assert json.loads(to.read_text()) == []


def test_serve_with_a_push_service_has_its_page_too(tmp_path):
    command = [*MAIN[:-1], "serve", "--port", "0", "--push", str(tmp_path / "push.sqlite")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().split()[-1]
            with requests.Session() as session:
                session.trust_env = False
                for path in ("/apps/notify/", "/apps/notify/worker.js", "/apps/notify/key", "/apps/apps.css"):
                    assert session.get(url + path, timeout=10).status_code == 200, path
                assert session.post(url + "/push/subscribe", timeout=10).status_code == 201
        finally:
            process.terminate()
            process.communicate(timeout=10)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("listen", "--device", "{tmp}/none.json"), "needs a push service"),
        (("subscribe", "nowhere", "--device", "{tmp}/none.json"), "looks like http://127.0.0.1:8765"),
        (
            ("send", "x", "--to", "{tmp}/none.json", "--contact", "mailto:a@b.c"),
            "`rtlab push subscribe` prints one",
        ),
        (("keys", "{tmp}/no/such/folder/key.pem"), "cannot write"),
        (("serve", "--store", "{tmp}", "--port", "0"), "directory"),
        (("serve", "--store", ":memory:", "--waiting", "0"), "above 0"),
    ],
)
def test_a_slip_is_answered_with_one_sentence_and_status_2(tmp_path, arguments, says):
    done = here(*(a.format(tmp=tmp_path) for a in arguments))
    assert done.exit_code == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr

"""The command line, run as a user runs it."""

import contextlib
import json
import re
import signal
import socket
import subprocess
import sys

import pytest

from rtlab.server.thread import ServerThread

TECHNIQUES = ["short", "adaptive", "long", "sse", "websocket"]


def rtlab(*arguments, stdin=None, timeout=30):
    command = [sys.executable, "-m", "rtlab", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=timeout)


@contextlib.contextmanager
def serving(*arguments):
    command = [
        sys.executable,
        "-u",
        "-c",
        "from rtlab.cli import main; main()",
        "serve",
        "--port",
        "0",
        *arguments,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            found = re.fullmatch(r"rtlab: listening on (http://\S+:\d+)\n", line)
            assert found, process.stderr.read()
            yield process, found[1]
        finally:
            process.terminate()
            process.communicate(timeout=10)


@pytest.fixture(scope="module")
def server():
    server = ServerThread()
    yield server.url
    server.close()


def test_what_is_published_on_the_command_line_is_watched_there_by_every_technique():
    with serving() as (_, url):
        lines = '{"n": 1}\n\n"zwei"\n[3, null]\n'
        published = rtlab("publish", f"{url}/channels/a", stdin=lines)
        ids = published.stdout.split()
        assert len(ids) == 3, published.stderr
        for technique in [*TECHNIQUES, "auto"]:
            seen = rtlab("watch", f"{url}/channels/a", "--by", technique, "--after", "start", "--limit", "3")
            events = [json.loads(line) for line in seen.stdout.splitlines()]
            assert [event["id"] for event in events] == ids
            assert [event["data"] for event in events] == [{"n": 1}, "zwei", [3, None]]
            assert list(events[0]) == ["id", "time", "data"]


def test_serve_stops_gracefully_when_asked():
    for number in (signal.SIGINT, signal.SIGTERM):
        with serving() as (process, _):
            process.send_signal(number)
            _, errors = process.communicate(timeout=10)
            assert (process.returncode, errors) == (0, "")


def test_serve_keeps_its_logs_in_a_broker(redis):
    with serving("--broker", redis.address) as (_, url), serving("--broker", redis.address) as (_, other):
        published = rtlab("publish", f"{url}/channels/shared", "1")
        seen = rtlab("watch", f"{other}/channels/shared", "--after", "start", "--limit", "1")
        assert json.loads(seen.stdout)["id"] == published.stdout.strip(), seen.stderr


def test_a_broker_that_is_not_there_ends_serve_with_a_sentence():
    run = rtlab("serve", "--port", "0", "--broker", "redis://127.0.0.1:1")
    assert run.returncode == 2
    assert run.stderr.startswith("rtlab: redis://127.0.0.1:1 cannot be reached: start it")
    assert run.stderr.count("\n") == 1


def test_what_is_no_broker_is_refused_with_what_would_be():
    run = rtlab("serve", "--broker", "mongodb://127.0.0.1")
    assert (run.returncode, "redis://HOST:PORT" in run.stderr) == (2, True)


def test_serve_takes_every_limit_as_an_option():
    with serving("--events", "2", "--body-bytes", "30") as (_, url):
        rtlab("publish", f"{url}/channels/a", stdin="1\n2\n3\n")
        seen = rtlab("watch", f"{url}/channels/a", "--after", "new.0", "--limit", "2").stdout.splitlines()
        assert json.loads(seen[0])["gap"]["missed"] == 1
        assert [json.loads(line)["data"] for line in seen[1:]] == [2, 3]
        refused = rtlab("publish", f"{url}/channels/a", json.dumps("x" * 40))
        assert refused.returncode == 2
        assert "send at most 30" in refused.stderr


def test_a_key_makes_publishing_twice_append_once(server):
    ids = {rtlab("publish", f"{server}/channels/once", "1", "--key", "k").stdout for _ in range(2)}
    assert len(ids) == 1


def test_watch_ends_at_its_timeout(server):
    assert rtlab("watch", f"{server}/channels/silent", "--timeout", "0.2").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("watch", "nonsense"), "is not a channel's URL"),
        (("watch", "{url}/channels/a", "--after", "yesterday"), "start, last, now"),
        (("watch", "{url}/channels/a", "--by", "pigeon"), "websocket"),
        (("publish", "{url}/channels/a", "hello"), "strings need quotes"),
        (("publish", "{url}/channels/a", "--key", "k"), "a key stands for one event"),
        (("serve", "--port", "{port}"), "--port 0"),
        (("serve", "--port", "70000"), "65535"),
        (("serve", "--hold", "0"), "above 0"),
        (("serve", "--host", "no.such.host.invalid", "--anyone", "--port", "0"), "cannot listen"),
        (("lab", "--notebooks", "/nonexistent"), "00_start_here.ipynb"),
    ],
)
def test_a_slip_is_answered_with_one_sentence_and_status_2(server, arguments, says):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        filled = [a.format(url=server, port=taken.getsockname()[1]) for a in arguments]
        done = rtlab(*filled)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_an_absent_server_is_named(server):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    done = rtlab("publish", f"http://127.0.0.1:{port}/channels/a", "1")
    assert done.returncode == 2
    assert f"127.0.0.1:{port}" in done.stderr


@pytest.mark.parametrize("technique", ["sse", "auto"])
def test_watch_says_at_once_and_once_why_nothing_comes_and_goes_on_when_the_server_is_there(technique):
    with serving() as (process, url):
        port = url.rpartition(":")[2]
        process.terminate()
        process.wait(10)
    command = [
        sys.executable,
        "-m",
        "rtlab",
        "watch",
        f"{url}/channels/a",
        "--after",
        "new.0",
        "--limit",
        "1",
    ]
    with subprocess.Popen(
        [*command, "--by", technique], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as watching:
        said = watching.stderr.readline()
        assert f"127.0.0.1:{port}: Connection refused" in said
        assert said.endswith("; trying again\n")
        server = ServerThread(port=int(port))
        try:
            rtlab("publish", f"{url}/channels/a", "1")
            seen, errors = watching.communicate(timeout=20)
        finally:
            server.close()
    assert json.loads(seen)["data"] == 1
    assert "Connection refused" not in errors


def test_a_reader_that_closes_its_end_of_a_pipe_ends_watch_quietly(server):
    rtlab("publish", f"{server}/channels/piped", stdin="1\n2\n3\n")
    command = [
        sys.executable,
        "-u",
        "-c",
        "from rtlab.cli import main; main()",
        "watch",
        f"{server}/channels/piped",
    ]
    with subprocess.Popen(
        [*command, "--after", "start"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        rtlab("publish", f"{server}/channels/piped", stdin="4\n5\n")
        assert process.wait(timeout=10) == 0
        assert process.stderr.read() == ""


def test_help_and_version_start_without_the_heavy_rooms():
    heavy = "('matplotlib', 'numpy', 'requests', 'ipywidgets')"
    code = f"import sys, rtlab.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20)
    assert done.stdout == "[]\n"
    assert "rtlab, version" in rtlab("--version").stdout


def test_the_fan_out_benchmark_prints_every_server_and_its_batch():
    done = rtlab("bench", "fanout", "--readers", "5", "--quick", timeout=60)
    assert done.returncode == 0, done.stderr
    for server in ("rtlab", "coalesced", "write_message"):
        assert done.stdout.count(server) >= 2


def test_serve_says_how_a_page_gets_the_token_and_does_not_say_the_token():
    command = [sys.executable, "-c", "from rtlab.cli import main; main()", "serve", "--port", "0", "--token"]
    with subprocess.Popen(
        [*command, "correct-horse", "--app", "chat"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            pages = process.stdout.readline().split()[-1]
            assert process.stdout.readline().split()[-1] == f"{pages}NAME/#token=TOKEN"
        finally:
            process.send_signal(signal.SIGINT)
            assert "correct-horse" not in "".join(process.communicate(timeout=10))


def test_serve_speaks_tls_and_says_whom_to_trust():
    command = [sys.executable, "-c", "from rtlab.cli import main; main()", "serve", "--port", "0", "--tls"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            cacert = process.stdout.readline().split("--cacert ")[1].strip()
            url = process.stdout.readline().split()[-1]
            published = rtlab("publish", f"{url}/channels/a", "1", "--cacert", cacert)
            assert published.returncode == 0, published.stderr
            for technique in [*TECHNIQUES, "auto"]:
                options = ["--by", technique, "--after", "start", "--limit", "1", "--cacert", cacert]
                seen = rtlab("watch", f"{url}/channels/a", *options)
                assert json.loads(seen.stdout)["data"] == 1, seen.stderr
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=10)
    wrong = rtlab("serve", "--tls-key", "nowhere.pem")
    assert (wrong.returncode, "--tls-cert" in wrong.stderr) == (2, True)

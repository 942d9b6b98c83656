"""The page that reloads itself, where a token is wanted: its tickets are for the next page, and for nothing else."""

import re

import jwt
import pytest
import requests

from rtlab.apps.dashboard import classic
from rtlab.apps.site import Applications
from rtlab.clients import ShortPolling
from rtlab.server.access import Access
from rtlab.server.thread import ServerThread

from .staged import Staged

SECONDS = 20.0
TOKEN = "correct-horse-battery"


@pytest.fixture(scope="module")
def guarded():
    server = ServerThread(access=Access(TOKEN), extensions=[Applications([Staged()])])
    with ShortPolling(f"{server.url}/channels/dashboard", after="last", token=TOKEN) as reader:
        next(iter(reader.events(limit=1, timeout=SECONDS)))  # so that the page has something to show
    yield server
    server.close()


def first(guarded):
    """A ticket as a page gets one with the token."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return requests.post(f"{guarded.url}/tickets", headers=headers, timeout=SECONDS).json()["ticket"]


def following(guarded, ticket):
    """The ticket that the page has in it which is opened with this one."""
    url = f"{guarded.url}/apps/dashboard/classic?every=60&ticket={ticket}"
    answer = requests.get(url, timeout=SECONDS)
    assert answer.status_code == 200
    return re.search(r"ticket=([\w.-]+)", answer.text)[1]


def test_its_ticket_opens_the_next_page_and_so_on(guarded):
    ticket = first(guarded)
    for _ in range(3):
        ticket = following(guarded, ticket)


def test_its_ticket_neither_publishes_nor_reads_another_channel(guarded):
    def asked(method, path):
        ticket = following(guarded, following(guarded, first(guarded)))
        url = f"{guarded.url}{path}?ticket={ticket}"
        return requests.request(method, url, data="1", timeout=SECONDS).status_code

    assert asked("POST", "/channels/diary/events") == 403
    assert asked("POST", "/channels/dashboard/events") == 403
    assert asked("GET", "/channels/diary/events") == 403
    assert asked("GET", "/channels/dashboard/events") == 200


def test_all_of_them_end_when_the_first_page_said(guarded, monkeypatch):
    def ends(ticket):
        return jwt.decode(ticket, options={"verify_signature": False})["until"]

    page = following(guarded, first(guarded))
    assert ends(page) == ends(following(guarded, page))
    monkeypatch.setattr(classic, "LONGEST", -1.0)
    over = following(guarded, first(guarded))
    url = f"{guarded.url}/apps/dashboard/classic?ticket={over}"
    assert "expired" in requests.get(url, timeout=SECONDS).json()["detail"]

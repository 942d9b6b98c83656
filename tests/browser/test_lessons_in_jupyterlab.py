"""Lessons with something that runs in the page, in JupyterLab: from their menu, a knob turned, an exercise solved."""

import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LIVE = (
    "widget-view",
    "<iframe",
)  # outputs that only a browser runs; what the other lessons have, nbval compares
LESSONS = sorted(
    path.name
    for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")
    if any(sign in path.read_text(encoding="utf-8") for sign in LIVE)
)
READY = 60_000  # milliseconds until a kernel is there
RUN = 240_000  # and until a lesson has run, beside two others on a slow machine


@pytest.fixture(scope="module")
def jupyterlab(tmp_path_factory):
    """A JupyterLab of its own on copies of the lessons: its URL, its token, and where the copies are."""
    home = tmp_path_factory.mktemp("jupyterlab")
    shutil.copytree(NOTEBOOKS, home / "notebooks")
    shutil.copytree(NOTEBOOKS.parent / "docs", home / "docs")  # the verdicts are read from there
    token = secrets.token_hex(16)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    options = [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={home}", "--LabApp.news_url=None"]
    settings = ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
    }
    with subprocess.Popen(
        [*command, *options, *settings], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}/api")
            yield f"http://127.0.0.1:{port}", token, home / "notebooks"
        finally:
            process.terminate()
            process.wait(30)


def wait_for(url):
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            assert time.monotonic() < deadline, f"nothing answers at {url}"
            time.sleep(0.2)


@pytest.fixture
def lesson(jupyterlab, browser):
    """Open a lesson; its page, with the kernel at rest, and its file."""
    url, token, folder = jupyterlab
    page = browser.new_page(viewport={"width": 1200, "height": 1000})

    def open_lesson(name):
        page.goto(f"{url}/doc/tree/notebooks/{name}?token={token}&reset")
        at_rest(page)
        return page, folder / name

    yield open_lesson
    page.evaluate(
        """async () => { const b = document.querySelector('#jupyter-config-data');
        const c = JSON.parse(b.textContent); const h = {Authorization: 'token ' + c.token};
        for (const s of await (await fetch(c.baseUrl + 'api/sessions', {headers: h})).json())
            await fetch(c.baseUrl + 'api/sessions/' + s.id, {method: 'DELETE', headers: h}); }"""
    )
    page.close()


def at_rest(page, timeout=READY):
    page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').first.wait_for(timeout=timeout)


def dismiss_dialog(page):
    """JupyterLab may ask something of its own (a kernel that ended, a file that changed): say yes."""
    if page.locator(".jp-Dialog").count():
        page.locator(".jp-Dialog .jp-mod-accept").first.click()


def run_all(page):
    """Choose Run › Run All Cells."""
    for _attempt in range(3):  # the first click may only close a tooltip, or come before the menu is alive
        dismiss_dialog(page)
        page.locator(".jp-NotebookPanel .jp-Cell").first.click()
        page.keyboard.press("Escape")
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.locator('[data-command="runmenu:run-all"]').click()
        try:
            page.locator('.jp-Notebook-ExecutionIndicator[data-status="busy"]').first.wait_for(timeout=20_000)
            return
        except PlaywrightTimeout:
            continue
    raise AssertionError("Run All Cells starts nothing")


def saved_cells(page, path):
    """Save the notebook; the code cells of its file. (The page itself draws only the cells in sight.)"""
    before, deadline = path.stat().st_mtime_ns, time.monotonic() + 30
    dismiss_dialog(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+S")
    while time.monotonic() < deadline:
        page.wait_for_timeout(200)
        if path.stat().st_mtime_ns != before:
            with contextlib.suppress(json.JSONDecodeError):  # not all of it is written yet
                return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
    raise AssertionError("the notebook was not saved")


def stored_errors(page, path):
    """Wait until every cell has run; the errors in the saved notebook."""
    deadline, before, stuck = time.monotonic() + RUN / 1000, None, 0
    while True:
        at_rest(page, RUN)
        cells = saved_cells(page, path)
        errors = [o["evalue"] for cell in cells for o in cell["outputs"] if o["output_type"] == "error"]
        missing = [n for n, cell in enumerate(cells) if not cell["execution_count"]]
        if errors or not missing:
            return errors
        assert time.monotonic() < deadline, f"the code cells {missing} have not run"
        before, stuck = missing, stuck + 1 if missing == before else 0
        if (
            stuck == 8
        ):  # JupyterLab, busy, lets go of cells that wait when it renews its connection to the kernel
            run_all(page)
        page.wait_for_timeout(1000)


def turn_a_knob(page):
    """The waterfall is drawn anew when TLS is counted."""
    box = page.locator(".widget-checkbox", has_text="tls")
    box.scroll_into_view_if_needed(timeout=READY)
    image = page.locator("img.widget-image").first
    before = image.get_attribute("src")
    box.locator("input").check()
    expect(image).not_to_have_attribute("src", before, timeout=READY)


def fail_and_solve_an_exercise(page):
    """A wrong answer is told its symptom, the right one that it is right."""
    cell = page.locator(".jp-CodeCell", has_text="q2.check(T)").last
    cell.scroll_into_view_if_needed(timeout=READY)
    for answer, says in [("T = 0.92", "just misses a poll"), ("T = 0.86", "02.2 right")]:
        cell.locator(".cm-content").click()
        page.keyboard.press("Control+A")
        page.keyboard.type(f"{answer}\nq2.check(T)")
        page.keyboard.press("Control+Enter")
        expect(cell.locator(".jp-OutputArea")).to_contain_text(says, timeout=READY)


def run_cell(page, text):
    """Run the first code cell that holds a text, once more."""
    cell = page.locator(".jp-CodeCell", has_text=text).first
    cell.scroll_into_view_if_needed(timeout=READY)
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    at_rest(page, RUN)


def talk_in_the_embedded_chat(page):
    """The page works inside the lesson: its lab made anew, a name taken, something said."""
    run_cell(page, "lab = Lab()")
    run_cell(page, "page = lab.app(")
    chat = page.frame_locator('iframe[title="Chat"]')
    expect(chat.locator("#state")).to_have_attribute("data-state", "open", timeout=READY)
    chat.locator("#name").fill("ada")
    chat.get_by_role("button", name="Join").click()
    chat.locator("#text").fill("from inside JupyterLab")
    chat.get_by_role("button", name="Send").click()
    expect(chat.locator("#said .mine .tick")).to_have_text("✓", timeout=READY)


def look_at_market_and_scores(page):
    """Both pages live inside their lesson, each in a frame of its own, and count what they cost."""
    run_cell(page, "lab = Lab()")
    for words, title in [('lab.app("market", by', "Market"), ("lab.app(partial", "Scores")]:
        run_cell(page, words)
        meter = page.frame_locator(f'iframe[title="{title}"]').locator("#meter")
        expect(meter).to_have_attribute("data-events", re.compile("^[1-9]"), timeout=READY)


def apply_a_rule_in_the_embedded_dashboard(page):
    """The page lives inside the lesson: samples come, and a rule is applied."""
    run_cell(page, "lab = Lab()")
    run_cell(page, 'lab.app("dashboard", by=')
    dashboard = page.frame_locator('iframe[title="Live dashboard"][src*="by="]')
    expect(dashboard.locator("#figures")).to_contain_text("%", timeout=READY)
    expect(dashboard.locator("#above")).to_have_value("90", timeout=READY)
    dashboard.locator("#above").fill("80")
    dashboard.locator("#apply").click()
    expect(dashboard.locator("#applied")).to_have_text("Applied.", timeout=READY)


def order_from_a_device_in_the_embedded_page(page):
    """The page lives inside the lesson: the devices come, and one of them obeys."""
    run_cell(page, "lab = Lab()")
    run_cell(page, 'lab.app("devices", by=')
    devices = page.frame_locator('iframe[title="Devices"]')
    state = devices.locator("#fleet tr[data-device=lamp-3] .state")
    expect(state).to_have_text("there", timeout=READY)
    for field, text in {"device": "lamp-3", "command": "on", "within": "60"}.items():
        devices.locator(f"#{field}").fill(text)
    devices.get_by_role("button", name="Send").click()
    expect(devices.locator("#orders .outcome")).to_have_text("done", timeout=READY)


def write_in_the_embedded_text(page):
    """The sheet lives inside the lesson: what is typed reaches the log, and the copy says so."""
    run_cell(page, "lab = Lab()")
    run_cell(page, "in a tab of its own")
    sheet = page.frame_locator('iframe[title="Shared text"]')
    expect(sheet.locator("#text")).to_be_enabled(timeout=READY)
    sheet.locator("#text").press_sequentially("from inside JupyterLab")
    expect(sheet.locator("#kept")).to_have_text("Everybody has what you see.", timeout=READY)
    expect(sheet.locator("#letters")).to_have_text("22")


def write_and_sail(page):
    """Both pages live inside the lesson: the text, and the pond with a boat for whoever opens it."""
    write_in_the_embedded_text(page)
    run_cell(page, "pond = lab.app")
    pond = page.frame_locator('iframe[title="Pond"]')
    expect(pond.locator("#here .mine")).to_be_visible(timeout=READY)


def let_the_embedded_page_attack(page):
    """The page of another origin lives inside the lesson: it hears the diary, and is not shown what it fetches."""
    for words in (
        "lab = Lab()",
        "said, extra =",
        "class Socket(Guarded",
        "diary = Hosted(",
        "elsewhere = Elsewhere",
    ):
        run_cell(page, words)
    hostile = page.frame_locator('iframe[title="A page of another origin"]')
    expect(hostile.locator("#socket")).to_contain_text("heard: Dear diary", timeout=READY)
    expect(hostile.locator("#read")).to_contain_text("not shown", timeout=READY)


THEN = {
    "02_short_polling.ipynb": fail_and_solve_an_exercise,
    "07_frames.ipynb": turn_a_knob,
    "11_who_may_listen.ipynb": let_the_embedded_page_attack,
    "14_chat.ipynb": talk_in_the_embedded_chat,
    "15_live_dashboard.ipynb": apply_a_rule_in_the_embedded_dashboard,
    "16_trading_and_scores.ipynb": look_at_market_and_scores,
    "17_devices.ipynb": order_from_a_device_in_the_embedded_page,
    "18_together.ipynb": write_and_sail,
}


# Side by side (pytest -n) they are shared out to three JupyterLabs: one after another is the longest of all tests.
GROUPED = [
    pytest.param(name, marks=pytest.mark.xdist_group(f"jupyterlab {number % 3}"))
    for number, name in enumerate(LESSONS)
]


@pytest.mark.limit(500)
@pytest.mark.parametrize("name", GROUPED)
def test_a_lesson_runs_from_top_to_bottom_by_its_menu(lesson, name):
    page, path = lesson(name)
    run_all(page)
    assert stored_errors(page, path) == []
    assert page.locator(".jp-OutputArea-output", has_text="Loading widget").count() == 0
    if name in THEN:
        THEN[name](page)

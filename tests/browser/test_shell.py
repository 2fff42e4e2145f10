"""The shell in a real browser: first screen, projects, navigation, and that no stranger gets in or is called."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
import websockets.exceptions
import websockets.sync.client

from engine.project.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow]
HOSTILE = "![x](http://192.0.2.1/a.png) [b](http://192.0.2.1/) :red[c] <img src=http://192.0.2.1/d.png> :material/home:"
PAGES = ("Fit Check", "Providers & ROI", "Data Studio", "Train", "Evaluate", "Compliance")


def create(page, title: str) -> str:
    page.page.get_by_label("Project name").fill(title)
    page.button("Create project").click()
    page.page.wait_for_url("**/data_studio**")
    page.idle()
    return page.page.url.partition("project=")[2]


def test_first_screen_offers_two_ways_and_names_the_computer(visit):
    page = visit()
    assert page.button("Try the sample").is_visible()
    assert page.button("Create project").is_visible()
    assert "GPU" in page.text() or "good for" in page.text()
    assert page.page.title() == "Tuneworth"
    assert "token" not in page.page.url
    page.shot("start")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1440, 1024])
def test_every_page_opens_without_errors(visit, dark, width):
    page = visit(dark=dark, width=width, height=900 if width == 1440 else 768)
    create(page, "Tickets")
    for title in PAGES:
        page.nav(title)
        assert "did not work" not in page.text()
        page.shot(f"{title.split()[0].lower()}-{'dark' if dark else 'light'}-{width}")


def test_project_stays_after_reload_and_page_switch(visit):
    page = visit()
    project = create(page, "Kept project")
    page.nav("Train")
    assert f"project={project}" in page.page.url
    page.page.reload()
    page.idle()
    assert f"project={project}" in page.page.url
    assert "Kept project" in page.page.get_by_test_id("stSidebar").get_by_test_id("stSelectbox").inner_text() or (
        page.page.get_by_test_id("stSidebar").get_by_role("combobox").input_value() == "Kept project"
    )
    page.page.go_back()
    page.idle()
    assert f"project={project}" in page.page.url


def test_unknown_project_in_the_address_is_dropped(visit):
    page = visit("train", project="0123456789abcdef")
    assert "No project is open" in page.text()
    assert "project=" not in page.page.url


def test_hostile_title_is_shown_and_calls_nobody(visit):
    page = visit()
    create(page, HOSTILE)
    for title in PAGES:
        page.nav(title)
    page.nav("Start")
    assert "![x]" in page.text()
    assert page.page.locator("[data-testid=stMain] a[href*='192.0.2.1']").count() == 0
    assert page.page.locator("img[src*='192.0.2.1']").count() == 0
    page.shot("hostile")


def test_delete_asks_first_and_deletes_everything(visit, app_server):
    page = visit()
    project = create(page, "To be deleted")
    page.nav("Start")
    row = page.page.locator(f".st-key-delete-{project} button")
    row.click()
    page.button("Keep it").click()
    page.idle()
    assert (app_server.workspace / "projects" / project).exists()
    row.click()
    page.button("Delete for good").click()
    page.idle()
    assert not (app_server.workspace / "projects" / project).exists()
    page.page.get_by_test_id("stMain").get_by_text("To be deleted").wait_for(state="detached")
    assert "To be deleted" not in page.text()


def test_export_and_import_bring_a_project_back(visit, app_server):
    page = visit()
    create(page, "Travelling")
    page.button("Export").click()
    page.button("Make the file").click()
    page.page.get_by_role("button", name="Download").wait_for()
    archive = next((app_server.workspace / "exports").glob("Travelling-*.zip"))
    page.page.keyboard.press("Escape")
    page.nav("Start")
    page.page.get_by_text("Import a project from a file").click()
    page.page.locator("input[type=file]").set_input_files(archive)
    page.button("Import").click()
    page.page.wait_for_url("**/fit_check**")
    titles = [info.title for info in Workspace(app_server.workspace).list()]
    assert titles.count("Travelling") == 2


def test_a_damaged_import_is_one_sentence(visit, tmp_path):
    page = visit()
    wrong = tmp_path / "wrong.zip"
    wrong.write_bytes(b"not a zip")
    page.page.get_by_text("Import a project from a file").click()
    page.page.locator("input[type=file]").set_input_files(wrong)
    page.button("Import").click()
    page.page.get_by_text("is not a Tuneworth project export").wait_for()
    assert "Traceback" not in page.text()


# ---------------------------------------------------------------- the door
def test_http_needs_the_key(app_server):
    assert httpx.get(app_server.origin).status_code == 403
    assert httpx.get(f"{app_server.origin}/?token=wrong").status_code == 403
    assert httpx.get(f"{app_server.origin}/_stcore/metrics").status_code == 403
    assert httpx.get(f"{app_server.origin}/_stcore/health").status_code == 200
    entered = httpx.get(app_server.url("train", project="p"))
    assert entered.status_code == 303
    assert entered.headers["location"] == "/train?project=p"
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    name, value = cookie.split(";")[0].split("=", 1)
    inside = httpx.get(app_server.origin, cookies={name: value})
    assert inside.status_code == 200
    assert "default-src 'none'" in inside.headers["content-security-policy"]
    assert httpx.get(app_server.origin, cookies={name: value + "x"}).status_code == 403


@pytest.mark.parametrize("host", ["evil.test", "127.0.0.1.evil.test", "localhost.evil.test:80", ""])
def test_other_hosts_are_refused_even_with_the_key(app_server, host):
    name = f"tuneworth-{app_server.port}"
    answer = httpx.get(app_server.url(), headers={"host": host, "cookie": f"{name}={app_server.token}"})
    assert answer.status_code in (400, 403)


def connect(app_server, *, cookie: bool, origin: str | None) -> str:
    headers = {"Cookie": f"tuneworth-{app_server.port}={app_server.token}"} if cookie else {}
    address = f"ws://127.0.0.1:{app_server.port}/_stcore/stream"
    try:
        with websockets.sync.client.connect(
            address, additional_headers=headers, origin=origin, subprotocols=["streamlit"]
        ):
            return "open"
    except websockets.exceptions.InvalidStatus as error:
        return str(error.response.status_code)


def test_websocket_needs_key_and_own_origin(app_server):
    own = app_server.origin
    assert connect(app_server, cookie=False, origin=own) == "403"
    assert connect(app_server, cookie=False, origin=None) == "403"
    assert connect(app_server, cookie=True, origin="http://evil.test") == "403"
    assert connect(app_server, cookie=True, origin="null") == "403"
    assert connect(app_server, cookie=True, origin=own) == "open"


# ---------------------------------------------------------------- the launcher
def test_launcher_prints_address_first_and_ends_cleanly(tmp_path):
    command = [sys.executable, "-m", "engine.cli", "--workspace", str(tmp_path), "app", "--no-browser"]
    launcher = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    first = json.loads(launcher.stdout.readline())
    assert set(first) == {"url", "pid"}
    assert httpx.get(first["url"]).status_code == 303
    launcher.send_signal(signal.SIGINT)
    assert launcher.wait(15) == 0
    assert launcher.stderr.read() == ""
    with pytest.raises(ProcessLookupError):
        os.kill(first["pid"], 0)


def test_server_ends_when_its_launcher_is_killed(tmp_path):
    command = [sys.executable, "-m", "engine.cli", "--workspace", str(tmp_path), "app", "--no-browser"]
    launcher = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    pid = json.loads(launcher.stdout.readline())["pid"]
    launcher.kill()
    launcher.wait()
    end = time.monotonic() + 15
    while Path(f"/proc/{pid}").exists() and "zombie" not in Path(f"/proc/{pid}/status").read_text():
        assert time.monotonic() < end, "the server outlived its launcher"
        time.sleep(0.2)


def test_app_process_never_loads_torch(visit, app_server):
    page = visit()
    create(page, "No torch")
    for title in PAGES:
        page.nav(title)
    loaded = Path(f"/proc/{app_server.pid}/maps").read_text()
    assert "/torch/" not in loaded
    assert "site-packages/tokenizers" not in loaded


def test_reload_after_a_restart_finds_project_and_shell(visit, app_server):
    page = visit()
    project = create(page, "Restarted")
    page.nav("Train")
    app_server.restart()
    page.errors.clear()  # the lost connection is expected
    page.strict = False
    page.open("train", project=project)
    assert page.page.get_by_test_id("stSidebarNavLink").count() == 7
    assert page.page.locator(".st-key-stepper").is_visible()


def test_the_sample_is_one_click_away(visit):
    page = visit()
    page.button("Try the sample").click()
    page.page.wait_for_url("**/fit_check**", timeout=60_000)
    page.idle()
    assert page.page.locator(".st-key-stepper").is_visible()
    page.shot("sample")

"""Pairs in a real browser: decide, use the decisions, undo, put a row back, move the threshold."""

from __future__ import annotations

import pytest

from engine.data.mapping import Mapping
from engine.data.sources import add_upload, start_dataset
from engine.data.versions import load_version
from engine.project.workspace import Workspace
from tests.browser.test_data_studio import says
from tests.engine.data.near_project import ROWS, compare_again

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def compared(app_server):
    """A project in the running app's workspace whose rows were compared."""
    project = Workspace(app_server.workspace).create("Mails")
    body = "".join(f"{question},{answer}\n" for question, answer in ROWS)
    source, read = add_upload(project, f"q,a\n{body}".encode(), "mails.csv")
    version = start_dataset(project, source, Mapping(roles={"q": "user", "a": "assistant"}), read)
    compare_again(project, version, load_version(project, version.id))
    return project


def headline(page) -> str:
    return page.page.get_by_test_id("stHeading").filter(has_text="rows are ready").inner_text()


def lane(page, name: str) -> None:
    page.page.get_by_role("radio", name=f"{name} (").click()
    page.idle()


@pytest.mark.parametrize("dark", [False, True])
def test_pairs_are_decided_used_undone_and_the_threshold_moves(visit, compared, dark):
    page = visit("data_studio", height=1500, project=compared.id, dark=dark)
    assert "8 of 9 rows are ready." in headline(page)
    lane(page, "Maybe the same")
    says(page, "0 of 2 decided.")
    page.shot(f"lanes-ask{'-dark' * dark}", full=True)
    page.button("Same: leave out line 8").click()
    says(page, "1 of 2 decided.")
    page.idle()
    page.page.get_by_role("button", name="Use my decisions").click()
    says(page, "7 of 9 rows are ready.")
    page.idle()
    page.page.get_by_role("button", name="Undo").last.click()
    says(page, "8 of 9 rows are ready.")
    page.idle()
    page.page.get_by_role("button", name="Redo").click()
    says(page, "7 of 9 rows are ready.")
    page.idle()

    lane(page, "Contradictions")
    says(page, "0 of 1 decided.")
    page.shot(f"lanes-conflict{'-dark' * dark}", full=True)
    page.button("Line 7 is right").click()
    says(page, "Nothing is left to decide here.")
    page.idle()
    lane(page, "Left out")
    page.page.get_by_role("button", name="Put back").click()
    says(page, "1 changed")
    page.idle()
    assert "7 of 9 rows are ready." in headline(page)  # one back, and the wrong answer's row left out

    page.page.get_by_text("How alike must two rows be?").click()
    page.page.get_by_role("slider").press("ArrowLeft")
    page.idle()
    page.shot(f"lanes-threshold{'-dark' * dark}", full=True)
    page.button("Use this").click()
    page.idle()
    says(page, "Back to how it was")
    assert "did not work" not in page.text()

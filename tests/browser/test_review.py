"""The review in a real browser: by keyboard alone, with undo, a second tab, a fix, and applying it."""

from __future__ import annotations

import re

import pytest

from engine.data.mapping import Mapping
from engine.data.messages import answer_of
from engine.data.records import CleaningStep
from engine.data.review.desk import open_desk
from engine.data.sources import add_upload, start_dataset
from engine.data.versions import current_version, load_version, save_version
from engine.project.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def project(app_server):
    project = Workspace(app_server.workspace).create("Read by people")
    text = "q,a\n" + "\n".join(f"Where is parcel {n}?,It is on its way {n}" for n in range(6))
    source, read = add_upload(project, text.encode(), "rows.csv")
    version = start_dataset(project, source, Mapping(roles={"q": "user", "a": "assistant"}), read)
    frame = load_version(project, version.id)
    save_version(project, frame, CleaningStep(name="empty", rows_in=6, rows_out=6), version.id, source.id)
    return project


def opened(page):
    page.page.get_by_role("tab", name="Review", exact=True).click()
    return page.idle()


def says(page, text: str) -> None:
    page.page.get_by_text(text, exact=False).first.wait_for(timeout=20_000)


def key(page, name: str, *expected: str) -> None:
    """Press a key and wait until the page says what it must."""
    page.page.keyboard.press(name)
    for text in expected:
        says(page, text)
    page.idle()


def test_a_review_by_keyboard(visit, project):
    page = opened(visit("data_studio", project=project.id))
    page.page.get_by_label("Your name or initials").fill("Ann")
    page.button("Start reading").click()
    says(page, "Row 1 of 6")
    page.idle()
    key(page, "k", "1 of 6 rows read", "Row 2 of 6")
    key(page, "d", "Drop it. Why?")
    key(page, "2", "2 of 6 rows read", "Row 3 of 6")
    key(page, "u", "1 of 6 rows read", "Row 2 of 6")
    key(page, "d", "Drop it. Why?")
    key(page, "Escape", "Keep")
    key(page, "ArrowUp", "Row 1 of 6", "You said: keep")
    key(page, "ArrowDown", "Row 2 of 6")
    key(page, "d", "Drop it. Why?")
    key(page, "1", "2 of 6 rows read")
    page.shot("review-reading")

    key(page, "f", "Save the fix")
    answer = page.page.get_by_label("Answer", exact=True)
    answer.fill("It has arrived. ")
    answer.press("k")  # a letter, not a verdict
    page.page.get_by_test_id("stRadio").get_by_text("Format", exact=True).click()
    answer.press("Control+Enter")
    says(page, "3 of 6 rows read")
    page.idle()

    other = opened(visit("data_studio", project=project.id))  # a fresh tab knows everything: it was saved as given
    says(other, "3 of 6 rows read")
    key(other, "d", "Drop it. Why?")
    key(other, "3", "4 of 6 rows read")
    key(page, "k", "got a verdict in another tab", "Row 4 of 6")  # this tab still showed that row as unread
    verdicts = list(open_desk(project).book.of("Ann").values())
    assert [line.action for line in verdicts] == ["keep", "drop", "fix", "drop"]
    assert verdicts[2].messages[-1]["content"] == "It has arrived. k"
    other.close_tab()

    key(page, "ArrowDown", "Row 5 of 6")
    for done in range(5, 7):
        key(page, "k", f"{done} of 6 rows read")
    says(page, "3 of all 6 rows are wrong (50.0%). Every row was read.")
    page.shot("review-done")
    page.page.get_by_role("button", name=re.compile("Apply: 1 row corrected, 2 rows left out")).click()
    says(page, "Applied: 3 verdicts")
    version = current_version(project)
    assert (version.step.name, version.rows) == ("review", 4)
    assert "It has arrived. k" in [answer_of(text) for text in load_version(project, version.id)["messages"]]
    page.page.get_by_role("tab", name="History", exact=True).click()
    page.idle()
    page.page.get_by_role("button", name=re.compile("Undo last step")).click()
    says(page, "6 of 6 rows are ready")
    assert current_version(project).rows == 6

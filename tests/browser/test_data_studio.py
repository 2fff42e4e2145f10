"""Data Studio in a real browser: drop the sample file, map, clean, undo, redo, split, reload, export."""

from __future__ import annotations

import base64
import json

import pytest

from engine.demo.sample import sample_file

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DROP = """([zone, name, data]) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name, { type: "text/csv" }));
    for (const kind of ["dragenter", "dragover", "drop"])
        zone.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


def create(page, title: str) -> None:
    page.page.get_by_label("Project name").fill(title)
    page.button("Create project").click()
    page.page.wait_for_url("**/data_studio**")
    page.idle()


def drop(page, name: str, data: bytes) -> None:
    """A real drop event with a file in it."""
    zone = page.page.get_by_test_id("stFileUploaderDropzone").element_handle()
    page.page.evaluate(DROP, [zone, name, base64.b64encode(data).decode()])


def tick(page, label: str) -> None:
    page.page.get_by_test_id("stCheckbox").filter(has_text=label).locator("label").click()
    page.idle()


def tab(page, name: str) -> None:
    page.page.get_by_role("tab", name=name, exact=True).click()
    page.idle()


def says(page, text: str, seconds: float = 30) -> None:
    page.page.get_by_text(text, exact=False).first.wait_for(timeout=seconds * 1000)


def test_from_a_dropped_file_to_a_sealed_split(visit):
    page = visit()
    create(page, "Dropped tickets")
    page.shot("data-empty")
    drop(page, "support_tickets.csv", sample_file().read_bytes())
    says(page, "1,040 rows, 8 columns. Windows encoding, semicolons. 3 lines could not be read.")
    page.page.get_by_text("See the 3 lines that could not be read").click()
    page.idle()
    page.shot("data-columns")
    page.button("Use these columns").click()
    says(page, "Leave out exact copies")
    tick(page, "Leave out rows that say the same in other words")
    page.shot("data-clean")
    page.button("Clean").click()
    says(page, "You can close this window")
    page.page.reload()  # the job belongs to nobody's tab
    says(page, "of 1,040 rows are ready.", seconds=60)
    page.idle()
    page.shot("data-cleaned")
    before = page.page.get_by_test_id("stHeading").filter(has_text="rows are ready").inner_text()

    page.page.get_by_role("button", name="Undo").nth(3).click()
    page.page.get_by_role("button", name="Redo").wait_for()
    page.idle()
    assert page.page.get_by_test_id("stHeading").filter(has_text="rows are ready").inner_text() != before
    for _ in range(2):
        page.page.get_by_role("button", name="Redo").click()
        page.idle()
    page.page.get_by_role("button", name="Redo").wait_for(state="detached")
    assert page.page.get_by_test_id("stHeading").filter(has_text="rows are ready").inner_text() == before

    tick(page, "Keep rows that say the same on one side")
    page.button("Split the rows").click()
    says(page, "No copies across. With")
    page.button("Next: Providers & ROI arrow_forward").or_(
        page.page.get_by_text("Next: Providers & ROI")
    ).first.wait_for()
    page.shot("data-split")
    page.page.reload()
    page.idle()
    assert "No copies across. With" in page.text()
    tab(page, "Split")
    assert "The test rows are sealed" in page.text()

    tab(page, "Export")
    with page.page.expect_download() as download:
        page.page.get_by_role("button", name="Download", exact=True).click()
    rows = download.value.path().read_text(encoding="utf-8").splitlines()
    assert [turn["role"] for turn in json.loads(rows[0])["messages"]] == ["user", "assistant"]
    for name in ("Quality", "History"):
        tab(page, name)
        assert "did not work" not in page.text()
        page.shot(f"data-{name.split()[0].lower()}")
    page.page.get_by_text("Next: Providers & ROI").click()
    page.page.wait_for_url("**/providers_roi**")
    page.idle()


def test_a_bad_file_is_one_sentence_and_the_next_one_works(visit):
    page = visit(dark=True)
    create(page, "Bad file first")
    drop(page, "photo.csv", b"\x00\x01\x02\xff" * 400)
    says(page, "photo.csv is not a text file")
    page.shot("data-bad-dark")
    page.page.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files(
        {"name": "good.csv", "mimeType": "text/csv", "buffer": b"text,category\n" + b"where is it,delivery\n" * 12}
    )
    says(page, "12 rows, 2 columns.")
    page.button("Use these columns").wait_for()
    page.page.get_by_text("photo.csv is not a text file").wait_for(state="detached")
    assert "photo.csv" not in page.text()  # the refused file left nothing behind

"""Several files dropped at once in a real browser: read together, a failing one named, more rows added later."""

from __future__ import annotations

import base64

import pytest

from tests.browser.test_data_studio import create, says

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DROP = """([zone, files]) => {
    const transfer = new DataTransfer();
    for (const [name, data] of files) {
        const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type: "text/csv" }));
    }
    for (const kind of ["dragenter", "dragover", "drop"])
        zone.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


def table(first: int, count: int = 30) -> bytes:
    rows = [f"Where is parcel number {n}?,It is on its way number {n}." for n in range(first, first + count)]
    return ("question,answer\n" + "\n".join(rows) + "\n").encode()


def drop(page, *files: tuple[str, bytes], key: str = "upload-first") -> None:
    zone = page.page.locator(f'[class*="st-key-{key}"] [data-testid=stFileUploaderDropzone]').first.element_handle()
    page.page.evaluate(DROP, [zone, [[name, base64.b64encode(data).decode()] for name, data in files]])


def test_three_files_at_once_and_one_later(visit):
    page = visit()
    create(page, "Several files")
    drop(page, ("june.csv", table(0)), ("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(200)), ("july.csv", table(30)))
    says(page, "60 rows, 2 columns. 2 files.")
    says(page, "photo.csv is a picture (PNG), not a table. The other files were read.")
    page.shot("bring-several", full=True)
    page.page.get_by_text("The file as it was read").click()
    page.idle()
    page.page.get_by_text("Add rows from another file").click()
    page.idle()
    drop(page, ("august.csv", table(60, 5)), key="upload-add-")
    says(page, "65 rows, 2 columns. 3 files.")
    page.button("Use these columns").click()
    says(page, "Leave out exact copies")
    assert "65 rows" in page.text()

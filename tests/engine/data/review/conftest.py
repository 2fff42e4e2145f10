import pytest

from engine.data.messages import make
from engine.data.records import CleaningStep
from engine.data.review.desk import add_rater, open_desk
from engine.data.review.queue import start_queue
from engine.data.review.verdicts import Opinion, give, with_fix
from engine.data.versions import save_version
from tests.engine.data.conftest import frame_of

ROWS = 40


def add_rows(project, count=ROWS, *, labels=None, texts=None):
    rows = texts or [(f"Question number {n}?", f"Answer number {n}.") for n in range(count)]
    step = CleaningStep(name="map", rows_in=len(rows), rows_out=len(rows))
    return save_version(project, frame_of(rows, labels=labels), step, None, "source")


def read_all(project, rater, verdicts=None, size=None):
    """Give a verdict on every open row: those of `verdicts` by row id, else keep."""
    desk = open_desk(project)
    name = add_rater(project, desk.queue, rater)
    desk = open_desk(project)
    for item in desk.open_items[:size]:
        give(desk, name, item.row_id, (verdicts or {}).get(item.row_id, Opinion("keep")))
    return open_desk(project)


def fix(desk, row, answer, reason="wrong", note=""):
    return Opinion("fix", reason, note, with_fix(desk.messages(row), None, answer))


@pytest.fixture
def queue(project):
    """40 rows, 10 of them drawn."""
    add_rows(project)
    return start_queue(project, 10, seed=3)


@pytest.fixture
def talk():
    return make("Question?", "Answer.")

"""A split that is asked to stop (or whose guard died) saves nothing, also when no text has to be read anew."""

from __future__ import annotations

import json
import time

import pytest

from engine.data import worker_split
from engine.data.mapping import Mapping
from engine.data.records import Split
from engine.data.sources import add_upload, start_dataset
from engine.data.split import make_split
from engine.data.split_plan import SplitPlan
from engine.jobs.context import JobContext, Stopped

ROWS = "question,answer\n" + "".join(f"Where is parcel number {n}?,In town {n}.\n" for n in range(20))


@pytest.fixture
def rows(project):
    source, read = add_upload(project, ROWS.encode(), "rows.csv")
    start_dataset(project, source, Mapping(roles={"question": "user", "answer": "assistant"}), read)
    return project


def test_it_looks_before_the_model_is_loaded(rows):
    folder = rows.dir("jobs") / "a1"
    folder.mkdir()
    spec = {"kind": "split", "title": "t", "module": worker_split.__name__, "heavy": True, "token": "t"}
    settings = {"plan": SplitPlan().model_dump(mode="json")}
    (folder / "job.json").write_text(
        json.dumps({**spec, "settings": settings, "created": time.time(), "queued_at": time.time()})
    )
    (folder / "stop").write_bytes(b"")
    with pytest.raises(Stopped):
        worker_split.main(JobContext(folder))
    assert rows.records.list(Split) == []


def test_it_looks_a_last_time_before_it_saves(rows):
    def report(done, total, text):
        raise Stopped

    with pytest.raises(Stopped):
        make_split(rows, report=report)
    assert rows.records.list(Split) == []
    assert list(rows.dir("data").glob("split-*")) == []

"""The comparison as a job: stored pairs beside the version, and a stop in the middle that wastes nothing."""

from __future__ import annotations

import time

import pytest

from engine.data.mapping import Mapping
from engine.data.near_redecide import redecide
from engine.data.near_store import load_pairs
from engine.data.recipe import Recipe
from engine.data.sources import add_upload, start_dataset
from engine.data.start import start_cleaning
from engine.data.vector_cache import VectorCache
from engine.data.versions import chain, require_version
from engine.jobs.manager import JobManager

pytestmark = pytest.mark.slow
NAMES = ("parcel", "invoice", "card", "refund", "account", "password", "delivery", "contract", "address", "order")
WAYS = ("where is my {a} and the {b}", "i lost the {a} of my {b}", "please cancel the {a} without the {b}")


def questions(count: int) -> bytes:
    texts = [
        f"{WAYS[n % 3].format(a=NAMES[n // 3 % 10], b=NAMES[n // 30 % 10])} since week {n // 300}" for n in range(count)
    ]
    return ("q,a\n" + "".join(f"{text},we look into it for you today\n" for text in texts)).encode()


def start(project, count: int):
    source, read = add_upload(project, questions(count), "t.csv")
    start_dataset(project, source, Mapping(roles={"q": "user", "a": "assistant"}), read)
    return start_cleaning(project, Recipe(steps=("near_duplicates",)))


def test_stop_while_reading_keeps_what_was_read(project, monkeypatch, tmp_path):
    monkeypatch.setenv("TUNEWORTH_CACHE", str(tmp_path))
    job = start(project, 900)
    manager = JobManager(project)
    until = time.monotonic() + 240
    while "Reading texts" not in manager.get(job.id).progress.text:
        assert time.monotonic() < until
        assert not manager.get(job.id).ended_state, manager.get(job.id).log_tail()
        time.sleep(0.05)
    manager.stop(job.id)
    assert manager.wait(job.id, timeout=120).state == "stopped"
    assert len(chain(project)) == 1
    texts = [line.split(",")[0] for line in questions(900).decode().splitlines()[1:]]
    known = VectorCache(tmp_path / "minilm-l6-v2.sqlite", 384).get(texts)
    assert 256 <= len(known) < 900


def test_job_keeps_pairs_so_that_the_threshold_moves_without_a_model(project, monkeypatch, tmp_path):
    monkeypatch.setenv("TUNEWORTH_CACHE", str(tmp_path))
    job = start(project, 90)
    done = JobManager(project).wait(job.id, timeout=240)
    assert done.state == "succeeded", done.log_tail()
    version = require_version(project)
    pairs = load_pairs(project, version)
    assert len(pairs)
    assert pairs.groupby("row").size().max() <= 20
    assert redecide(project, version.step.settings["threshold"]).sha256 == version.sha256

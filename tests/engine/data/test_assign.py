"""Odd data divided: few labels, one group, two groups, lone labels, ten rows, dates."""

import numpy as np
import pytest

from engine.data.assign import assign, assign_by_time, out_of_order
from engine.data.split_plan import SplitPlan
from engine.data.split_rows import split_frame
from engine.errors import DatasetError, InputError
from tests.engine.data.conftest import frame_of
from tests.engine.data.test_split import distinct


def cells(**columns):
    return lambda column, row_ids: [columns[column][row] for row in row_ids]


def days(*numbers):
    return np.array([np.datetime64("2026-01-01", "s") + np.timedelta64(day, "D") for day in numbers])


def test_ten_rows_with_two_lone_labels_keep_those_in_training():
    labels = ["a"] * 8 + ["b", "c"]
    result = split_frame(frame_of(distinct(10), labels=labels))
    assert result.counts == {"train": 8, "validation": 1, "test": 1}
    assert result.labels == {"a": [6, 1, 1], "b": [1, 0, 0], "c": [1, 0, 0]}
    assert result.notes == ["2 labels of 3 without a test row: too few rows."]


def test_every_label_alone_still_gives_a_test_and_says_what_it_means():
    result = split_frame(frame_of(distinct(40), labels=[f"label {n}" for n in range(40)]))
    assert result.counts == {"train": 32, "validation": 4, "test": 4}
    assert "8 labels with 8 rows stand only outside training: the model cannot learn them." in result.notes


def test_two_labels_and_three_parts():
    result = split_frame(frame_of(distinct(20), labels=["yes", "no"] * 10))
    assert result.counts == {"train": 16, "validation": 2, "test": 2}
    assert result.labels["yes"][2] == result.labels["no"][2] == 1


def test_one_group_is_one_sentence():
    with pytest.raises(DatasetError, match="All 12 rows belong to one group"):
        split_frame(frame_of(distinct(12), groups=["same"] * 12))
    with pytest.raises(DatasetError, match="All 12 rows ask the same question"):
        split_frame(frame_of([("what now", str(n)) for n in range(12)]))
    with pytest.raises(DatasetError, match="must stay in training"):
        split_frame(frame_of(distinct(12)).assign(synthetic=True))


def test_two_groups_fill_training_and_test_and_say_what_bent():
    result = split_frame(frame_of(distinct(20), groups=["a"] * 12 + ["b"] * 8))
    assert result.counts == {"train": 12, "validation": 0, "test": 8}
    assert result.notes == [
        "The validation part is empty: too few groups of rows to fill it.",
        "The test part holds 40% of the rows instead of 10%, because rows that belong together stay together.",
    ]


def test_a_group_column_that_was_not_mapped():
    customers = [f"customer {n % 15}" for n in range(120)]
    frame = frame_of(distinct(120), groups=["mapped"] * 120)
    result = split_frame(frame, SplitPlan(group="customer"), cells=cells(customer=customers))
    assert result.table.assign(customer=customers).groupby("customer")["split"].nunique().max() == 1
    assert result.grouped
    assert result.counts["test"] == 8
    free = split_frame(frame, SplitPlan(group=""))
    assert not free.grouped
    assert free.counts["test"] == 12


def test_another_label_column_is_balanced():
    queue = ["rare" if n % 10 == 0 else "usual" for n in range(200)]
    result = split_frame(frame_of(distinct(200)), SplitPlan(label="queue"), cells=cells(queue=queue))
    assert result.labels == {"usual": [144, 18, 18], "rare": [16, 2, 2]}
    assert result.stratified


def test_the_newest_rows_are_the_test():
    dates = [f"2026-01-{1 + n % 30:02d}" for n in range(60)]
    frame = frame_of(distinct(60), labels=["a", "b"] * 30)
    result = split_frame(frame, SplitPlan(time="day"), cells=cells(day=dates))
    assert result.counts == {"train": 48, "validation": 6, "test": 6}
    assert set(result.table.loc[result.table["split"] == "test", "when"].dt.day) == {28, 29, 30}
    assert not result.stratified
    assert result.notes[0] == (
        "Divided by date: train 2026-01-01 to 2026-01-24, validation 2026-01-25 to 2026-01-27, "
        "test 2026-01-28 to 2026-01-30."
    )


def test_rows_without_a_date_train_and_are_listed():
    dates = ["soon" if n in (3, 55) else f"2026-01-{1 + n % 30:02d}" for n in range(60)]
    result = split_frame(frame_of(distinct(60)), SplitPlan(time="day"), cells=cells(day=dates))
    assert result.table["split"][[3, 55]].tolist() == ["train", "train"]
    assert "2 rows without a readable date stay in training (rows 3, 55)." in result.notes


def test_dates_that_cannot_decide_are_one_sentence():
    frame = frame_of(distinct(20))
    for dates, error, words in (
        (["3/4/2026"] * 20, InputError, "can be read with the day or with the month first"),
        (["13/4/2026", "4/13/2026"] * 10, InputError, "written both ways: '13/4/2026' \\(row 0\\)"),
        (["later"] * 15 + ["2026-01-01"] * 5, DatasetError, "Only 5 of 20 rows have a date.*'later' is not a date"),
        (["2026-01-01"] * 20, DatasetError, "All dates in column 'day' are the same"),
    ):
        with pytest.raises(error, match=words):
            split_frame(frame, SplitPlan(time="day"), cells=cells(day=dates))
    chosen = SplitPlan(time="day", day_first=False)
    dates = [f"3/{1 + n % 9}/2026" for n in range(20)]
    assert split_frame(frame, chosen, cells=cells(day=dates)).counts["test"] == 2
    with pytest.raises(InputError, match="cannot be looked up"):
        split_frame(frame, chosen)


def test_a_cluster_over_time_stays_whole_and_is_counted():
    clusters = np.array([0, 1, 2, 3, 0, 5, 6, 7, 8, 0])
    when = days(*range(10))
    parts = assign_by_time(clusters, when, (0.8, 0.0, 0.2), 0)
    assert parts.tolist() == ["train"] * 7 + ["test", "test", "train"]
    assert out_of_order(parts, when, clusters).tolist() == [False] * 9 + [True]


def test_a_zero_share_stays_empty_and_seeds_repeat():
    clusters = np.arange(50)
    parts = assign(clusters, [""] * 50, (0.9, 0.0, 0.1), 4)
    assert set(parts) == {"train", "test"}
    assert (assign(clusters, [""] * 50, (0.9, 0.0, 0.1), 4) == parts).all()

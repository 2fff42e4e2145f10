"""History: two versions compared, lines of work, recipes that tell what they cannot repeat, projects of older code."""

import time
from pathlib import Path

import pandas as pd
import pytest

from engine.data.branches import branches
from engine.data.compare_versions import compare_versions
from engine.data.edits import RowEdit, add_rows, apply_edits
from engine.data.mapping import Mapping
from engine.data.messages import dumps, make
from engine.data.page_view import recipe_of, return_to, sealed_rows, set_aside
from engine.data.recipe import SplitPlan, recipe_from, recipe_yaml
from engine.data.records import CleaningStep, DatasetVersion, Source
from engine.data.run_steps import run_steps
from engine.data.sources import add_upload, current_source, start_dataset
from engine.data.split import (
    current_split,
    labels_by_part,
    leak_list,
    make_split,
    open_leaks,
    rows_of,
    split_table,
)
from engine.data.versions import chain, current_version, load_version, save_version, undo_to
from engine.errors import InputError
from tests.engine.data.conftest import frame_of
from tests.engine.data.test_split import distinct

OLD = Path(__file__).parents[2] / "fixtures" / "project_before_split_options.zip"
MAPPING = Mapping(roles={"text": "user", "category": "assistant"})


def tickets(rows=30):
    body = [f"Where is  parcel {n}?,{'delivery' if n % 2 else 'billing'}" for n in range(rows)]
    return ("text,category\n" + "\n".join([*body, "where is parcel 1?,delivery", "And now?,"]) + "\n").encode()


def begin(project, data=None, name="a.csv"):
    source, read = add_upload(project, data or tickets(), name)
    return source, start_dataset(project, source, MAPPING, read)


def clean(project, *names):
    version = chain(project)[-1]
    for done in run_steps(names, load_version(project, version.id)):
        version = save_version(project, done.frame, done.step, version.id, version.source_id, done.decisions)
    return version


def test_compare_gives_every_row_its_reason(project):
    _, first = begin(project)
    last = clean(project, "whitespace", "empty", "exact_duplicates")
    found = compare_versions(project, first, last)
    assert found.only_first[["row_id", "reason"]].values.tolist() == [
        [30, "exact duplicate"],
        [31, "empty answer"],
    ]
    assert len(found.changed) == 30
    assert found.changed["messages"][0] != found.changed["messages_after"][0]
    assert (len(found.only_second), found.same, found.matched) == (0, 0, "row")
    assert found.reasons.values.tolist() == [
        ["changed", "tidied", 30],
        ["only_first", "empty answer", 1],
        ["only_first", "exact duplicate", 1],
    ]
    back = compare_versions(project, last, first)
    assert back.only_second["reason"].tolist() == ["exact duplicate", "empty answer"]


def test_compare_of_two_branches_edits_and_added_rows(project):
    _, first = begin(project)
    left = clean(project, "empty")
    undo_to(project, first.id)
    apply_edits(project, [RowEdit(3, "fixed", "By a person.", messages=make("q", "better"))], "review")
    rows = load_version(project, first.id).head(1)
    right = add_rows(project, rows.assign(messages=dumps(make("new", "row"))), "grow")
    found = compare_versions(project, left, right)
    assert found.only_second[["row_id", "reason"]].values.tolist() == [[31, "empty answer"], [32, "added"]]
    assert found.changed[["row_id", "reason", "detail"]].values.tolist() == [[3, "fixed", "By a person."]]
    assert len(found.without(frozenset({3, 32})).only_second) == 1
    assert found.without(frozenset({3})).changed.empty


def test_versions_of_two_files_are_matched_by_text(project):
    _, first = begin(project)
    _, second = begin(project, tickets(28) + b"New one?,billing\n", "b.csv")
    found = compare_versions(project, first, second)
    assert found.matched == "text"
    assert (len(found.only_first), len(found.only_second), found.same) == (2, 1, 30)
    assert set(found.only_second["reason"]) == {"not in the other file"}
    row = int(found.only_second["row_id"][0])
    assert found.without(frozenset({row})).only_second.empty
    assert len(found.without(frozenset({row}), second=False).only_second) == 1


def test_a_hundred_thousand_rows_are_compared_in_seconds(project):
    frame = frame_of([(f"question {n}", f"answer {n}") for n in range(100_000)])
    step = CleaningStep(name="map", rows_in=100_000, rows_out=100_000)
    first = save_version(project, frame, step, None, "none")
    after = frame.iloc[::2].assign(label="x").reset_index(drop=True)
    second = save_version(project, after, step, first.id, "none")
    start = time.process_time()
    found = compare_versions(project, first, second)
    assert (len(found.only_first), len(found.changed), found.same) == (50_000, 50_000, 0)
    assert found.reasons["rows"].tolist() == [50_000, 50_000]
    assert time.process_time() - start < 10


def test_branches_name_where_they_part(project):
    _, first = begin(project)
    old = clean(project, "whitespace", "empty")
    undo_to(project, chain(project)[1].id)
    new = clean(project, "exact_duplicates")
    _, other = begin(project, name="b.csv")
    found = branches(project)
    assert [(branch.end.id, branch.file, branch.in_use) for branch in found] == [
        (other.id, "b.csv", True),
        (new.id, "a.csv", False),
        (old.id, "a.csv", False),
    ]
    assert [version.step.name for version in found[1].own] == ["map", "whitespace", "exact_duplicates"]
    assert [version.step.name for version in found[2].own] == ["empty"]
    assert found[2].fork.step.name == "whitespace"
    assert {version.id for version, _ in set_aside(project)} == {new.id, old.id}
    return_to(project, old.id)
    assert branches(project)[0].end.id == old.id
    assert first.id == chain(project)[0].id


def test_return_brings_the_split_of_those_rows_back(project):
    begin(project)
    rows = clean(project, "empty")
    split = make_split(project)
    begin(project, name="b.csv")
    make_split(project)
    return_to(project, rows.id)
    assert current_split(project).id == split.id


def test_a_recipe_names_what_it_cannot_repeat(project):
    source, _ = begin(project)
    clean(project, "empty")
    apply_edits(project, [RowEdit(3, "wrong", "By a person."), RowEdit(4, "fixed", "x", label="y")], "review")
    version = current_version(project)
    odd = CleaningStep(name="translate", rows_in=version.rows, rows_out=version.rows)
    save_version(project, load_version(project, version.id), odd, version.id, version.source_id)
    recipe = recipe_of(source, chain(project), None)
    assert recipe.steps == ("empty",)
    assert recipe.by_hand == ("review (1 changed, 1 left out)", "translate")
    assert recipe.split is None
    assert recipe_from(recipe_yaml(recipe), "r.yml") == recipe


def test_a_project_of_older_code_stays_readable(workspace):
    project = workspace.import_archive(OLD)
    split = current_split(project)
    assert (split.plan, split.joined_from, split.leaks_between, split.notes) == (None, None, {}, [])
    assert split.counts == {"train": 30, "validation": 3, "test": 3}
    assert len(split_table(project, split)) == 36
    assert len(rows_of(project, split, "train")) == 30
    assert leak_list(project, split) == open_leaks(project, split) == []
    assert sum(map(sum, labels_by_part(project, split).values())) == 36
    assert len(sealed_rows(project, split_source(project))) == 3
    recipe = recipe_of(current_source(project), chain(project), split)
    assert recipe.split.seed == 3
    assert recipe.split.compare is False
    again = make_split(project, recipe.split)
    assert again.counts == split.counts
    pd.testing.assert_frame_equal(split_table(project, again), split_table(project, split))
    line = chain(project)
    assert len(compare_versions(project, line[0], line[-1]).only_first) == 4
    assert branches(project)[0].in_use


def split_source(project):
    return project.records.get(DatasetVersion, current_split(project).dataset_id).source_id


def test_validation_pairs_can_be_looked_at_and_test_pairs_are_only_counted(project):
    start = "This is one long template that every single question begins with and then"
    body = "text,category\n" + "".join(f"{start} {n} {chr(97 + n % 26)},answer\n" for n in range(50))
    begin(project, body.encode())
    split = make_split(project)
    assert split.leaks_between["train-validation"]["prefix"] == 5
    assert split.leaks_between["train-test"]["prefix"] == 5
    assert split.leaks_between["validation-test"]["prefix"] == 5
    assert split.leaks == {"exact": 0, "prefix": 10, "near": 0}
    shown = open_leaks(project, split)
    assert {leak["part"] for leak in shown} == {"validation"}
    table = split_table(project, split).set_index("row_id")["split"]
    assert {table[leak["row_id"]] for leak in shown} == {"validation"}
    assert {table[leak["train_row_id"]] for leak in shown} == {"train"}


@pytest.mark.parametrize("column", ["parcel", "nothing"])
def test_group_column_of_the_file(project, column):
    body = "text,category,parcel\n" + "".join(f"{q},{a},p{n % 9}\n" for n, (q, a) in enumerate(distinct(60)))
    source, read = add_upload(project, body.encode(), "g.csv")
    start_dataset(project, source, MAPPING, read)
    if column == "nothing":
        with pytest.raises(InputError, match=r"no column 'nothing' in g\.csv"):
            make_split(project, SplitPlan(group=column))
        assert current_split(project) is None
        return
    split = make_split(project, SplitPlan(group=column))
    table = split_table(project, split)
    assert table.assign(p=[f"p{n % 9}" for n in table["row_id"]]).groupby("p")["split"].nunique().max() == 1
    assert split.plan.group == column
    assert isinstance(project.records.get(Source, source.id), Source)

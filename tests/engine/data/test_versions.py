import json

import pytest

from engine.data.clean import empty, whitespace
from engine.data.columns import guess_columns
from engine.data.exact_duplicates import exact_duplicates
from engine.data.mapping import Mapping
from engine.data.read_result import ReaderSettings
from engine.data.recipe import Recipe
from engine.data.records import CleaningStep
from engine.data.sources import add_file, add_upload, current_source, read_source, reread, start_dataset
from engine.data.start import start_cleaning
from engine.data.versions import (
    chain,
    current_version,
    load_decisions,
    load_version,
    next_version,
    redo,
    save_version,
    undo,
    undo_to,
    version_bytes,
)
from engine.errors import Conflict, InputError, MappingError
from engine.jobs.manager import JobManager

TEXT = "prompt,completion\n a ,x\na,x\nb,\nc,z\n"


def begin(project):
    source, read = add_upload(project, TEXT.encode(), "../../evil/name.csv")
    return source, start_dataset(project, source, guess_columns(read.frame).mapping(), read)


def apply(project, step):
    version = current_version(project)
    frame, decisions = step(load_version(project, version.id))
    done = CleaningStep(name=step.__name__, rows_in=version.rows, rows_out=len(frame))
    return save_version(project, frame, done, version.id, version.source_id, decisions)


def test_upload_is_stored_under_its_hash_and_read_again_the_same(project):
    source, _ = begin(project)
    assert source.file == "name.csv"
    assert [path.name for path in project.dir("uploads").iterdir()] == [source.sha256]
    assert current_source(project) == source
    assert read_source(project, source).frame["prompt"].tolist() == [" a ", "a", "b", "c"]
    other, _ = reread(project, source, ReaderSettings(delimiter="|"))
    assert other.columns == ["prompt,completion"]
    assert current_source(project) == other


def test_unreadable_upload_is_not_kept(project, tmp_path):
    with pytest.raises(InputError):
        add_upload(project, b"", "a.csv")
    assert list(project.dir("uploads").iterdir()) == []
    path = tmp_path / "b.csv"
    path.write_text(TEXT, encoding="utf-8")
    assert add_file(project, path)[0].rows == 4


def test_mapping_error_leaves_no_version(project):
    source, read = add_upload(project, TEXT.encode(), "a.csv")
    with pytest.raises(MappingError):
        start_dataset(project, source, Mapping(roles={"prompt": "user"}), read)
    assert current_version(project) is None


def test_undo_and_redo_restore_equal_bytes(project):
    begin(project)
    before = [version_bytes(project, current_version(project).id)]
    for step in (whitespace, exact_duplicates, empty):
        apply(project, step)
        before.append(version_bytes(project, current_version(project).id))
    assert [version.rows for version in chain(project)] == [4, 4, 3, 2]
    for expected in before[-2::-1]:
        assert version_bytes(project, undo(project).id) == expected
    with pytest.raises(Conflict, match="nothing to undo"):
        undo(project)
    for expected in before[1:]:
        assert version_bytes(project, redo(project).id) == expected
    with pytest.raises(Conflict, match="nothing to redo"):
        redo(project)
    assert undo_to(project, chain(project)[0].id).rows == 4


def test_a_new_step_after_undo_becomes_the_redo(project):
    begin(project)
    apply(project, whitespace)
    undo(project)
    newest = apply(project, empty)
    undo(project)
    assert next_version(project) == newest


def test_decisions_are_kept_beside_the_version(project):
    begin(project)
    apply(project, whitespace)
    version = apply(project, exact_duplicates)
    rows = load_decisions(project, version.id)
    assert rows[["row_id", "reason", "partner"]].values.tolist() == [[1, "exact duplicate", 0]]
    assert "a" not in json.dumps([event["details"] for event in project.audit.events()][-1].get("snippet", ""))


def test_changed_file_is_noticed(project):
    _, version = begin(project)
    (project.path / version.path).write_bytes(b"other")
    with pytest.raises(InputError, match="changed outside"):
        load_version(project, version.id)


def test_cleaning_runs_as_a_job(project):
    begin(project)
    recipe = Recipe(steps=("whitespace", "empty", "exact_duplicates", "conflicts"))
    job = JobManager(project).wait(start_cleaning(project, recipe).id, timeout=60)
    assert job.state == "succeeded"
    assert job.result["rows_out"] == 2
    assert [version.step.name for version in chain(project)][1:] == list(recipe.steps)
    assert job.result["dataset_id"] == current_version(project).id


def test_the_log_names_the_step_that_is_undone_and_done_again(project):
    begin(project)
    apply(project, whitespace)
    apply(project, exact_duplicates)
    undo(project)
    redo(project)
    said = [json.loads(line) for line in project.audit.lines()]
    assert [(event["action"], event["details"]["step"]) for event in said[-2:]] == [
        ("dataset.undo", "exact_duplicates"),
        ("dataset.redo", "exact_duplicates"),
    ]

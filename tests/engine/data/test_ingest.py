"""Bringing files in: several at once, each with its own understanding; a table in the project; jobs for large ones."""

import io
import json

import pytest

from engine.data import uploads as uploads_module
from engine.data.columns import guess_columns
from engine.data.import_files import import_uploads
from engine.data.ingest_rules import ingest_rules
from engine.data.mapping import Mapping
from engine.data.mapping_checks import cell_problems, first_draft
from engine.data.page_view import same_rows, save_draft, sealed_rows
from engine.data.read_result import ReaderSettings
from engine.data.read_table import read_table
from engine.data.records import Source
from engine.data.source_table import table_path
from engine.data.sources import add_files, add_upload, current_source, read_source, reread, start_dataset
from engine.data.split import make_split, split_table
from engine.data.split_plan import SplitPlan
from engine.data.start import open_job, start_import, start_mapping
from engine.data.uploads import needs_job, store_upload
from engine.data.versions import current_version, load_decisions, load_version
from engine.errors import InputError, MappingError
from engine.jobs.context import Stopped
from engine.jobs.manager import JobManager

FIRST = "prompt,completion\nWhere is A?,here A\nWhere is B?,here B\nbroken\n"
SECOND = "Frage;completion;prompt\nx;là C;Où est C?\nx;là D;Où est D?\n"


def stored(project, data, name, **settings):
    data = data if isinstance(data, bytes) else data.encode()
    return store_upload(project, io.BytesIO(data), name, ReaderSettings(**settings))


def two_files(project):
    return [stored(project, FIRST, "a.csv"), stored(project, SECOND.encode("cp1252"), "b.csv")]


def test_rows_of_several_files_become_one_source(project):
    source, table = import_uploads(project, two_files(project))
    assert source.file == "a.csv and 1 more"
    assert source.columns == ["prompt", "completion", "Frage"]
    assert [(part.encoding, part.delimiter, part.rows, part.rejects) for part in source.parts] == [
        ("utf-8", ",", 2, 1),
        ("cp1252", ";", 2, 0),
    ]
    assert table.frame.to_numpy().tolist() == [
        ["Where is A?", "here A", ""],
        ["Where is B?", "here B", ""],
        ["Où est C?", "là C", "x"],
        ["Où est D?", "là D", "x"],
    ]
    assert [table.place(row) for row in range(4)] == [("a.csv", 2), ("a.csv", 3), ("b.csv", 2), ("b.csv", 3)]
    assert [(reject.file, reject.line, reject.raw) for reject in table.rejects] == [("a.csv", 4, "broken")]
    version = start_dataset(project, source, Mapping(roles={"prompt": "user", "completion": "assistant"}))
    frame = load_version(project, version.id)
    assert frame["row_id"].tolist() == [0, 1, 2, 3]
    assert frame["source"].tolist() == ["a.csv", "a.csv", "b.csv", "b.csv"]


def test_a_file_that_fails_has_its_sentence_and_stops_nobody(project):
    bad = stored(project, b"\x89PNG\r\n\x1a\n" + bytes(200), "photo.csv")
    late = stored(project, '[{"prompt": "x"}, {"prompt": ', "cut.json")
    source, table = import_uploads(project, [bad, *two_files(project), late])
    assert [failed.file for failed in source.failed] == ["photo.csv", "cut.json"]
    assert "picture" in source.failed[0].message
    assert (source.rows, source.columns) == (4, ["prompt", "completion", "Frage"])
    assert table.frame["prompt"].tolist()[2] == "Où est C?"
    assert not bad.path(project).exists()
    with pytest.raises(InputError, match="None of the 2 files"):
        import_uploads(project, [stored(project, b"", "e.csv"), stored(project, b"a,b\n", "h.csv")])
    assert current_source(project).id == source.id
    assert not list(project.dir("data").glob(".tmp*"))


def test_rows_added_later_keep_the_ids_of_the_first_ones(project, tmp_path):
    first, _ = add_upload(project, FIRST.encode(), "a.csv")
    save_draft(project, first.id, Mapping(roles={"prompt": "user", "completion": "assistant"}, system_prompt="Hi"))
    (tmp_path / "b.csv").write_bytes(SECOND.encode("cp1252"))
    both, table = add_files(project, [tmp_path / "b.csv"], base=first)
    assert table.frame["prompt"].tolist() == ["Where is A?", "Where is B?", "Où est C?", "Où est D?"]
    assert [part.file for part in both.parts] == ["a.csv", "b.csv"]
    assert same_rows(project, first.id, both.id)
    assert not same_rows(project, both.id, first.id)
    draft = first_draft(project, both, guess_columns(table.head(10)))
    assert (draft.system_prompt, draft.roles["Frage"]) == ("Hi", "ignore")


def test_test_rows_stay_sealed_when_a_file_is_added(project):
    text = "prompt,completion\n" + "".join(f"Where is number {n}?,It is over there {n}.\n" for n in range(30))
    source, _ = add_upload(project, text.encode(), "a.csv")
    start_dataset(project, source, Mapping(roles={"prompt": "user", "completion": "assistant"}))
    split = make_split(project, SplitPlan(seed=1))
    table = split_table(project, split)
    wanted = frozenset(table.loc[table["split"] == "test", "row_id"].tolist())
    both, _ = import_uploads(project, [stored(project, SECOND, "b.csv")], base=source)
    assert wanted
    assert sealed_rows(project, both.id) == wanted


def test_one_part_read_differently(project):
    source, _ = import_uploads(project, two_files(project))
    again, table = reread(project, source, ReaderSettings(encoding="cp1250", delimiter=";"), part=1)
    assert [part.encoding for part in again.parts] == ["utf-8", "cp1250"]
    assert table.frame["prompt"].tolist()[:2] == ["Where is A?", "Where is B?"]


def test_a_source_of_an_older_project_gets_its_table_when_it_is_needed(project):
    source, table = add_upload(project, FIRST.encode(), "a.csv")
    wanted, lines = table.frame.to_numpy().tolist(), table.lines.tolist()
    body = source.model_dump(mode="json", exclude={"parts", "failed", "table"})
    project.records.save(Source.model_validate(body), replace=True)
    table_path(project, source.id).unlink()
    old = read_source(project, project.records.get(Source, source.id))
    assert old.frame.to_numpy().tolist() == wanted
    assert (old.lines.tolist(), old.place(1), old.reject_count) == (lines, ("a.csv", 3), 1)


def test_a_table_is_read_in_parts(project):
    rows = [[f"q{n}", f"a{n}"] for n in range(3000)]
    _, table = add_upload(project, ("p,c\n" + "\n".join(map(",".join, rows))).encode(), "a.csv")
    assert table.head(3).to_numpy().tolist() == rows[:3]
    assert table.take([2999, 0, 1500], ["c"])["c"].tolist() == ["a2999", "a0", "a1500"]
    assert table.sample(["p"])["p"].tolist() == [row[0] for row in rows]
    assert not table.large


# ---------------------------------------------------------------- jobs
def small_limits(monkeypatch, **limits):
    rules = ingest_rules()
    few = rules.model_copy(update={"job": rules.job.model_copy(update=limits)})
    monkeypatch.setattr(uploads_module, "ingest_rules", lambda: few)


def test_what_is_large_is_told_by_size_and_kind(project, monkeypatch):
    small_limits(monkeypatch, text_bytes=100, workbook_bytes=10)
    assert not needs_job([stored(project, "a,b\n1,2\n", "a.csv")])
    assert needs_job([stored(project, "a,b\n" + "1,2\n" * 40, "b.csv")])
    assert needs_job([stored(project, "PK" * 10, "b.xlsx")])
    assert needs_job([stored(project, "a,b\n" + "1,2\n" * 20, f"{n}.csv") for n in range(2)])


def test_files_are_read_in_a_job(project):
    job = start_import(project, [*two_files(project), stored(project, b"", "empty.csv")])
    done = JobManager(project).wait(job.id, timeout=60)
    assert done.state == "succeeded"
    assert (done.result["rows"], done.result["failed"]) == (4, 1)
    source = current_source(project)
    assert source.id == done.result["source_id"]
    assert any("empty.csv is empty" in str(event.data) for event in JobManager(project).get(job.id).events())
    assert open_job(project, "import", source.created) is None


def test_a_killed_import_leaves_nothing_and_starts_again(project, monkeypatch):
    monkeypatch.setenv("TUNEWORTH_CRASH_AT", "import.piece")
    job = start_import(project, two_files(project))
    manager = JobManager(project)
    assert manager.wait(job.id, timeout=60).state in ("failed", "lost")
    assert current_source(project) is None
    monkeypatch.delenv("TUNEWORTH_CRASH_AT")
    manager.resume(job.id)
    assert manager.wait(job.id, timeout=60).state == "succeeded"
    assert current_source(project).rows == 4
    assert not list(project.dir("data").glob(".tmp*"))


def test_a_stopped_import_leaves_the_project_as_it_was_and_keeps_the_bytes(project):
    before, _ = add_upload(project, FIRST.encode(), "a.csv")
    uploads = two_files(project)
    told = []

    def report(done, total, text):
        told.append((round(done / total, 2), text))
        if text.startswith("b.csv"):
            raise Stopped

    with pytest.raises(Stopped):
        import_uploads(project, uploads, report=report)
    assert current_source(project).id == before.id
    assert not list(project.dir("data").glob(".tmp*"))
    assert all(upload.path(project).exists() for upload in uploads)
    assert told == sorted(told)
    assert len(project.records.list(Source)) == 1


def test_a_failed_import_is_shown_with_its_sentence(project):
    job = start_import(project, [stored(project, b"a,b\n", "header.csv")])
    done = JobManager(project).wait(job.id, timeout=60)
    assert done.state == "failed"
    assert "has a header but no rows" in done.error["message"]
    assert open_job(project, "import", 0.0).id == job.id


def test_rows_are_made_in_a_job_and_in_pieces_as_at_once(project, monkeypatch):
    from engine.data import map_source as module
    from engine.data.rules import rules

    text = "prompt,category\n" + "".join(f"Where is number {n}?,{'one' if n % 2 else 'two'}\n" for n in range(300))
    source, table = add_upload(project, text.encode(), "a.csv")
    mapping = Mapping(roles={"prompt": "user", "category": "assistant"})
    whole = load_version(project, start_dataset(project, source, mapping).id)
    few = rules().model_copy(update={"reading": rules().reading.model_copy(update={"chunk_rows": 100})})
    monkeypatch.setattr(module, "rules", lambda: few)
    rows = table.frame
    parts = [rows.iloc[start : start + 100] for start in range(0, 300, 100)]
    monkeypatch.setattr(type(table), "pieces", lambda self, columns: iter([part[columns] for part in parts]))
    version = start_dataset(project, source, mapping, table)
    assert load_version(project, version.id).equals(whole)
    assert set(whole["label"]) == {"one", "two"}
    job = JobManager(project).wait(start_mapping(project, source, mapping).id, timeout=60)
    assert (job.state, job.result["rows_out"]) == ("succeeded", 300)
    assert load_version(project, current_version(project).id).equals(whole)
    with pytest.raises(MappingError):
        start_mapping(project, source, Mapping(roles={"prompt": "user"}))


# ---------------------------------------------------------------- checks before the rows are made
def test_bad_cells_are_told_before(project):
    text = "q,a,w\n ,x,1\nq2,,0.5\nq3,z,heavy\nq4,z,\nq5,z,-1\n"
    _, table = add_upload(project, text.encode(), "a.csv")
    mapping = Mapping(roles={"q": "user", "a": "assistant", "w": "weight"})
    found = [(item.column, item.count, item.row) for item in cell_problems(table, mapping)]
    assert found == [("q", 1, 0), ("a", 1, 1), ("w", 2, 2)]


def test_weights_are_numbers_or_noted(project):
    text = 'q,a,w\na,x,1\nb,y,"0,5"\nc,z,heavy\nd,z,\n'
    source, _ = add_upload(project, text.encode(), "a.csv")
    version = start_dataset(project, source, Mapping(roles={"q": "user", "a": "assistant", "w": "weight"}))
    weights = [json.loads(meta)["weight"] for meta in load_version(project, version.id)["meta"]]
    assert weights == ["1", "0.5", "1", "1"]
    [note] = load_decisions(project, version.id).to_dict("records")
    assert (note["row_id"], note["action"], note["reason"]) == (2, "change", "weight")
    assert "'heavy'" in note["detail"]
    source, _ = add_upload(project, b"q,a,w\na,x,low\nb,y,high\n", "b.csv")
    with pytest.raises(MappingError, match="holds no weights"):
        start_dataset(project, source, Mapping(roles={"q": "user", "a": "assistant", "w": "weight"}))


def test_reading_a_stored_table_equals_reading_the_file(project, tmp_path):
    lines = [{"a": n, **({"b": "x"} if n % 7 == 3 else {})} for n in range(20)]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, lines)))
    _, table = add_files(project, [tmp_path / "t.jsonl"])
    whole = read_table(tmp_path / "t.jsonl")
    assert table.frame.to_numpy().tolist() == whole.frame.to_numpy().tolist()
    assert table.columns == whole.columns == ["a", "b"]

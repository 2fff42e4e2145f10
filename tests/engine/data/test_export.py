import json

import pytest

from engine.data.columns import guess_columns
from engine.data.export import export_bytes, export_frame
from engine.data.export_folder import folder_files, write_folder, zip_bytes
from engine.data.mapping import apply_mapping
from engine.data.messages import canonical_frame, dumps, make
from engine.data.read_table import read_table
from engine.data.targets import targets
from engine.data.tokens import estimate_frame, estimate_tokens, mean_tokens
from engine.data.validate import validate_file, validate_frame
from engine.errors import DatasetError, InputError
from tests.engine.data.conftest import frame_of

ROWS = [(f"Question number {i}, “so” – ünï?", f"The answer to it is number {i}.\nSecond line.") for i in range(120)]


def problems(checked):
    return {(problem.row, problem.code) for problem in checked.problems if problem.severity == "error"}


def lines(tmp_path, rows):
    path = tmp_path / "f.jsonl"
    texts = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(texts), encoding="utf-8")
    return path


def test_every_target_is_valid_after_export(tmp_path):
    for name in targets():
        if name == "dpo":
            continue
        done = export_frame(frame_of(ROWS), name, tmp_path / f"{name}.jsonl")
        assert done.written
        checked = validate_file(tmp_path / f"{name}.jsonl", name)
        assert checked.ok
        assert checked.rows == 120


def test_dpo(tmp_path):
    rows = {
        "row_id": [0, 1], "messages": [dumps(make("q", "good"))] * 2, "label": ["", ""], "source": ["", ""],
        "meta": ['{"rejected": "bad"}', "{}"], "synthetic": [False, False],
    }  # fmt: skip
    frame = canonical_frame(rows)
    assert export_bytes(frame.head(1), "dpo") == b'{"prompt": "q", "chosen": "good", "rejected": "bad"}\n'
    done = export_frame(frame, "dpo", tmp_path / "x")
    assert not done.written
    assert not (tmp_path / "x").exists()
    assert done.problems[0].row == 1


def test_export_then_import_is_identity(tmp_path):
    for name in ("openai", "hf", "bedrock-llama"):
        frame = frame_of(ROWS)
        export_frame(frame, name, tmp_path / f"{name}.jsonl")
        read = read_table(tmp_path / f"{name}.jsonl")
        again, _ = apply_mapping(read.frame, guess_columns(read.frame).mapping(), "test")
        assert again["messages"].tolist() == frame["messages"].tolist()
        assert export_bytes(again, name) == export_bytes(frame, name)


def test_hf_parquet(tmp_path):
    export_frame(frame_of(ROWS), "hf", tmp_path / "a.parquet")
    read = read_table(tmp_path / "a.parquet")
    again, _ = apply_mapping(read.frame, guess_columns(read.frame).mapping(), "test")
    assert again["messages"].tolist() == frame_of(ROWS)["messages"].tolist()


def test_openai_rules(tmp_path):
    good = {"messages": make("What is it?", "It is a thing.")}
    bad = [
        "not json",
        {"text": "x"},
        {"messages": []},
        {"messages": [{"role": "alien", "content": "x"}, {"role": "assistant", "content": "y"}]},
        {"messages": [{"role": "user", "content": "only a question"}]},
        {"messages": [*make("a", "b"), {"role": "user", "content": "more"}]},
        {"messages": make("a", "  ")},
        {"messages": make("a", "b"), "extra": 1},
        {"messages": [{"role": "user", "content": 5}, {"role": "assistant", "content": "b"}]},
        {"messages": [{"role": "user", "content": "a", "weight": 1}, {"role": "assistant", "content": "b"}]},
    ]
    found = problems(validate_file(lines(tmp_path, [good, *bad]), "openai"))
    assert {
        (1, "invalid_json"), (2, "wrong_shape"), (3, "missing_messages"), (4, "bad_role"), (5, "no_answer"),
        (6, "last_not_answer"), (7, "empty_answer"), (8, "unknown_key"), (9, "missing_content"), (10, "bad_weight"),
    } <= found  # fmt: skip
    assert not any(row == 0 for row, _ in found)


def test_counts_of_rows(tmp_path):
    good = [{"messages": make(f"What is {i}?", f"It is thing {i}.")} for i in range(9)]
    assert problems(validate_file(lines(tmp_path, good), "openai")) == {(None, "too_few_rows")}
    assert problems(validate_file(lines(tmp_path, good), "hf")) == set()
    assert not validate_frame(frame_of(ROWS[:20]), "bedrock-claude").ok


def test_nova_and_claude_rules(tmp_path):
    reserved = frame_of([("User: hello", "hi there you"), *ROWS])
    assert (0, "reserved_word") in problems(validate_frame(reserved, "bedrock-nova"))
    twice = {"messages": [{"role": "user", "content": "x"}, *make("b", "c")]}
    first = {"messages": [{"role": "assistant", "content": "a"}, {"role": "assistant", "content": "c"}], "x": 1}
    found = problems(validate_file(lines(tmp_path, [twice, first]), "bedrock-claude"))
    assert {(0, "not_alternating"), (1, "first_not_user"), (1, "unknown_key"), (None, "too_few_rows")} <= found
    old = {"schemaVersion": "x", "messages": [{"role": "user", "content": "plain"}]}
    found = problems(validate_file(lines(tmp_path, [old]), "bedrock-nova"))
    assert {(0, "bad_version"), (0, "missing_content")} <= found


def test_warnings_do_not_fail(tmp_path):
    more = [ROWS[0], (ROWS[1][0], "Something else entirely."), ("q", "short")]
    checked = validate_frame(frame_of([*ROWS, *more]), "openai")
    assert checked.ok
    assert {problem.code for problem in checked.problems} == {"duplicate", "conflict", "short_answer"}


def test_nothing_to_export_and_unknown_target():
    with pytest.raises(DatasetError, match="no rows"):
        export_frame(frame_of([]), "openai")
    with pytest.raises(InputError, match="no target"):
        export_frame(frame_of(ROWS), "nonsense")


def test_token_estimate():
    assert (estimate_tokens(400).tokens, estimate_tokens(400).low, estimate_tokens(400).high) == (100, 80, 120)
    frame = frame_of([("a" * 40, "b" * 80)])
    assert estimate_frame(frame).tokens == 38
    assert mean_tokens(frame).prompt == 14


def test_tolerant_export_leaves_out_and_lists(tmp_path):
    rows = [*ROWS, ("User: hi", "a reserved word here"), ("q", "")]
    strict = export_frame(frame_of(rows), "bedrock-nova", tmp_path / "strict.jsonl")
    assert not strict.written
    assert not (tmp_path / "strict.jsonl").exists()
    done = export_frame(frame_of(rows), "bedrock-nova", tmp_path / "nova.jsonl", tolerant=True)
    assert done.written
    assert (done.rows, done.rows_left_out) == (120, 2)
    assert {problem.row for problem in done.left_out} == {120, 121}
    assert validate_file(tmp_path / "nova.jsonl", "bedrock-nova").ok


def test_tolerance_does_not_help_too_few_rows_or_no_good_row(tmp_path):
    done = export_frame(frame_of(ROWS[:5]), "openai", tmp_path / "x.jsonl", tolerant=True)
    assert not done.written
    with pytest.raises(DatasetError, match="No row can go to"):
        export_frame(frame_of([("q", "")] * 3), "openai", tmp_path / "x.jsonl", tolerant=True)


def test_folder_is_read_by_datasets(tmp_path):
    datasets = pytest.importorskip("datasets")
    frame = frame_of(ROWS)
    files = folder_files(
        {"train": frame.head(100), "validation": frame.tail(20), "test": frame.head(0)}, "A `title`\n# x"
    )
    write_folder(files, tmp_path / "folder")
    loaded = datasets.load_dataset(str(tmp_path / "folder"), cache_dir=str(tmp_path / "cache"))
    assert {name: part.num_rows for name, part in loaded.items()} == {"train": 100, "validation": 20}
    assert loaded["train"][7]["messages"] == json.loads(frame["messages"][7])
    assert zip_bytes(files) == zip_bytes(files)
    with pytest.raises(DatasetError):
        folder_files({"train": frame.head(0)}, "t")

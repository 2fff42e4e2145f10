import json
from pathlib import Path

import pytest

from tests.engine.data.nasty import plain, write


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(write(plain(60)) + "60,one too,many,cells\r\n", encoding="utf-8")
    return path


def test_inspect(run, file):
    code, out = run("inspect", file)
    assert code == 0
    assert out["rows"] == 60
    assert out["rejects"] == [{"line": 62, "raw": "60,one too,many,cells", "reason": "4 cells instead of 3."}]
    assert out["guess"] == {"id": "ignore", "prompt": "user", "completion": "assistant"}
    assert len(out["preview"]) == 5
    assert {"file", "format", "encoding", "delimiter", "header_line", "columns", "warnings", "sha256"} <= out.keys()


def test_inspect_of_several_files_goes_on_after_one_that_fails(run, file, tmp_path):
    other = tmp_path / "more.jsonl"
    other.write_text('{"prompt": "Why?", "extra": "x"}\n', encoding="utf-8")
    code, out = run("inspect", file, other)
    assert (code, out["rows"], out["columns"]) == (0, 61, ["id", "prompt", "completion", "extra"])
    assert [part["format"] for part in out["files"]] == ["csv", "jsonl"]
    (tmp_path / "bad.csv").write_bytes(b"")
    code, out = run("inspect", file, tmp_path / "bad.csv")
    assert (code, out["rows"], out["failed"][0]["file"]) == (1, 60, "bad.csv")


def test_bad_input_is_one_sentence_and_exit_2(run, tmp_path):
    empty = tmp_path / "e.csv"
    empty.write_bytes(b"")
    code, out = run("inspect", empty)
    assert code == 2
    assert out["error"]["code"] == "input"
    assert "empty" in out["error"]["message"]
    assert run("inspect", tmp_path / "missing.csv")[0] == 2
    assert run("validate", empty, "--target", "nonsense")[0] == 2


def test_prepare_with_a_recipe(run, file, tmp_path):
    recipe = tmp_path / "r.yml"
    recipe.write_text("steps: [whitespace, empty, exact_duplicates, conflicts]\nsplit: {seed: 3}\n", encoding="utf-8")
    code, out = run("prepare", file, "--recipe", recipe, "--out", tmp_path / "out")
    assert code == 0
    assert (out["rows_in"], out["rows_out"], out["rejects"]) == (60, 60, 1)
    assert out["split"] == {"train": 48, "validation": 6, "test": 6}
    assert [step["name"] for step in out["steps"]] == ["map", "whitespace", "empty", "exact_duplicates", "conflicts"]
    train = (tmp_path / "out" / "train.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(train) == 48
    assert json.loads(train[0])["messages"][0]["role"] == "user"
    assert (tmp_path / "out" / "report.json").exists()


def test_validate_and_export(run, file, tmp_path):
    out_file = tmp_path / "x.jsonl"
    code, out = run("export", file, "--target", "openai", "--out", out_file)
    assert (code, out["rows"], out["bytes"]) == (0, 60, out_file.stat().st_size)
    assert run("validate", out_file, "--target", "openai")[1]["ok"]
    out_file.write_text('{"messages": []}\n', encoding="utf-8")
    code, out = run("validate", out_file, "--target", "openai")
    assert code == 1
    assert out["problems"][0] == {
        "row": 0, "column": "messages", "code": "missing_messages", "message": "The row has no messages.",
        "fix": "Add a list of turns.", "severity": "error", "partner": None,
    }  # fmt: skip


def test_split_without_meaning(run, file, tmp_path):
    code, out = run(
        "split", file, "--ratios", ".8", ".1", ".1", "--encoder", "none", "--out", tmp_path / "s", "--seed", 1
    )
    assert code == 0
    assert out["counts"] == {"train": 48, "validation": 6, "test": 6}
    assert out["leaks"] == {"exact": 0, "prefix": 0, "near": 0}
    kept = [line for part in out["files"].values() for line in Path(part).read_text("utf-8").splitlines()[1:]]
    assert len(kept) == 60


@pytest.mark.slow
def test_dedupe_and_pairs(run, tmp_path, minilm):
    rows = [
        "How do I reset my password?", "how do i reset my password", "How can I reset my password?",
        "Refund within 30 days", "Refund within 31 days", "Where is the nearest branch?",
    ]  # fmt: skip
    path = tmp_path / "d.csv"
    path.write_text("text\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    code, out = run("dedupe", path, "--text", "text")
    assert code == 0
    lanes = {decision["row"]: decision["lane"] for decision in out["decisions"]}
    assert lanes[1] == "remove"
    assert sorted(lanes[row] for row in (0, 2) if row in lanes) == ["remove"]
    assert "ask" in (lanes.get(3), lanes.get(4))
    assert out["kept"] + out["removed"] == out["rows"] == 6
    pairs = tmp_path / "p.jsonl"
    given = [{"a": rows[3], "b": rows[4]}, {"a": "x", "b": "x"}]
    pairs.write_text("".join(json.dumps(pair) + "\n" for pair in given), encoding="utf-8")
    code, out = run("pairs", pairs)
    assert [pair["lane"] for pair in out["pairs"]] == ["ask", "remove"]
    assert "30 vs 31" in out["pairs"][0]["reason"]
    pairs.write_text('{"a": "x"}\n', encoding="utf-8")
    assert run("pairs", pairs)[1]["error"]["where"]["line"] == 1


def test_split_by_date_and_group(run, tmp_path):
    path = tmp_path / "t.csv"
    body = "".join(f"what about {n} {n * 7},answer {n},c{n % 20},{1 + n % 28}/3/2026\n" for n in range(100))
    path.write_text(f"prompt,completion,customer,day\n{body}", encoding="utf-8")
    options = ("split", path, "--encoder", "none", "--out", tmp_path / "s", "--ratios", 60, 20, 20)
    code, out = run(*options, "--time", "day")
    assert code == 0
    assert out["counts"] == {"train": 60, "validation": 20, "test": 20}
    assert out["notes"][0].startswith("Divided by date: train 2026-03-01 to")
    assert out["plan"]["time"] == "day"
    code, out = run(*options, "--group", "customer", "--label", "customer", "--seed", 4)
    assert (code, out["clusters"], out["plan"]["seed"]) == (0, 20, 4)
    assert run(*options, "--time", "nothing")[1]["error"]["message"] == "There is no column 'nothing'."
    assert run(*options[:-4], "--ratios", 0.5, 0.6, 0.1)[1]["error"]["code"] == "input"
    few = "prompt,completion,day\n" + "".join(f"q {n},a {n},{1 + n % 9}/3/2026\n" for n in range(40))
    path.write_text(few, encoding="utf-8")
    code, out = run("split", path, "--encoder", "none", "--out", tmp_path / "s", "--time", "day")
    assert code == 2
    assert "day or with the month first" in out["error"]["message"]
    assert run("split", path, "--encoder", "none", "--out", tmp_path / "s", "--time", "day", "--day-first")[0] == 0


def test_prepare_names_missing_columns_and_takes_new_names(run, tmp_path):
    recipe, path = tmp_path / "r.yml", tmp_path / "n.csv"
    recipe.write_text(
        "mapping: {roles: {text: user, queue: assistant, note: ignore}}\nsteps: [empty]\n"
        "split: {group: customer, ratios: [0.8, 0.0, 0.2]}\nby_hand: [review (2 changed)]\n",
        encoding="utf-8",
    )
    rows = "".join(f"what about {n},answer {n},c{n % 20}\n" for n in range(100))
    path.write_text(f"Text,queue,client\n{rows}", encoding="utf-8")
    words = ("prepare", path, "--recipe", recipe, "--out", tmp_path / "o")
    code, out = run(*words)
    assert code == 2
    assert out["error"]["message"] == "n.csv has no columns 'text' and 'customer', which these steps read."
    assert "'text' may be 'Text' now." in out["error"]["hint"]
    code, out = run(*words, "--rename", "text=Text", "--rename", "customer=client")
    assert code == 0
    assert out["split"] == {"train": 80, "validation": 0, "test": 20}
    assert out["not_repeated"] == ["review (2 changed)"]
    code, out = run("split", path, "--recipe", recipe, "--encoder", "none")
    assert "no columns 'text' and 'customer'" in out["error"]["message"]
    assert run(*words, "--rename", "text")[1]["error"]["message"] == "'text' is not a renaming."
    recipe.write_text("split: {ratios: [0.5, 0.5, 0.5]}\n", encoding="utf-8")
    assert "add up to 1" in run(*words)[1]["error"]["message"]


@pytest.mark.slow
def test_dedupe_of_categories_keeps_other_words_and_the_threshold_can_be_chosen(run, tmp_path, minilm):
    asked = ["How do I get a new card?", "How can I get a new card?", "I want to know how to get a new card, please."]
    asked += ["Where is my refund?", "Why was my transfer declined?"]
    path = tmp_path / "c.csv"
    path.write_text(
        "text,category\n" + "".join(f'"{text}",{"other" if n > 2 else "card"}\n' for n, text in enumerate(asked))
    )
    code, out = run("dedupe", path, "--text", "text", "--wording", "any", "--threshold", "0.8")
    assert (code, out["removed"]) == (0, 2)
    code, out = run("dedupe", path, "--text", "text")
    assert out["removed"] < 2
    code, out = run("dedupe", path, "--text", "text", "--threshold", "9")
    assert code == 2

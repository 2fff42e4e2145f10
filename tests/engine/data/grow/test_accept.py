"""Nothing is added without a verdict; what is added only trains, can be undone, and never outnumbers real rows."""

from __future__ import annotations

import json

import pytest

from engine.data.grow.accept import correct, judge, use_accepted, verdicts, waiting
from engine.data.grow.batch import batch_rows, refused_rows, save_batch
from engine.data.grow.candidate import Candidate, Refused
from engine.data.grow.mix import pick, rows_for_share
from engine.data.grow.novel import novel
from engine.data.messages import answer_of, make, prompt_of
from engine.data.page_view import sealed_rows
from engine.data.records import CleaningStep
from engine.data.split import make_split, split_table
from engine.data.versions import chain, load_decisions, load_version, redo, require_version, save_version, undo
from engine.errors import Conflict, InputError
from tests.engine.data.conftest import frame_of

ROWS = [(f"Where is parcel number {n}?", "delivery" if n % 2 else "billing") for n in range(40)]


@pytest.fixture
def rows(project):
    frame = frame_of(ROWS, labels=[answer for _, answer in ROWS])
    step = CleaningStep(name="map", rows_in=40, rows_out=40, changed=0)
    save_version(project, frame, step, None, "source")
    return project


def made(count, start=100):
    return [
        Candidate(make(f"Tell me about crate {start + n}", "delivery"), "paraphrase", "delivery", 1)
        for n in range(count)
    ]


def test_only_rows_with_a_yes_are_added_and_marked(rows):
    batch = save_batch(rows, made(5), [], "paraphrase", {"seed": 1})
    with pytest.raises(Conflict, match="No new row was accepted yet"):
        use_accepted(rows, batch)
    judge(rows, batch, [0, 3], "use")
    judge(rows, batch, [1], "leave")
    judge(rows, batch, [3], "leave")
    judge(rows, batch, [4], "use")
    version = use_accepted(rows, batch)
    frame = load_version(rows, version.id)
    added = frame.iloc[40:]
    assert [prompt_of(text) for text in added["messages"]] == ["Tell me about crate 100", "Tell me about crate 104"]
    assert added["row_id"].tolist() == [40, 41]
    assert added["synthetic"].all()
    assert not frame.iloc[:40]["synthetic"].any()
    assert [json.loads(meta)["seed_row"] for meta in added["meta"]] == [1, 1]
    assert load_decisions(rows, version.id)["reason"].tolist() == ["added", "added"]
    assert version.step.name == "grow"
    assert version.step.settings["looked_at"] == 4


def test_undo_gives_the_batch_back_and_redo_takes_it_again(rows):
    batch = save_batch(rows, made(2), [], "paraphrase", {})
    assert [item.id for item in waiting(rows)] == [batch.id]
    judge(rows, batch, [0], "use")
    first = use_accepted(rows, batch)
    assert waiting(rows) == []
    with pytest.raises(Conflict, match="added before"):
        use_accepted(rows, batch)
    undo(rows)
    assert [item.id for item in waiting(rows)] == [batch.id]
    assert verdicts(rows, batch)[0].verdict == "use"
    redo(rows)
    assert waiting(rows) == []
    undo(rows)
    judge(rows, batch, [1], "use")
    assert use_accepted(rows, batch).rows == 42
    assert first.id not in {version.id for version in chain(rows)}
    assert waiting(rows) == []


def test_a_correction_is_kept_and_its_label_follows(rows):
    batch = save_batch(rows, made(1), [], "paraphrase", {})
    correct(rows, batch, 0, make("Tell me about my invoice", "billing"))
    judge(rows, batch, [0], "leave")
    judge(rows, batch, [0], "use")
    row = load_version(rows, use_accepted(rows, batch).id).iloc[-1]
    assert (prompt_of(row["messages"]), answer_of(row["messages"]), row["label"]) == (
        "Tell me about my invoice", "billing", "billing",
    )  # fmt: skip
    assert json.loads(row["meta"])["corrected"] is True
    assert prompt_of(batch_rows(rows, batch)["messages"][0]) == "Tell me about crate 100"
    with pytest.raises(InputError, match="New row 1 has no question or no answer"):
        correct(rows, batch, 0, make("", "x"))
    with pytest.raises(InputError, match="no new row 7"):
        judge(rows, batch, [7], "use")


def test_a_row_corrected_into_a_copy_is_not_added(rows):
    batch = save_batch(rows, made(2), [], "paraphrase", {})
    correct(rows, batch, 0, make("where is parcel number 3", "delivery"))
    with pytest.raises(Conflict, match="None of these rows is new any more"):
        use_accepted(rows, batch)
    judge(rows, batch, [1], "use")
    version = use_accepted(rows, batch)
    assert version.rows == 41
    assert version.step.settings["not new any more"] == 1


def test_two_batches_with_the_same_row_add_it_once(rows):
    first, second = (save_batch(rows, made(1), [], "paraphrase", {}) for _ in range(2))
    for batch in (first, second):
        judge(rows, batch, [0], "use")
    use_accepted(rows, first)
    with pytest.raises(Conflict, match="None of these rows is new"):
        use_accepted(rows, second)


def test_made_rows_are_never_the_majority(rows):
    batch = save_batch(rows, made(41), [], "paraphrase", {})
    judge(rows, batch, range(41), "use")
    with pytest.raises(Conflict, match="41 of 81 rows would be made"):
        use_accepted(rows, batch)
    judge(rows, batch, [40], "leave")
    assert use_accepted(rows, batch).rows == 80


def test_rows_like_the_sealed_test_are_counted_and_never_stored(rows):
    split = make_split(rows)
    table = split_table(rows, split)
    secret = int(table.loc[table["split"] == "test", "row_id"].iloc[0])
    text, answer = ROWS[secret]
    frame = load_version(rows, require_version(rows).id)
    candidate = Candidate(make(f"  {text.upper()}", answer), "logs", synthetic=False)
    _, refused = novel([candidate], frame, sealed_rows(rows, "source"))
    batch = save_batch(rows, [], refused, "logs", {})
    assert batch.refused == {"test row": 1}
    assert refused_rows(rows, batch) == [
        {"reason": "test row", "detail": "It repeats a row of the sealed test part.", "partner": None, "messages": ""}
    ]
    stored = b"".join(path.read_bytes() for path in rows.path.rglob("grow-*"))
    assert f"parcel number {secret}?".upper().encode() not in stored.upper()
    assert waiting(rows) == []


def test_a_correction_into_a_sealed_row_is_refused(rows):
    batch = save_batch(rows, made(1), [], "paraphrase", {})
    table = split_table(rows, make_split(rows))
    secret = int(table.loc[table["split"] == "test", "row_id"].iloc[0])
    correct(rows, batch, 0, make(ROWS[secret][0], ROWS[secret][1]))
    with pytest.raises(Conflict) as caught:
        use_accepted(rows, batch)
    assert caught.value.hint == "It repeats a row of the sealed test part."


def test_added_rows_only_train(rows):
    real = Candidate(make("What is 2 + 2?", "4"), "general", synthetic=False, meta={"train_only": True})
    batch = save_batch(rows, [*made(15), real], [], "mixed", {})
    judge(rows, batch, range(16), "use")
    version = use_accepted(rows, batch)
    assert version.rows == 56
    for _ in range(3):
        table = split_table(rows, make_split(rows)).set_index("row_id")["split"]
        assert set(table.loc[40:]) == {"train"}
        assert set(table) == {"train", "validation", "test"}


def test_a_changed_file_is_noticed(rows):
    batch = save_batch(rows, made(1), [Refused(made(1)[0], "copy", "There.", 4)], "vary", {})
    assert refused_rows(rows, batch)[0]["partner"] == 4
    path = rows.path / batch.path
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(InputError, match="changed outside"):
        batch_rows(rows, batch)


@pytest.mark.parametrize(
    ("rows_", "share", "count"), [(80, 0.2, 20), (100, 0.5, 100), (1, 0.2, 1), (99, 0.01, 1), (4000, None, 1000)]
)
def test_general_rows_for_a_share(rows_, share, count):
    assert rows_for_share(rows_, share) == count
    assert count / (rows_ + count) >= (share or 0.2)
    assert (count - 1) / (rows_ + count - 1) < (share or 0.2)


def test_impossible_shares_and_picks():
    for share in (0.0, -0.1, 0.51, 1.0):
        with pytest.raises(InputError, match="not possible"):
            rows_for_share(10, share)
    items = made(9)
    assert pick(items, 4, seed=1) == pick(items, 4, seed=1)
    assert len({prompt_of(item.messages) for item in pick(items, 4, seed=2)}) == 4
    assert pick(items, 50) == items

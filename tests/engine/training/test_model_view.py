"""What the model sees: known numbers, one truth for Data Studio and Train, and the changes the buttons make."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.data.messages import canonical_frame, dumps, make
from engine.data.records import CleaningStep, DatasetVersion, Split
from engine.data.split import make_split
from engine.data.versions import current_version, load_version, save_version, undo
from engine.errors import Conflict, InputError, MissingPackage
from engine.jobs.manager import JobManager
from engine.project.project import Project
from engine.training.model_view import (
    ModelView,
    counts_of,
    leave_out_long,
    leave_out_silent,
    long_sentence,
    silent_sentence,
    view_of,
)
from engine.training.models import BaseModelInfo, find_base
from engine.training.preflight import blockers, preflight
from engine.training.presets import preset
from engine.training.reader import Reader
from engine.training.reading_choice import choose_reading, reading_choice, remember_reading, with_choice
from engine.training.start_counting import counting_job, needs_job, start_counting
from engine.training.tokens import RowTokens, count_tokens, count_version, row_tokens, split_parts
from tests.engine.training.project_with_rows import small_config
from tests.engine.training.tiny_base import write_tiny_base

LONG, SILENT = range(9), range(9, 15)


def info(base: Path) -> BaseModelInfo:
    return find_base(f"folder:{base}")


def save(project: Project, rows: list[tuple[str, str]]) -> DatasetVersion:
    frame = canonical_frame(
        {
            "row_id": list(range(len(rows))),
            "messages": [dumps(make(question, answer)) for question, answer in rows],
            "label": [""] * len(rows),
            "source": ["test"] * len(rows),
            "meta": ["{}"] * len(rows),
            "synthetic": [False] * len(rows),
        }
    )
    return save_version(project, frame, CleaningStep(name="map", rows_in=len(rows), rows_out=len(rows)), None, "none")


def mixed(project: Project) -> DatasetVersion:
    """120 rows: 9 too long for 128 tokens, 6 without an answer."""
    answers = ["long " * 80 if n in LONG else " " if n in SILENT else f"Queue: {n % 4}" for n in range(120)]
    return save(project, [(f"ticket {n}: case {n * 37} is still open", answer) for n, answer in enumerate(answers)])


def test_numbers_of_a_row(base: Path) -> None:
    reader = Reader(info(base))
    talk = make("hi", "ok")
    seen = reader.read(talk)
    assert seen.text == "<|user|>hi<|end|><|assistant|>ok<|end|>"
    shown = [seen.text[start:end] for start, end in seen.places]
    assert "".join(shown) == seen.text
    learned = "".join(part for part, counts in zip(shown, seen.learned, strict=True) if counts)
    assert learned == "ok<|end|>"
    assert [part for part, special in zip(shown, seen.special, strict=True) if special] == [
        "<|user|>", "<|end|>", "<|assistant|>", "<|end|>",
    ]  # fmt: skip
    row = row_tokens(7, seen, talk, reader)
    assert (row.tokens, row.answer_tokens, row.first, row.last) == (
        seen.tokens, seen.learned_tokens, seen.tokens - seen.learned_tokens, seen.tokens,
    )  # fmt: skip
    assert row.ends


@pytest.mark.parametrize(
    ("talk", "learned"),
    [
        (make("hi", ""), 0),
        (make("hi", " \n "), 0),
        ([{"role": "user", "content": "no answer"}], 0),
        ([], 0),
    ],
)
def test_rows_with_nothing_to_learn(base: Path, talk: list[dict[str, str]], learned: int) -> None:
    reader = Reader(info(base))
    row = row_tokens(1, reader.read(talk), talk, reader)
    assert (row.answer_tokens, row.first, row.last) == (learned, 0, 0)


def test_an_answer_learned_without_its_end_token_is_told(tmp_path: Path) -> None:
    folder = write_tiny_base(tmp_path / "base")
    template = (folder / "chat_template.jinja").read_text()
    moved = template.replace(
        "m['content'] + '<|end|>' }}{% endgeneration %}", "m['content'] }}{% endgeneration %}<|end|>"
    )
    assert moved != template
    (folder / "chat_template.jinja").write_text(moved)
    reader = Reader(info(folder))
    row = row_tokens(1, reader.read(make("hi", "ok")), make("hi", "ok"), reader)
    assert not row.ends
    assert view_of([row], None, 64, 256).endless == [1]


def test_a_special_token_in_a_text_is_told(base: Path) -> None:
    reader = Reader(info(base))
    rows = []
    for number, talk in enumerate(
        [make("hi", "ok"), make("what does <|end|> mean", "an end"), make("< | end | >", "no")]
    ):
        rows.append(row_tokens(number, reader.read(talk), talk, reader))
    assert view_of(rows, None, 64, 256).control == [1]


def test_limits_and_cuts_have_known_answers() -> None:
    rows = [
        RowTokens(1, 100, 20, 80, 100),
        RowTokens(2, 50, 10, 40, 50),
        RowTokens(3, 70, 5, 65, 70),
        RowTokens(4, 10, 0),
        RowTokens(5, 200, 9, 191, 200),
    ]
    view = view_of(rows, {1: "train", 2: "train", 3: "validation", 4: "train", 5: "test"}, 60, 256)
    assert (view.too_long, view.too_long_test, view.silent) == ([1, 3], [5], [4])
    assert (view.cut, view.emptied) == ([1, 3], [1, 3])
    assert view_of(rows, None, 90, 256).emptied == [5]
    assert view_of(rows, None, 90, 256).cut == [1, 5]
    assert (view.keep_all, view_of(rows, None, 60, 128).keep_all, view_of([], None, 60, 0).keep_all) == (112, 128, 32)
    assert view.learned == [10, 0]
    assert view.learned_share == pytest.approx(10 / 60)
    assert view_of([], None, 60, 0).learned_share == 0


def test_no_rows_and_one_row(project: Project, base: Path) -> None:
    version = save(project, [("hi", "ok")])
    view = view_of(count_version(project, version.id, info(base)), None, 128, 256)
    assert ([row.row_id for row in view.rows], view.too_long, view.silent) == ([0], [], [])
    empty = save(project, [])
    assert count_version(project, empty.id, info(base)) == []


def test_data_studio_and_train_say_the_same(project: Project, base: Path) -> None:
    version = mixed(project)
    split = make_split(project)
    rows = count_version(project, version.id, info(base))
    parts = split_parts(project, project.records.get(Split, split.id))
    view = view_of(rows, parts, 128, 256)
    assert counts_of(rows, parts) == count_tokens(project, split.id, info(base))
    assert len(view.rows) + len(view.test) == 120
    assert len(view.too_long) + len(view.too_long_test) == len(LONG)
    said = [check.sentence for check in preflight(project, small_config(base))]
    assert long_sentence(view.too_long, 128) in said
    assert silent_sentence(view.silent) in said
    assert silent_sentence(view.silent) in [
        check.sentence for check in blockers(preflight(project, small_config(base)))
    ]


def test_the_chosen_limit_is_where_train_starts(project: Project, base: Path) -> None:
    version = mixed(project)
    found = preset("recommended", info(base), counts_of(count_version(project, version.id, info(base)), None))
    assert with_choice(project, info(base), found) == found
    choose_reading(project, info(base), max_length=96)
    assert reading_choice(project, info(base)).max_length == 96
    assert reading_choice(project, find_base("demo")).max_length is None
    after = with_choice(project, info(base), found)
    assert (after.config.max_length, after.reasons["max_length"]) == (96, "Chosen by you, here or in Data Studio.")
    for wrong in (4, 257):
        with pytest.raises(InputError):
            choose_reading(project, info(base), max_length=wrong)


def test_an_instruction_or_limit_set_in_train_is_seen_in_data_studio(project: Project, base: Path) -> None:
    version = mixed(project)
    start = preset("recommended", info(base), counts_of(count_version(project, version.id, info(base)), None)).config
    remember_reading(project, info(base), start, start)
    assert (reading_choice(project, info(base)).max_length, reading_choice(project, info(base)).system_prompt) == (
        None,
        "",
    )
    changed = start.model_copy(update={"max_length": 200, "system_prompt": "Be brief."})
    remember_reading(project, info(base), start, changed)
    choice = reading_choice(project, info(base))
    assert (choice.max_length, choice.system_prompt) == (200, "Be brief.")
    remember_reading(project, info(base), changed, changed.model_copy(update={"max_length": 9999}))
    assert reading_choice(project, info(base)).max_length == 200
    make_split(project)
    rows = count_version(project, version.id, info(base), choice.system_prompt)
    split = project.records.latest(Split)
    assert split is not None
    view = view_of(rows, split_parts(project, split), 200, 256)
    checks = preflight(project, small_config(base, max_length=200, system_prompt="Be brief."))
    assert long_sentence(view.too_long, 200) in [check.sentence for check in checks]


def test_rows_can_be_left_out_and_come_back(project: Project, base: Path) -> None:
    first = mixed(project)

    def view() -> ModelView:
        version = current_version(project)
        assert version is not None
        return view_of(count_version(project, version.id, info(base)), None, 128, 256)

    long = leave_out_long(project, view())
    assert (long.step.name, long.step.dropped, long.step.settings["limit"]) == ("too_long_rows", len(LONG), 128)
    silent = leave_out_silent(project, view())
    assert silent.step.dropped == len(SILENT)
    assert load_version(project, silent.id)["row_id"].tolist() == list(range(15, 120))
    for change in (leave_out_long, leave_out_silent):
        with pytest.raises(Conflict):
            change(project, view())
    undo(project)
    assert undo(project).id == first.id


def test_sealed_rows_over_the_limit_are_left_out_too(project: Project, base: Path) -> None:
    version = mixed(project)
    split = make_split(project)
    parts = split_parts(project, project.records.get(Split, split.id))
    view = view_of(count_version(project, version.id, info(base)), parts, 128, 256)
    assert leave_out_long(project, view).step.dropped == len(LONG)


def test_counts_are_kept_and_a_damaged_file_is_counted_again(project: Project, base: Path) -> None:
    version = mixed(project)
    first = count_version(project, version.id, info(base))
    [file] = project.dir("data").glob("tokens-*.parquet")
    file.write_bytes(b"broken")
    assert count_version(project, version.id, info(base)) == first
    assert count_version(project, version.id, info(base), "Be brief.")[20].tokens > first[20].tokens
    assert len(list(project.dir("data").glob("tokens-*.parquet"))) == 2


def test_a_base_that_is_not_here(project: Project) -> None:
    version = mixed(project)
    with pytest.raises(MissingPackage, match="not on this computer yet"):
        count_version(project, version.id, find_base("hub:Acme/none", online=True))


def test_large_data_is_counted_in_a_job(project: Project, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.training.start_counting.ROWS_AT_ONCE", 50)
    version = mixed(project)
    assert needs_job(project, version, info(base))
    job = start_counting(project, version, info(base))
    done = JobManager(project).wait(job.id, timeout=60)
    assert (done.state, done.result) == ("succeeded", {"rows": 120}), done.log_tail()
    assert not needs_job(project, version, info(base))
    assert counting_job(project, version, info(base)) is None

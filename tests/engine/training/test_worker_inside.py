"""The worker in this process: tokens and labels, refusals, broken models, a full disk. Loads torch once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from engine.data.messages import make
from engine.errors import Conflict, DatasetError, JobError, StorageError
from engine.jobs.context import JobContext
from engine.project.files import write_json
from engine.project.project import Project
from engine.project.workspace import Workspace
from engine.training.catalogue import catalogue
from engine.training.chat import render
from engine.training.check_folder import read_template, special_tokens
from engine.training.config import TrainConfig
from engine.training.records import TrainingResult, TrainingRun
from engine.training.rows import TrainingRow, with_system
from engine.training.start import describe
from tests.engine.training.project_with_rows import fill, small_config

pytestmark = pytest.mark.slow
UNMARKED = (
    "{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def context(project: Project, config: TrainConfig, *, resumed: int = 0) -> JobContext:
    """A job folder as the manager writes it, without the guard process."""
    folder = project.dir("jobs") / f"job{len(list(project.dir('jobs').iterdir()))}"
    folder.mkdir()
    run = describe(project, config).model_dump(mode="json", exclude={"id", "created"})
    spec = {"kind": "train", "title": "t", "module": "engine.training.worker", "heavy": True, "token": "x"}
    write_json(folder / "job.json", {**spec, "created": 0, "queued_at": 0, "settings": {"run": run}})
    write_json(folder / "attempts.json", {"resumed": resumed})
    return JobContext(folder)


def work(job: JobContext) -> dict[str, Any]:
    from engine.training.worker import main

    return main(job)


def tokenizer_of(folder: Path) -> Any:
    from engine.training.worker_model import load_tokenizer

    return load_tokenizer(folder)[0]


TALKS = [
    make("my card was stolen", "Queue: Cards"),
    make("ünïcode, 漢字 and  spaces ", "Queue: Login", system="Route this."),
    [*make("first", "one"), {"role": "user", "content": "second"}, {"role": "assistant", "content": "two"}],
]


@pytest.mark.parametrize("template", ["own", "unmarked", "plain"])
def test_our_rendering_is_the_one_of_transformers(base: Path, tmp_path: Path, template: str) -> None:
    folder = Path(shutil.copytree(base, tmp_path / "copy"))
    if template == "unmarked":
        (folder / "chat_template.jinja").write_text(UNMARKED)
    if template == "plain":
        (folder / "chat_template.jinja").unlink()
    tokenizer = tokenizer_of(folder)
    text = read_template(folder) or catalogue().plain_template.text
    names = special_tokens(folder)
    for talk in TALKS:
        assert render(text, talk, names) == tokenizer.apply_chat_template(talk, tokenize=False)
        asked = render(text, talk[:-1], names, add_generation_prompt=True)
        assert asked == tokenizer.apply_chat_template(talk[:-1], tokenize=False, add_generation_prompt=True)


@pytest.mark.parametrize(("marked", "learned"), [(True, "one<|end|>two<|end|>"), (False, "two<|end|>")])
def test_only_answers_are_learned(base: Path, marked: bool, learned: str) -> None:
    from engine.training.worker_data import prepare

    tokenizer = tokenizer_of(base)
    if not marked:
        tokenizer.chat_template = UNMARKED
    found = prepare(tokenizer, [TrainingRow(7, TALKS[2])], max_length=128, system_prompt="")
    kept = [label for label in found.labels[0] if label != -100]
    assert tokenizer.decode(kept) == learned
    assert [token for token, label in zip(found.input_ids[0], found.labels[0], strict=True) if label != -100] == kept


def test_long_rows_are_left_out_never_cut(base: Path) -> None:
    from engine.training.worker_data import prepare

    rows = [TrainingRow(3, make("short", "Queue: Cards")), TrainingRow(9, make("long " * 200, "Queue: Cards"))]
    found = prepare(tokenizer_of(base), rows, max_length=64, system_prompt="")
    assert (found.row_ids, found.too_long) == ([3], [9])
    with pytest.raises(DatasetError, match="All 1 rows are longer than 64"):
        prepare(tokenizer_of(base), rows[1:], max_length=64, system_prompt="")


def test_a_row_with_nothing_to_learn_stops_the_run(base: Path) -> None:
    from engine.training.worker_data import prepare

    rows = [TrainingRow(3, make("a", "b")), TrainingRow(4, [{"role": "user", "content": "no answer"}])]
    for template in (None, UNMARKED):
        tokenizer = tokenizer_of(base)
        tokenizer.chat_template = template or tokenizer.chat_template
        with pytest.raises(DatasetError, match="1 row has no answer the model could learn from: row 4"):
            prepare(tokenizer, rows, max_length=64, system_prompt="")


def test_the_instruction_goes_before_rows_without_one() -> None:
    assert with_system(TALKS[0], "Be brief.")[0] == {"role": "system", "content": "Be brief."}
    assert with_system(TALKS[1], "Be brief.") == TALKS[1]
    assert with_system(TALKS[0], "") == TALKS[0]


def test_a_base_without_a_template_trains_with_the_plain_one(project: Project, base: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(base, tmp_path / "copy"))
    (folder / "chat_template.jinja").unlink()
    fill(project, 40)
    job = context(project, small_config(folder, num_train_epochs=1))
    result = work(job)
    assert result["chat_template"] == "plain"
    saved = (project.path / result["adapter"] / "chat_template.jinja").read_text()
    assert saved.strip() == catalogue().plain_template.text.strip()
    assert "Tuneworth's plain one" in (job.folder / "events.jsonl").read_text()


def test_without_validation_rows_the_last_step_is_kept(
    project: Project, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.training import plan, start

    fill(project, 40)
    real = plan.load_rows
    for module in (plan, start):
        monkeypatch.setattr(module, "load_rows", lambda p, s, part: real(p, s, part) if part == "train" else [])
    job = context(project, small_config(base, num_train_epochs=1))
    result = work(job)
    assert result["eval_loss"] is None
    assert result["best_step"] == result["steps"] == result["planned_steps"]
    assert "Without validation rows" in result["sentence"]


def test_early_stopping_ends_the_run(project: Project, base: Path) -> None:
    fill(project, 60, answers=[f"Queue: {i % 7}" for i in range(60)])
    config = small_config(base, num_train_epochs=20, learning_rate=0.3, eval_every=0.02, early_stopping_patience=2)
    result = work(context(project, config))
    assert result["ended_early"]
    assert result["steps"] < result["planned_steps"]
    assert f"kept step {result['best_step']}" in result["sentence"]
    assert project.records.list(TrainingResult)[0].best_step == result["best_step"]


def test_a_loss_that_is_no_number_ends_the_run(project: Project, base: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = Path(shutil.copytree(base, tmp_path / "copy"))
    weights = load_file(folder / "model.safetensors")
    weights["model.norm.weight"] *= float("nan")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    fill(project, 40)
    job = context(project, small_config(folder))
    with pytest.raises(JobError, match="stopped being a number at step 1:"):
        work(job)
    assert '"loss": "nan"' in (job.folder / "events.jsonl").read_text()
    assert project.records.list(TrainingResult) == []
    assert project.records.pointer("run") is None


def test_a_full_disk_is_one_sentence_and_what_was_saved_stays(small_disk: Path, base: Path) -> None:
    project = Workspace(small_disk / "workspace").create("Small")
    fill(project, 40)
    job = context(project, small_config(base, num_train_epochs=4))
    free = shutil.disk_usage(small_disk).free
    (small_disk / "ballast").write_bytes(b"0" * (free - 120_000))
    with pytest.raises(StorageError, match="disk is full"):
        work(job)
    names = [path.name for path in (job.folder / "checkpoints").iterdir()]
    assert all((job.folder / "checkpoints" / name / "tuneworth-complete.json").exists() for name in names)
    (small_disk / "ballast").unlink()
    write_json(job.folder / "attempts.json", {"resumed": 1})
    assert work(JobContext(job.folder))["steps"] == 16


def test_resume_is_refused_when_data_settings_or_base_changed(project: Project, base: Path, tmp_path: Path) -> None:
    from engine.training.plan import make_plan

    fill(project, 40)
    folder = Path(shutil.copytree(base, tmp_path / "copy"))
    job = context(project, small_config(folder))
    make_plan(job)
    assert project.records.get(TrainingRun, job.id).rows_train == 32

    spec = json.loads((job.folder / "job.json").read_text())
    changed = json.loads(json.dumps(spec))
    changed["settings"]["run"]["config"]["learning_rate"] = 0.5
    write_json(job.folder / "job.json", changed)
    with pytest.raises(Conflict, match="settings of this run were changed"):
        make_plan(JobContext(job.folder))

    write_json(job.folder / "job.json", spec)
    (folder / "tokenizer_config.json").write_text("{}")
    with pytest.raises(Conflict, match="base model's files were changed"):
        make_plan(JobContext(job.folder))

    run = project.records.get(TrainingRun, job.id)
    project.records.save(run.model_copy(update={"data_sha256": "other"}), replace=True)
    with pytest.raises(Conflict, match="rows of this run were changed"):
        make_plan(JobContext(job.folder))

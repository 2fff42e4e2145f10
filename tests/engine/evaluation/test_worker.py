"""The evaluation job with a real (tiny, random) model in real processes: answers, kill, stop, resume, refusals."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from engine.data.messages import canonical_frame, dumps, make
from engine.data.records import CleaningStep, Split
from engine.data.split import looks, make_split
from engine.data.versions import save_version
from engine.errors import Conflict, InputError
from engine.evaluation.answer_log import ANSWERS, read_replies
from engine.evaluation.records import EvaluationRun
from engine.evaluation.start import current_evaluation, start_evaluation
from engine.jobs.context import JobContext, Stopped
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.project.project import Project
from engine.training.config import TrainConfig
from engine.training.models import find_base, fingerprint
from engine.training.records import TrainingResult, TrainingRun
from tests.fixtures.tiny_model import build_tiny_adapter, build_tiny_model

QUEUES = ("Cards", "Billing", "Login")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build_tiny_model(tmp_path_factory.mktemp("tiny") / "base")
    build_tiny_adapter(folder, folder.parent / "adapter")
    return folder


def add_rows(project: Project, rows: int = 100, long_row: bool = False) -> Split:
    talks = [make(f"{QUEUES[i % 3]} case {i * 7919}", f"Queue: {QUEUES[i % 3]} | Priority: High") for i in range(rows)]
    if long_row:
        talks = [make(t[0]["content"] + " again and again" * (200 if i % 10 == 0 else 0), t[1]["content"])
                 for i, t in enumerate(talks)]  # fmt: skip
    frame = canonical_frame(
        {
            "row_id": list(range(rows)),
            "messages": [dumps(talk) for talk in talks],
            "label": [QUEUES[i % 3] for i in range(rows)],
            "source": ["x"] * rows,
            "meta": ["{}"] * rows,
            "synthetic": [False] * rows,
        }
    )
    step = CleaningStep(name="import", rows_in=rows, rows_out=rows)
    save_version(project, frame, step, None, "source")
    return make_split(project)


def add_run(project: Project, split: Split, model: Path, adapter: Path | None = None) -> TrainingRun:
    config = TrainConfig(base=f"folder:{model}", system_prompt="Sort the ticket.")
    run = TrainingRun(
        title="Run",
        base_name="tiny",
        base_demo=False,
        base_parameters=1,
        base_sha256=fingerprint(model),
        split_id=split.id,
        data_sha256="",
        rows_train=1,
        rows_validation=1,
        config=config,
        config_sha256="",
    )
    folder = project.dir("models") / run.id
    folder.mkdir()
    for file in (adapter or model.parent / "adapter").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    result = TrainingResult(
        id=run.id,
        stopped=False,
        ended_early=False,
        steps=1,
        planned_steps=1,
        best_step=1,
        eval_loss=1.0,
        first_loss=2.0,
        last_loss=1.0,
        adapter=f"models/{run.id}",
        files={},
        trainable_parameters=1,
        total_parameters=1,
        train_tokens=1,
        seconds=1.0,
        excluded_rows=[],
        chat_template="own",
        sentence="",
    )
    project.records.save(run)
    project.records.save(result)
    return run


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs are written down but not spawned: the worker's main runs in this process (imports cost 10 s otherwise)."""
    monkeypatch.setattr(JobManager, "_spawn", lambda *_: None)
    monkeypatch.setattr(JobManager, "active", lambda _: [])


def run_here(job: Job) -> EvaluationRun:
    from engine.evaluation.worker import main

    return EvaluationRun.model_validate(main(JobContext(job.folder)))


@pytest.mark.usefixtures("here")
def test_base_prompted_and_tuned_answer_the_sealed_rows(project: Project, model: Path) -> None:
    split = add_rows(project)
    run = add_run(project, split, model)
    job = start_evaluation(project, run.id, few_shot=(0, 2), rows_to_choose_on=6, seed=3)
    record = run_here(job)
    assert current_evaluation(project) == record
    assert record.id == job.id
    assert [result.name for result in record.contestants] == ["base", "prompted", "tuned"]
    assert [result.scores[0].metric for result in record.contestants] == ["exact"] * 3
    assert record.contestants[0].score("format") is not None
    assert record.rows == split.counts["test"]
    assert (record.uses, looks(project, split)) == (1, 1)
    assert record.answer_format.kind == "skeleton"
    assert record.few_shot is not None
    assert set(record.few_shot.tried) == {0, 2}
    assert record.verdict is not None
    assert record.verdict.verdict == "cannot_tell"
    assert record.sentence.startswith("Only ")
    replies = read_replies(job.folder / ANSWERS)
    assert len(replies) == 3 * record.rows
    answers = {name: [r.answer for r in replies if r.contestant == name] for name in ("base", "tuned")}
    assert answers["base"] != answers["tuned"]
    assert project.audit.events()[-1]["action"] == "evaluation.end"
    assert "Queue:" not in "".join(project.audit.lines())


def test_batches_give_the_answers_of_one_by_one_and_the_base_is_the_plain_base(project: Project, model: Path) -> None:
    from engine.evaluation.local_model import LocalModel

    talks = [make(f"{QUEUES[i % 3]} {'please ' * (i % 7)}case {i}", "x")[:1] for i in range(24)]
    both = LocalModel(model, model.parent / "adapter")
    plain = LocalModel(model)
    prompts = [both.encode(talk) for talk in talks]
    for tuned in (False, True):
        together = both.answer(prompts, tuned=tuned, max_new_tokens=12)
        single = [both.answer([prompt], tuned=tuned, max_new_tokens=12)[0] for prompt in prompts]
        assert together == single
    assert plain.answer(prompts, tuned=False, max_new_tokens=12) == both.answer(prompts, tuned=False, max_new_tokens=12)


def lines(folder: Path) -> int:
    path = folder / ANSWERS
    return path.read_bytes().count(b"\n") if path.exists() else 0


def wait_for_lines(folder: Path, wanted: int) -> None:
    end = time.monotonic() + 90
    while lines(folder) < wanted:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_killed_worker_loses_no_answer_and_doubles_none(project: Project, model: Path) -> None:
    split = add_rows(project, 300)
    run = add_run(project, split, model)
    jobs = JobManager(project)
    job = start_evaluation(project, run.id, few_shot=(1,), batch_size=1, max_new_tokens=24)
    wait_for_lines(job.folder, 3)
    with pytest.raises(Conflict, match="running already"):
        start_evaluation(project, run.id)
    os.kill(int(json.loads((job.folder / "heartbeat.json").read_text())["worker"]["pid"]), signal.SIGKILL)
    assert jobs.wait(job.id, timeout=30).state in ("failed", "lost")
    before = (job.folder / ANSWERS).read_bytes()
    with (job.folder / ANSWERS).open("ab") as file:
        file.write(b'{"row_id": 1, "torn')
    jobs.resume(job.id)
    done = jobs.wait(job.id, timeout=200)
    assert done.state == "succeeded", (done.error, done.log_tail())
    replies = read_replies(job.folder / ANSWERS)
    assert len({reply.key for reply in replies}) == len(replies) == 3 * split.counts["test"]
    content = (job.folder / ANSWERS).read_bytes()
    assert sum(line.endswith(b"}") for line in content.split(b"\n")) == len(replies)
    assert content.startswith(before)
    assert looks(project, split) == 1
    record = current_evaluation(project)
    assert record is not None
    assert done.result == json.loads(record.model_dump_json())


@pytest.mark.usefixtures("here")
def test_stop_keeps_what_is_answered_and_the_next_attempt_goes_on(project: Project, model: Path) -> None:
    split = add_rows(project)
    run = add_run(project, split, model)
    job = start_evaluation(project, run.id, few_shot=(1,), batch_size=2)
    (job.folder / "stop").touch()
    for wanted in (0, 2, 4):
        with pytest.raises(Stopped) as stopped:
            run_here(job)
        assert stopped.value.result == {"answered": lines(job.folder)}
        assert lines(job.folder) == wanted
        (job.folder / "stop").unlink()
        _answer_one_batch_then_stop(job)
    assert project.records.list(EvaluationRun) == []
    (job.folder / "stop").unlink()
    run_here(job)
    assert lines(job.folder) == 3 * split.counts["test"]
    assert looks(project, split) == 1


def _answer_one_batch_then_stop(job: Job) -> None:
    from engine.evaluation import worker

    class OneBatch(JobContext):
        asked = 0

        def stop_requested(self) -> bool:
            self.asked += 1
            return self.asked > 1

    with pytest.raises(Stopped):
        worker.main(OneBatch(job.folder))
    (job.folder / "stop").touch()


@pytest.mark.usefixtures("here")
def test_too_long_prompts_are_counted_and_said(project: Project, model: Path) -> None:
    run = add_run(project, add_rows(project, 100, long_row=True), model)
    record = run_here(start_evaluation(project, run.id, few_shot=(0,)))
    skipped = record.contestants[0].too_long
    assert skipped >= 1
    assert any(f"{skipped} of {record.rows} prompts are longer than the model can read" in w for w in record.warnings)
    assert record.contestants[0].scores[0].n == record.rows


@pytest.mark.usefixtures("here")
def test_baseline_before_training_leaves_the_test_rows_sealed(project: Project, model: Path) -> None:
    split = add_rows(project)
    record = run_here(start_evaluation(project, base=f"folder:{model}", few_shot=(0, 2), rows_to_choose_on=5))
    assert [result.name for result in record.contestants] == ["base", "prompted"]
    assert (record.verdict, record.part, record.uses) == (None, "validation", 0)
    assert "A tuned model has to beat this." in record.sentence
    assert looks(project, split) == 0


@pytest.mark.parametrize(
    ("options", "words"), [({"metric": "magic"}, "no metric"), ({"margin": 7}, "margin"), ({"limit": 0}, "limit")]
)
def test_wrong_options_are_one_sentence(project: Project, model: Path, options: dict[str, Any], words: str) -> None:
    run = add_run(project, add_rows(project, 30), model)
    with pytest.raises(InputError, match=words):
        start_evaluation(project, run.id, **options)


def test_a_changed_base_and_a_missing_split_are_refused(project: Project, model: Path, tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="no split"):
        start_evaluation(project, base=f"folder:{model}")
    other = tmp_path / "copy"
    other.mkdir()
    for file in model.iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    run = add_run(project, add_rows(project, 30), other, model.parent / "adapter")
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps({**config, "rms_norm_eps": 0.5}))
    assert find_base(f"folder:{other}").path == other
    with pytest.raises(Conflict, match="files changed"):
        start_evaluation(project, run.id)

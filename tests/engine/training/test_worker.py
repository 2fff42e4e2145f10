"""Real runs in real processes: finished, killed, stopped, resumed; the curve must be the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.project.project import Project
from engine.training.checkpoints import complete, newest_complete, step_of
from engine.training.records import TrainingResult, TrainingRun, adapter_folder
from engine.training.start import runs, start_training
from tests.engine.training.conftest import until
from tests.engine.training.project_with_rows import small_config

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]  # 5 starts of the real software


@pytest.fixture(scope="module")
def finished(filled: Project, base: Path) -> Job:
    job = JobManager(filled).wait(start_training(filled, small_config(base)).id, timeout=400)
    assert job.state == "succeeded", job.log_tail()
    return job


@pytest.fixture(scope="module")
def saga(filled: Project, base: Path, finished: Job) -> dict[str, Job]:
    """One run with all the bad luck: killed after a checkpoint, stopped, killed inside one, then left alone."""
    manager, seen = JobManager(filled), {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUNEWORTH_CRASH_AT", "train.after_checkpoint")
        job_id = start_training(filled, small_config(base)).id
        seen["killed"] = manager.wait(job_id, timeout=400)
        seen["killed"].metrics()
        patch.delenv("TUNEWORTH_CRASH_AT")
        manager.resume(job_id)
        until(filled, job_id, lambda job: (job.step or 0) >= 7 or job.ended_state)
        manager.stop(job_id)
        seen["stopped"] = manager.wait(job_id, timeout=400)
        assert seen["stopped"].result is not None
        patch.setenv("TUNEWORTH_CRASH_AT", "train.mid_checkpoint")
        manager.resume(job_id)
        seen["killed inside"] = manager.wait(job_id, timeout=400)
        seen["half"] = newest_complete(seen["killed"].folder / "checkpoints")  # type: ignore[assignment]
        patch.delenv("TUNEWORTH_CRASH_AT")
    manager.resume(job_id)
    seen["done"] = manager.wait(job_id, timeout=400)
    return seen


def losses(job: Job, name: str) -> dict[int, float]:
    return {metric["step"]: metric[name] for metric in job.metrics() if name in metric}


def test_a_run_leaves_an_adapter_records_and_an_audit_line(filled: Project, finished: Job) -> None:
    result = filled.records.get(TrainingResult, finished.id)
    run = filled.records.get(TrainingRun, finished.id)
    folder = adapter_folder(filled, finished.id)
    assert {"adapter_model.safetensors", "adapter_config.json", "tokenizer.json", "chat_template.jinja"} <= set(
        result.files
    )
    assert not [path for path in folder.rglob("*") if path.suffix in {".bin", ".pt", ".pkl"}]
    written = json.loads((folder / "training_config.json").read_text())
    assert written["run"]["config"] == json.loads(run.config.model_dump_json())
    assert json.loads((folder / "adapter_config.json").read_text())["base_model_name_or_path"] == run.base_name
    assert result.first_loss is not None
    assert result.last_loss is not None
    assert result.last_loss < result.first_loss
    assert result.eval_loss == min(losses(finished, "eval_loss").values())
    assert f"Best at step {result.best_step}" in result.sentence
    assert (run.rows_train, run.rows_validation) == (96, 12)
    start, end = [event for event in filled.audit.events() if event["objects"].get("run") == finished.id]
    assert (start["action"], end["action"]) == ("run.start", "run.end")
    assert end["objects"]["data_sha256"] == run.data_sha256
    assert end["objects"]["adapter_sha256"] == result.files["adapter_model.safetensors"]


def test_the_metrics_say_all_the_page_shows(finished: Job) -> None:
    metrics = finished.metrics()
    assert [metric["step"] for metric in metrics] == list(range(1, 25))
    assert finished.total_steps == 24
    wanted = {"loss", "learning_rate", "grad_norm", "epoch", "tokens", "tokens_per_second", "seconds", "max_steps"}
    assert wanted <= set(metrics[3])
    assert metrics[-1]["tokens"] > metrics[0]["tokens"]
    assert losses(finished, "eval_loss").keys() == {5, 10, 15, 20, 24}


def test_only_best_and_last_checkpoint_stay(filled: Project, finished: Job) -> None:
    kept = {step_of(path) for path in complete(finished.folder / "checkpoints")}
    result = filled.records.get(TrainingResult, finished.id)
    assert kept == {24, result.best_step}


def test_a_killed_run_kept_its_checkpoint(saga: dict[str, Job]) -> None:
    killed = saga["killed"]
    assert killed.state == "failed"
    assert killed.error is not None
    assert "signal 9" in killed.error["message"]


def test_stop_saves_and_says_where(saga: dict[str, Job]) -> None:
    stopped = saga["stopped"]
    assert stopped.state == "stopped"
    assert stopped.result is not None
    assert 7 <= stopped.result["saved_step"] < 24
    assert f"Stopped at step {stopped.result['saved_step']} of 24" in stopped.result["sentence"]
    assert stopped.exit is not None
    assert stopped.exit["phase"] == "flag"


def test_a_half_checkpoint_is_passed_over(saga: dict[str, Job]) -> None:
    assert saga["stopped"].result is not None
    assert step_of(saga["half"]) == saga["stopped"].result["saved_step"]  # type: ignore[arg-type]


def test_after_all_that_the_curve_is_the_uninterrupted_one(saga: dict[str, Job], finished: Job) -> None:
    done = saga["done"]
    assert done.state == "succeeded", done.log_tail()
    for name in ("loss", "eval_loss"):
        ours, theirs = losses(done, name), losses(finished, name)
        assert ours.keys() == theirs.keys()
        assert max(abs(ours[step] - theirs[step]) for step in ours) == 0.0
    assert done.result is not None
    assert finished.result is not None
    assert done.result["best_step"] == finished.result["best_step"]
    assert done.result["train_tokens"] == finished.result["train_tokens"]


def test_runs_are_found_with_job_and_result(filled: Project, saga: dict[str, Job], finished: Job) -> None:
    found = runs(filled)
    assert [view.run.id for view in found] == [saga["done"].id, finished.id]
    assert all(view.result is not None for view in found)
    assert filled.records.pointer("run") == saga["done"].id

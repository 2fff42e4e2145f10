"""The Train page: not ready, ready, running, ended, failed, stopped, lost. One run is real; the others are read from
folders as the guard leaves them."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import psutil
import pytest

from engine.jobs.manager import JobManager
from engine.project.project import Project
from engine.project.records import new_id
from engine.training.records import TrainingResult, TrainingRun
from engine.training.start import describe
from engine.training.words import HALF_BATCH
from tests.engine.training.conftest import base as base
from tests.engine.training.project_with_rows import fill, small_config

NEXT = "Next: is it really better?"
ENDINGS = [("failed", "because of a fault"), ("lost", "ended without a word"), ("stopped", "stopped after")]


def texts(app):
    kinds = ("title", "header", "markdown", "caption", "text", "error", "warning", "info")
    return "\n".join(str(element.value) for kind in kinds for element in app.get(kind)).replace("\\", "")


def labels(app):
    return [button.label.replace("\\", "") for button in app.main.button]


def figures(app):
    return [metric.value.replace("\\", "") for metric in app.metric]


def add_run(project: Project, base: Path, state: str, *, steps: int = 24, **ending: object) -> str:
    """A run's record and job folder, as after so many steps."""
    run = describe(project, small_config(base))
    folder = project.dir("jobs") / new_id()
    folder.mkdir()
    spec = {
        "kind": "train",
        "title": run.title,
        "module": "none",
        "settings": {},
        "heavy": True,
        "created": time.time(),
    }
    spec |= {"queued_at": time.time(), "token": "t", "locks": str(project.workspace_root / "locks")}
    (folder / "job.json").write_text(json.dumps(spec))
    lines = [{"type": "started", "time": 1.0, "attempt": 0}]
    for step in range(1, steps + 1):
        numbers = {"loss": 2.0 / step, "max_steps": 24, "seconds_left": 61.0, "seconds": step, "tokens": 100 * step}
        lines.append({"type": "metric", "time": 1.0, "step": step, **numbers})
    lines.append({"type": "metric", "time": 1.0, "step": steps, "eval_loss": 0.4})
    lines.append(
        {"type": "progress", "time": 1.0, "done": steps, "total": 24, "text": f"Pass 1 of 2, step {steps} of 24"}
    )
    if "error" in ending:
        lines.append({"type": "error", "time": 1.0, "error": ending["error"]})
    (folder / "events.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    me = {"pid": os.getpid(), "create_time": psutil.Process().create_time()}
    dead = {"pid": 2**22 - 1, "create_time": 1.0}
    beat = {
        "shim": dead if state == "lost" else me,
        "worker": dead if state == "lost" else me,
        "time": time.time(),
        "started": time.time() - 30,
    }
    (folder / "heartbeat.json").write_text(json.dumps(beat))
    if state not in {"running", "lost"}:
        body = {"state": state, "code": 0, "signal": None, "started": 1.0, "ended": 61.0}
        (folder / "exit.json").write_text(json.dumps(body))
    project.records.save(run.model_copy(update={"id": folder.name, "created": time.time()}))
    return folder.name


def add_result(project: Project, run_id: str, sentence: str, **changes: object) -> None:
    values: dict[str, object] = {
        "stopped": False, "ended_early": False, "steps": 24, "planned_steps": 24, "best_step": 20, "eval_loss": 0.4,
        "first_loss": 2.0, "last_loss": 0.1, "adapter": f"models/{run_id}", "files": {}, "trainable_parameters": 4096,
        "total_parameters": 35168, "train_tokens": 2400, "seconds": 60.0, "excluded_rows": [], "chat_template": "own",
    }  # fmt: skip
    project.records.save(TrainingResult.model_validate({**values, "id": run_id, "sentence": sentence, **changes}))


def test_without_a_split_it_leads_to_the_data(open_page, project):
    app = open_page("train", project)
    assert "Not ready: There are no examples yet." in texts(app)
    assert labels(app) == ["Open Data Studio"]


@pytest.fixture
def ready(project: Project, base: Path) -> Project:
    from engine.training.models import add_folder

    fill(project)
    add_folder(project.workspace_root, base)
    return project


def choose_tiny(app, base: Path):
    app.selectbox(key="train-base").set_value(f"folder:{base}").run()
    assert not app.exception
    return app


def test_ready_offers_a_run_and_the_sliders_move_it(open_page, ready, base):
    app = choose_tiny(open_page("train", ready), base)
    assert "Ready: LoRA on tiny, 4 passes, about" in texts(app)
    assert "Start training" in labels(app)
    assert "num_train_epochs 4, r 8, learning_rate 0.002" in texts(app)
    app.slider[0].set_value(2).run()
    app.select_slider[0].set_value("strong").run()
    app.select_slider[1].set_value("careful").run()
    assert "Ready: LoRA on tiny, 2 passes" in texts(app)
    assert "num_train_epochs 2, r 16, learning_rate 0.001" in texts(app)
    assert not app.exception


def test_advanced_shows_every_setting_and_explains_odd_values(open_page, ready, base):
    app = choose_tiny(open_page("train", ready), base)
    shown = {
        field.label.replace("\\", "")
        for kind in ("number_input", "text_input", "text_area", "toggle")
        for field in app.get(kind)
    }
    from engine.training.config import TrainConfig

    assert set(TrainConfig.model_fields) - {"base", "lr_scheduler_type"} <= shown
    rate = next(field for field in app.number_input if field.label == "learning\\_rate")
    rate.set_value(0.5).run()
    assert "training often becomes unstable" in texts(app)
    rate = next(field for field in app.number_input if field.label == "max\\_length")
    rate.set_value(16).run()
    assert "Not ready" in texts(app)
    assert "longer than 16 tokens and left out" in texts(app)


def test_a_bad_folder_is_refused_in_a_sentence(open_page, ready, base, tmp_path):
    app = open_page("train", ready)
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "config.json").write_text('{"model_type": "llama"}')
    (bad / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    app.text_input(key="train-folder").set_value(str(bad)).run()
    app.button(key="train-folder-add").click().run()
    assert "a file that can run code when it is opened" in texts(app)


@pytest.mark.slow
def test_a_run_is_started_watched_and_read(open_page, ready, base):
    app = choose_tiny(open_page("train", ready), base)
    app.slider[0].set_value(1).run()
    app.button(key="train-start").click().run()
    assert not app.exception
    assert "You can close this window" in texts(app)
    assert "Stop" in labels(app)
    run_id = JobManager(ready).list("train")[0].id
    assert JobManager(ready).wait(run_id, timeout=400).state == "succeeded"
    again = open_page("train", ready)
    result = ready.records.get(TrainingResult, run_id)
    assert result.sentence in texts(again)
    assert NEXT in labels(again)


def test_running_shows_figures_and_a_stop(open_page, ready, base):
    run_id = add_run(ready, base, "running", steps=12)
    app = open_page("train", ready)
    assert figures(app) == ["12 of 24", "0.167", "0.400", "step 12"]
    app.button(key=f"stop-{run_id}").click().run()
    assert JobManager(ready).get(run_id).state == "stopping"
    assert "Stopping" in labels(app)


def test_ended_says_which_step_was_kept(open_page, ready, base):
    run_id = add_run(ready, base, "succeeded")
    add_result(ready, run_id, "Best at step 20; after that it began to memorise, so we kept step 20.")
    app = open_page("train", ready)
    assert "after that it began to memorise, so we kept step 20" in texts(app)
    assert [b.label.replace("\\", "") for b in app.main.button if b.proto.type == "primary"] == [NEXT]
    assert figures(app)[0] == "0.400"
    app.button(key="train-again").click().run()
    assert "Start training" in labels(app)
    app.button(key="train-back").click().run()
    assert "kept step 20" in texts(app)


def test_out_of_memory_offers_half_the_batch(open_page, ready, base):
    error = {"code": "job", "message": "The graphics card ran out of memory at step 3.", "hint": HALF_BATCH}
    add_run(ready, base, "failed", steps=2, error=error)
    app = open_page("train", ready)
    assert "ran out of memory at step 3" in texts(app)
    assert {"Run again with half the batch", "Go on from here"} <= set(labels(app))


@pytest.mark.parametrize(("state", "words"), ENDINGS)
def test_other_endings_have_a_sentence_and_a_way_on(open_page, ready, base, state, words):
    add_run(ready, base, state, steps=6)
    app = open_page("train", ready)
    assert words in texts(app)
    assert {"Go on from here", "Train again with other settings"} <= set(labels(app))


def test_a_stopped_run_says_what_it_saved(open_page, ready, base):
    run_id = add_run(ready, base, "stopped", steps=6)
    sentence = (
        "Stopped at step 6 of 24. Everything up to there is saved (best so far: step 5); it can go on from there."
    )
    add_result(ready, run_id, sentence, stopped=True, steps=6, best_step=5)
    assert sentence in texts(open_page("train", ready))


def test_the_page_reads_the_frozen_settings_of_the_run(open_page, ready, base):
    first = add_run(ready, base, "succeeded")
    add_result(ready, first, "First.")
    run = ready.records.get(TrainingRun, first)
    odd = run.model_copy(update={"config": run.config.model_copy(update={"learning_rate": 0.00123})})
    ready.records.save(odd, replace=True)
    time.sleep(0.01)
    second = add_run(ready, base, "succeeded")
    add_result(ready, second, "Second.")
    app = open_page("train", ready)
    assert "Second." in texts(app)
    opener = next(box for box in app.selectbox if box.label == "Open a run")
    opener.set_value(first).run()
    assert "First." in texts(app)
    frames = [table.value for table in app.dataframe if "Setting" in table.value.columns]
    assert "0.00123" in set(frames[0]["Value"])

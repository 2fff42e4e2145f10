"""One run on screen: live while it works, and what came of it. Reads only the run's own frozen settings."""

from __future__ import annotations

import streamlit as st

from engine.jobs.job import Job
from engine.project.project import Project
from engine.training.config import TrainConfig, config_from
from engine.training.records import TrainingResult, TrainingRun
from engine.training.start import RunView, start_training
from engine.training.words import HALF_BATCH
from pages.parts.charts import loss_curves, numbers
from pages.parts.jobs import show_job
from pages.parts.page import Card, cards, guard, next_button, section, verdict
from pages.parts.safe_text import escape, show_rows, show_text
from pages.parts.train_list import CHOSEN, new_run
from pages.parts.words import duration, number

LOSS_HELP = "How surprised the model is by the right answers of rows it does not learn from. Lower is better."


def running(view: RunView) -> None:
    """A run that waits or works: bar, figures and curves in one fragment."""
    _demo_note(view.run)
    show_job(view.run.id, live=_live)
    _settings(view.run)


def ended(project: Project, view: RunView) -> None:
    """A run that is over, whatever way."""
    result = view.result
    if view.job.state == "succeeded" and result is not None:
        verdict(result.sentence, _detail(view.run, result), tone="caution" if result.eval_loss is None else "good")
    else:
        if result is not None:
            verdict(result.sentence, "Press Go on from here to continue at that step.", tone="caution")
        show_job(view.run.id)
        _half_batch(project, view)
    _demo_note(view.run)
    if result is not None:
        _figures(view.run, result)
    metrics = view.job.metrics()
    if metrics:
        section("How it learned")
        loss_curves(metrics, best_step=result.best_step if result else None)
        _numbers(view.job)
    _notices(view)
    _settings(view.run)
    with st.container(horizontal=True, vertical_alignment="center"):
        if result is not None:
            next_button("Next: is it really better?", "evaluate")
        st.button("Train again with other settings", key="train-again", on_click=new_run)


def _live(job: Job) -> None:
    metrics = job.metrics()
    if not metrics:
        st.caption("The curve appears after the first steps. Loading takes about 15 seconds.")
        return
    last = metrics[-1]
    checks = [(metric["eval_loss"], metric["step"]) for metric in metrics if "eval_loss" in metric]
    best = f"step {min(checks)[1]}" if checks else "not yet"
    cards(
        [
            Card("Step", f"{last['step']} of {job.total_steps}"),
            Card("Training loss", _loss(last.get("loss"))),
            Card("Validation loss", _loss(checks[-1][0] if checks else None), help=LOSS_HELP),
            Card("Best so far", best, help="The version with the lowest validation loss is kept, not the last one."),
        ]
    )
    loss_curves(metrics)


def _figures(run: TrainingRun, result: TrainingResult) -> None:
    share = result.trainable_parameters / max(1, result.total_parameters)
    kept = (
        f"of {result.steps}"
        if result.steps == result.planned_steps
        else f"of {result.steps}, {result.planned_steps} planned"
    )
    cards(
        [
            Card("Validation loss", _loss(result.eval_loss), "at the kept step", LOSS_HELP),
            Card("Kept step", "-" if result.best_step is None else number(result.best_step), kept),
            Card("Training time", duration(result.seconds), f"{number(result.train_tokens)} tokens read"),
            Card("Weights trained", f"{share:.1%}", f"{number(result.trainable_parameters)} in the adapter"),
        ]
    )


def _detail(run: TrainingRun, result: TrainingResult) -> str:
    left_out = f" {len(result.excluded_rows)} rows were too long and left out." if result.excluded_rows else ""
    seen = min(run.rows_train - len(result.excluded_rows), result.steps * run.config.effective_batch_size)
    rows = f"{number(seen)} of {number(run.rows_train)}" if seen < run.rows_train else number(run.rows_train)
    learned = f"It learned from {rows} rows and was checked on {number(run.rows_validation)}."
    return f"{learned}{left_out} Loss says how well it learned; whether the answers are better is for Evaluate."


def _half_batch(project: Project, view: RunView) -> None:
    """The one-click way on after the memory ran out."""
    if (view.job.error or {}).get("hint") != HALF_BATCH:
        return
    if st.button("Run again with half the batch", key="half-batch", type="primary"):
        with guard():
            start_again(project, view.run.config.halved(), view.run)


def start_again(project: Project, config: TrainConfig, run: TrainingRun) -> None:
    """Start a run like an earlier one and show it."""
    job = start_training(project, config_from(config.model_dump()), preset=run.preset, online=run.online)
    st.session_state[CHOSEN] = job.id
    st.rerun()


def _demo_note(run: TrainingRun) -> None:
    if run.base_demo:
        st.caption("Demo model: small and made to learn with. It shows how tuning works, not what a real model can do.")


def _notices(view: RunView) -> None:
    for text in view.job.notices:
        with st.container(border=True, horizontal=True, vertical_alignment="top"):
            st.markdown(":material/info:", width="content")
            show_text(text)


def _numbers(job: Job) -> None:
    import pandas as pd

    names = ["step", "epoch", "loss", "eval_loss", "learning_rate", "grad_norm", "tokens_per_second", "seconds"]
    frame = pd.DataFrame(job.metrics())
    numbers(frame[[name for name in names if name in frame.columns]])


def _settings(run: TrainingRun) -> None:
    with st.expander("The settings of this run", icon=":material/tune:"):
        rows = [
            {"Setting": name, "Value": str(getattr(run.config, name)), "What it does": field.description}
            for name, field in TrainConfig.model_fields.items()
        ]
        show_rows(rows)
        st.caption(escape(f"Run {run.id[:8]}, base {run.base_sha256[:12]}, data {run.data_sha256[:12]}."))


def _loss(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, int | float) else "not yet"

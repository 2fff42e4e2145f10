"""Before a run: what is missing, what is recommended, three sliders, and all settings for those who want them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from engine.project.project import Project
from engine.training.config import TrainConfig, warnings_for
from engine.training.hardware import Estimate, device_words, estimate, machine
from engine.training.models import BaseModelInfo, fingerprint
from engine.training.preflight import Check, blockers, preflight
from engine.training.presets import Preset, preset
from engine.training.reading_choice import reading_choice, remember_reading, with_choice
from engine.training.start import runs, start_training
from engine.training.tokens import TokenCounts, count_tokens
from pages.parts.page import Card, cards, guard, problem, verdict
from pages.parts.safe_text import escape
from pages.parts.state import go
from pages.parts.steps import JOURNEY
from pages.parts.train_base import add_folder_form, choose_base, current_base
from pages.parts.train_list import CHOSEN, NEW, back_to_runs
from pages.parts.train_settings import advanced, sliders
from pages.parts.train_words import passes, range_words, recommended
from pages.parts.words import duration, number


@dataclass(frozen=True)
class Plan:
    """What would be started, and all that is known about it."""

    base: BaseModelInfo
    chosen: Preset
    counts: TokenCounts


def setup(project: Project) -> None:
    """The form for a new run, or the list of what is missing."""
    base = current_base(project)
    split_id = project.records.pointer("split")
    if split_id is None or base.problem or base.path is None:
        _not_ready(preflight(project, TrainConfig(base=base.key)))
        if split_id is not None:
            choose_base(project, base)
            add_folder_form(project)
        return
    with st.spinner("Counting tokens"):
        prompt = reading_choice(project, base).system_prompt
        counts = count_tokens(project, split_id, base, prompt)
    plan = Plan(base, with_choice(project, base, preset("recommended", base, counts, prompt)), counts)
    place = st.container()
    left, right = st.columns([1, 2], gap="large")
    with left:
        choose_base(project, base)
        config = sliders(plan.chosen.config, base.key)
        add_folder_form(project)
    with right:
        figures = st.container()
        with st.expander("Advanced: all settings", icon=":material/tune:"):
            config = advanced(config, plan.chosen)
    remember_reading(project, base, plan.chosen.config, config)
    with figures:
        _overview(project, plan, config)
    with place:
        _offer(project, plan, config)


def _offer(project: Project, plan: Plan, config: TrainConfig) -> None:
    checks = preflight(project, config)
    if blockers(checks):
        _not_ready(checks)
        return
    time = _estimate(project, plan, config)
    where = f"It runs on {device_words(machine())}."
    verdict(recommended(plan.base, config, time), f"{range_words(time)} {where}", tone="good")
    for check in checks:
        if not check.ok:
            problem(check.sentence, check.fix, tone="caution")
    for sentence in warnings_for(config, plan.base.parameters).values():
        problem(sentence, tone="caution")
    with st.container(horizontal=True, vertical_alignment="center"):
        clicked = st.button("Start training", key="train-start", type="primary", icon=":material/play_arrow:")
        if runs(project):
            st.button("Back to the last run", key="train-back", on_click=back_to_runs)
        st.markdown(":gray[You can close the window meanwhile.]")
    if clicked:
        with guard():
            same = config == plan.chosen.config
            job = start_training(project, config, preset=plan.chosen.name if same else "")
            st.session_state[CHOSEN] = job.id
            st.session_state.pop(NEW, None)
            st.rerun()


def _not_ready(checks: list[Check]) -> None:
    failed = blockers(checks)
    if len(failed) == 1:
        verdict(f"Not ready: {failed[0].sentence}", failed[0].fix, tone="caution")
        _way(failed[0], 0)
        return
    verdict(f"Not ready because {len(failed)} things are missing.", tone="caution")
    for place, check in enumerate(failed):
        with st.container(border=True, gap="small"):
            st.markdown(f"**{escape(check.sentence, 600)}** {escape(check.fix, 300)}")
            _way(check, place)


def _way(check: Check, place: int) -> None:
    """A button to the page where it can be fixed, when that is another one."""
    page = next((info for info in JOURNEY if info.key == check.page and check.page != "train"), None)
    kind: Literal["primary", "secondary"] = "primary" if place == 0 else "secondary"
    if page and st.button(f"Open {escape(page.title)}", key=f"fix-{place}", type=kind):
        go(page.key)


def _estimate(project: Project, plan: Plan, config: TrainConfig) -> Estimate:
    assert plan.base.path is not None
    return estimate(
        config,
        rows=len(plan.counts.train),
        tokens=plan.counts.train_tokens(config.max_length),
        parameters=plan.base.parameters,
        base_sha256=fingerprint(plan.base.path),
        workspace=project.workspace_root,
        found=machine(),
    )


def _overview(project: Project, plan: Plan, config: TrainConfig) -> None:
    rows = len(plan.counts.train)
    time = _estimate(project, plan, config)
    checks = config.steps(rows) // config.eval_steps(rows)
    basis = "measured here" if time.measured else "a rough guess"
    cards(
        [
            Card("Rows", number(rows), f"{number(len(plan.counts.validation))} to check on"),
            Card("Steps", number(config.steps(rows)), f"{passes(config.num_train_epochs)}, {checks} checks"),
            Card("Time", duration(time.seconds), basis, range_words(time)),
        ]
    )
    st.markdown(
        "- Only the answers are learned; questions and instructions are read, not repeated.\n"
        "- The validation rows are checked during the run. When they stop getting better the run ends, and the best "
        "version is kept, not the last.\n"
        "- The base model itself stays as it is: a small adapter is trained beside it (LoRA)."
    )

"""The runs of a project, and the way from one to another."""

from __future__ import annotations

import streamlit as st

from engine.training.start import RunView
from pages.parts.safe_text import show_rows
from pages.parts.train_words import STATES, run_line
from pages.parts.words import duration, when

CHOSEN = "train-run"  # id of the run picked in the list
NEW = "train-new"  # a new run is being set up


def earlier_runs(found: list[RunView], shown: RunView | None) -> None:
    """All runs in a table; one can be opened."""
    with st.expander(f"All runs ({len(found)})", icon=":material/history:", expanded=False):
        show_rows([_row(view) for view in found])
        names = {view.run.id: run_line(view) for view in found}
        options = list(names)
        states = "".join(view.job.state[0] for view in found)  # a run that ended since is named anew
        key = f"train-open-{shown.run.id if shown else 'none'}-{states}"
        st.selectbox(
            "Open a run",
            options,
            index=options.index(shown.run.id) if shown else None,
            format_func=lambda run_id: names[run_id],
            placeholder="Choose a run",
            key=key,
            on_change=_open,
            args=(key,),
        )


def new_run() -> None:
    """Go to the form. For callbacks."""
    st.session_state[NEW] = True


def back_to_runs() -> None:
    """Leave the form. For callbacks."""
    st.session_state.pop(NEW, None)


def _open(key: str) -> None:
    if st.session_state[key] is not None:
        st.session_state[CHOSEN] = st.session_state[key]
        st.session_state.pop(NEW, None)


def _row(view: RunView) -> dict[str, object]:
    config, result = view.run.config, view.result
    return {
        "Started": when(view.run.created),
        "Base": view.run.base_name,
        "State": STATES[view.job.state],
        "Passes": config.num_train_epochs,
        "Learning rate": f"{config.learning_rate:g}",
        "Rank": config.r,
        "Best step": result.best_step if result else None,
        "Validation loss": round(result.eval_loss, 4) if result and result.eval_loss is not None else None,
        "Time": duration(view.job.seconds) if view.job.seconds else "",
    }

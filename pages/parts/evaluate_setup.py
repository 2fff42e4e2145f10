"""Before an evaluation: what will happen, the few choices there are, and the button."""

from __future__ import annotations

import streamlit as st

from engine.data.messages import answer_of
from engine.data.records import Split
from engine.data.split import current_split, looks, rows_of
from engine.errors import TuneworthError
from engine.evaluation.formats import AnswerFormat, detect_format, suggest_metric
from engine.evaluation.scorers.registry import SCORERS
from engine.evaluation.start import start_evaluation
from engine.evaluation.thresholds import evaluation_rules
from engine.project.project import Project
from engine.training.models import list_bases
from engine.training.records import TrainingRun
from pages.parts.page import show_error
from pages.parts.safe_text import escape
from pages.parts.words import number, plural

_HELP = {
    "margin": "A gain smaller than this is reported as better, but maybe too little to matter.",
    "metric": "Chosen before the run, so that nobody picks the flattering one afterwards.",
    "examples": "The base model gets this many training examples in its prompt; the best number is found on "
    "validation rows.",
}


def setup(project: Project, run: TrainingRun | None, *, primary: bool = True) -> None:
    """Explain, ask, and start on a click. Without a run the base model alone is measured on validation rows."""
    split = project.records.get(Split, run.split_id) if run else current_split(project)
    if split is None:
        return
    shape, suggested = _suggestion(str(project.path), split.id, project, split)
    key = run.id if run else "baseline"
    words, choices = st.columns([3, 2], gap="large")
    with words:
        _what_happens(project, split, run, shape)
    with choices, st.container(border=True):
        options = _choices(key, suggested, tuned=run is not None)
        base = None if run else _base(project)
    label = "Run the final evaluation" if run else "Measure the base model"
    if st.button(
        label, type="primary" if primary else "secondary", key=f"evaluate-{key}", icon=":material/play_arrow:"
    ):
        try:
            start_evaluation(project, run.id if run else None, base=base, **options)
        except TuneworthError as error:
            show_error(error)
        else:
            st.rerun()


def _what_happens(project: Project, split: Split, run: TrainingRun | None, shape: AnswerFormat) -> None:
    if run is None:
        st.markdown(
            f"The base model answers {plural(split.counts['validation'], 'validation row')}, once plainly and once "
            "with training examples in its prompt. Nothing is trained, and the test rows stay sealed."
        )
        return
    test = split.counts["test"]
    seen = looks(project, split)
    gap = split.minimum_detectable_difference
    lines = [
        f"**{plural(test, 'sealed test row')}** from *{escape(run.title)}*: the model has never seen them.",
        "**Three answers to each**: the base model, the base model with the best number of examples in its prompt, and "
        "your tuned model. Compared row by row.",
        f"**{plural(test, 'row')} can show** a gap of about {100 * gap:.0f} points or more." if gap else "",
        f"**Answers should look like**: {escape(shape.words)}" if shape.kind != "free" else "",
        f"**Opening them counts.** They were opened {plural(seen, 'time')} so far; after "
        f"{evaluation_rules().test_set.looks_before_warning} a result is marked as less trustworthy."
        if seen
        else "**Opening them counts**: choose everything else first, then measure once.",
    ]
    st.markdown("\n".join(f"- {line}" for line in lines if line))  # safe: what is not ours is escaped above


def _choices(key: str, suggested: str, *, tuned: bool) -> dict[str, object]:
    names = list(SCORERS)
    metric = st.selectbox(
        "What counts as right",
        names,
        index=names.index(suggested),
        format_func=lambda name: SCORERS[name].title + (" (suggested)" if name == suggested else ""),
        help=_HELP["metric"],
        key=f"evaluate-metric-{key}",
    )
    options: dict[str, object] = {"metric": metric}
    if tuned:
        points = st.slider(
            "Worth it from a gain of (points of 100)", 0, 30, 0, help=_HELP["margin"], key=f"evaluate-margin-{key}"
        )
        options["margin"] = points / 100
    defaults = evaluation_rules().few_shot.candidates
    picked = st.multiselect(
        "Examples to try in the prompt",
        sorted({*defaults, 1, 2, 8, 12}),
        default=list(defaults),
        help=_HELP["examples"],
        key=f"evaluate-examples-{key}",
    )
    options["few_shot"] = tuple(picked) or defaults
    return options


def _base(project: Project) -> str | None:
    bases = [base for base in list_bases(project.workspace_root) if base.path is not None and not base.problem]
    if not bases:
        st.caption("No base model is on this computer.")
        return None
    names = {base.key: f"{base.name} ({number(base.parameters / 1e6, 1)} million weights)" for base in bases}
    found: str = st.selectbox("Base model", list(names), format_func=lambda key: names[key], key="evaluate-base")
    return found


# Arguments with an underscore are not part of the key: the folder and the id say all.
def _suggest(folder: str, split_id: str, _project: Project, _split: Split) -> tuple[AnswerFormat, str]:
    answers = [answer_of(messages) for messages in rows_of(_project, _split, "train")["messages"]]
    shape = detect_format(answers)
    return shape, suggest_metric(shape, answers)


_suggestion = st.cache_resource(max_entries=8, show_spinner=False)(_suggest)

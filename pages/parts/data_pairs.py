"""Pairs of a better and a worse answer: how many there are from where, three side by side, checks, and keeping them."""

from __future__ import annotations

import streamlit as st

from engine.data.messages import loads, prompt_of
from engine.data.preferences import PairPlan, PreferenceSet, load_pairs, make_pairs
from engine.data.preferences.kept import Collected, collect_pairs, current_pairs, pairs_jsonl
from engine.data.preferences.ratings import rating_columns
from engine.data.review.rules import review_rules
from engine.errors import TuneworthError
from engine.project.files import safe_name
from engine.project.project import Project
from pages.parts.data_cache import sample_note
from pages.parts.data_diff import show_pair
from pages.parts.page import Card, cards, problem
from pages.parts.safe_text import escape
from pages.parts.studio import Studio
from pages.parts.words import number, plural, when

SOURCE_WORDS = {
    "columns": ("From two columns", "the file has a better and a worse answer in one row"),
    "ratings": ("From ratings", "the best against the worst rated answer of a question"),
    "review": ("From corrections", "your corrected answer against the one before"),
}
OUT_WORDS = {
    "equal": "with two equal answers",
    "empty": "with an empty answer",
    "no_question": "without a question",
    "doubled": "twice the same",
    "opposite": "that contradict another pair",
    "question_changed": "whose question was corrected, too",
    "sealed": "of the sealed test part",
}
SHOWN = 3


def pairs_part(studio: Studio) -> None:
    """The whole part: one sentence, where pairs come from, examples, checks, keep."""
    st.markdown(
        "A model can also learn from pairs: for one question a better and a worse answer (preference tuning, DPO). "
        "It is a second step after training on good answers."
    )
    try:
        plan = _plan(studio)
        if not _asked(studio):
            return
        found: Collected = _collected_kept(*_key(studio, plan), studio.project, plan)
    except TuneworthError as error:
        problem(error.message, error.hint, tone="caution")
        return
    _verdict(found)
    if found.ratings is not None:
        st.caption(escape(found.ratings.words, 600))
        if found.ratings.unreadable:
            listed = ", ".join(repr(cell) for cell in list(found.ratings.unreadable)[:5])
            st.caption(escape(f"Not readable as a rating: {sum(found.ratings.unreadable.values())} cells ({listed})."))
    if found.frame.empty:
        st.markdown(
            "Ways to get pairs: correct answers in a review, or bring a file with ratings or with both answers."
        )
        return
    _examples(studio, found)
    _keep(studio, plan, found)


def _asked(studio: Studio) -> bool:
    """With very many rows the search is done only when asked, because the page waits for it."""
    if not sample_note(studio.version):
        return True
    key = f"pairs-asked-{studio.version.id}"
    st.button("Look for pairs", key=f"{key}-button", on_click=st.session_state.__setitem__, args=(key, True))
    st.caption(f"With {plural(studio.version.rows, 'row')} this takes a while; the page waits for it.")
    return bool(st.session_state.get(key))


def _plan(studio: Studio) -> PairPlan:
    """Ask for the rating column only when the file has one that looks like it."""
    mapped = studio.versions[0].step.settings.get("roles", {})
    skip = [name for name, role in mapped.items() if role in ("user", "assistant", "messages", "system", "rejected")]
    columns = rating_columns(studio.read.head(2000), skip)
    if not columns:
        return PairPlan()
    left, right = st.columns([2, 1])
    chosen = left.selectbox(
        "Does a column say how good an answer is?",
        [None, *columns],
        format_func=lambda name: "No, use none" if name is None else str(name),
        key="pairs-rating",
    )
    if chosen is None:
        return PairPlan()
    gap = right.number_input(
        "At least so many points apart", 0.0, 100.0, review_rules().pairs.minimum_gap, 0.5, key="pairs-gap"
    )
    return PairPlan(rating_column=chosen, minimum_gap=float(gap))


def _verdict(found: Collected) -> None:
    fewest = review_rules().pairs.fewest
    total = len(found.frame)
    more = "" if total >= fewest else f" Fewer than {fewest:,} teach little."
    st.subheader(f"{plural(total, 'pair')} of a better and a worse answer", anchor=False)
    if more and total:
        st.markdown(escape(more.strip()))
    cards([Card(title, number(found.counts[key]), help=why) for key, (title, why) in SOURCE_WORDS.items()])
    if found.left_out:
        told = ", ".join(f"{number(count)} {OUT_WORDS[reason]}" for reason, count in found.left_out.items())
        st.caption(f"Left out: {escape(told)}.")
    if total:
        (st.warning if found.bias.biased else st.markdown)(escape(found.bias.words, 400))


def _examples(studio: Studio, found: Collected) -> None:
    st.markdown(f"**{plural(min(SHOWN, len(found.frame)), 'example')}**")
    spread = found.frame.iloc[:: max(1, len(found.frame) // SHOWN)].head(SHOWN)
    for row in spread.itertuples():
        question = prompt_of([*loads(str(row.prompt)), {"role": "assistant", "content": ""}])
        st.markdown(f":gray[Question] {escape(question, 400)}")
        where = f"{studio.line(int(str(row.row_id)))}, {SOURCE_WORDS[str(row.source)][0].lower()}"
        show_pair([str(row.chosen)], [str(row.rejected)], ("Better", f"Worse ({where})"))


def _keep(studio: Studio, plan: PairPlan, found: Collected) -> None:
    kept = current_pairs(studio.project)
    st.button(
        f"Keep these {plural(len(found.frame), 'pair')}", icon=":material/inventory_2:", key="pairs-keep",
        on_click=_make, args=(studio.project, plan),
    )  # fmt: skip
    told = st.session_state.pop("pairs-refused", None)
    if told is not None:
        problem(*told, tone="caution")
    if kept is not None:
        _kept(studio.project, studio.version.id, kept)


def _kept(project: Project, version_id: str, kept: PreferenceSet) -> None:
    pairs = load_pairs(project)
    sealed = kept.pairs - len(pairs)
    earlier = " They come from an earlier state of the rows." if kept.dataset_id != version_id else ""
    note = earlier + (f" {plural(sealed, 'pair')} belong to the test part now and stay sealed." if sealed else "")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download for DPO", pairs_jsonl(pairs), "preference-pairs.jsonl", "application/jsonl",
            icon=":material/download:", key="pairs-download", on_click=_written, args=(project, kept, len(pairs)),
        )  # fmt: skip
        st.caption(
            f":material/check_circle: {plural(kept.pairs, 'pair')} kept {when(kept.created)}, fingerprint "
            f"{escape(kept.sha256[:12])}. Training can use them.{escape(note)}"
        )


def pairs_file(project: Project, part: str) -> None:
    """The pairs of one part of the split as a file, for the Export tab."""
    kept = current_pairs(project)
    if kept is None:
        return
    pairs = load_pairs(project)
    pairs = pairs[pairs["split"] == part]
    if pairs.empty:
        problem(
            "No pair lies in this part.", "Choose the other part, or make more pairs on the Review tab.", tone="caution"
        )
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download the pairs", pairs_jsonl(pairs), f"preference-pairs-{safe_name(part, 'part')}.jsonl",
            "application/jsonl", icon=":material/download:", key="export-pairs", on_click=_written,
            args=(project, kept, len(pairs)),
        )  # fmt: skip
        st.caption(f"{plural(len(pairs), 'pair')} kept on the Review tab. Pairs of the test part stay sealed.")


def _make(project: Project, plan: PairPlan) -> None:
    try:
        make_pairs(project, plan)
    except TuneworthError as error:
        st.session_state["pairs-refused"] = (error.message, error.hint)


def _written(project: Project, kept: PreferenceSet, rows: int) -> None:
    project.audit.append("export.write", {"pairs": kept.id, "sha256": kept.sha256}, {"target": "dpo", "rows": rows})


def _key(studio: Studio, plan: PairPlan) -> tuple[str, str, str, str]:
    split = studio.split.id if studio.split else ""
    return str(studio.project.path), studio.version.id, split, plan.model_dump_json()


def _collected(folder: str, version: str, split: str, plan: str, _project: Project, _plan: PairPlan) -> Collected:
    return collect_pairs(_project, _plan)


_collected_kept = st.cache_resource(max_entries=3, show_spinner="Looking for pairs")(_collected)

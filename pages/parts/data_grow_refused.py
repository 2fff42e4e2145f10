"""New rows that could not be used, counted by reason and listed; those like sealed test rows are only counted."""

from __future__ import annotations

import streamlit as st

from engine.data.grow.batch import GrowBatch, refused_rows
from engine.data.messages import answer_of, prompt_of
from pages.parts.safe_text import plain, show_rows
from pages.parts.studio import Studio
from pages.parts.words import number, plural

NAMES = {
    "paraphrase": "Other wordings",
    "back_translation": "Through another language",
    "seed": "New rows by a model",
    "vary": "Varied rows",
    "general": "General rows",
    "logs": "Rows from a log",
}
REFUSED = {
    "copy": "said what is there already",
    "contradiction": "contradicted another row",
    "test row": "resembled a row of the sealed test part",
    "empty": "had no question or no answer",
    "rating": "were not rated well",
    "not checked": "were not checked by a person",
    "unreadable": "could not be read",
}


def only_refused(studio: Studio) -> None:
    """When the newest run made nothing new, say so and why."""
    latest = studio.project.records.latest(GrowBatch)
    if latest is not None and not latest.rows and latest.dataset_id == studio.version.id:
        st.markdown(f"**{NAMES[latest.method]}: nothing was new.**")  # safe: names are a table of ours
        unused(studio, latest)


def unused(studio: Studio, batch: GrowBatch) -> None:
    """What of a batch could not be used."""
    if not batch.refused:
        return
    total = sum(batch.refused.values())
    told = ", ".join(
        f"{number(count)} {REFUSED.get(reason, 'had another problem')}" for reason, count in batch.refused.items()
    )
    box = st.expander(
        f"See {plural(total, 'row')} that could not be used", key=f"grow-refused-{batch.id}", on_change="rerun"
    )
    if not box.open:
        return
    with box:
        st.markdown(f"{told}.")  # safe: figures and words of ours
        show_rows(
            [
                {
                    "Question": plain(prompt_of(item["messages"]), 300) if item.get("messages") else "",
                    "Answer": plain(answer_of(item["messages"]), 200) if item.get("messages") else "",
                    "Why": item["detail"],
                    "Other row": studio.line(item["partner"]) if item.get("partner") is not None else "",
                    "Row of the log": item["row"] + 1 if "row" in item else None,
                }
                for item in refused_rows(studio.project, batch)[:500]
            ]
        )

"""Take the rows along: a file per part in the format of a provider, and the recipe for the next file."""

from __future__ import annotations

import streamlit as st

from engine.data.export import Exported, export_frame
from engine.data.page_view import recipe_of
from engine.data.recipe import recipe_yaml
from engine.data.records import DatasetVersion, Source, Split
from engine.data.split import Part, rows_of
from engine.data.targets import targets
from engine.project.files import safe_name
from engine.project.project import Project
from pages.parts.page import problem
from pages.parts.safe_text import escape, show_rows
from pages.parts.words import plural, size

PARTS: dict[Part, str] = {"train": "Training rows", "validation": "Validation rows"}


def export(project: Project, source: Source, versions: list[DatasetVersion], split: Split | None) -> None:
    """Format, part, download; then the recipe."""
    if split is None:
        st.markdown("Split the rows first: each part becomes a file of its own.")
    else:
        _rows_file(project, source, split)
    st.subheader("The same steps on the next file", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download the recipe",
            recipe_yaml(recipe_of(source, versions, split)),
            f"{safe_name(source.file, 'data')}-recipe.yml",
            "application/yaml",
            icon=":material/receipt_long:",
            key="recipe",
            on_click="ignore",
        )
        st.caption("Columns, steps and split in one text file, for the command `tuneworth data prepare`.")


def _rows_file(project: Project, source: Source, split: Split) -> None:
    known = targets()
    left, right = st.columns([3, 2])
    target = left.selectbox(
        "Format", list(known), format_func=lambda name: known[name].title, key="export-target", index=0
    )
    part: Part = right.segmented_control(
        "Rows", list(PARTS), default="train", required=True, format_func=lambda name: PARTS[name], key="export-part"
    )
    if not split.counts.get(part):
        problem("This part has no rows.", "Split again with another share.", tone="caution")
        return
    made: Exported = _made_kept(str(project.path), split.id, part, str(target), project, split)
    errors = [item for item in made.problems if item.severity == "error"]
    if errors:
        first = errors[0]
        place = f"Row {first.row:,}: " if first.row is not None else ""
        problem(f"{plural(len(errors), 'problem')} for this format. {place}{first.message}", first.fix, tone="caution")
        _list(made)
        return
    name = f"{safe_name(source.file, 'data').rsplit('.', 1)[0]}-{part}.jsonl"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download",
            made.data,
            name,
            "application/jsonl",
            icon=":material/download:",
            key="export-download",
            on_click=_written,
            args=(project, split.id, part, str(target), made.sha256, made.rows),
        )
        st.caption(
            f"{plural(made.rows, 'row')}, {size(len(made.data))}, checked against the rules of this format. "
            f"Fingerprint {escape(made.sha256[:12])}."
        )
    if made.problems:
        _list(made)
    st.caption(":material/lock: Test rows stay sealed; the evaluation opens them.")


def _list(made: Exported) -> None:
    import pandas as pd

    with st.expander(f"See the {plural(len(made.problems), 'note')}"):
        show_rows(
            pd.DataFrame(
                [
                    {"Row": item.row, "Where": item.column, "What": item.message, "What to do": item.fix}
                    for item in made.problems[:1000]
                ]
            )
        )


def _made(folder: str, split_id: str, part: Part, target: str, _project: Project, _split: Split) -> Exported:
    return export_frame(rows_of(_project, _split, part), target)


_made_kept = st.cache_resource(max_entries=3, show_spinner="Writing and checking the file")(_made)


def _written(project: Project, split_id: str, part: str, target: str, sha256: str, rows: int) -> None:
    project.audit.append(
        "export.write", {"split": split_id, "sha256": sha256}, {"part": part, "target": target, "rows": rows}
    )

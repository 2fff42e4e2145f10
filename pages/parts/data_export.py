"""Take the rows along: a file per part in the format of a provider, a folder for Hugging Face, a report, the recipe."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from engine.data.export import Exported, export_frame
from engine.data.export_folder import folder_files, zip_bytes
from engine.data.page_view import recipe_of
from engine.data.preferences.kept import current_pairs
from engine.data.recipe import recipe_yaml
from engine.data.records import Split
from engine.data.split import Part, rows_of
from engine.data.targets import targets
from engine.project.files import safe_name, sha256_bytes
from engine.project.project import Project
from pages.parts.data_large import large_export
from pages.parts.data_pairs import pairs_file
from pages.parts.data_report import report_buttons, stem, written
from pages.parts.page import problem
from pages.parts.safe_text import escape, show_rows
from pages.parts.studio import Studio
from pages.parts.words import plural, size

PARTS: dict[Part, str] = {"train": "Training rows", "validation": "Validation rows"}
FOLDER = "folder"  # beside the targets: Parquet files and a card


def export(studio: Studio) -> None:
    """Format, part, download; then report and recipe."""
    if large_export(studio):
        return
    if studio.split is None:
        st.markdown("Split the rows first: each part becomes a file of its own.")
    else:
        _rows_file(studio, studio.split)
    st.subheader("Report for people", anchor=False)
    report_buttons(studio)
    st.subheader("The same steps on the next file", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download the recipe",
            recipe_yaml(recipe_of(studio.source, studio.versions, studio.split)),
            f"{safe_name(studio.source.file, 'data')}-recipe.yml",
            "application/yaml",
            icon=":material/receipt_long:",
            key="recipe",
            on_click="ignore",
        )
        st.caption("Columns, steps and split in one text file, for the command `tuneworth data prepare`.")


def _rows_file(studio: Studio, split: Split) -> None:
    known = targets()
    left, right = st.columns([3, 2])
    target = str(
        left.selectbox(
            "Format",
            [*known, FOLDER],
            format_func=lambda name: known[name].title if name in known else "Hugging Face folder (Parquet and card)",
            key="export-target",
        )
    )
    if target == FOLDER:
        _folder(studio, split)
        return
    part: Part = right.segmented_control(
        "Rows", list(PARTS), default="train", required=True, format_func=lambda name: PARTS[name], key="export-part"
    )
    if target == "dpo" and current_pairs(studio.project) is not None:
        pairs_file(studio.project, part)
        return
    if not split.counts.get(part):
        problem("This part has no rows.", "Split again with another share.", tone="caution")
        return
    tolerant = bool(st.session_state.get("export-tolerant", False))
    made: Exported = _made_kept(str(studio.project.path), split.id, part, target, tolerant, studio.project, split)
    if made.left_out or not made.sha256:
        _tolerance(made)
    if made.sha256:
        _download(studio, split, part, target, made)
    if made.problems or made.left_out:
        _list(made)
    st.caption(":material/lock: Test rows stay sealed; the evaluation opens them.")


def _tolerance(made: Exported) -> None:
    """Errors: say the first one, and offer to go without these rows."""
    errors = made.left_out or [item for item in made.problems if item.severity == "error"]
    first = errors[0]
    if first.row is None:
        problem(first.message, first.fix, tone="caution")
        return
    bad = len({item.row for item in errors})
    words = "left out" if made.left_out else "would be refused"
    problem(f"{plural(bad, 'row')} {words}. The first: {first.message}", first.fix, tone="caution")
    st.toggle(f"Leave {plural(bad, 'row')} out of the file", key="export-tolerant", help="The rows stay in your data.")


def _download(studio: Studio, split: Split, part: Part, target: str, made: Exported) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download",
            made.data,
            f"{stem(studio)}-{part}.jsonl",
            "application/jsonl",
            icon=":material/download:",
            key="export-download",
            on_click=written,
            args=(studio.project, split.id, part, target, made.sha256, made.rows),
        )
        st.caption(
            f"{plural(made.rows, 'row')}, {size(len(made.data))}, checked against the rules of this format. "
            f"Fingerprint {escape(made.sha256[:12])}."
        )


def _folder(studio: Studio, split: Split) -> None:
    data = _folder_kept(str(studio.project.path), split.id, studio.project, split, studio.project.title)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download the folder",
            data,
            f"{stem(studio)}-dataset.zip",
            "application/zip",
            icon=":material/folder_zip:",
            key="export-folder",
            on_click=written,
            args=(studio.project, split.id, "train+validation", FOLDER, sha256_bytes(data), split.counts["train"]),
        )
        st.caption(f"Training and validation rows with a card, {size(len(data))}. Unpack it; `load_dataset` reads it.")


def _list(made: Exported) -> None:
    notes = [*made.left_out, *made.problems]
    with st.expander(f"See {plural(len(notes), 'note')}"):
        show_rows(
            pd.DataFrame(
                [
                    {"Row": item.row, "Where": item.column, "What": item.message, "What to do": item.fix}
                    for item in notes[:1000]
                ]
            )
        )


def _made(
    folder: str, split_id: str, part: Part, target: str, tolerant: bool, _project: Project, _split: Split
) -> Exported:
    return export_frame(rows_of(_project, _split, part), target, tolerant=tolerant)


def _zipped(folder: str, split_id: str, _project: Project, _split: Split, _title: str) -> bytes:
    return zip_bytes(folder_files({part: rows_of(_project, _split, part) for part in PARTS}, _title))


_made_kept = st.cache_resource(max_entries=3, show_spinner="Writing and checking the file")(_made)
_folder_kept = st.cache_resource(max_entries=2, show_spinner="Writing the folder")(_zipped)

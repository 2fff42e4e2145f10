"""Small views of the data for the screen: mapping drafts, sample cells, what was undone or set aside, the recipe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

import pandas as pd
from pydantic import Field

from engine.data.decisions import decisions_frame
from engine.data.edits import MANUAL
from engine.data.mapping_model import Mapping
from engine.data.messages import answer_of, prompt_of
from engine.data.recipe import ALL_STEPS, FIX_STEPS, Recipe
from engine.data.records import CleaningStep, DatasetVersion, Source, Split
from engine.data.source_table import table_path
from engine.data.sources import current_source
from engine.data.split import current_split, split_table
from engine.data.split_plan import SplitPlan
from engine.data.table_file import table_pieces
from engine.data.versions import chain, get_version, load_some_decisions
from engine.errors import NotFound
from engine.project.project import Project
from engine.project.records import Record


class MappingDraft(Record):
    """What the user has chosen so far for a source; its id is the source's."""

    kind: ClassVar[str] = "mapping_draft"

    mapping: Mapping = Field(description="Roles chosen so far")


def load_draft(project: Project, source_id: str) -> Mapping | None:
    """Return the mapping chosen so far for a source."""
    try:
        return project.records.get(MappingDraft, source_id).mapping
    except NotFound:
        return None


def save_draft(project: Project, source_id: str, mapping: Mapping) -> None:
    """Keep the mapping chosen so far, so that a refresh loses nothing."""
    project.records.save(MappingDraft(id=source_id, mapping=mapping), replace=True)


def sample_values(frame: pd.DataFrame, column: str, count: int = 2) -> list[str]:
    """The first different non-empty cells of a column."""
    found: list[str] = []
    for cell in frame[column].head(200):
        if cell.strip() and cell not in found:
            found.append(cell)
            if len(found) == count:
                break
    return found


def all_decisions(project: Project, version_ids: Sequence[str], most: int | None = None) -> pd.DataFrame:
    """Decisions of several versions below one another; `before` is the version the step started from.

    With `most` at most so many per version and action are read; `attrs["totals"]` counts all of them by action.
    """
    frames = []
    totals: Counter[str] = Counter()
    for version_id in version_ids:
        frame, counts = load_some_decisions(project, version_id, most)
        totals.update(counts)
        frames.append(frame.assign(before=get_version(project, version_id).parent or version_id))
    every = pd.concat(frames, ignore_index=True) if frames else decisions_frame([]).assign(before="")
    every.attrs["totals"] = dict(totals)
    return every


def undone(project: Project) -> list[DatasetVersion]:
    """Versions that redo would bring back, the next one first."""
    here = project.records.pointer("dataset")
    newest = {version.parent: version for version in project.records.list(DatasetVersion) if version.parent}
    found: list[DatasetVersion] = []
    while here in newest:
        found.append(newest[here])
        here = found[-1].id
    return found


def latest_source(project: Project, version: DatasetVersion | None) -> Source | None:
    """The source the page works on: the newest upload, or the one the rows came from."""
    return current_source(project) or (project.records.get(Source, version.source_id) if version else None)


def use_source(project: Project, source_id: str) -> None:
    """Return to an earlier file of this project. Raises NotFound."""
    project.records.set_pointer("source", project.records.get(Source, source_id).id)


def sealed_rows(project: Project, source_id: str) -> frozenset[int]:
    """Rows of this file that are in the test part of the split in use: nobody looks at them before the evaluation.

    Also when other files were added behind it. Of a conversation of several rows all rows are sealed.
    """
    split = current_split(project)
    if split is None:
        return frozenset()
    version = get_version(project, split.dataset_id)
    if not same_rows(project, version.source_id, source_id):
        return frozenset()
    table = split_table(project, split)
    sealed = frozenset(int(row) for row in table.loc[table["split"] == "test", "row_id"])
    return _whole_talks(project, version, sealed)


def same_rows(project: Project, older_id: str, newer_id: str) -> bool:
    """Whether the rows of one source are the first rows of the other: the same files, read the same way."""
    if older_id == newer_id:
        return True
    try:
        older, newer = (project.records.get(Source, key).files() for key in (older_id, newer_id))
    except NotFound:
        return False
    return len(older) < len(newer) and newer[: len(older)] == older


def _whole_talks(project: Project, version: DatasetVersion, rows: frozenset[int]) -> frozenset[int]:
    """All rows of the conversations that start in `rows`."""
    while version.parent is not None:
        version = get_version(project, version.parent)
    turns = (version.step.settings.get("turns") or {}).get("id_column")
    path = table_path(project, version.source_id)
    if not turns or not path.exists():
        return rows
    ids = pd.concat(list(table_pieces(path, [turns])), ignore_index=True)[turns]
    wanted = set(ids.iloc[[row for row in rows if row < len(ids)]])
    return rows | frozenset(int(row) for row in ids.index[ids.isin(wanted - {""})])


def full_text(rows: pd.DataFrame, row_id: int) -> tuple[str, str]:
    """Question and answer of one row; empty texts when it is not there."""
    found = rows.loc[rows["row_id"] == row_id, "messages"]
    return (prompt_of(found.iloc[0]), answer_of(found.iloc[0])) if len(found) else ("", "")


def set_aside(project: Project) -> list[tuple[DatasetVersion, str]]:
    """Ends of other histories (another file, mapping or step order) with their file name, newest first."""
    every = project.records.list(DatasetVersion)
    known = {version.id for version in [*chain(project), *undone(project)]}
    parents = {version.parent for version in every}
    files = {source.id: source.file for source in project.records.list(Source)}
    return [
        (version, files.get(version.source_id, ""))
        for version in reversed(every)
        if version.id not in known and version.id not in parents
    ]


def return_to(project: Project, version_id: str) -> None:
    """Make a version that was set aside the one in use, with its split when it has one. Raises NotFound."""
    version = get_version(project, version_id)
    before = project.records.pointer("dataset") or ""
    use_source(project, version.source_id)
    project.records.set_pointer("dataset", version.id)
    own = [split for split in project.records.list(Split) if split.dataset_id == version.id]
    if own:
        project.records.set_pointer("split", own[-1].id)
    project.audit.append("dataset.redo", {"from": before, "to": version.id}, {"step": version.step.name})


def recipe_of(source: Source, versions: Sequence[DatasetVersion], split: Split | None) -> Recipe:
    """The recipe that would make these rows again from the next file of the same kind.

    Steps made by hand or unknown to recipes are named in `by_hand`, never left out in silence.
    """
    text = source.format in ("csv", "tsv")
    steps = [version.step for version in versions[1:] if repeats(version.step)]
    near = next((step for step in steps if step.name == "near_duplicates"), None)
    return Recipe.model_validate(
        {
            "reader": {
                "encoding": source.encoding if text else None,
                "delimiter": source.delimiter if text else None,
                "sheet": source.sheet,
            },
            "mapping": versions[0].step.settings,
            "steps": [step.name for step in steps],
            "encoder": near.settings.get("encoder", "minilm") if near else "minilm",
            "near_threshold": near.settings.get("threshold") if near and near.settings.get("chosen") else None,
            "near_same_wording": near.settings.get("same_wording") if near and near.settings.get("chosen") else None,
            "split": _plan_of(split) if split else None,
            "by_hand": [_by_hand(version.step) for version in versions[1:] if not repeats(version.step)],
        }
    )


def repeats(step: CleaningStep) -> bool:
    """Whether a recipe can do the step again on another file."""
    return step.name in (*ALL_STEPS, *FIX_STEPS) and not step.settings.get(MANUAL)


def _by_hand(step: CleaningStep) -> str:
    done = [
        f"{count:,} {word}"
        for count, word in ((step.changed, "changed"), (max(step.dropped, 0), "left out"), (-step.dropped, "added"))
        if count > 0
    ]
    return f"{step.name} ({', '.join(done)})" if done else step.name


def _plan_of(split: Split) -> SplitPlan:
    old = SplitPlan(ratios=split.ratios, seed=split.seed, stratify=split.stratified)
    return (split.plan or old).model_copy(update={"compare": split.near_checked})

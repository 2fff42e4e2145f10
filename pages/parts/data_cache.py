"""Rows and files a page looks at again and again, read once. Read-only: nobody may change what comes from here."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from engine.data.columns import SAMPLE, Guess, guess_columns
from engine.data.ingest_rules import ingest_rules
from engine.data.near_apply import pending
from engine.data.near_store import load_pairs
from engine.data.near_votes import PairVote
from engine.data.page_view import all_decisions
from engine.data.quality.measure import Measured, measured
from engine.data.records import DatasetVersion, Source
from engine.data.source_table import SourceTable
from engine.data.sources import read_source
from engine.data.version_sample import even_rows, is_large, only_ids, rows_by_id
from engine.data.versions import get_version, load_version
from engine.project.project import Project
from engine.training.models import BaseModelInfo
from engine.training.tokens import RowTokens, count_version
from pages.parts.words import number, plural


def file_of(project: Project, source: Source) -> SourceTable:
    """The source file as it was read; its rows stay on disk."""
    found: SourceTable = _file_kept(str(project.path), source.id, project, source)
    return found


def guess_of(project: Project, source: Source) -> Guess:
    """What each column of the source is probably for."""
    found: Guess = _guess_kept(str(project.path), source.id, project, source)
    return found


def rows_of(project: Project, version_id: str) -> pd.DataFrame:
    """The rows of a version."""
    found: pd.DataFrame = _rows_kept(str(project.path), version_id, project)
    return found


def looked_rows(project: Project, version_id: str) -> pd.DataFrame:
    """The rows figures are worked out from: all, or of a large version an even sample (`sample_note` says so)."""
    found: pd.DataFrame = _looked_kept(str(project.path), version_id, project)
    return found


def ids_of(project: Project, version_id: str) -> pd.DataFrame:
    """A frame of the row ids of a version alone."""
    version = get_version(project, version_id)
    return only_ids(project, version) if is_large(version) else rows_of(project, version_id)[["row_id"]]


def some_rows(project: Project, version_id: str, row_ids: Sequence[int]) -> pd.DataFrame:
    """The rows with these ids, without the others in memory when the version is large."""
    version = get_version(project, version_id)
    if is_large(version):
        return rows_by_id(project, version, row_ids)
    rows = rows_of(project, version_id)
    return rows[rows["row_id"].isin(row_ids)]


def sample_note(version: DatasetVersion) -> str:
    """What to say above figures that come from a part of a large version, or nothing."""
    if not is_large(version):
        return ""
    looked = ingest_rules().page.sample_rows
    return f"Worked out from {number(looked)} of {plural(version.rows, 'row')}, spread evenly over all of them."


def decisions_of(project: Project, version_ids: tuple[str, ...]) -> pd.DataFrame:
    """What the steps that made these versions decided, with the version each step started from."""
    found: pd.DataFrame = _decisions_kept(str(project.path), version_ids, project)
    return found


def pairs_of(project: Project, version: DatasetVersion) -> pd.DataFrame:
    """The judged pairs of a near-duplicate step."""
    found: pd.DataFrame = _pairs_kept(str(project.path), str(version.step.settings.get("pairs", "")), project, version)
    return found


def waiting_of(project: Project, version_id: str) -> int:
    """How many rows of a version would change by what people decided about pairs; counted again after each decision."""
    votes = project.records.list(PairVote)
    if not votes:
        return 0
    newest = max(vote.created for vote in votes)
    return int(_waiting_kept(str(project.path), version_id, len(votes), newest, project))


def quality_of(project: Project, version_id: str, split_id: str, sealed: frozenset[int]) -> Measured:
    """The measures of a version. Rows of the sealed test part (of the split `split_id`) are counted, never quoted."""
    found: Measured = _quality_kept(str(project.path), version_id, split_id, project, sealed)
    return found


def tokens_of(project: Project, version_id: str, base: BaseModelInfo, prompt: str) -> list[RowTokens]:
    """Token counts of a version for a base; a changed tokenizer file is counted again."""
    changed = (base.path / "tokenizer.json").stat().st_mtime if base.path else 0.0
    found: list[RowTokens] = _tokens_kept(
        str(project.path), version_id, base.key, changed, base.template, prompt, project, base
    )
    return found


# Arguments with an underscore are not part of the key: the folder and the id say all.
def _file(folder: str, source_id: str, _project: Project, _source: Source) -> SourceTable:
    return read_source(_project, _source)


def _guess(folder: str, source_id: str, _project: Project, _source: Source) -> Guess:
    return guess_columns(file_of(_project, _source).head(SAMPLE))


def _rows(folder: str, version_id: str, _project: Project) -> pd.DataFrame:
    return load_version(_project, version_id)


def _looked(folder: str, version_id: str, _project: Project) -> pd.DataFrame:
    version = get_version(_project, version_id)
    return even_rows(_project, version) if is_large(version) else rows_of(_project, version_id)


def _decisions(folder: str, version_ids: tuple[str, ...], _project: Project) -> pd.DataFrame:
    large = any(is_large(get_version(_project, version_id)) for version_id in version_ids)
    return all_decisions(_project, version_ids, ingest_rules().page.sample_rows if large else None)


def _pairs(folder: str, name: str, _project: Project, _version: DatasetVersion) -> pd.DataFrame:
    return load_pairs(_project, _version)


def _waiting(folder: str, version_id: str, votes: int, newest: float, _project: Project) -> int:
    return len(pending(_project))


def _quality(folder: str, version_id: str, split_id: str, _project: Project, _sealed: frozenset[int]) -> Measured:
    large = is_large(get_version(_project, version_id))
    return measured(load_version(_project, version_id) if large else rows_of(_project, version_id), _sealed)


def _tokens(
    folder: str,
    version_id: str,
    key: str,
    changed: float,
    template: str | None,
    prompt: str,
    _project: Project,
    _base: BaseModelInfo,
) -> list[RowTokens]:
    return count_version(_project, version_id, _base, prompt)


_file_kept = st.cache_resource(max_entries=3, show_spinner="Reading the file")(_file)
_guess_kept = st.cache_resource(max_entries=8, show_spinner=False)(_guess)
_rows_kept = st.cache_resource(max_entries=4, show_spinner="Loading the rows")(_rows)
_looked_kept = st.cache_resource(max_entries=4, show_spinner="Loading the rows")(_looked)
_decisions_kept = st.cache_resource(max_entries=4, show_spinner=False)(_decisions)
_pairs_kept = st.cache_resource(max_entries=4, show_spinner=False)(_pairs)
_waiting_kept = st.cache_resource(max_entries=8, show_spinner=False)(_waiting)
_quality_kept = st.cache_resource(max_entries=4, show_spinner="Measuring the rows")(_quality)
_tokens_kept = st.cache_resource(max_entries=4, show_spinner="Counting tokens")(_tokens)

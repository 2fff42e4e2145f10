"""The data report: what came in, what was done to it and why, what it is like now. For people, as HTML or Markdown.

It holds counts, settings, fingerprints and sentences, and not one row of the data, so that it can be handed on.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import assets
from engine.data.check.check import check_frame
from engine.data.detectable import detectable_sentence
from engine.data.mapping import Mapping
from engine.data.page_view import latest_source
from engine.data.quality import measure_quality
from engine.data.records import DatasetVersion, Source, Split
from engine.data.review.said import review_said
from engine.data.split import current_split, looks
from engine.data.targets import target_named
from engine.data.versions import chain, load_version
from engine.errors import Conflict
from engine.privacy.records import PrivacyScan
from engine.project.project import Project


@dataclass(frozen=True)
class Table:
    """Head and rows of one table, all text."""

    head: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Section:
    """One heading with its sentences and at most one table."""

    title: str
    sentences: list[str]
    table: Table | None = None


@dataclass(frozen=True)
class DataReport:
    """The whole report; `made` is the time of day it was written, in the local zone."""

    title: str
    summary: str
    made: str
    anchor: str
    sections: list[Section] = field(default_factory=list)


def data_report(project: Project, target: str = "hf") -> DataReport:
    """Collect the report of the rows in use. Raises Conflict without a dataset, InputError for an unknown target."""
    versions = chain(project)
    if not versions:
        raise Conflict("There is no dataset to report on yet.", "Choose a file in Data Studio first.")
    source = latest_source(project, versions[-1])
    split = current_split(project)
    split = split if split is not None and split.dataset_id == versions[-1].id else None
    first, last = versions[0], versions[-1]
    sections = [
        *_source(source),
        _steps(versions),
        *_rows(project, last, target),
        _read_by_people(project),
        _split(project, split),
        _privacy(project, last),
        Section(
            "What this report does not say",
            [
                "Whether the answers are right: only people who know the subject can tell.",
                "Guards against changed meaning (numbers, negation, names) are for English text.",
                "That there is no personal data: a scan finds patterns it knows.",
            ],
        ),
    ]
    summary = f"{last.rows:,} of {first.step.rows_in:,} rows are ready."
    made = time.strftime("%Y-%m-%d %H:%M %z")
    return DataReport(project.title, summary, made, project.audit.head().anchor, sections)


def _source(source: Source | None) -> list[Section]:
    if source is None:
        return []
    rows = [
        ["File", source.file],
        ["Format", f"{source.format}, {source.encoding}" + (f", sheet {source.sheet}" if source.sheet else "")],
        ["Size", f"{source.bytes:,} bytes"],
        ["Rows read", f"{source.rows:,}"],
        ["Lines not readable as a row", f"{source.rejects:,}"],
        ["SHA-256", source.sha256],
    ]
    return [Section("Where the rows come from", list(source.warnings), Table(["", ""], rows))]


def _read_by_people(project: Project) -> Section:
    said = review_said(project)
    if said is None:
        return Section("What people found", ["No finished review: nobody has measured how many answers are wrong."])
    return Section("What people found", [part for part in (said.share, said.reasons, said.agreement) if part])


def _steps(versions: Sequence[DatasetVersion]) -> Section:
    rows = []
    for version in versions:
        step = version.step
        reasons = ", ".join(f"{reason}: {count:,}" for reason, count in step.counts.items())
        rows.append([step.name, f"{step.rows_in:,}", f"{step.rows_out:,}", f"{step.changed:,}", reasons, step.note])
    mapping = _mapping_words(versions[0])
    head = ["Step", "Rows in", "Rows out", "Changed", "Reasons", "Note"]
    return Section(
        "What was done, in order", [mapping, f"Fingerprint of the rows: {versions[-1].sha256}."], Table(head, rows)
    )


def _mapping_words(version: DatasetVersion) -> str:
    try:
        mapping = Mapping.model_validate(version.step.settings)
    except ValueError:
        return "The columns were mapped by an earlier version of Tuneworth."
    used = [f"{name} is {role}" for name, role in mapping.roles.items() if role != "ignore"]
    return f"Columns: {'; '.join(used)}."


def _rows(project: Project, version: DatasetVersion, target: str) -> list[Section]:
    frame = load_version(project, version.id)
    measures = [[item.title, item.verdict, item.advice or "-"] for item in measure_quality(frame)]
    checked = check_frame(frame, target)
    title = target_named(target).title
    found = [
        [group.title, f"{len(group.row_ids):,}", "refused" if group.severity == "error" else "look", group.why]
        for group in checked.groups
    ]
    words = f"{len(frame) - len(checked.refused):,} of {len(frame):,} rows can go to {title}."
    synthetic = int(frame["synthetic"].sum())
    made = f"{synthetic:,} rows were made by a model or a template; they are marked and only ever train."
    return [
        Section(
            "What the rows are like", [made] if synthetic else [], Table(["Measure", "Finding", "Advice"], measures)
        ),
        Section(
            "Check against the rules", [words], Table(["Finding", "Rows", "Weight", "Why"], found) if found else None
        ),
    ]


def _split(project: Project, split: Split | None) -> Section:
    if split is None:
        return Section("Training, validation and test", ["The rows are not split yet."])
    counts, leaks = split.counts, split.leaks
    near = f"{leaks.get('near', 0):,} that say the same" if split.near_checked else "meaning was not compared"
    return Section(
        "Training, validation and test",
        [
            f"Training {counts['train']:,}, validation {counts['validation']:,}, test {counts['test']:,} "
            f"(seed {split.seed}).",
            f"Held-out rows found again in training: {leaks.get('exact', 0):,} with the same question, {near}, "
            f"{leaks.get('prefix', 0):,} with the same first characters.",
            detectable_sentence(counts["test"]),
            f"The test rows were looked at {looks(project, split):,} times.",
        ],
    )


def _privacy(project: Project, version: DatasetVersion) -> Section:
    scans = [scan for scan in project.records.list(PrivacyScan) if scan.dataset_id == version.id]
    if not scans:
        return Section("Personal data", ["These rows were not scanned for personal data."])
    report = scans[-1].report
    rows = [[row.name, f"{row.rows_scanned:,}", f"{row.found:,}", row.status] for row in report.matrix]
    missing = [f"Not looked for: {item.what} ({item.why})." for item in report.not_scanned]
    return Section(
        "Personal data", [report.sentence, *missing], Table(["Kind", "Rows scanned", "Found", "Status"], rows)
    )


def report_html(report: DataReport) -> str:
    """One page without anything remote; every text is escaped."""
    return _environment().get_template("data_report.html").render(report=report)


def report_markdown(report: DataReport) -> str:
    """The same as Markdown; cells are made safe for a table."""
    lines = [f"# Data report: {_cell(report.title)}", "", report.summary, ""]
    for section in report.sections:
        lines += [f"## {section.title}", "", *(f"- {_cell(sentence)}" for sentence in section.sentences), ""]
        if section.table:
            lines += [_row(section.table.head), _row(["---"] * len(section.table.head))]
            lines += [*(_row(row) for row in section.table.rows), ""]
    return "\n".join([*lines, f"Made {report.made}. Audit anchor: `{report.anchor}`.", ""])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str) -> str:
    plain = " ".join(text.split())
    for char in "\\`*_[]<>|!#":
        plain = plain.replace(char, f"\\{char}")
    return plain


def _environment() -> Environment:
    folder = Path(assets.__file__).parent / "templates"
    return Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)

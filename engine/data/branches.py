"""The tree of versions as lines of work: the one in use, and others that went another way and are kept."""

from __future__ import annotations

from dataclasses import dataclass

from engine.data.records import DatasetVersion, Source
from engine.data.versions import chain, line_to
from engine.project.project import Project


@dataclass(frozen=True)
class Branch:
    """A line of versions that ends in `end`: `own` are those no earlier line has, `fork` is the last shared one.

    `in_use` marks the line of the version in use, including steps that redo would bring back.
    """

    end: DatasetVersion
    own: list[DatasetVersion]
    fork: DatasetVersion | None
    file: str
    in_use: bool


def branches(project: Project) -> list[Branch]:
    """Every line, the one in use first, then the newest first."""
    every = project.records.list(DatasetVersion)
    files = {source.id: source.file for source in project.records.list(Source)}
    parents = {version.parent for version in every}
    here = {version.id for version in chain(project)}
    ends = [version for version in reversed(every) if version.id not in parents]
    lines = [line_to(project, end) for end in ends]
    lines.sort(key=lambda line: not here or not here <= {version.id for version in line})  # stable: newest first
    found: list[Branch] = []
    seen: set[str] = set()
    for place, line in enumerate(lines):
        own = [version for version in line if version.id not in seen]
        shared = [version for version in line if version.id in seen]
        seen |= {version.id for version in line}
        used = place == 0 and bool(here) and here <= {version.id for version in line}
        found.append(Branch(line[-1], own, shared[-1] if shared else None, files.get(line[-1].source_id, ""), used))
    return found

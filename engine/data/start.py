"""Start data jobs. Pages call these and show the job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from engine.data.mapping_model import Mapping, check_mapping
from engine.data.recipe import Recipe
from engine.data.records import Source, Split
from engine.data.split_plan import SplitPlan, check_ratios
from engine.data.uploads import Upload
from engine.data.versions import require_version
from engine.errors import Conflict
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.project.project import Project


def start_cleaning(project: Project, recipe: Recipe | None = None) -> Job:
    """Clean the current version in a job of its own. Raises Conflict without a dataset or while one is running."""
    version = require_version(project)
    manager = JobManager(project)
    if any(job.kind == "clean" for job in manager.active()):
        raise Conflict("These rows are being cleaned already.", "Wait for it, or stop it first.")
    settings = {"recipe": (recipe or Recipe()).model_dump(mode="json"), "dataset_id": version.id}
    return manager.start("clean", "engine.data.worker", settings, title=f"Clean {version.rows:,} rows")


def start_split(project: Project, plan: SplitPlan | None = None) -> Job:
    """Split the current version in a job, keeping rows that say the same together.

    Raises Conflict without a dataset or while one is running. For the quick way without comparing meanings call
    `split.make_split`.
    """
    version = require_version(project)
    plan = plan or SplitPlan()
    check_ratios(plan.ratios)
    manager = JobManager(project)
    if any(job.kind == "split" for job in manager.active()):
        raise Conflict("These rows are being split already.", "Wait for it, or stop it first.")
    settings = {"plan": plan.model_dump(mode="json"), "dataset_id": version.id}
    return manager.start("split", "engine.data.worker_split", settings, title=f"Split {version.rows:,} rows")


def start_import(project: Project, uploads: Sequence[Upload], base: Source | None = None) -> Job:
    """Read uploads in a job, behind the rows of `base` when given. Raises Conflict while another one is running."""
    manager = JobManager(project)
    if any(job.kind == "import" for job in manager.active()):
        raise Conflict("A file is being read already.", "Wait for it, or stop it first.")
    files = [{**asdict(upload), "settings": upload.settings.model_dump(mode="json")} for upload in uploads]
    names = uploads[0].file if len(uploads) == 1 else f"{len(uploads)} files"
    settings = {"files": files, "base": base.id if base else None}
    return manager.start("import", "engine.data.worker_import", settings, title=f"Read {names}", heavy=False)


def start_mapping(project: Project, source: Source, mapping: Mapping) -> Job:
    """Make the rows of a large source in a job. Raises Conflict while another one is running, MappingError at once."""
    check_mapping(mapping, source.columns)
    manager = JobManager(project)
    if any(job.kind == "map" for job in manager.active()):
        raise Conflict("The rows are being made already.", "Wait for it, or stop it first.")
    settings = {"source_id": source.id, "mapping": mapping.model_dump(mode="json")}
    return manager.start("map", "engine.data.worker_map", settings, title=f"Make {source.rows:,} rows", heavy=False)


def start_export(project: Project, split: Split, part: str, target: str) -> Job:
    """Write one part of a large split in a job. Raises Conflict while another one is running."""
    manager = JobManager(project)
    if any(job.kind == "export" for job in manager.active()):
        raise Conflict("A file is being written already.", "Wait for it, or stop it first.")
    settings = {"split_id": split.id, "part": part, "target": target}
    title = f"Write {split.counts.get(part, 0):,} {part} rows"
    return manager.start("export", "engine.data.worker_export", settings, title=title, heavy=False)


def open_job(project: Project, kind: str, since: float) -> Job | None:
    """The newest job of a kind that is running, or ended badly after `since` (nothing newer was made)."""
    jobs = JobManager(project).list(kind)
    if not jobs or jobs[-1].state == "succeeded" or (jobs[-1].ended_state and jobs[-1].created < since):
        return None
    return jobs[-1]

"""Start data jobs. Pages call these and show the job."""

from __future__ import annotations

from engine.data.recipe import Recipe
from engine.data.split_plan import SplitPlan, check_ratios
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
    """Split the current version in a job, keeping rows that say the same together. Raises Conflict without a dataset.

    For the quick way without comparing meanings call `split.make_split`.
    """
    version = require_version(project)
    plan = plan or SplitPlan()
    check_ratios(plan.ratios)
    settings = {"plan": plan.model_dump(mode="json")}
    return JobManager(project).start(
        "split", "engine.data.worker_split", settings, title=f"Split {version.rows:,} rows"
    )

"""`tuneworth jobs list|show|stop|resume`: the long work of all projects. Job ids are unique over the workspace."""

from __future__ import annotations

import argparse

from engine.commands.outcome import Outcome
from engine.errors import NotFound, TuneworthError
from engine.jobs.job import Job
from engine.jobs.manager import JobManager
from engine.project.project import Project
from engine.project.workspace import Workspace


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    group = subparsers.add_parser("jobs", help="list, show, stop or resume long work")
    commands = group.add_subparsers(dest="action", metavar="ACTION")
    listing = commands.add_parser("list", help="all jobs, oldest first")
    listing.add_argument("--project", default=None, help="only the jobs of one project")
    listing.set_defaults(run=run_list)
    for name, function, words in (
        ("show", run_show, "how a job is doing"),
        ("stop", run_stop, "save what is done and end"),
        ("resume", run_resume, "go on from what was saved"),
    ):
        parser = commands.add_parser(name, help=words)
        parser.add_argument("id")
        parser.add_argument("--project", default=None, help="the job's project; found by itself when left out")
        parser.set_defaults(run=function)


def run_list(args: argparse.Namespace) -> Outcome:
    """All jobs of one project or of the workspace."""
    found = [(project, job) for project in _projects(args) for job in JobManager(project).list()]
    found.sort(key=lambda pair: pair[1].created)
    rows = [{**job.to_json(), "project": project.id} for project, job in found]
    lines = [f"{job.id}  {job.state:<9}  {job.title}: {job.progress.text}" for _, job in found]
    return Outcome({"jobs": rows}, "\n".join(lines) or "No jobs yet.")


def run_show(args: argparse.Namespace) -> Outcome:
    """One job."""
    return _shown(*_find(args))


def run_stop(args: argparse.Namespace) -> Outcome:
    """Ask a job to save and leave; it ends by itself some seconds later."""
    project, job = _find(args)
    JobManager(project).stop(job.id)
    return _shown(project, JobManager(project).get(job.id))


def run_resume(args: argparse.Namespace) -> Outcome:
    """Start another attempt."""
    project, job = _find(args)
    return _shown(project, JobManager(project).resume(job.id))


def _shown(project: Project, job: Job) -> Outcome:
    document = {**job.to_json(), "project": project.id, "result": job.result, "notices": job.notices}
    text = f"{job.title}: {job.state}. {job.progress.text}"
    if job.error is not None:
        text = f"{job.title}: {job.state}. {job.error['message']} {job.error['hint']}".rstrip()
    return Outcome(document, text)


def _find(args: argparse.Namespace) -> tuple[Project, Job]:
    for project in _projects(args):
        try:
            return project, JobManager(project).get(args.id)
        except NotFound:
            continue
    raise NotFound("There is no such job.", "See `tuneworth jobs list`.")


def _projects(args: argparse.Namespace) -> list[Project]:
    workspace = Workspace(args.workspace)
    if args.project:
        return [workspace.open(args.project)]
    found = []
    for info in reversed(workspace.list()):
        try:
            found.append(workspace.open(info.id))
        except TuneworthError:
            continue  # deleted this moment, or made by a newer version: its jobs are not ours to show
    return found

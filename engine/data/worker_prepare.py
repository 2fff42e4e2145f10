"""Worker-only: mapping, all steps and the split of a recipe on the next file, in one job.

Versions are saved as they are made, but the rows in use change only at the very end: a stop, a failure or a crash
leaves the project as it was, and a resumed job goes on after its finished steps.
"""

from __future__ import annotations

from typing import Any

from engine.data.columns import guess_columns
from engine.data.encoders import load_encoder
from engine.data.import_files import import_uploads
from engine.data.near_duplicates import part_of
from engine.data.near_store import keep_pairs
from engine.data.read_result import ReaderSettings
from engine.data.recipe import TITLES, Recipe
from engine.data.recipe_columns import compares, require_columns, split_encoder, without_absent
from engine.data.recipe_near import near_choices
from engine.data.records import DatasetVersion, Source, Split
from engine.data.run_steps import run_step
from engine.data.source_table import SourceTable
from engine.data.sources import read_source, start_dataset
from engine.data.split import make_split
from engine.data.uploads import Upload
from engine.data.versions import get_version, load_version, save_version
from engine.errors import Conflict
from engine.jobs.context import JobContext, Stopped, run_worker
from engine.jobs.crash import crash_point
from engine.project.files import read_json, write_json

SAVED = "made.json"


def main(job: JobContext) -> dict[str, Any]:
    """Prepare `file` (already among the uploads); the result holds the versions, the split and what was not repeated.

    Raises MappingError for missing columns, Conflict when the rows in use changed meanwhile.
    """
    return _Preparing(job).run()


class _Preparing:
    """The job's way through the recipe."""

    def __init__(self, job: JobContext) -> None:
        self.job = job
        self.project = job.project()
        self.recipe = Recipe.model_validate(job.settings["recipe"])
        self.place = 0  # finished stages: reading, mapping, each step, the split
        self.stages = 2 + len(self.recipe.steps) + (self.recipe.split is not None)
        saved = job.folder / SAVED
        self.made: dict[str, Any] = {"versions": [], "source": job.settings["file"]["source_id"]}
        if job.attempt and saved.exists():
            self.made = read_json(saved)

    def run(self) -> dict[str, Any]:
        self._report(0, 1, "Reading the file")
        read = self._read()
        self.place = 1
        version = self._mapped(read)
        self.place = 2
        version = self._cleaned(version)
        split = self._split(version, read)
        self._use(version, split)
        return {
            "rows_in": read.rows,
            "rows_out": version.rows,
            "dataset_id": version.id,
            "versions": self.made["versions"],
            "split_id": split.id if split else None,
            "not_repeated": list(self.recipe.by_hand),
        }

    def _read(self) -> SourceTable:
        """The rows of the file, which are read into the project once."""
        file = self.job.settings["file"]
        if self.made["source"] is None:
            upload = Upload(file["file"], file["sha256"], file["bytes"], ReaderSettings.model_validate(file["reader"]))
            source, table = import_uploads(self.project, [upload], report=self._report, use=False)
            self._keep(source=source.id)
        else:
            source = self.project.records.get(Source, self.made["source"])
            table = read_source(self.project, source)
        require_columns(self.recipe, source.columns, source.file)
        self.recipe = without_absent(self.recipe, source.columns)
        return table

    def _mapped(self, table: SourceTable) -> DatasetVersion:
        if self.made["versions"]:
            return get_version(self.project, self.made["versions"][0])
        mapping = self.recipe.mapping or guess_columns(table.sample(table.columns)).mapping()
        version = start_dataset(self.project, table.source, mapping, table, self._report, use=False)
        self._keep(version=version.id)
        return version

    def _cleaned(self, version: DatasetVersion) -> DatasetVersion:
        done = len(self.made["versions"]) - 1
        version = get_version(self.project, self.made["versions"][-1])
        self.place += done
        frame = load_version(self.project, version.id)
        for name in self.recipe.steps[done:]:
            self._report(0, 1, TITLES[name])
            outcome = run_step(name, frame, report=self._report, near=near_choices(self.recipe, self.project))
            frame, step = outcome.frame, outcome.step
            if outcome.pairs is not None:
                step = keep_pairs(self.project, step, outcome.pairs)
            version = save_version(
                self.project, frame, step, version.id, version.source_id, outcome.decisions, use=False
            )
            self._keep(version=version.id)
            crash_point(f"prepare.{name}")
            if outcome.step.note:
                self.job.notice(outcome.step.note)
            self.place += 1
        return version

    def _split(self, version: DatasetVersion, read: SourceTable) -> Split | None:
        plan = self.recipe.split
        if plan is None:
            return None
        self._report(0, 1, "Splitting the rows")
        return make_split(
            self.project,
            plan,
            load=load_encoder if compares(self.recipe) else None,
            encoder=split_encoder(self.recipe),
            report=part_of(self._report, 0.0, 1.0),
            version=version,
            read=read,
        )

    def _use(self, version: DatasetVersion, split: Split | None) -> None:
        """Everything is made: now, and only now, it becomes the data in use."""
        records = self.project.records
        before = self.job.settings["before"]
        if records.pointer("dataset") != before["dataset"]:
            raise Conflict(
                "The rows in use were changed while this job ran.",
                "The new rows are kept: see History, Rows set aside.",
            )
        records.set_pointer("source", version.source_id)
        records.set_pointer("dataset", version.id)
        if split is not None:
            records.set_pointer("split", split.id)
        self.project.audit.append(
            "dataset.use", {"from": before["dataset"] or "", "to": version.id}, {"rows": version.rows}
        )
        self.job.progress(self.stages, self.stages, f"{version.rows:,} rows are ready")

    def _keep(self, **made: str) -> None:
        if "version" in made:
            self.made["versions"].append(made.pop("version"))
        self.made |= made
        write_json(self.job.folder / SAVED, self.made)

    def _report(self, part: float, whole: float, text: str) -> None:
        if self.job.stop_requested():
            raise Stopped({"versions": self.made["versions"]})
        self.job.progress(self.place + min(part / max(whole, 1), 0.999), self.stages, text)


if __name__ == "__main__":
    run_worker(main)

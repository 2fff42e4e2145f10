"""Our side of `worker_overhead`: the training worker itself in a job folder, with the peer's clock added."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from engine.jobs.context import JobContext
from engine.project.files import write_json
from engine.project.project import Project
from engine.training.config import TrainConfig
from engine.training.start import describe
from engine.training.worker import main as work


def main(settings: dict[str, Any], out: Path) -> None:
    project = Project(Path(settings["project"]))
    run = describe(project, TrainConfig.model_validate(settings["config"]))
    folder = project.dir("jobs") / run.id
    folder.mkdir()
    spec = {"kind": "train", "title": "timed", "module": "engine.training.worker", "heavy": True, "token": "timed"}
    frozen = {"run": run.model_dump(mode="json", exclude={"id", "created"})}
    write_json(folder / "job.json", {**spec, "created": 0, "queued_at": 0, "settings": frozen})
    ticks: list[tuple[float, float]] = []
    from engine.training import callbacks

    class Timed(callbacks.JobCallback):
        def on_step_begin(self, *args: Any, **kwargs: Any) -> None:
            ticks.append((time.process_time(), time.perf_counter()))

    callbacks.JobCallback = Timed  # type: ignore[misc]
    work(JobContext(folder))
    out.write_text(json.dumps(ticks))


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))

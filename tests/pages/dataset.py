"""A small dataset in a project, made without the cleaning job."""

import pandas as pd

from engine.data.messages import dumps, make
from engine.data.records import CleaningStep
from engine.data.versions import save_version
from engine.project.project import Project


def add_dataset(project: Project, rows: int) -> None:
    """Save `rows` rows: 40 characters asked, 20 answered."""
    frame = pd.DataFrame(
        {
            "row_id": range(rows),
            "messages": [dumps(make("q" * 40, "a" * 20))] * rows,
            "label": "",
            "source": "test",
            "meta": "{}",
            "synthetic": False,
        }
    )
    save_version(project, frame, CleaningStep(name="map", rows_in=rows, rows_out=rows, changed=0), None, "source")

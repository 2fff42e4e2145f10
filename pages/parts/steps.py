"""The six steps of the journey and what a project has done of each, read from its records."""

from __future__ import annotations

from dataclasses import dataclass

from engine.data.records import DatasetVersion
from engine.project.project import Project
from engine.training.records import TrainingResult
from pages.parts.words import number, plural


@dataclass(frozen=True)
class PageInfo:
    """One page of the app: its key is the file name in pages/ and the URL."""

    key: str
    title: str
    short: str
    icon: str
    group: str
    help: str

    @property
    def path(self) -> str:
        """File, as st.Page and st.page_link want it."""
        return f"pages/{self.key}.py"


JOURNEY = (
    PageInfo(
        "fit_check",
        "Fit Check",
        "Fit",
        ":material/rule:",
        "Plan",
        "Is fine-tuning worth it for you? A short checklist.",
    ),
    PageInfo(
        "data_studio",
        "Data Studio",
        "Data",
        ":material/table_rows:",
        "Build",
        "Read, clean and split your examples; every step can be undone.",
    ),
    PageInfo(
        "providers_roi",
        "Providers & ROI",
        "Costs",
        ":material/payments:",
        "Plan",
        "What each route costs per month, and when training pays for itself.",
    ),
    PageInfo(
        "train", "Train", "Train", ":material/model_training:", "Build", "Train a model on your examples and watch it."
    ),
    PageInfo(
        "evaluate",
        "Evaluate",
        "Evaluate",
        ":material/balance:",
        "Prove",
        "Is the tuned model really better? Measured on examples it has never seen.",
    ),
    PageInfo(
        "compliance",
        "Compliance",
        "Comply",
        ":material/verified_user:",
        "Prove",
        "Personal data, the audit log, and the evidence pack.",
    ),
)
VERDICTS = {
    "better": "tuned is better",
    "better_small": "tuned a little better",
    "cannot_tell": "no clear winner",
    "worse": "tuned is worse",
}
GROUPS = ("Plan", "Build", "Prove")


@dataclass(frozen=True)
class Step:
    """A step of the journey in one project: done or not, in words."""

    page: PageInfo
    done: bool
    words: str


def steps(project: Project) -> list[Step]:
    """Return the six steps of a project."""
    counts = project.records.counts()
    found = {
        "fit_check": _simple(counts, "fit_answers", "answered"),
        "data_studio": _data(project, counts),
        "providers_roi": _simple(counts, "cost", "calculated"),
        "train": _training(project, counts),
        "evaluate": _evaluation(project, counts),
        "compliance": _simple(counts, "privacy", "scanned"),
    }
    return [_step(page, *found[page.key]) for page in JOURNEY]


def _step(page: PageInfo, done: bool, words: str) -> Step:
    return Step(page, done, words or "not yet")


def next_step(project: Project) -> Step:
    """The first step that is not done, or the last one."""
    found = steps(project)
    return next((step for step in found if not step.done), found[-1])


def _simple(counts: dict[str, int], kind: str, words: str) -> tuple[bool, str]:
    done = any(count for name, count in counts.items() if name.startswith(kind))
    return done, words if done else ""


def _data(project: Project, counts: dict[str, int]) -> tuple[bool, str]:
    current = project.records.pointer("dataset")
    if current is None:
        return False, "file read" if counts.get("source") else ""
    split = project.records.pointer("split") is not None
    rows = project.records.get(DatasetVersion, current).rows
    return split, f"{plural(rows, 'row')}, {'split' if split else 'not split'}"


def _training(project: Project, counts: dict[str, int]) -> tuple[bool, str]:
    result = project.records.latest(TrainingResult) if counts.get("training_result") else None
    if result is None:
        return False, "started" if counts.get("training_run") else ""
    return True, "trained" if result.best_step is None else f"best at step {number(result.best_step)}"


def _evaluation(project: Project, counts: dict[str, int]) -> tuple[bool, str]:
    if not counts.get("evaluation"):
        return False, ""
    from engine.evaluation.records import EvaluationRun  # brings scipy: only once there is something to read

    runs = project.records.list(EvaluationRun)
    verdict = next((run.verdict.verdict for run in reversed(runs) if run.verdict), None)
    return verdict is not None, VERDICTS.get(verdict or "", "prompting measured")

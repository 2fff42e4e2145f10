"""The six steps of the journey and what a project has done of each, read from its records."""

from __future__ import annotations

from dataclasses import dataclass

from engine.project.project import Project
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
        "fit_check", "Fit Check", "Fit", ":material/rule:", "Plan", "Is fine-tuning worth it for you? Eight questions."
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
    words = {
        "fit_check": "answered" if counts.get("fit_answers") else "",
        "data_studio": _data_words(project, counts),
        "providers_roi": "calculated" if counts.get("cost_scenario") else "",
        "train": plural(counts["training_run"], "run") if counts.get("training_run") else "",
        "evaluate": "measured" if counts.get("evaluation_run") else "",
        "compliance": "scanned" if counts.get("privacy_scan") else "",
    }
    done = {key: bool(text) for key, text in words.items()}
    done["data_studio"] = project.records.pointer("split") is not None
    return [Step(page, done[page.key], words[page.key] or "not yet") for page in JOURNEY]


def next_step(project: Project) -> Step:
    """The first step that is not done, or the last one."""
    found = steps(project)
    return next((step for step in found if not step.done), found[-1])


def _data_words(project: Project, counts: dict[str, int]) -> str:
    split = project.records.pointer("split")
    if project.records.pointer("dataset") is None:
        return "file read" if counts.get("source") else ""
    rows = _rows(project)
    amount = f"{number(rows)} rows" if rows is not None else "rows ready"
    return f"{amount}, split" if split else f"{amount}, not split"


def _rows(project: Project) -> int | None:
    return None

"""Which language model for names is installed on this machine, asked without importing anything heavy."""

from __future__ import annotations

import importlib.metadata

ENGLISH = "en_"


def installed_model() -> str:
    """Name of an installed spaCy model for English (the largest), or an empty string."""
    found = [point.name for point in importlib.metadata.entry_points(group="spacy_models")]
    order = {"trf": 3, "lg": 2, "md": 1}
    english = [name for name in found if name.startswith(ENGLISH)]
    return max(english, key=lambda name: order.get(name.rpartition("_")[2], 0), default="")


def presidio_version() -> str:
    """Version of presidio-analyzer, or an empty string when it is not installed."""
    try:
        return importlib.metadata.version("presidio-analyzer")
    except importlib.metadata.PackageNotFoundError:
        return ""

"""Which chat template a base is trained with: its own, TRL's copy with markers for families it knows, or ours."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

from engine.training.catalogue import catalogue
from engine.training.chat import has_markers

TRAINING = "_training"


def training_template(template: str | None) -> str:
    """Return the template the training worker uses for a base whose own template is `template`.

    TRL keeps, for templates it knows letter by letter, a copy that marks the assistant's turns; the worker trains with
    that copy, so rows are counted and shown with it. Without TRL the base's own template is returned.
    """
    if not template:
        return catalogue().plain_template.text
    return template if has_markers(template) else _known().get(template, template)


@cache
def _known() -> dict[str, str]:
    """Map a known template to TRL's copy with markers. The files are read; TRL is not imported."""
    found = importlib.util.find_spec("trl")
    if found is None or not found.submodule_search_locations:
        return {}
    folder = Path(found.submodule_search_locations[0]) / "chat_templates"
    pairs = {}
    for file in sorted(folder.glob("*.jinja")):
        marked = file.with_name(f"{file.stem}{TRAINING}.jinja")
        if marked.exists():
            pairs[file.read_text(encoding="utf-8")] = marked.read_text(encoding="utf-8")
    return pairs

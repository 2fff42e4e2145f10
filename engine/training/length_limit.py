"""The length limit (max_length) chosen in Data Studio for a base; Train starts from it."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from engine.errors import InputError, NotFound
from engine.project.files import sha256_bytes
from engine.project.project import Project
from engine.project.records import Record
from engine.training.config import TrainConfig, config_from
from engine.training.models import BaseModelInfo
from engine.training.presets import Preset


class LengthLimit(Record):
    """The choice for one base; its id is a hash of the base's key."""

    kind: ClassVar[str] = "length_limit"

    base: str = Field(description="Key of the base")
    max_length: int = Field(description="Longest row in tokens")


def chosen_limit(project: Project, base: BaseModelInfo) -> int | None:
    """The limit chosen for a base, or None."""
    try:
        return project.records.get(LengthLimit, _id(base)).max_length
    except NotFound:
        return None


def choose_limit(project: Project, base: BaseModelInfo, max_length: int) -> None:
    """Keep a limit. Raises InputError outside what TrainConfig allows or the base can read."""
    config_from({"base": base.key, "max_length": max_length})
    if base.context and max_length > base.context:
        raise InputError(f"{base.name} reads {base.context:,} tokens, not {max_length:,}.", "Choose a smaller limit.")
    project.records.save(LengthLimit(id=_id(base), base=base.key, max_length=max_length), replace=True)


def with_chosen_limit(project: Project, base: BaseModelInfo, found: Preset) -> Preset:
    """A preset with the limit chosen in Data Studio, when there is one."""
    limit = chosen_limit(project, base)
    if limit is None or limit == found.config.max_length:
        return found
    config: TrainConfig = found.config.model_copy(update={"max_length": limit})
    reasons = {**found.reasons, "max_length": "Chosen in Data Studio, What the model sees."}
    return replace(found, config=config, reasons=reasons)


def _id(base: BaseModelInfo) -> str:
    return sha256_bytes(f"limit {base.key}".encode())[:32]

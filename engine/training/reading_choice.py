"""How rows are read for a base: the length limit and the instruction. Chosen in Data Studio or in Train, held once.

Both pages start from the same record, so that what one says about rows holds on the other.
"""

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


class ReadingChoice(Record):
    """The choice for one base; its id is a hash of the base's key."""

    kind: ClassVar[str] = "reading_choice"

    base: str = Field(default="", description="Key of the base")
    max_length: int | None = Field(default=None, description="Longest row in tokens; None = what is recommended")
    system_prompt: str = Field(default="", description="Instruction put before every row that has none")


def reading_choice(project: Project, base: BaseModelInfo) -> ReadingChoice:
    """What was chosen for a base; an empty choice when nothing was."""
    try:
        return project.records.get(ReadingChoice, _id(base))
    except NotFound:
        return ReadingChoice(id=_id(base), base=base.key)


def choose_reading(
    project: Project, base: BaseModelInfo, *, max_length: int | None = None, system_prompt: str | None = None
) -> None:
    """Keep what is given, leave the rest. Raises InputError outside what TrainConfig allows or the base can read."""
    before = reading_choice(project, base)
    limit = before.max_length if max_length is None else max_length
    prompt = before.system_prompt if system_prompt is None else system_prompt
    config_from({"base": base.key, "system_prompt": prompt, **({"max_length": limit} if limit is not None else {})})
    if limit is not None and base.context and limit > base.context:
        raise InputError(f"{base.name} reads {base.context:,} tokens, not {limit:,}.", "Choose a smaller limit.")
    if (limit, prompt) != (before.max_length, before.system_prompt):
        choice = ReadingChoice(id=_id(base), base=base.key, max_length=limit, system_prompt=prompt)
        project.records.save(choice, replace=True)


def remember_reading(project: Project, base: BaseModelInfo, start: TrainConfig, config: TrainConfig) -> None:
    """Keep a limit or instruction changed in Train, so that Data Studio shows rows with it too.

    A limit the base cannot read is not kept: Train's checks refuse it anyway.
    """
    readable = not base.context or config.max_length <= base.context
    if config.max_length != start.max_length and readable:
        choose_reading(project, base, max_length=config.max_length)
    if config.system_prompt != start.system_prompt:
        choose_reading(project, base, system_prompt=config.system_prompt)


def with_choice(project: Project, base: BaseModelInfo, found: Preset) -> Preset:
    """A preset with the limit and the instruction that were chosen for its base, when there are any."""
    choice = reading_choice(project, base)
    changes: dict[str, object] = {}
    if choice.max_length is not None and choice.max_length != found.config.max_length:
        changes["max_length"] = choice.max_length
    if choice.system_prompt != found.config.system_prompt:
        changes["system_prompt"] = choice.system_prompt
    if not changes:
        return found
    reasons = {**found.reasons, **dict.fromkeys(changes, "Chosen by you, here or in Data Studio.")}
    return replace(found, config=found.config.model_copy(update=changes), reasons=reasons)


def _id(base: BaseModelInfo) -> str:
    return sha256_bytes(f"reading {base.key}".encode())[:32]

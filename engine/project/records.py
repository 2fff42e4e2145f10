"""The base of everything that is saved. Each package defines its own records beside its code."""

from __future__ import annotations

import time
import uuid
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field


def new_id() -> str:
    """Return a new random id, safe as a folder name."""
    return uuid.uuid4().hex


class Record(BaseModel):
    """A saved, immutable thing. `kind` names its table partition; descriptions are the help texts on screen."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: ClassVar[str] = "record"

    id: str = Field(default_factory=new_id, description="Identity, never shown")
    created: float = Field(default_factory=time.time, description="When it was made (seconds since 1970, UTC)")


class ProjectInfo(Record):
    """What the list of projects shows."""

    kind: ClassVar[str] = "project"

    title: str = Field(description="Name of the project", max_length=200)
    demo: bool = Field(default=False, description="Made from the sample data that ships with Tuneworth")

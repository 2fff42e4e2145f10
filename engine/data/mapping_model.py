"""The user's mapping: which column plays which part, and what makes it impossible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from engine.data.templates import placeholders, template_problem
from engine.data.turns import Turns
from engine.errors import MappingError

Role: TypeAlias = Literal[
    "messages", "system", "user", "assistant", "label", "source", "weight", "group", "rejected", "tools", "ignore"
]


class Mapping(BaseModel):
    """Which column plays which part. Columns not named are ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    roles: dict[str, Role] = Field(description="Role of each column")
    system_prompt: str = Field(default="", description="The same instruction put in front of every row")
    user_template: str = Field(default="", description="Text with {column} placeholders that makes the question")
    answer_template: str = Field(default="", description="Text with {column} placeholders that makes the answer")
    system_template: str = Field(default="", description="Text with {column} placeholders that makes the instructions")
    turns: Turns | None = Field(default=None, description="Columns that make one conversation out of several rows")
    cells: Literal["text", "talk"] = Field(
        default="text", description="talk: question and answers are lists of turns, or hold the question inside"
    )
    fixed_label: bool = Field(default=True, description="Use short repeated answers as the label of the row")

    def columns(self, role: Role) -> list[str]:
        """Names of the columns with a role, in file order."""
        return [name for name, given in self.roles.items() if given == role]

    def placeholders(self) -> list[str]:
        """Column names used by the templates, each once."""
        every = (self.user_template, self.answer_template, self.system_template)
        return list(dict.fromkeys(name for template in every for name in placeholders(template)))

    def used(self) -> list[str]:
        """Every column that is read, in file order as far as roles name them."""
        named = [name for name, role in self.roles.items() if role != "ignore"]
        turns = self.turns.columns() if self.turns else []
        return list(dict.fromkeys([*named, *self.placeholders(), *turns]))


def check_mapping(mapping: Mapping, columns: Sequence[str]) -> None:
    """Raise MappingError, naming the columns there are, when the mapping cannot make a dataset."""
    listed = ", ".join(repr(name) for name in columns[:60]) + (" and more" if len(columns) > 60 else "")
    known = set(columns)
    turns = mapping.turns.columns() if mapping.turns else []
    unknown = [name for name in [*mapping.roles, *turns] if name not in known]
    if unknown:
        raise MappingError(f"There is no column {unknown[0]!r} in this file.", f"Its columns are {listed}.")
    for template in (mapping.user_template, mapping.answer_template, mapping.system_template):
        wrong = template_problem(template, columns)
        if wrong:
            raise MappingError(*wrong)
    for role, words in (("weight", "the weight"), ("rejected", "the worse answer"), ("tools", "the tools")):
        if len(mapping.columns(role)) > 1:  # type: ignore[arg-type]
            raise MappingError(f"Two columns are mapped to {words}.", "Keep one and set the other to ignore.")
    if mapping.turns is not None:
        if len(set(turns)) < len(turns):
            raise MappingError("One column plays two parts in the conversation.", "Choose a different column for each.")
        return
    if len(mapping.columns("messages")) > 1:
        raise MappingError("Only one column can hold the conversation.", "Set the other one to ignore.")
    if not mapping.columns("messages"):
        _check_texts(mapping, listed)


def _check_texts(mapping: Mapping, listed: str) -> None:
    """Question and answer have to come from somewhere."""
    answers = mapping.columns("assistant")
    if not answers and not mapping.answer_template:
        raise MappingError(
            "No column is mapped to the answer.",
            f"Choose which column holds what the model should say. The columns are {listed}.",
        )
    if len(answers) > 1 and not mapping.answer_template:
        raise MappingError("Two columns are mapped to the answer.", "Keep one and set the other to ignore or label.")
    if not mapping.columns("user") and not mapping.user_template and mapping.cells == "text":
        raise MappingError(
            "No column is mapped to the question.",
            f"Choose which column holds what the model is asked. The columns are {listed}.",
        )

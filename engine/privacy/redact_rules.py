"""What to do with each kind of finding: a small YAML file of the user, checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.errors import InputError, Where
from engine.facts.yaml_file import YamlFile, check, read_yaml
from engine.privacy.entities import NAMES

Action = Literal["redact", "mask", "label", "pseudonym", "drop", "keep"]
_SAME = {"replace": "label", "hash": "pseudonym", "remove": "redact", "drop_row": "drop", "none": "keep"}
EXAMPLE = """EMAIL_ADDRESS: label       # <EMAIL_ADDRESS_1>, the same address gets the same number
PHONE_NUMBER: mask         # ***-***-****
CREDIT_CARD: redact        # [REDACTED]
IBAN_CODE: pseudonym       # IBAN_CODE-kdqhwmabcrpe, the same for the same key
US_SSN: drop               # the whole row goes
default: keep              # every kind that is not named
columns: [question]        # left out: every column
"""


class RedactionRules(BaseModel):
    """Entity -> action; `default` for the rest; `columns` limits where (all when left out)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: dict[str, Action] = Field(default_factory=dict, description="Kind of data (Presidio's name) -> what to do")
    default: Action = Field(default="keep", description="What to do with kinds that are not named")
    columns: tuple[str, ...] | None = Field(default=None, description="Columns to change; all when left out")

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, data: Any) -> Any:
        """Accept `EMAIL_ADDRESS: mask` at the top, under `rules` or `entities`, and `{action: mask}` as value."""
        if not isinstance(data, dict):
            return data
        body = dict(data)
        named = dict(body.pop("rules", None) or {}) | dict(body.pop("entities", None) or {})
        named |= {key: body.pop(key) for key in list(body) if isinstance(key, str) and key.isupper()}
        if "DEFAULT" in named:
            body["default"] = named.pop("DEFAULT")
        body["rules"] = {key: _action(value) for key, value in named.items()}
        if "default" in body:
            body["default"] = _action(body["default"])
        return body

    def action(self, entity: str) -> Action:
        """What to do with a finding of this kind."""
        return self.rules.get(entity, self.default)

    def covers(self, column: str) -> bool:
        """Whether a column may be changed."""
        return self.columns is None or column in self.columns


def _action(value: Any) -> Any:
    if isinstance(value, dict):
        value = value.get("action", value.get("mode", value))
    return _SAME.get(value, value) if isinstance(value, str) else value


def load_redaction_rules(path: Path) -> RedactionRules:
    """Read a rules file. Raises InputError naming the line, for an unknown kind too."""
    document = read_yaml(path)
    rules = check(document, RedactionRules)
    _refuse_unknown(document, rules)
    if not rules.rules and rules.default == "keep":
        raise InputError(
            f"{path.name} names nothing to change.", f"For example:\n{EXAMPLE}", where=Where(file=str(path))
        )
    return rules


def _refuse_unknown(document: YamlFile, rules: RedactionRules) -> None:
    for entity in rules.rules:
        if entity not in NAMES:
            raise InputError(
                f"{Path(document.name).name}: {entity} is not a kind of data that is looked for.",
                f"Known kinds: {', '.join(sorted(NAMES))}.",
                where=Where(file=document.name, column=entity, line=document.line_of((entity,))),
            )

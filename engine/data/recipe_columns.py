"""Does a recipe fit the columns of the next file? What is missing, what it may be called now, a recipe that fits."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping as Names
from collections.abc import Sequence
from dataclasses import dataclass

from engine.data.mapping_model import Mapping, Role
from engine.data.recipe import Recipe
from engine.errors import MappingError

NEEDED = {"messages", "user", "assistant", "template", "turns"}
CLOSE = 0.6  # likeness of two names (difflib ratio) from which one is suggested for the other
LISTED = 30


@dataclass(frozen=True)
class MissingColumn:
    """A column the recipe reads and the file lacks; `use` says what for, `needed` whether rows need it."""

    name: str
    use: str
    needed: bool
    suggestion: str | None


def missing_columns(recipe: Recipe, columns: Sequence[str]) -> list[MissingColumn]:
    """Columns the recipe reads that are not there, each with the column it is probably called now."""
    free = [name for name in columns if name not in _uses(recipe)]
    missing = []
    for name, use in _uses(recipe).items():
        if name not in columns:
            suggestion = _closest(name, free)
            missing.append(MissingColumn(name, use, use in NEEDED, suggestion))
            free = [other for other in free if other != suggestion]
    return missing


def missing_sentence(missing: Sequence[MissingColumn], file: str) -> str:
    """`tickets.csv has no columns 'text' and 'category', which these steps read.`"""
    names = [repr(item.name) for item in missing]
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return f"{file} has no {'columns' if len(names) > 1 else 'column'} {listed}, which these steps read."


def require_columns(recipe: Recipe, columns: Sequence[str], file: str) -> None:
    """Raise MappingError naming every missing column and the columns there are."""
    missing = missing_columns(recipe, columns)
    if not missing:
        return
    hints = [f"{item.name!r} may be {item.suggestion!r} now." for item in missing if item.suggestion]
    listed = ", ".join(map(repr, columns[:LISTED])) + (", ..." if len(columns) > LISTED else "")
    hints += [f"Its columns are {listed}.", "Say what they are called now (--rename OLD=NEW), or change the recipe."]
    raise MappingError(missing_sentence(missing, file), " ".join(hints))


def renamed(recipe: Recipe, names: Names[str, str | None]) -> Recipe:
    """The recipe for a file whose columns have other names: old name -> new name, or None to go without it."""

    def now(name: str | None) -> str | None:
        return names.get(name, name) if name else name

    mapping, split = recipe.mapping, recipe.split
    if split is not None:
        split = split.model_copy(update={"label": now(split.label), "group": now(split.group), "time": now(split.time)})
    return recipe.model_copy(update={"mapping": mapping and _renamed_mapping(mapping, names), "split": split})


def _renamed_mapping(mapping: Mapping, names: Names[str, str | None]) -> Mapping:
    taken = set(names.values())
    roles: dict[str, Role] = {}
    for name, role in mapping.roles.items():
        new = names.get(name, name)
        if new is not None and (name in names or name not in taken):
            roles[new] = role
    changes: dict[str, object] = {"roles": roles}
    for field in ("user_template", "answer_template", "system_template"):
        template = getattr(mapping, field)
        for old, new in names.items():
            template = template.replace(f"{{{old}}}", f"{{{new}}}" if new else "")
        changes[field] = template
    if mapping.turns is not None:
        fields = ("id_column", "role_column", "text_column", "order_column")
        given = {field: getattr(mapping.turns, field) for field in fields}
        changes["turns"] = mapping.turns.model_copy(
            update={field: names.get(name, name) or "" for field, name in given.items()}
        )
    return mapping.model_copy(update=changes)


def without_absent(recipe: Recipe, columns: Sequence[str]) -> Recipe:
    """The recipe without roles that read nothing (`ignore`) for columns the file lacks."""
    if recipe.mapping is None:
        return recipe
    roles = {name: role for name, role in recipe.mapping.roles.items() if name in columns or role != "ignore"}
    return recipe.model_copy(update={"mapping": recipe.mapping.model_copy(update={"roles": roles})})


def compares(recipe: Recipe) -> bool:
    """Whether the split keeps rows that say the same together: as the plan says, else when cleaning compared them."""
    if recipe.split is None or recipe.split.compare is None:
        return "near_duplicates" in recipe.steps
    return recipe.split.compare


def split_encoder(recipe: Recipe) -> str:
    """Model that compares meanings for the split: MiniLM when the plan asks for it, else the one of the cleaning."""
    return "minilm" if recipe.split is not None and recipe.split.compare else recipe.encoder


def _uses(recipe: Recipe) -> dict[str, str]:
    """Every column the recipe reads and what for, in order."""
    uses: dict[str, str] = {}
    if recipe.mapping is not None:
        turns = recipe.mapping.turns
        uses |= {name: role for name, role in recipe.mapping.roles.items() if role != "ignore"}
        uses |= {name: "template" for name in recipe.mapping.placeholders() if name not in uses}
        uses |= {name: "turns" for name in (turns.columns() if turns else []) if name not in uses}
    if recipe.split is not None:
        for use, name in (("label", recipe.split.label), ("group", recipe.split.group), ("time", recipe.split.time)):
            if name:
                uses.setdefault(name, use)
    return uses


def _closest(name: str, columns: Sequence[str]) -> str | None:
    """The column that is spelled most alike, or holds the name as a word (`text` in `Ticket text`)."""

    def likeness(column: str) -> float:
        a, b = (" ".join(re.findall(r"\w+", text.casefold().replace("_", " "))) for text in (name, column))
        held = f" {a} " in f" {b} " or f" {b} " in f" {a} "
        return max(difflib.SequenceMatcher(None, a, b).ratio(), CLOSE if held else 0.0)

    best = max(columns, key=likeness, default=None)
    return best if best is not None and likeness(best) >= CLOSE else None

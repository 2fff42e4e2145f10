"""How a recipe compares meanings, with what this project learnt from people when the recipe names no threshold."""

from __future__ import annotations

from engine.data.near_run import NearChoices
from engine.data.near_threshold import accepted
from engine.data.near_votes import votes_of
from engine.data.recipe import Recipe
from engine.data.rules import rules
from engine.project.project import Project


def near_choices(recipe: Recipe, project: Project) -> NearChoices:
    """The recipe's limits, else those of the project; and what people said about pairs (held by text, not by row)."""
    threshold = recipe.near_threshold
    learnt = accepted(project, recipe.encoder)
    if threshold is None and learnt is not None:
        threshold = learnt.threshold
    return NearChoices(
        recipe.encoder,
        threshold,
        recipe.near_same_wording,
        most=rules().near.ask_most,
        votes=tuple(votes_of(project)),
    )

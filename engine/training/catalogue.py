"""What is known about base models in general, read from assets/models.yml."""

from __future__ import annotations

from datetime import date
from functools import cache

from pydantic import BaseModel, ConfigDict

from engine.facts.yaml_file import asset_path, load_yaml


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Group(_Strict):
    source: str
    checked: date


class UnsafeFiles(_Group):
    """File endings that may hold pickled code."""

    suffixes: tuple[str, ...]


class Families(_Group):
    """Layers that usually get an adapter, by `model_type` of config.json."""

    modules: dict[str, tuple[str, ...]]


class PlainTemplate(_Group):
    """Jinja chat template for bases without one."""

    text: str


class HubModel(_Strict):
    """A model that can be downloaded: counts of weights and tokens."""

    name: str
    parameters: int
    context: int
    licence: str


class Hub(_Group):
    """Models offered by name."""

    models: tuple[HubModel, ...]


class Catalogue(_Group):
    """The whole file."""

    unsafe: UnsafeFiles
    families: Families
    plain_template: PlainTemplate
    hub: Hub


@cache
def catalogue() -> Catalogue:
    """Return the checked catalogue. Raises InputError when the file is damaged."""
    return load_yaml(asset_path("models.yml"), Catalogue)

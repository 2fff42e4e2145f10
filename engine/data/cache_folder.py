"""Where vectors and the distilled model are kept between runs. Set TUNEWORTH_CACHE to move it."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from engine.project.files import storage_guard


def cache_folder() -> Path:
    """Return the cache folder, made when missing. Raises StorageError when it cannot be."""
    chosen = os.environ.get("TUNEWORTH_CACHE")
    folder = Path(chosen) if chosen else Path(platformdirs.user_cache_dir("tuneworth"))
    with storage_guard(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder

"""Read what a safetensors file holds from its header, without loading a weight.

Format: 8 bytes little-endian length, then that many bytes of JSON (huggingface/safetensors README, checked 2026-11-21).
"""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path

from engine.errors import UnsafeModel

MAX_HEADER = 100 * 2**20  # the format's own limit


def count_parameters(files: list[Path]) -> int:
    """Return the number of weights in the files. Raises UnsafeModel when one is not a safetensors file."""
    return sum(math.prod(shape) for file in files for shape in _shapes(file))


def _shapes(file: Path) -> list[list[int]]:
    damaged = UnsafeModel(f"{file.name} is damaged or not a safetensors file.", "Get the model folder again.")
    with file.open("rb") as stream:
        head = stream.read(8)
        if len(head) < 8:
            raise damaged
        (length,) = struct.unpack("<Q", head)
        if not 2 <= length <= MAX_HEADER:
            raise damaged
        raw = stream.read(length)
    try:
        header = json.loads(raw)
        tensors = {name: entry for name, entry in header.items() if name != "__metadata__"}
        size = 8 + length + max((int(entry["data_offsets"][1]) for entry in tensors.values()), default=0)
        shapes = [[int(side) for side in entry["shape"]] for entry in tensors.values()]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise damaged from error
    if file.stat().st_size != size:
        raise UnsafeModel(f"{file.name} is not complete.", "Get the model folder again.")
    return shapes

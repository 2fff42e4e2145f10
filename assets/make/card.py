"""Write the demo model's card from its records, so that no figure is typed by hand. Run: python -m assets.make.card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from assets.make.tune import MODEL

TEXT = Path(__file__).with_name("card_text.md")
HEAD = (
    "| seed | rows | plain base | best few-shot prompt | tuned | tuned - base | tuned - few-shot "
    "| tuned on held-out phrasings |\n|---|---|---|---|---|---|---|---|"
)


def _share(found: list[float]) -> str:
    value, low, high = (f"{one:.3f}".removeprefix("0") for one in found)
    return f"{value} ({low} to {high})"


def table(seeds: list[dict[str, Any]]) -> str:
    """Return the results as a Markdown table, one line per seed."""
    lines = [HEAD]
    for one in seeds:
        fresh, other = one["fresh rows"], one["held-out phrasings"]
        cells = [fresh[key] for key in ("base", "prompted_base", "tuned", "tuned_minus_base", "tuned_minus_prompted")]
        shown = [str(one["seed"]), str(fresh["n"]), *(_share(cell) for cell in cells)]
        lines.append(f"| {' | '.join(shown)} | {_share(other['tuned'])}, n = {other['n']} |")
    return "\n".join(lines)


def _read(folder: Path, name: str) -> dict[str, Any]:
    return dict(json.loads((folder / name).read_text(encoding="utf-8")))


def card(folder: Path) -> str:
    """Return the card for the records in this folder."""
    made, evidence = _read(folder, "pretraining.json"), _read(folder, "evidence.json")
    seeds = evidence["seeds"]
    return TEXT.read_text(encoding="utf-8").format(
        **made["recipe"],
        parameters=made["parameters"],
        tokens=made["tokens"],
        seconds=made["seconds"],
        kinds=", ".join(f"{name.replace('_', ' ')} {share:.3f}" for name, share in made["answered_right"].items()),
        train_rows=seeds[0]["train_rows"],
        seeds=" ".join(str(one["seed"]) for one in seeds),
        table=table(seeds),
        tried=len(seeds[0]["few_shot_tried"]),
        training=" / ".join(str(round(one["training"]["seconds"])) for one in seeds),
    )


def main() -> None:
    """Write README.md beside the weights."""
    (MODEL / "README.md").write_text(card(MODEL), encoding="utf-8")


if __name__ == "__main__":
    main()

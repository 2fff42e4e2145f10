"""Three plain sliders with the standard names beside them, and every setting for those who know it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine.errors import InputError
from engine.training.config import TrainConfig, config_from
from engine.training.presets import Preset
from pages.parts.page import show_error
from pages.parts.safe_text import escape

STRONG = {"light": 0.5, "usual": 1.0, "strong": 2.0, "very strong": 4.0}
CAREFUL = {"bold": 2.0, "usual": 1.0, "careful": 0.5, "very careful": 0.25}
SLIDERS = {"num_train_epochs", "r", "lora_alpha", "learning_rate"}
HIDDEN = {"base"}


def sliders(start: TrainConfig, base_key: str) -> TrainConfig:
    """How long, how strong, how careful. `start` is the recommended configuration."""
    most = max(10, int(start.num_train_epochs * 2))
    long = st.slider(
        "How long",
        1,
        most,
        int(start.num_train_epochs),
        key=f"train-long-{base_key}",
        help="How often each example is seen. Too long, and the model learns them by heart; the checks end it then.",
        persist_state="session",
    )
    strong = st.select_slider(
        "How strong",
        list(STRONG),
        "usual",
        key=f"train-strong-{base_key}",
        help="Room for what is learned. More for harder tasks and more rows.",
        persist_state="session",
    )
    careful = st.select_slider(
        "How careful",
        list(CAREFUL),
        "usual",
        key=f"train-careful-{base_key}",
        help="The size of each step. Careful is slower and forgets less; bold learns faster and may break.",
        persist_state="session",
    )
    rank = max(1, int(start.r * STRONG[strong]))
    config = start.model_copy(
        update={
            "num_train_epochs": start.num_train_epochs if long == int(start.num_train_epochs) else float(long),
            "r": rank,
            "lora_alpha": max(1, int(start.lora_alpha * STRONG[strong])),
            "learning_rate": start.learning_rate * CAREFUL[careful],
        }
    )
    names = f"num_train_epochs {config.num_train_epochs:g}, r {config.r}, learning_rate {config.learning_rate:g}"
    st.caption(f"In standard names: {escape(names)}.")
    return config


def advanced(config: TrainConfig, chosen: Preset) -> TrainConfig:
    """Every setting with its help text and, where it was chosen, the reason. A wrong value is explained, not used."""
    values = config.model_dump()
    fields = [name for name in TrainConfig.model_fields if name not in HIDDEN]
    columns = st.columns(2)
    for place, name in enumerate(fields):
        with columns[place % 2]:
            values[name] = _field(name, values[name], chosen.reasons.get(name, ""))
    try:
        return config_from(values)
    except InputError as error:
        show_error(error)
        return config


def _field(name: str, value: Any, reason: str) -> Any:
    """One setting. Its key holds the recommended value, so a moved slider moves the field and keeps other edits."""
    text = f"{TrainConfig.model_fields[name].description}." + (f" {reason}" if reason else "")
    key, options = f"train-set-{name}-{value}", {"help": escape(text, 400), "persist_state": "session"}
    if isinstance(value, bool):
        return st.toggle(escape(name), value, key=key, **options)
    if name == "lr_scheduler_type":
        names = ["cosine", "linear", "constant_with_warmup"]
        return st.selectbox(escape(name), names, names.index(value), key=key, **options)
    if name == "target_modules":
        shown = value if isinstance(value, str) else ", ".join(value)
        typed = st.text_input(escape(name), shown, key=key, **options).strip()
        return tuple(part.strip() for part in typed.split(",")) if "," in typed else typed
    if name == "system_prompt":
        return st.text_area(escape(name), value, key=key, height=68, **options)
    if isinstance(value, int):
        return int(st.number_input(escape(name), value=value, step=1, key=key, **options))
    return float(st.number_input(escape(name), value=float(value), step=None, format="%g", key=key, **options))

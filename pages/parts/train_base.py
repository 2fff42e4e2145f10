"""Which base model: the list of what is on this computer, and a folder of the user's."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from engine.project.project import Project
from engine.training.models import BaseModelInfo, add_folder, list_bases
from pages.parts.page import guard, problem
from pages.parts.safe_text import escape
from pages.parts.train_words import base_name, parameters

KEY = "train-base"  # the list
PICKED = "train-base-picked"  # survives a change of page


def current_base(project: Project) -> BaseModelInfo:
    """The base chosen in this session, else the first that can be used, else the first."""
    bases = list_bases(project.workspace_root)
    picked = next((base for base in bases if base.key == st.session_state.get(PICKED)), None)
    return picked or next((base for base in bases if not base.problem), bases[0])


def choose_base(project: Project, current: BaseModelInfo) -> None:
    """The list, with what is known about the base in use, or why it cannot be used."""
    bases = {base.key: base for base in list_bases(project.workspace_root)}
    st.session_state[KEY] = current.key
    st.selectbox(
        "Base model",
        list(bases),
        format_func=lambda key: base_name(bases[key]),
        key=KEY,
        help="The model that is tuned. Its own weights are not changed.",
        on_change=_pick,
    )
    if current.problem:
        problem(current.problem, current.hint, tone="caution")
    else:
        st.caption(escape(_facts(current)))


def _pick() -> None:
    st.session_state[PICKED] = st.session_state[KEY]


def add_folder_form(project: Project) -> None:
    """Name a model folder on this computer. It is checked, never copied and never run."""
    with st.popover("Use a model folder on this computer", icon=":material/folder:"):
        st.markdown("A Hugging Face folder with config.json, tokenizer.json and safetensors weights; no pickle files.")
        text = st.text_input("Folder", key="train-folder", placeholder="/home/me/models/SmolLM2-360M-Instruct")
        if st.button("Check and add", key="train-folder-add") and text.strip():
            with guard():
                info = add_folder(project.workspace_root, Path(text.strip()))
                st.session_state[PICKED] = info.key
                st.rerun()


def _facts(base: BaseModelInfo) -> str:
    licence = base.licence or ("licence file found" if base.licence_sha256 else "no licence found")
    template = "chat template" if base.template else "no chat template: a plain one is used"
    context = f"reads {base.context:,} tokens, " if base.context else ""
    role = "Small, made to learn with, not for real work: " if base.demo else ""
    return f"{role}{parameters(base.parameters)}, {context}{template}, {licence}."

"""The only way user text reaches the screen.

Streamlit reads most labels and texts as Markdown, and a Markdown image in a dataset row would make the browser send
it to a stranger's server. So text that is not ours (rows, titles, file and column names, model answers, error
messages) is shown by `show_text`, `show_code`, `show_rows`, `show_chat`, or passed through `escape` first.
`tests/pages/test_shell.py` checks every page for it. Options of selectbox and cells of dataframe are plain already.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

WORD_JOINER = "\u2060"
ROLES = {"system": "Instructions", "user": "Question", "assistant": "Answer", "tool": "Tool"}
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$^=&\"'@/])")
# Emoji, icon and link patterns are found by the browser after escaping: an invisible joiner breaks them.
_LATE = re.compile(r":(?=[\\A-Za-z0-9])|(?<=[Ww]{3})(?=\\\.)|(?<=[A-Za-z0-9])(?=\\@)")


def plain(text: object, limit: int = 0) -> str:
    """One line without control or direction-changing characters, cut to `limit` characters when given."""
    kept = "".join(" " if char.isspace() else char for char in str(text) if char.isspace() or not _hidden(char))
    line = " ".join(kept.split())
    return line if not limit or len(line) <= limit else line[: limit - 1].rstrip() + "…"


def escape(text: object, limit: int = 300) -> str:
    """Return user text so that Markdown shows it letter by letter: no image, link, icon, colour or formula."""
    return _LATE.sub(lambda found: found.group(0) + WORD_JOINER, _PUNCTUATION.sub(r"\\\1", plain(text, limit)))


def _hidden(char: str) -> bool:
    category = unicodedata.category(char)
    return category in {"Cc", "Cs", "Cn"} or (category == "Cf" and char not in "\u200c\u200d")


def show_text(text: object, *, limit: int = 20_000) -> None:
    """Show a user's text as it is, line breaks kept."""
    st.text(_cut(str(text), limit))


def show_code(text: object, *, language: str | None = None, limit: int = 20_000) -> None:
    """Show a user's text in a code box (logs, JSON, raw lines)."""
    st.code(_cut(str(text), limit), language=language, wrap_lines=True)


def show_rows(rows: Any, **options: Any) -> Any:
    """Show rows as a table. Cells are drawn on a canvas, never read as Markdown; headers are made plain."""
    options.setdefault("hide_index", True)
    return st.dataframe(rows, **options)


def show_chat(messages: Iterable[Mapping[str, str]], *, limit: int = 4000) -> None:
    """Show one conversation the way a model sees it: who speaks, then the plain text."""
    with st.container(border=True, gap="xsmall"):
        for message in messages:
            st.caption(escape(ROLES.get(message["role"], message["role"])))
            st.text(_cut(message["content"], limit))


def show_marked(parts: Iterable[tuple[str, str]], styles: Mapping[str, str], label: str) -> None:
    """Show a text in a box, line breaks kept. `parts` are (text, kind); `styles` gives CSS of ours for each kind.

    The text is escaped for HTML and the browser is never given markup from it. `label` names the box for a screen
    reader.
    """
    inner = "".join(f'<span style="{styles[kind]}">{html.escape(_clean(text))}</span>' for text, kind in parts)
    st.html(f'<div role="group" aria-label="{html.escape(plain(label))}" style="{BOX}">{inner}</div>')  # safe: escaped


BOX = (
    "white-space:pre-wrap;overflow-wrap:anywhere;max-height:26rem;overflow:auto;padding:.75rem 1rem;line-height:1.7;"
    "border:1px solid rgba(128,140,144,.35);border-radius:.5rem;font-size:.92rem"
)


def _clean(text: str) -> str:
    return "".join(char for char in text if char in "\n\t" or not _hidden(char))


def _cut(text: str, limit: int) -> str:
    clean = _clean(text)
    return clean if len(clean) <= limit else f"{clean[:limit]}\n… ({len(clean) - limit:,} more characters)"

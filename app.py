"""Tuneworth's shell: theme, navigation, project bar and stepper around the page that runs."""

import streamlit as st

from pages.parts.page import guard
from pages.parts.sidebar import sidebar
from pages.parts.state import current_project, sync_project
from pages.parts.stepper import stepper
from pages.parts.steps import GROUPS, JOURNEY, PageInfo
from pages.parts.theme import name_tab, set_page


def _page(info: PageInfo) -> st.Page:
    return st.Page(info.path, title=info.title, icon=info.icon, url_path=info.key, help=info.help)


def main() -> None:
    """Draw one run."""
    set_page()
    start = st.Page("pages/start.py", title="Start", icon=":material/home:", default=True)
    groups = {group: [_page(info) for info in JOURNEY if info.group == group] for group in GROUPS}
    page = st.navigation({"": [start], **groups})
    name_tab(page.title if page.url_path else "")
    sync_project()
    sidebar()
    project = current_project()
    if project is not None and page.url_path:
        with guard():
            stepper(project, page.url_path)
    with guard():
        page.run()


main()

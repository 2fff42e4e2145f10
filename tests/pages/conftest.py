"""Pages without a browser: `open_page("train", project)` runs the whole app at that page on a fresh workspace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from engine.project.project import Project
from engine.project.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def _no_legacy_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest forgets between runs that app.py calls st.navigation and would run a file of pages/ without the shell."""
    original = PagesManager.__init__

    def init(self: PagesManager, *args: object, **options: object) -> None:
        original(self, *args, **options)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", init)


@pytest.fixture
def open_page(workspace: Workspace, _no_legacy_pages: None) -> Callable[..., AppTest]:
    """Run app.py at a page by key, in a project when given; fails on an uncaught exception."""

    def opened(page: str = "start", project: Project | None = None) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        if project is not None:
            app.query_params["project"] = project.id
        app.run()
        if page != "start":
            app.switch_page(f"pages/{page}.py").run()
        assert not app.exception
        return app

    return opened

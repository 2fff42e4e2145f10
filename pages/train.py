"""Placeholder until the page arrives."""

from pages.parts.page import page_header
from pages.parts.state import require_project

require_project()
page_header("Train", "This page is being built.")

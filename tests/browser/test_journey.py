"""The whole road in a real browser: sample, clean, split, costs, train, app killed meanwhile, evaluate, comply.

One test on purpose: it is one journey, and training the demo model once is the expensive part.
"""

from __future__ import annotations

import os
import re
import signal
import time

import pytest

from engine.jobs.manager import JobManager
from engine.project.project import Project
from engine.project.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]


def says(page, text: str | re.Pattern[str], seconds: float = 30) -> None:
    page.page.get_by_text(text).first.wait_for(timeout=seconds * 1000)


def press(page, name: str) -> None:
    page.page.get_by_role("button", name=re.compile(re.escape(name))).first.click()
    page.idle()


def only_project(server) -> Project:
    workspace = Workspace(server.workspace)
    return workspace.open(workspace.list()[0].id)


def wait_for_step(project: Project, step: int, seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        job = JobManager(project).list("train")[-1]
        assert not job.ended_state, job.error
        if (job.step or 0) >= step:
            return
        time.sleep(0.5)
    raise AssertionError("training did not get going")


def test_from_sample_to_verdict(visit, app_server) -> None:
    page = visit()
    press(page, "Try the sample")
    says(page, "Is fine-tuning the right tool?")
    page.page.get_by_text("Wrong format or structure").click()
    page.idle()

    page.nav("Data Studio")
    press(page, "Clean")
    says(page, re.compile(r"\d+ of 1,0\d\d rows are ready"), 180)
    page.idle()
    press(page, "Split the rows")
    says(page, re.compile("No copies across"), 180)
    page.idle()
    page.shot("journey-data")

    page.nav("Providers & ROI")
    says(page, re.compile("already saves more|Pays back"))
    page.shot("journey-costs")

    page.nav("Train")
    says(page, re.compile("demo model", re.IGNORECASE))
    press(page, "Start training")
    says(page, "You can close this window", 60)
    project = only_project(app_server)
    wait_for_step(project, 8)
    before = page.text()
    page.page.wait_for_timeout(4000)
    assert page.text() != before, "nothing moves on the page while training"
    page.shot("journey-training")

    page.close_tab()  # and then the app dies
    os.kill(app_server.pid, signal.SIGKILL)
    app_server.process.wait()
    app_server.start()
    page = visit("train", project=project.id)
    says(page, "You can close this window", 60)
    assert len(JobManager(project).list("train")) == 1
    says(page, re.compile("Best at step"), 600)
    page.idle()
    page.shot("journey-trained")

    page.nav("Evaluate")
    press(page, "Run the final evaluation")
    says(page, re.compile("The tuned model is better"), 300)
    page.idle()
    page.shot("journey-verdict")
    assert "demo model" in page.text().lower()

    page.nav("Compliance")
    press(page, "Scan")
    says(page, re.compile("not scanned", re.IGNORECASE), 120)
    page.idle()
    page.shot("journey-compliance")

    verdict = project.audit.verify()
    assert verdict.ok
    actions = [event["action"] for event in project.audit.events()]
    for action in (
        "source.import",
        "dataset.clean",
        "split.create",
        "run.start",
        "run.end",
        "test.look",
        "privacy.scan",
    ):
        assert action in actions

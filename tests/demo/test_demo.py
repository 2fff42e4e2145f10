"""The product's main job, end to end, where the only network is loopback: CSV to verdict in real processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.project.workspace import Workspace
from tests.conftest import REPOSITORY
from tests.fixtures.loopback_only import prefix

pytestmark = pytest.mark.timeout(900)  # minutes when other work shares the cores


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    workspace = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "engine.cli", "--workspace", str(workspace), "demo", "--seed", "3", "--json"]
    run = subprocess.run([*(prefix() or []), *command], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-3000:] + run.stdout[-1000:]
    assert "Traceback" not in run.stderr
    body: dict[str, Any] = json.loads(run.stdout)
    return {**body, "workspace": str(workspace), "had_loopback_only": prefix() is not None}


def test_the_tuned_model_wins_clearly(document: dict[str, Any]) -> None:
    scores = document["scores"]
    assert set(scores) == {"base", "prompted_base", "tuned"}
    assert scores["tuned"]["value"] > scores["prompted_base"]["value"]
    assert scores["tuned"]["value"] > scores["base"]["value"]
    assert document["difference"]["low"] > 0
    assert document["verdict"] == "better"
    assert document["sentence"].startswith("The tuned model is better")


def test_every_stage_says_what_it_did(document: dict[str, Any]) -> None:
    stages = {stage["name"]: stage for stage in document["stages"]}
    assert list(stages) == ["fit", "read", "clean", "cost", "split", "privacy_scan", "train", "evaluate"]
    assert all(stages[name]["seconds"] > 0 for name in ("read", "clean", "split", "train", "evaluate"))
    assert stages["clean"]["rows_out"] < stages["clean"]["rows_in"] == stages["read"]["rows_out"]
    assert stages["read"]["rows_out"] < stages["read"]["rows_in"]  # the sample has lines that cannot be read
    assert stages["split"]["rows_out"] == stages["clean"]["rows_out"]
    assert document["training"]["last_loss"] < document["training"]["first_loss"]
    assert document["training"]["best_step"] > 0


def test_the_project_is_a_normal_one_with_an_intact_log(document: dict[str, Any]) -> None:
    project = Workspace(Path(document["workspace"])).open(document["project"])
    assert project.info.demo
    verdict = project.audit.verify()
    assert verdict.ok
    assert verdict.head.anchor == document["audit_head"]
    actions = {event["action"] for event in project.audit.events()}
    assert actions >= {
        "project.create",
        "source.import",
        "dataset.clean",
        "split.create",
        "privacy.scan",
        "run.start",
        "run.end",
        "test.look",
        "evaluation.end",
    }


def test_no_ticket_text_is_in_the_audit_log(document: dict[str, Any]) -> None:
    project = Workspace(Path(document["workspace"])).open(document["project"])
    text = "\n".join(project.audit.lines())
    assert "@example.org" not in text
    assert "Queue:" not in text


def test_audit_verify_from_the_command_line(document: dict[str, Any]) -> None:
    words = ["--workspace", document["workspace"], "audit", "verify", "--project", document["project"], "--json"]
    command = [sys.executable, "-m", "engine.cli", *words, "--anchor", document["audit_head"]]
    run = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["ok"] is True

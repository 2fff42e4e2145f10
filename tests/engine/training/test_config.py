from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import InputError
from engine.training.config import TrainConfig, config_from, load_config, warnings_for
from engine.training.rules import training_rules


def test_every_setting_has_a_help_text() -> None:
    assert all(field.description for field in TrainConfig.model_fields.values())


def test_sound_ranges_name_real_settings() -> None:
    config = TrainConfig()
    assert all(hasattr(config, name) for name in training_rules().sound.ranges)
    assert warnings_for(config, 500_000_000) == {}


def test_a_value_outside_its_range_is_explained() -> None:
    config = TrainConfig(learning_rate=3e-2, num_train_epochs=12)
    found = warnings_for(config, 1_000_000_000)
    assert "unstable" in found["learning_rate"]
    assert "by heart" in found["num_train_epochs"]
    assert "num_train_epochs" not in warnings_for(config, 1_000_000)
    assert "hardly change" in warnings_for(TrainConfig(learning_rate=1e-6), None)["learning_rate"]


@pytest.mark.parametrize(
    ("rows", "changes", "steps"),
    [
        (96, {"per_device_train_batch_size": 8, "gradient_accumulation_steps": 1, "num_train_epochs": 2}, 24),
        (100, {"per_device_train_batch_size": 4, "gradient_accumulation_steps": 4, "num_train_epochs": 3}, 21),
        (3, {"num_train_epochs": 1}, 1),
        (96, {"per_device_train_batch_size": 8, "gradient_accumulation_steps": 1, "num_train_epochs": 0.3}, 4),
    ],
)
def test_planned_steps(rows: int, changes: dict[str, float], steps: int) -> None:
    assert config_from(changes).steps(rows) == steps


def test_half_the_batch_keeps_the_effective_one() -> None:
    half = TrainConfig(per_device_train_batch_size=8, gradient_accumulation_steps=2).halved()
    assert (half.per_device_train_batch_size, half.gradient_accumulation_steps) == (4, 4)
    with pytest.raises(InputError, match="already one example"):
        TrainConfig(per_device_train_batch_size=1).halved()


def test_an_unknown_key_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "run.yml"
    file.write_text("learning_rate: 0.001\nlearning_rat: 3\n")
    with pytest.raises(InputError) as caught:
        load_config(file)
    assert "learning_rat" in caught.value.message
    assert "learning_rate" in caught.value.hint
    assert caught.value.where is not None
    assert caught.value.where.line == 2


def test_a_wrong_value_is_one_sentence() -> None:
    with pytest.raises(InputError, match="learning_rate"):
        config_from({"learning_rate": -1})

"""What the dataset is like: numbers with a sentence and advice each, one measure per file. Source: domain.md 2."""

from engine.data.quality.finding import Level, OddRow, Quality
from engine.data.quality.forms import answer_form as answer_format
from engine.data.quality.measure import measure_quality

__all__ = ["Level", "OddRow", "Quality", "answer_format", "measure_quality"]

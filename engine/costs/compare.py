"""Monthly cost of every scenario side by side. The same formula serves one set of inputs and 20,000 draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.costs.break_even import Line
from engine.costs.ownership import one_off_cost, retraining_month, running_month
from engine.costs.request_cost import Number, Tier, TokenPrices, cached_tokens, request_cost, with_batch
from engine.costs.scenario import BATCHED, CACHED, TODAY, TUNED, ModelCosts, Scenario

Values = Mapping[str, Number]


@dataclass(frozen=True)
class Comparison:
    """USD per month by scenario name; per request and fixed parts; the saving of tuned against the cheapest other."""

    monthly: dict[str, Number]
    per_request: dict[str, Number]
    fixed: dict[str, Number]
    one_off: Number
    errors_saved: Number
    error_gain_per_request: Number

    @property
    def others(self) -> list[str]:
        """Names of all scenarios but tuned."""
        return [name for name in self.monthly if name != TUNED]

    @property
    def saving(self) -> Number:
        """USD per month saved against the cheapest other (for each draw), errors included."""
        cheapest = self.monthly[self.others[0]]
        for name in self.others[1:]:
            cheapest = np.minimum(cheapest, self.monthly[name])
        return cheapest - self.monthly[TUNED] + self.errors_saved

    @property
    def best_alternative(self) -> str:
        """Name of the cheapest other; of equals the first. Only for single inputs."""
        return min(self.others, key=lambda name: float(self.monthly[name]))

    def line(self, name: str) -> Line:
        """Return a scenario's month as a straight line in requests. Only for single inputs."""
        return Line(float(self.fixed[name]), float(self.per_request[name]))


def compare(scenario: Scenario, changed: Values | None = None) -> Comparison:
    """Return the comparison, with some inputs `changed` (by dotted path) to other values or to arrays of draws."""
    values: dict[str, Number] = {**scenario.values(), **(changed or {})}
    names = {path: path.removeprefix("alternatives.") for path, _ in scenario.models()}
    models = dict(scenario.models())
    plain, caching = _per_request(values, TODAY, scenario, cache=False), _per_request(values, TODAY, scenario)
    per_request: dict[str, Number] = {TODAY: plain}
    fixed: dict[str, Number] = {TODAY: _fixed(values, TODAY)}
    if _caches(scenario, scenario.today):
        per_request[CACHED], fixed[CACHED] = caching, fixed[TODAY]
    if bool(np.any(np.asarray(values["batch_share"]) > 0)):
        per_request[BATCHED], fixed[BATCHED] = with_batch(plain, values["batch_share"]), fixed[TODAY]
    for path in [path for path in models if path.startswith("alternatives.")] + [TUNED]:
        per_request[names[path]] = _per_request(values, path, scenario)
        fixed[names[path]] = _fixed(values, path)
    fixed[TUNED] = fixed[TUNED] + retraining_month(values["retrain.per_year"], values["retrain.cost"])
    requests, retries = values["requests_per_month"], values["retry_rate"]
    gain = (values["errors.rate_today"] - values["errors.rate_tuned"]) * values["errors.cost"]
    return Comparison(
        monthly={name: running_month(requests, c, retry_rate=retries) + fixed[name] for name, c in per_request.items()},
        per_request={name: cost * (1.0 + retries) for name, cost in per_request.items()},
        fixed=fixed,
        one_off=one_off_cost(
            values["one_off.training"],
            values["cycles"],
            *(values[f"one_off.{part}"] for part in ("labelling", "evaluation", "engineering")),
        ),
        errors_saved=requests * gain,
        error_gain_per_request=gain,
    )


def _caches(scenario: Scenario, model: ModelCosts) -> bool:
    """Whether anything of this model's prompt is billed at a cached price."""
    reaches = model.static_prompt_tokens >= scenario.minimum_cached_prefix
    return model.cached is not None and scenario.cache_hit_rate > 0 and model.static_prompt_tokens > 0 and reaches


def _per_request(values: Values, path: str, scenario: Scenario, *, cache: bool = True) -> Number:
    model = dict(scenario.models())[path]
    tier = None
    if model.tier_over_input_tokens is not None:
        tier = Tier(model.tier_over_input_tokens, model.tier_mult_input, model.tier_mult_output)
    prices = TokenPrices(values[f"{path}.input"], values[f"{path}.output"], values.get(f"{path}.cached"), tier)
    cached: Number = 0.0
    if cache and prices.cached is not None:
        static = np.minimum(values[f"{path}.static_prompt_tokens"], values[f"{path}.prompt_tokens"])
        cached = cached_tokens(static, values["cache_hit_rate"], scenario.minimum_cached_prefix)
    return request_cost(values[f"{path}.prompt_tokens"], values[f"{path}.answer_tokens"], prices, cached)


def _fixed(values: Values, path: str) -> Number:
    hosting = values[f"{path}.hosting_per_hour"] * values[f"{path}.hours_per_month"]
    return hosting + values[f"{path}.storage_per_month"]

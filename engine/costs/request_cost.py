"""Cost of one request. Everything else multiplies it: a month is never priced as one large call.

Formula 1 of facts/providers.md section 7: c = [(I-K)*p_in + K*p_cache + O*p_out] / 1e6 with K = static prefix * hit
rate, 0 below the provider's minimum. Prices are USD per 1,000,000 tokens. Arguments may be numpy arrays of draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Number = float | NDArray[np.float64]
PER = 1_000_000


@dataclass(frozen=True)
class Tier:
    """Dearer prices above `over_input_tokens` input tokens of one request."""

    over_input_tokens: float
    input_factor: float = 1.0
    output_factor: float = 1.0


@dataclass(frozen=True)
class TokenPrices:
    """USD per 1,000,000 tokens. `cached` None means that this model has no cache price, so nothing is cached."""

    input: Number
    output: Number
    cached: Number | None = None
    tier: Tier | None = None


def cached_tokens(static_tokens: Number, hit_rate: Number, minimum_prefix: float) -> Number:
    """Return the tokens of one request billed at the cached price; 0 when the prefix is under the minimum."""
    return np.where(np.asarray(static_tokens) >= minimum_prefix, static_tokens, 0.0) * hit_rate


def request_cost(prompt_tokens: Number, answer_tokens: Number, prices: TokenPrices, cached: Number = 0.0) -> Number:
    """Return USD for one request, `cached` of whose prompt tokens come from the cache."""
    input_factor, output_factor = _factors(prompt_tokens, prices.tier)
    cached_price = prices.input if prices.cached is None else prices.cached
    prompt = (prompt_tokens - cached) * prices.input + cached * cached_price
    return (prompt * input_factor + answer_tokens * prices.output * output_factor) / PER


def with_batch(cost: Number, share: Number, discount: float = 0.5) -> Number:
    """Return the mean USD per request when `share` of them is billed with the batch discount."""
    return cost * (1.0 - share * discount)


def _factors(prompt_tokens: Number, tier: Tier | None) -> tuple[Number, Number]:
    if tier is None:
        return 1.0, 1.0
    above = np.asarray(prompt_tokens) > tier.over_input_tokens
    return np.where(above, tier.input_factor, 1.0), np.where(above, tier.output_factor, 1.0)

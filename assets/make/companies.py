"""Other invented companies with routings of their own: the base learns that there are such rules, never the sample's.

Without them tuning would mostly teach a format. With them the plain base already writes well-formed, wrong lines.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

from assets.make.house_rules import DEVICE_TOPICS, STEPS, queues
from assets.make.tickets import Ticket, products, topics

NAMES = ("Alder", "Birch", "Cedar", "Elm", "Hazel", "Linden", "Maple", "Rowan")
SEED = 23


@dataclass(frozen=True)
class Company:
    """One company's rules: queue by topic, by product for device faults, and the product that is more urgent."""

    name: str
    by_topic: dict[str, str]
    by_product: dict[str, str]
    raised: str

    @property
    def task(self) -> str:
        """Return the system prompt that calls this company by name."""
        return f"Route this ticket for {self.name}: queue and priority."

    def answer(self, ticket: Ticket) -> str:
        """Return the line this company writes under a ticket."""
        device = ticket.topic in DEVICE_TOPICS
        queue = self.by_product[ticket.product] if device else self.by_topic[ticket.topic]
        step = max(1, STEPS[ticket.urgency] - (ticket.product == self.raised))
        return f"Queue: {queue} | Priority: P{step}"


@cache
def companies() -> tuple[Company, ...]:
    """Return all companies; their rules are drawn by chance, once."""
    rng, found = random.Random(SEED), []
    for name in NAMES:
        by_topic = {topic: rng.choice(queues()) for topic in topics()}
        by_product = {product: rng.choice(queues()) for product in products()}
        found.append(Company(name, by_topic, by_product, rng.choice(products())))
    return tuple(found)

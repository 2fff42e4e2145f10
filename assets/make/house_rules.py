"""The invented company's own routing: names and exceptions nobody outside could guess."""

from __future__ import annotations

from assets.make.tickets import Ticket

SYSTEM_PROMPT = "Route this ticket: queue and priority."
DEVICE_TOPICS = ("pairing", "lost connection", "battery")
QUEUE_OF_TOPIC = {
    "late delivery": "Heron",
    "change of address": "Heron",
    "damage on arrival": "Osprey",
    "wrong item": "Osprey",
    "return": "Kestrel",
    "wrong invoice": "Wren",
    "cancellation": "Wren",
    "login": "Merlin",
    "data deletion": "Avocet",
    "spare part": "Swift",
    "bulk order": "Swift",
}
QUEUE_OF_DEVICE = {
    "lamp": "Plover",
    "speaker": "Plover",
    "doorbell": "Curlew",
    "camera": "Curlew",
    "thermostat": "Dunlin",
}
STEPS = {"high": 1, "normal": 2, "low": 3}
FIRST = ("thermostat",)


def queue(ticket: Ticket) -> str:
    """Device faults go by product, everything else by topic."""
    if ticket.topic in DEVICE_TOPICS:
        return QUEUE_OF_DEVICE[ticket.product]
    return QUEUE_OF_TOPIC[ticket.topic]


def priority(ticket: Ticket) -> str:
    """Take the customer's urgency; thermostats always come first (cold flats)."""
    return "P1" if ticket.product in FIRST else f"P{STEPS[ticket.urgency]}"


def answer(ticket: Ticket) -> str:
    """Return the line the help desk writes under a ticket."""
    return f"Queue: {queue(ticket)} | Priority: {priority(ticket)}"


def queues() -> list[str]:
    """Return all queue names, sorted."""
    return sorted({*QUEUE_OF_TOPIC.values(), *QUEUE_OF_DEVICE.values()})

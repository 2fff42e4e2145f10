"""Evidence of an out-of-memory kill: the kernel's own counter for our control group."""

from __future__ import annotations

from pathlib import Path

_V2 = Path("/sys/fs/cgroup/memory.events")
_V1 = Path("/sys/fs/cgroup/memory/memory.oom_control")


def oom_kills() -> int:
    """Return how many processes of this control group the kernel has killed for memory; 0 when it cannot tell."""
    for path in (_V2, _V1):
        try:
            text = path.read_text()
        except OSError:
            continue
        for line in text.splitlines():
            name, _, value = line.partition(" ")
            if name == "oom_kill" and value.strip().isdigit():
                return int(value)
    return 0

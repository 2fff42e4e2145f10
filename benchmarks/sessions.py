"""Several people in the app at once: time of a rerun with 1 to 8 sessions, raw WebSocket, no browser in the way.

Peer: the smallest Streamlit app under the same load. Memory of the server is in the details.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.typing import Origin, Subprotocol

from benchmarks._running_app import Running, bare_app, running_app
from benchmarks.result import Result
from engine.project.workspace import Workspace

GOAL_SECONDS = 1.0
COUNTS = (1, 2, 4, 8)
JUDGED = 4
RERUNS = 5


def run() -> Result:
    """The judged figure is the median rerun with four sessions."""
    with TemporaryDirectory() as folder:
        project = Workspace(Path(folder)).create("Sessions").id
        with running_app(Path(folder)) as app:
            ours, memory = _all_counts(app, f"project={project}")
    with bare_app() as app:
        peer, _ = _all_counts(app, "")
    details = {"seconds_by_sessions": ours, "peer_by_sessions": peer, "server_mb_by_sessions": memory}
    middle = ours[JUDGED]
    return Result(middle, peer[JUDGED], GOAL_SECONDS, middle < GOAL_SECONDS, "seconds", JUDGED * RERUNS, details)


def _all_counts(app: Running, query: str) -> tuple[dict[int, float], dict[int, float]]:
    seconds: dict[int, float] = {}
    memory: dict[int, float] = {}
    server = psutil.Process(app.process.pid)
    for count in COUNTS:
        seconds[count] = round(asyncio.run(_together(app, query, count)), 3)
        memory[count] = round(server.memory_info().rss / 1e6)
    return seconds, memory


async def _together(app: Running, query: str, count: int) -> float:
    found = await asyncio.gather(*(_session(app, query) for _ in range(count)))
    return statistics.median(seconds for times in found for seconds in times)


async def _session(app: Running, query: str) -> list[float]:
    headers = {"Cookie": f"tuneworth-{app.port}={app.token}"}
    origin = f"http://127.0.0.1:{app.port}"
    address = f"ws://127.0.0.1:{app.port}/_stcore/stream"
    times = []
    async with websockets.connect(
        address,
        additional_headers=headers,
        origin=Origin(origin),
        subprotocols=[Subprotocol("streamlit")],
        max_size=None,
    ) as socket:
        await _rerun(socket, query)
        for _ in range(RERUNS):
            start = time.perf_counter()
            await _rerun(socket, query)
            times.append(time.perf_counter() - start)
    return times


async def _rerun(socket: websockets.ClientConnection, query: str) -> None:
    message = BackMsg()
    message.rerun_script.query_string = query
    await socket.send(message.SerializeToString())
    while True:
        answer = ForwardMsg()
        data = await socket.recv()
        answer.ParseFromString(data if isinstance(data, bytes) else data.encode())
        if answer.WhichOneof("type") == "script_finished":
            return

"""1,000,000 rows, 300 MB CSV with quoted newlines, whole into Parquet: CPU seconds and resident growth."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.result import Result

ROWS, GOAL_SECONDS, GOAL_MB = 1_000_000, 8.0, 250.0
CHILD = """
import json, resource, sys, threading, time
from pathlib import Path
import psutil
from engine.data.read_table import csv_to_parquet
process = psutil.Process()
before = top = process.memory_info().rss
done = False
def watch():
    global top
    while not done:
        top = max(top, process.memory_info().rss)
        time.sleep(0.02)
thread = threading.Thread(target=watch)
thread.start()
start = time.process_time()
stream = csv_to_parquet(Path(sys.argv[1]), Path(sys.argv[2]))
seconds = time.process_time() - start
done = True
thread.join()
print(json.dumps({"seconds": seconds, "growth_mb": (top - before) / 1e6, "rejects": stream.rejects.count}))
"""


def run() -> Result:
    """Write the file, convert it in a process of its own, check every row."""
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "rows.csv", Path(folder) / "rows.parquet"
        _write(source)
        done = subprocess.run(
            [sys.executable, "-c", CHILD, str(source), str(out)], capture_output=True, text=True, check=True
        )
        body = json.loads(done.stdout)
        rows = pq.ParquetFile(out).metadata.num_rows
        size = source.stat().st_size
    holds = body["seconds"] <= GOAL_SECONDS and body["growth_mb"] <= GOAL_MB and rows == ROWS and not body["rejects"]
    details = {"growth_mb": round(body["growth_mb"]), "growth_goal_mb": GOAL_MB, "rows_read": rows, "bytes": size}
    return Result(round(body["seconds"], 2), None, GOAL_SECONDS, holds, "CPU seconds", ROWS, details)


def _write(path: Path) -> None:
    filler = "The parcel was not there when I came home, and nobody had left a note at the door either. " * 2
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("id,prompt,completion,queue\r\n")
        for number in range(ROWS):
            first = f'"Order {number}:\n{filler}""urgent"", he said; please help"'
            file.write(
                f'{number:07d},{first},"We are sorry.\r\nNumber {number} is on its way to you.",queue {number % 9}\r\n'
            )

"""What a job cost: seconds, memory and bytes, under the names and in the units of Snakemake's benchmark files."""

import resource
import time
from datetime import timedelta
from pathlib import Path

import psutil

from multipress.core.files import replacing

MEGABYTE = 2**20


def write_usage(path: Path) -> None:
    """Write what this process and those that it has waited for have used since it started, as a table of one row.

    Columns: ``s`` (seconds), ``h:m:s``, ``max_rss`` (of the largest process, in MB of 2^20 bytes), ``io_in`` and
    ``io_out`` (this process's, in such MB), ``mean_load`` (% of one CPU), ``cpu_time`` (seconds).
    """
    process = psutil.Process()
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    seconds = max(time.time() - process.create_time(), 0.01)
    cpu = sum(each.ru_utime + each.ru_stime for each in used)
    moved = process.io_counters()
    row = {
        "s": f"{seconds:.2f}",
        "h:m:s": str(timedelta(seconds=int(seconds))),
        "max_rss": f"{max(each.ru_maxrss for each in used) * 1024 / MEGABYTE:.2f}",
        "io_in": f"{moved.read_bytes / MEGABYTE:.2f}",
        "io_out": f"{moved.write_bytes / MEGABYTE:.2f}",
        "mean_load": f"{100 * cpu / seconds:.2f}",
        "cpu_time": f"{cpu:.2f}",
    }
    with replacing(path) as temporary:
        temporary.write_text("\t".join(row) + "\n" + "\t".join(row.values()) + "\n", encoding="ascii")

"""The processor that a measurement runs on: its name, and the part of it that is used."""

import os
import platform
from pathlib import Path

from multipress.core.errors import UserError


def processor_name() -> str:
    """The model name that Linux reports; elsewhere the name of the architecture."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()


def pin(threads: int) -> None:
    """Keep this process to as many CPUs as it has threads, each on a core of its own while there are such.

    Where the system has no affinity, nothing happens.

    Raises:
        UserError: the process may use fewer CPUs.
    """
    if not hasattr(os, "sched_setaffinity"):
        return
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < threads:
        raise UserError(f"latency.threads is {threads}, and this job may use {len(allowed)} CPUs: lower it")
    os.sched_setaffinity(0, one_of_each_core(allowed)[:threads])


def one_of_each_core(cpus: list[int]) -> list[int]:
    """The CPUs, first one of each core, then those that share a core with them."""
    found: dict[str, int] = {}
    for cpu in cpus:
        found.setdefault(_core(cpu), cpu)
    first = list(found.values())
    return [*first, *(cpu for cpu in cpus if cpu not in first)]


def _core(cpu: int) -> str:
    """The CPUs that share its core, as text; its own number where the system does not report them."""
    file = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
    return file.read_text(encoding="ascii").strip() if file.exists() else str(cpu)

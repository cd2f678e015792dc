"""What a machine has that matters here: processor and its instructions, memory, disk, programs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

INSTRUCTIONS = ("avx2", "avx_vnni", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16")
"""Those that decide how fast integers (vnni, amx_int8) and bfloat16 are; as Linux names them."""


def instructions() -> list[str] | None:
    """Those of ``INSTRUCTIONS`` that the processor has; None where the system does not say."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    flags = next((line.partition(":")[2].split() for line in lines if line.startswith(("flags", "Features"))), None)
    return None if flags is None else [name for name in INSTRUCTIONS if name in flags]


def usable_cpus() -> int:
    """CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory() -> int:
    """Bytes of this machine's memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def free_memory() -> int | None:
    """Bytes that are free, or can be made so; None where the system does not say."""
    file = Path("/proc/meminfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")), None)


def said_by(program: str, *arguments: str) -> str | None:
    """The first line that a program says, beside this Python or on the path; None where it is missing or fails."""
    beside = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    found = shutil.which(program, path=beside)
    if found is None:
        return None
    done = subprocess.run([found, *arguments], capture_output=True, text=True, errors="replace", check=False)
    return None if done.returncode else next(iter(done.stdout.splitlines()), "")


def gpus() -> list[str]:
    """Names of NVIDIA's GPUs from its driver: importing PyTorch for that takes seconds."""
    if shutil.which("nvidia-smi") is None:
        return []
    command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [] if done.returncode else done.stdout.splitlines()

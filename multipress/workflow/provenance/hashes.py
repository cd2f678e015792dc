"""MD5 of files and folders, as DVC counts them, from the bytes themselves: no cache, no trust in times and sizes."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dvc_data.hashfile.hash_info import HashInfo
from dvc_data.hashfile.tree import Tree

from multipress.core.errors import UserError


def md5s(files: Iterable[str], threads: int | None = None) -> dict[str, str]:
    """The MD5 of each file, in hexadecimal.

    Args:
        files: Their paths.
        threads: Threads that read at the same time; as many as processors by default.

    Raises:
        UserError: a file is missing or cannot be read.
    """
    names = list(files)
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:  # hashing leaves the interpreter's lock alone
        return dict(zip(names, pool.map(_md5, names), strict=True))


def _md5(file: str) -> str:
    try:
        with Path(file).open("rb") as stream:
            return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror})") from None


def files_below(path: str) -> list[str]:
    """The path itself if it is a file, else every file below it."""
    if Path(path).is_file():
        return [path]
    return sorted(file.as_posix() for file in Path(path).rglob("*") if file.is_file())


def dvc_md5(path: str, files: Mapping[str, str]) -> str:
    """The MD5 of a file or folder in dvc.lock, given the MD5 of each file."""
    if path in files:
        return files[path]
    tree = Tree()
    for file, md5 in files.items():
        if file.startswith(f"{path}/"):
            tree.add(tuple(file.removeprefix(f"{path}/").split("/")), None, HashInfo("md5", md5))
    tree.digest()
    return str(tree.hash_info.value)

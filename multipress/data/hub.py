"""Download from the Hugging Face hub at a pinned revision, with errors that name what to do.

Where there is no way to the hub, files come from the usual cache, which other commands have filled.
"""

import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from multipress.core.errors import UserError
from multipress.core.files import replacing, sha256

if TYPE_CHECKING:
    from datasets import DatasetBuilder

_TIMEOUT = 10  # seconds to wait for the hub's answer
_SERVER_ERROR = 500  # from this status on, an answer is none of the hub's but of what is in front of it
_TRUE = ("1", "ON", "YES", "TRUE")  # as the clients read them
_CACHES = ("HF_HUB_CACHE", "HF_DATASETS_CACHE", "HF_XET_CACHE", "HF_MODULES_CACHE")


@dataclass(frozen=True)
class _Source:
    """A repository, and the cache that may have it."""

    repository: str
    revision: str
    kind: Literal["dataset", "model"]
    cache: Path
    """The usual cache: it has to be known before another one is lent to the clients."""

    def cached(self, name: str) -> Path | None:
        """A file of this revision in the cache."""
        from huggingface_hub import try_to_load_from_cache

        found = try_to_load_from_cache(
            self.repository, name, cache_dir=self.cache, revision=self.revision, repo_type=self.kind
        )
        return _intact(Path(found)) if isinstance(found, str) else None

    def missing(self, what: str, patterns: Sequence[str], reason: str) -> UserError:
        """What to do about a file that is neither to be had nor cached."""
        flag = ["--repo-type", "dataset"] if self.kind == "dataset" else []
        command = ["hf", "download", self.repository, *flag, "--revision", self.revision]
        for pattern in patterns:
            command += ["--include", pattern]
        return UserError(
            f"cannot download {self.repository} at revision {self.revision}: {reason}, and {what} is not in the cache "
            f"{self.cache}; check the names, the network and HF_ENDPOINT; where the network is, run: "
            f"{shlex.join(command)}; or use source: folder"
        )


def download_splits(repository: str, revision: str, task: str, splits: Sequence[str], output_dir: Path) -> None:
    """Write ``<split>.parquet`` for each named split of a data set's configuration ``task``.

    Raises:
        UserError: the hub, the repository, the revision, the configuration or a split cannot be had.
    """
    source = _Source(repository, revision, "dataset", usual_cache())
    with _caches_beside(output_dir), _explained(repository, revision):
        from datasets import load_dataset_builder

        try:
            _ask(source)
            builder = load_dataset_builder(repository, task, revision=revision)
        except _NoRoute as reason:
            builder = load_dataset_builder(str(_cached_data(source, task, splits, str(reason))), task)
        _keep_only(builder, splits)
        builder.download_and_prepare(verification_mode="no_checks")  # the splits left out would fail them
        for split in splits:
            with replacing(output_dir / f"{split}.parquet") as temporary:
                builder.as_dataset(split).to_parquet(temporary)


def download_files(
    repository: str,
    revision: str,
    names: Sequence[str],
    output_dir: Path,
    one_of: Sequence[str] = (),
    optional: Sequence[str] = (),
) -> str:
    """Write the named files of a model repository to a folder, all or none, and return the commit they are of.

    A branch such as ``main`` is resolved to its commit once, before the first file. ``one_of`` and ``optional`` name
    files that are written, too, where the repository has them; of the former it must have one.

    Raises:
        UserError: the hub, the repository, the revision or a file cannot be had.
    """
    source, wanted = _Source(repository, revision, "model", usual_cache()), _Wanted(names, one_of, optional)
    with _caches_beside(output_dir), _explained(repository, revision):
        try:
            commit, available = _ask(source)
            files = _fetched_files(source, commit, available, wanted)
        except _NoRoute as reason:
            commit, files = _cached_files(source, wanted, str(reason))
        for name, file in files.items():  # all or none
            with replacing(output_dir / name) as temporary:
                shutil.copyfile(file, temporary)
    return commit


def usual_cache() -> Path:
    """Where the hub's clients keep files, by the variables that they read."""
    if chosen := os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE"):
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.environ.get("HF_HOME") or Path(base, "huggingface"), "hub").expanduser()


@dataclass(frozen=True)
class _Wanted:
    """Files by their names, as ``download_files`` describes them."""

    names: Sequence[str]
    one_of: Sequence[str]
    optional: Sequence[str]

    @property
    def all(self) -> list[str]:
        """Whatever would be taken."""
        return [*self.names, *self.one_of, *self.optional]

    def lacking(self, found: Container[str]) -> str | None:
        """What is missing for want of which nothing is written."""
        if absent := [name for name in self.names if name not in found]:
            return absent[0]
        if self.one_of and not any(name in found for name in self.one_of):
            return " or ".join(self.one_of)
        return None


class _NoRoute(Exception):
    """There is no way to the hub; the message says why."""


def _ask(source: _Source) -> tuple[str, set[str]]:
    """The revision's commit and its files.

    Asking first, once and without retries, makes a wrong name or a missing network known within seconds.

    Raises:
        _NoRoute: the user asked for offline mode, or nobody answers.
    """
    from huggingface_hub import HfApi, constants, errors

    if variable := _offline_variable(source):
        raise _NoRoute(f"{variable} is set")
    ask = HfApi().dataset_info if source.kind == "dataset" else HfApi().model_info
    try:
        info = ask(source.repository, revision=source.revision, timeout=_TIMEOUT)
    except (errors.HfHubHTTPError, ValueError) as error:
        if not isinstance(error, errors.HfHubHTTPError) or error.response.status_code < _SERVER_ERROR:
            raise
        raise _NoRoute(f"{constants.ENDPOINT} does not work ({_cause(error)})") from error
    except Exception as error:  # of the client's library, which need not stay the same
        raise _NoRoute(f"{constants.ENDPOINT} does not answer ({_cause(error)})") from error
    return info.sha or source.revision, {sibling.rfilename for sibling in info.siblings or []}


def _offline_variable(source: _Source) -> str | None:
    """The variable by which the user keeps the clients from the network."""
    names = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", *(["HF_DATASETS_OFFLINE"] if source.kind == "dataset" else [])]
    return next((name for name in names if os.environ.get(name, "").upper() in _TRUE), None)


def _fetched_files(source: _Source, commit: str, available: set[str], wanted: _Wanted) -> dict[str, Path]:
    """Files by their names."""
    from huggingface_hub import hf_hub_download

    if lacking := wanted.lacking(available):
        raise UserError(_missing_file(source.repository, source.revision, lacking, available))
    names = [name for name in wanted.all if name in available]
    files = (hf_hub_download(source.repository, name, revision=commit, etag_timeout=_TIMEOUT) for name in names)
    return {name: _intact(Path(file)) for name, file in zip(names, files, strict=True)}


def _intact(file: Path) -> Path:
    """A file of the cache, which calls large ones by their SHA-256.

    Raises:
        UserError: its content is another.
    """
    content = file.resolve()
    if re.fullmatch("[0-9a-f]{64}", content.name) and sha256(content) != content.name:
        raise UserError(
            f"{file} is damaged: its SHA-256 is not that of the hub's file; rm {shlex.quote(str(content))}, and run "
            "the same command again where the network is"
        )
    return file


def _cached_files(source: _Source, wanted: _Wanted, reason: str) -> tuple[str, dict[str, Path]]:
    """The commit, and files by their names, from the usual cache."""
    found = {name: file for name in wanted.all if (file := source.cached(name))}
    if lacking := wanted.lacking(found):
        raise source.missing(lacking, wanted.all, reason)
    commit = next(iter(found.values())).parent.name
    absent = [name for name in wanted.all if name not in found]
    print(
        f"{source.repository} at {commit}: {reason}; taken from the cache {source.cache}: {', '.join(found)}"
        + (f"; not there, and so not read: {', '.join(absent)}" if absent else ""),
        file=sys.stderr,
    )
    return commit, found


def _cached_data(source: _Source, task: str, splits: Sequence[str], reason: str) -> Path:
    """The folder of the data set's revision in the usual cache, with all files of the splits."""
    readme = source.cached("README.md")
    patterns = ["README.md", f"{task}/*"]
    if readme is None:
        raise source.missing("README.md, which says which files there are,", patterns, reason)
    for split in splits:
        parts = sorted((readme.parent / task).glob(f"{split}-*.parquet"))
        numbers = [re.search(r"-(\d+)-of-(\d+)\.parquet$", part.name) for part in parts]
        if not parts or any(number and int(number[2]) != len(parts) for number in numbers):
            raise source.missing(f"{task}/{split}-*.parquet", patterns, reason)
        for part in parts:
            _intact(part)
    print(
        f"{source.repository} at {readme.parent.name}: {reason}; taken from the cache {source.cache}", file=sys.stderr
    )
    return readme.parent


def _keep_only(builder: "DatasetBuilder", splits: Sequence[str]) -> None:
    files = builder.config.data_files
    if files is None:  # the clients took another revision from their cache
        raise UserError(f"the hub stopped answering for {builder.repo_id}: run the same command again")
    for split in splits:
        if split not in files:
            raise UserError(
                f"{builder.repo_id}, configuration {builder.config.name}, has no split {split!r}: "
                f"it has {', '.join(files)}; correct the task's splits"
            )
    for split in set(files) - set(splits):
        del files[split]


def _missing_file(repository: str, revision: str, name: str, available: set[str]) -> str:
    pickle = "pytorch_model.bin"
    if name == "model.safetensors" and pickle in available:
        return (
            f"{repository} at {revision} has its weights only as {pickle}, a pickle, which is never loaded; "
            "use a revision with model.safetensors, or convert it with save_pretrained and use source: folder"
        )
    return f"{repository} at {revision} has no {name}; use another repository or revision, or source: folder"


@contextmanager
def _caches_beside(output_dir: Path) -> Iterator[None]:
    """Lend the hub's clients a temporary cache beside the output, for what the user has chosen no cache of.

    Must come before the first import of the clients, which read the environment only then.
    """
    if "HF_HOME" in os.environ:
        yield
        return
    output_dir.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".hub-", dir=output_dir.parent, ignore_cleanup_errors=True) as cache:
        # Not HF_HOME itself: that would hide the user's access token.
        os.environ.update({name: cache for name in _CACHES if name not in os.environ})
        yield


@contextmanager
def _explained(repository: str, revision: str) -> Iterator[None]:
    """Turn whatever the clients raise (errors of five libraries) into one line."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        from huggingface_hub import constants

        raise UserError(
            f"cannot download {repository} at revision {revision} from {constants.ENDPOINT}: {_cause(error)}; "
            "check the names, the network and HF_ENDPOINT, or use source: folder"
        ) from error


def _cause(error: Exception) -> str:
    """The innermost cause's first line."""
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):
        return "the repository is gated (accept its terms and set HF_TOKEN)"
    if isinstance(error, errors.RevisionNotFoundError):
        return "no such revision"
    if isinstance(error, errors.RepositoryNotFoundError):
        return "no such repository, or it is private (set HF_TOKEN)"
    inner: BaseException = error
    while cause := inner.__cause__ or inner.__context__:
        inner = cause
    text = str(inner).strip().partition("\n")[0].rstrip(".")
    return f"{type(inner).__name__}: {text}"

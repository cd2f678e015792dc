"""Download from the Hugging Face hub at a pinned revision, with errors that name what to do."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from multipress.core.errors import UserError
from multipress.core.files import replacing

if TYPE_CHECKING:
    from datasets import DatasetBuilder

_TIMEOUT = 10  # seconds to wait for the hub's answer
_CACHES = ("HF_HUB_CACHE", "HF_DATASETS_CACHE", "HF_XET_CACHE", "HF_MODULES_CACHE")


def download_splits(repository: str, revision: str, task: str, splits: Sequence[str], output_dir: Path) -> None:
    """Write ``<split>.parquet`` for each named split of a data set's configuration ``task``.

    Raises:
        UserError: the hub, the repository, the revision, the configuration or a split cannot be had.
    """
    with _caches_beside(output_dir) as cache, _explained(repository, revision):
        from datasets import load_dataset_builder

        _resolve(repository, revision, "dataset")
        builder = load_dataset_builder(repository, task, revision=revision, cache_dir=cache)
        _keep_only(builder, splits)
        builder.download_and_prepare(verification_mode="no_checks")  # the splits left out would fail them
        for split in splits:
            with replacing(output_dir / f"{split}.parquet") as temporary:
                builder.as_dataset(split).to_parquet(temporary)


def download_files(repository: str, revision: str, names: Sequence[str], output_dir: Path) -> str:
    """Write the named files of a model repository to a folder, all or none, and return the commit they are of.

    A branch such as ``main`` is resolved to its commit once, before the first file.

    Raises:
        UserError: the hub, the repository, the revision or a file cannot be had.
    """
    with _caches_beside(output_dir) as cache, _explained(repository, revision):
        from huggingface_hub import hf_hub_download

        commit, available = _resolve(repository, revision, "model")
        for name in names:
            if available is not None and name not in available:
                raise UserError(_missing_file(repository, revision, name, available))
        sources = {
            name: hf_hub_download(repository, name, revision=commit, cache_dir=cache, etag_timeout=_TIMEOUT)
            for name in names
        }
        for name, source in sources.items():  # all or none
            with replacing(output_dir / name) as temporary:
                shutil.copyfile(source, temporary)
    return commit


def _resolve(repository: str, revision: str, kind: Literal["dataset", "model"]) -> tuple[str, set[str] | None]:
    """The revision's commit and its files; the revision itself and None when the user asked for offline mode.

    Asking first, once and without retries, makes a wrong name or a missing network fail within seconds.
    """
    from huggingface_hub import HfApi, constants

    if constants.is_offline_mode():
        return revision, None
    ask = HfApi().dataset_info if kind == "dataset" else HfApi().model_info
    info = ask(repository, revision=revision, timeout=_TIMEOUT)
    return info.sha or revision, {sibling.rfilename for sibling in info.siblings or []}


def _keep_only(builder: "DatasetBuilder", splits: Sequence[str]) -> None:
    files = builder.config.data_files
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
def _caches_beside(output_dir: Path) -> Iterator[str | None]:
    """Lend the hub's clients a temporary cache beside the output; None where the user has chosen one by HF_HOME.

    Must come before the first import of the clients, which read the environment only then.
    """
    if "HF_HOME" in os.environ:
        yield None
        return
    output_dir.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".hub-", dir=output_dir.parent, ignore_cleanup_errors=True) as cache:
        # Not HF_HOME itself: that would hide the user's access token.
        os.environ.update(dict.fromkeys(_CACHES, cache))
        yield cache


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

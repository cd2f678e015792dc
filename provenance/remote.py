"""Files of a DVC remote that an interrupted upload left cut.

DVC (3.67) uploads over ssh under the final name and takes a name for a whole file, and the list of a folder for all
its files: what was cut stays cut, for every later push passes it over.
"""

from dvc.exceptions import DvcException
from dvc.repo import Repo

from multipress.errors import UserError
from provenance.versioning import one_line


def remove_cut(remote: str | None) -> list[str]:
    """Remove from the remote the files whose size is not that of the same file in DVC's cache here.

    With them go the lists of folders, which the next push then looks through and sends anew.

    Args:
        remote: Its name; None: DVC's default.

    Returns:
        The MD5 of each.

    Raises:
        UserError: the remote is not set up or cannot be reached.
    """
    try:
        with Repo() as repo:
            store, cache = repo.cloud.get_remote_odb(remote, "push"), repo.cache.local
            paths = list(store.fs.find(store.path)) if store.fs.exists(store.path) else []
            sizes = dict(zip(map(store.path_to_oid, paths), store.fs.sizes(paths), strict=True))
            own = {oid: cache.oid_to_path(oid) for oid in sizes}
            cut = [oid for oid, path in own.items() if cache.fs.isfile(path) and cache.fs.size(path) != sizes[oid]]
            lists = [oid for oid in own if oid.endswith(".dir")] if cut else []
            for oid in {*cut, *lists}:
                store.delete(oid)
            return cut
    except (DvcException, OSError) as error:
        raise UserError(f"the remote cannot be used: {one_line(error)}; dvc remote list tells its address") from None

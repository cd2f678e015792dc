"""All checks of an audit, one after the other."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from multipress.core.errors import UserError
from multipress.workflow.provenance.check_files import check_files, check_lock
from multipress.workflow.provenance.check_made import check_code, check_settings, check_snakemake
from multipress.workflow.provenance.check_tables import check_tables
from multipress.workflow.provenance.findings import Check
from multipress.workflow.provenance.graph import results_of
from multipress.workflow.provenance.record import NAME, Record, read
from multipress.workflow.provenance.versioning import lock_entry, study_of
from multipress.workflow.snakemake_api import Graph


def audit(graph: Graph) -> Iterator[Check]:
    """The checks of the run whose graph that is.

    Raises:
        UserError: there is no record to hold anything to.
    """
    record = read(Path(results_of(graph), NAME))
    checks: dict[str, Callable[[], Check]] = {
        "files": partial(check_files, record),
        "dvc.lock": partial(_check_lock, record, graph),
        "configuration": partial(check_settings, record, graph),
        "code": partial(check_code, record, graph),
        "snakemake": partial(check_snakemake, graph),
        "tables": partial(check_tables, record),
    }
    for name, check in checks.items():
        try:
            yield check()
        except UserError as error:
            yield Check(name, "", [], str(error))
        except Exception as error:  # of files that may hold anything: the other checks are still to be made
            yield Check(name, "", [], f"{type(error).__name__}: {' '.join(str(error).split())}")


def _check_lock(record: Record, graph: Graph) -> Check:
    if not graph.variable("CONFIG").storage.dvc:
        return Check("dvc.lock", "not asked for: storage.dvc is false", [])
    if record.unversioned:
        return Check("dvc.lock", "", [], f"the run was not recorded with DVC: {record.unversioned}")
    study = study_of(record.results)
    return check_lock(record, study, lock_entry(study))

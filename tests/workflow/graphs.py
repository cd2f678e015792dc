"""Finished folders to plan in: the real run, and runs whose files Snakemake only believes to be made."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from multipress.workflow.environment import ROOT
from multipress.workflow.snakemake_api import dry_run
from multipress.workflow.staleness.pretend import pretend_finished
from multipress.workflow.staleness.reasons import stale_jobs
from multipress.workflow.staleness.rule_graph import STUDIES, add_sources
from tests.runs import CONFIGS, Workflow


@dataclass
class Graph:
    """A folder in which nothing is stale, and the configuration that made it."""

    folder: Path
    configs: list[str]
    root: Path = ROOT

    def stale(self, config=None, root=ROOT):
        """The jobs that another configuration, or another repository, would run there."""
        with dry_run(["all"], [ROOT / name for name in self.configs], config, self.folder, root) as graph:
            return stale_jobs(graph)

    def rules(self, config=None, root=ROOT):
        return {job.rule for job in self.stale(config, root)}

    def copy(self, folder):
        """The same in another folder; the times of the files are kept."""
        shutil.copytree(self.folder, folder)
        return Graph(folder, self.configs)

    @property
    def workflow(self):
        return Workflow(self.folder)


def real(finished, folder):
    """A copy of the finished run."""
    shutil.copytree(finished.folder, folder)
    add_sources(folder)
    return Graph(folder, CONFIGS)


def believed(folder, name):
    """Everything that a configuration makes, empty, and believed by Snakemake to be made."""
    graph = Graph(folder, list(STUDIES[name]))
    add_sources(folder)
    pretend_finished(folder, [ROOT / config for config in graph.configs])
    return graph

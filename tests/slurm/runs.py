"""Runs of the workflow on the cluster, one of them with trainings that are taken away."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
TINY = ["config/demo.yaml", "tests/slurm/tiny.yaml"]
LONG = ["config/demo.yaml", "tests/slurm/interruptions.yaml"]
# Not a profile of our own: the one under test, less its patience.
HURRY = ["--slurm-init-seconds-before-status-checks=1", "--seconds-between-status-checks=1", "--latency-wait=10"]
HURRY += ["--set-threads", "run_exported=1"]  # its nodes have two CPUs
MODELS = {"scancel": "nano/seed1", "requeue": "nano/seed2", "node": "nano/seed3", "timeout": "micro/seed1"}
TARGETS = [f"results/synthetic/models/rte/{model}/ft/model.safetensors" for model in MODELS.values()]
SECONDS = 900
# The node that fails serves this one job.
FRAGILE = "finetune:slurm_partition='fragile' if wildcards.seed == '3' else 'normal'"


class SlurmWorkflow:
    """Calls Snakemake with the cluster's profile and a folder as its working directory."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = environment
        self.results = folder / "results" / "synthetic"

    def start(self, *targets, flags=(), config=(), configs=TINY, profile=("--profile", "slurm", *HURRY)):
        """A running Snakemake; what it prints goes to ``log``."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "snakemake", *targets, *profile, *flags]
        command += ["--snakefile", str(ROOT / "Snakefile"), "--directory", str(self.folder)]
        command += ["--configfile", *[str(ROOT / name) for name in configs], *(["--config", *config] if config else [])]
        # The tests themselves may run under nohup.
        command = ["/usr/bin/env", "--default-signal=HUP", *command]
        with self.log_file.open("w") as log:
            return subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)

    def run(self, *targets, **options):
        """Exit status of a run to its end."""
        process = self.start(*targets, **options)
        try:
            return process.wait(timeout=SECONDS)
        finally:
            process.kill()

    def succeed(self, *targets, **options):
        assert self.run(*targets, **options) == 0, self.log

    @property
    def log_file(self):
        return self.folder / "snakemake.txt"

    @property
    def log(self):
        return self.log_file.read_text()

    def submitted(self):
        """Rule names of all jobs that this run gave to SLURM, repetitions included."""
        rules, submitted = {}, []
        rule = None
        for line in self.log.splitlines():
            words = line.split()
            if line.startswith("rule "):
                rule = words[1].rstrip(":")
            elif words[:1] == ["jobid:"] and rule:
                rules[words[1]], rule = rule, None
            elif "has been submitted with SLURM jobid" in line:
                submitted.append(rules[words[1]])
        return submitted


class Interrupted(SlurmWorkflow):
    """A run whose trainings are interrupted, each once and in its own way, after its first saved state."""

    def __init__(self, folder, cluster):
        super().__init__(folder, cluster.environment)
        self.cluster = cluster
        self.finished_before = {}
        self.resume = {}

    def interrupt_all(self):
        process = self.start(*TARGETS, configs=LONG, flags=["--set-resources", FRAGILE])
        left, deadline = dict(MODELS), time.monotonic() + SECONDS
        try:
            while process.poll() is None and time.monotonic() < deadline:
                for way in [way for way, model in left.items() if self.states(model)]:
                    self.finished_before = self.finished_before or self.inodes()
                    getattr(self, f"_{way}")(self.job(left.pop(way)))
                self.hurry()
                time.sleep(0.5)
            assert process.poll() == 0, self.log
            assert not left, f"never interrupted: {left}; {self.log}"
        finally:
            process.kill()

    def hurry(self):
        """SLURM lets a requeued job wait for two minutes: not here. Nodes that were down come back."""
        for number in self.cluster.call("squeue -h -t PD -o %i").split():
            self.cluster.run(f"scontrol update jobid={number} starttime=now")
        for node in [node for node, moment in self.resume.items() if time.monotonic() > moment]:
            self.cluster.call(f"scontrol update nodename={node} state=resume")
            del self.resume[node]

    def states(self, model):
        arch, seed = model.split("/")
        return list((self.results / "scratch" / f"rte-{arch}-{seed}-ft").glob("*/*.json"))

    def inodes(self):
        """Identities of the files that were finished before the first interruption."""
        files = [path for name in ("data", "tokens", "tokenizer") for path in (self.results / name).rglob("*.*")]
        return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}

    def job(self, model):
        """The number and the node of the SLURM job that trains a model."""
        comment = f"rule_finetune_wildcards_rte_{model.replace('/seed', '_')}_ft"
        rows = [line.split("|") for line in self.cluster.call("squeue -h -t R -o %i|%N|%k").splitlines()]
        return next((number, node) for number, node, text in rows if text == comment)

    def _scancel(self, job):
        self.cluster.call(f"scancel {job[0]}")

    def _requeue(self, job):
        self.cluster.call(f"scontrol requeue {job[0]}")

    def _node(self, job):
        """Long enough for SLURM to kill what still runs there."""
        self.cluster.call(f"scontrol update nodename={job[1]} state=down reason=test")
        self.resume[job[1]] = time.monotonic() + 15

    def _timeout(self, job):
        """The shortest limit is a minute; so it is drawn nearer while the job runs."""
        self.cluster.call(f"scontrol update jobid={job[0]} endtime=now+1")

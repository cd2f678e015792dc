"""Resources that jobs request of a cluster. No rules here; the formula is in multipress/workflow/cluster/requests.py."""

import os

from multipress.compression.planned_size import planned_size
from multipress.workflow.cluster import requests, failures, slurm


def memory_of(stage):
    """A resources function: megabytes of memory of a job that computes with a model."""

    @for_snakemake
    def mem_mb(wildcards, input, threads, attempt):
        return work_of(stage, wildcards, input, threads).memory_mb(attempt)

    return mem_mb


def minutes_of(stage):
    """A resources function: minutes of a job that computes with a model."""

    @for_snakemake
    def runtime(wildcards, input, threads, attempt):
        return work_of(stage, wildcards, input, threads).minutes(attempt)

    return runtime


def work_of(stage, wildcards, input, threads):
    """What the job computes; until its token files are there, Snakemake writes <TBD>."""
    task, arch = wildcards.get("task"), wildcards.get("arch", CONFIG.teacher)
    trains = stage == "pretrain" or any(stage == method.name for method in TRAINING_METHODS)
    settings = settings_to_compute(stage, wildcards, task, arch)
    passes = len(CONFIG.recipes_of(arch)) if stage in ("evaluate", "run_exported") else 1
    if stage == "represent":  # its states, then its attention and that of each other model, side by side
        passes += 2 * len(rule_settings.against_seeds(CONFIG, dict(wildcards.items())))
    tries = CONFIG.tries_of(recipe_in(wildcards), arch) if "step" in wildcards.keys() else 1
    return requests.Work(
        shape=CONFIG.all_architectures[arch],
        vocabulary=CONFIG.tokenizer.vocabulary,
        megabytes=megabytes_to_compute(stage, task, input),
        passes=settings.epochs * tries if trains else passes,
        batch_size=settings.batch_size,
        max_length=settings.sequence_length if stage == "pretrain" else CONFIG.stage("tokenize", task).max_length,
        trains=trains,
        device="gpu" if GPUS and stage != "run_exported" else "cpu",
        threads=threads,
        teacher=taught_by(wildcards) if trains and "step" in wildcards.keys() else None,
    )


def taught_by(wildcards):
    """The shape of the teacher that computes beside a training, if one does."""
    name = beside_rows(recipe_in(wildcards), wildcards.task, wildcards.arch).feature_teacher
    return CONFIG.all_architectures[name] if name else None


def settings_to_compute(stage, wildcards, task, arch):
    """The settings that say in which batches a job computes, and how often."""
    if "step" in wildcards.keys():
        return CONFIG.settings_of(recipe_in(wildcards), task, arch)
    return CONFIG.pretrain if stage == "pretrain" else CONFIG.evaluate


def megabytes_to_compute(stage, task, input):
    """Megabytes that the tokens take, in a job's token files or as these would be."""
    if stage == "pretrain":
        return pretraining_megabytes()
    if stage in ("probe", "probe_untrained"):
        texts = len(CONFIG.probing.names) * CONFIG.probing.examples
        return requests.TOKEN_BYTES * texts * CONFIG.stage("tokenize", task).max_length / 1e6
    return token_megabytes(input)


def token_megabytes(input):
    """Megabytes of a job's token files."""
    return sum(os.path.getsize(file) for file in input if file.endswith(".arrow")) / 1e6


def pretraining_megabytes():
    """Megabytes that the tokens of the corpus would take in a file."""
    return requests.TOKEN_BYTES * CONFIG.pretrain.max_tokens / 1e6


def memory_for_text(wildcards, input, attempt):
    """Megabytes of memory of a job that works on rows of text."""
    return requests.text_memory_mb(megabytes(input), attempt)


def minutes_for_text(wildcards, input, attempt):
    """Minutes of a job that copies or tokenizes rows of text."""
    return requests.text_minutes(megabytes(input), attempt)


def minutes_to_augment(wildcards, input, threads, attempt):
    """Minutes of a job that tags and rewrites rows of text."""
    return requests.augmentation_minutes(megabytes(input), threads, attempt)


def memory_to_deploy(wildcards, input, attempt):
    """Megabytes of memory of a job that writes the files of a model, one after the other."""
    return requests.deploy_memory_mb(max(map(os.path.getsize, input)) / 1e6, attempt)


def minutes_to_deploy(wildcards, input, attempt):
    """Minutes of a job that writes the files of a model, one after the other."""
    return requests.deploy_minutes(megabytes(input), attempt)


def all_cores():
    """Threads of a job that no other may run beside: on one machine all cores, on a cluster those that it needs.

    There the node is its own by ``--exclusive``.
    """
    return snakemake_api.cores_of(workflow) or CONFIG.latency.threads


def memory_to_measure(wildcards, attempt):
    """Megabytes of memory of a job that measures latency."""
    return measurement_of(wildcards).memory_mb(attempt)


def minutes_to_measure(wildcards, attempt):
    """Minutes of a job that measures latency."""
    return measurement_of(wildcards).minutes(attempt)


def measurement_of(wildcards):
    """What a job measures; models of one planned size share a measurement."""
    shape = CONFIG.all_architectures[wildcards.arch]
    size, variants = planned_size(shape), CONFIG.variant_steps
    return requests.Measurement(
        shape=shape,
        vocabulary=CONFIG.tokenizer.vocabulary,
        models=len({recipes.planned(size, recipe, variants) for recipe in CONFIG.recipes_of(wildcards.arch)}),
        settings=CONFIG.latency,
    )


def memory_to_measure_layers(wildcards, attempt):
    """Megabytes of memory of a job that measures parts of layers."""
    return layers_of(wildcards).memory_mb(attempt)


def minutes_to_measure_layers(wildcards, attempt):
    """Minutes of a job that measures parts of layers."""
    return layers_of(wildcards).minutes(attempt)


def layers_of(wildcards):
    """The parts of layers that a job measures."""
    return requests.LayerMeasurement(CONFIG.all_architectures[wildcards.arch], CONFIG.latency)


def memory_to_dissect(wildcards, attempt):
    """Megabytes of memory of the job that compares representations."""
    return dissection_of_study().memory_mb(attempt)


def minutes_to_dissect(wildcards, attempt):
    """Minutes of the job that compares representations."""
    return dissection_of_study().minutes(attempt)


def dissection_of_study():
    """The representations that are compared."""
    study = CONFIG.study
    return requests.Dissection(
        shapes=[CONFIG.all_architectures[arch] for arch in study.architectures],
        models=len(CONFIG.represented_tasks) * len(study.seeds) * len(CONFIG.represented),
        tokens=CONFIG.dissection.tokens,
    )


def megabytes(input):
    """Megabytes of all input files."""
    return sum(os.path.getsize(file) for file in input) / 1e6


def check_slurm():
    """Stop a run on SLURM that could not work."""
    if snakemake_api.executor_of(workflow) != "slurm":
        return
    jobs = snakemake_api.graph_of(workflow).jobs()
    requests = [job.resources for job in jobs if job.is_stale and not job.is_local]
    slurm.check_cluster(snakemake_api.slurm_status_command(workflow), requests)
    slurm.check_queue(snakemake_api.SLURM_LOGS.absolute())


def advise(logs):
    """After a failure, print the last log lines of the failed scripts, and what to change; a stop is no failure."""
    if snakemake_signals.is_stopping():
        return
    paths = [Path(log) for log in logs]
    for line in [*failures.last_log_lines(paths), *slurm.remedies(paths, snakemake_api.SLURM_LOGS)]:
        print(f"multipress: {line}", file=sys.stderr)

"""Helpers of the rules: places, parts of the configuration, and lists of files. No rules here."""

import inspect
import shlex
import sys
from pathlib import Path

ROOT = Path(workflow.basedir)
sys.path.insert(0, str(ROOT))

from multipress.workflow import environment, preflight, rule_settings

from multipress.analysis import tables as analysis
from multipress.compression import recipes
from multipress.workflow.code.records import CodeRecords
from multipress.workflow import load
from multipress.core.errors import UserError
from multipress.core.files import stable_seed, write_json
from multipress.reporting import contents


def exit_on_user_error(check, *arguments):
    """What ``check`` returns; a user's mistake ends the run with one line."""
    try:
        return check(*arguments)
    except UserError as error:
        sys.exit(f"multipress: error: {error}")


# A scheduler sends SIGTERM to a job's whole process tree: the shell waits until the script has saved its state.
shell.prefix("set -euo pipefail; trap : TERM; ")
environment.export_search_paths(ROOT)
CONFIG = exit_on_user_error(load.load, config)
exit_on_user_error(preflight.check_places, CONFIG)

if "--report" in sys.argv:
    config["provenance"] = environment.provenance()  # for report/workflow.rst

RESULTS = CONFIG.results
GPUS = 0 if CONFIG.runtime.device == "cpu" else 1
RUNTIME = shlex.join(rule_settings.runtime_options(CONFIG))
TRAINING = shlex.join(rule_settings.training_options(CONFIG))
GENERATED = f"{RESULTS}/generated"
DATA = f"{RESULTS}/data/{{task}}"
TOKENS = f"{RESULTS}/tokens/{{task}}"
TOKENIZER = f"{RESULTS}/tokenizer"
ENCODERS = f"{RESULTS}/encoders"
TEACHER = f"{RESULTS}/teacher/{{task}}/seed{{seed}}"
RUN = "{task}/{arch}/seed{seed}"
MODELS = f"{RESULTS}/models/{RUN}"
ONNX = f"{RESULTS}/onnx/{RUN}"
PACKED = f"{RESULTS}/packed/{RUN}"
HISTORY = f"{RESULTS}/history/{RUN}"
LOGS = f"{RESULTS}/logs"
BENCHMARKS = f"{RESULTS}/benchmarks"
CODES = CodeRecords(ROOT, Path(LOGS, "code"))

TOKENIZER_FILES = ["tokenizer.json", "tokenizer_config.json", "vocab.txt"]
ENCODER_FILES = ["model.safetensors", "config.json"]
# Tables of the rule analyze, and of latency, if any is measured.
ANALYZED = [table.name for table in analysis.TABLES]
MEASURED = ["latency"] if CONFIG.latency.tasks else []
# A checkpoint's last file, and the only one that rules name: planning costs by the file.
CHECKPOINT = "model.safetensors"


def for_snakemake(function):
    """The function with its signature at hand: Snakemake asks for it at every call, which is a tenth of planning."""
    function.__signature__ = inspect.signature(function)
    return function


def code_of(script):
    """Digest of what a script and its imports mean: editing them makes the rule stale, editing comments does not."""
    return exit_on_user_error(CODES.digest, script)


def code_of_augmentation(wildcards):
    """The same for augment, the built-in lexicon only for the tasks that take it."""
    builtin = CONFIG.stage("augment", wildcards.task).lexicon == "builtin"
    unused = () if builtin else ("multipress.data.builtin_synonyms",)
    return exit_on_user_error(CODES.digest, "augment", unused)


def settings_of(stage):
    """A params function: the part of the configuration that the rule's result depends on, as one JSON string."""

    settings = getattr(rule_settings, stage)
    names = [name for name in inspect.signature(settings).parameters if name != "config"]

    @for_snakemake
    def params(wildcards):
        named = {name: int(wildcards.seed) if name == "seed" else wildcards[name] for name in names}
        return rule_settings.canonical(settings(CONFIG, **named))

    return params


def source_of(split):
    """An input function: the file that a split is prepared from."""
    return lambda wildcards: str(preflight.source_file(CONFIG, wildcards.task, split.format(**wildcards)))


def source_of_labels(wildcards):
    """The file that the names of the labels are taken from; nothing where they are given."""
    task = CONFIG.task(wildcards.task)
    given = task.kind == "regression" or task.labels is not None
    return [] if given else source_of("train")(wildcards)


def corpus_files():
    """Text files of the pre-training corpus."""
    corpus = CONFIG.pretrain.corpus
    return [f"{GENERATED}/corpus.txt"] if corpus == "synthetic" else corpus


def tokenizer():
    """The tokenizer from the configured source: the file that stands for those of its folder."""
    return f"{TOKENIZER}/{CONFIG.tokenizer.source}/{TOKENIZER_FILES[0]}"


def encoder():
    """The pretrained encoder of an architecture; nothing when training starts from scratch."""
    source = CONFIG.encoder.source
    return [] if source == "scratch" else f"{ENCODERS}/{source}/{{arch}}/model.safetensors"


def teacher_model():
    """The checkpoint of the teacher for a task and seed."""
    return f"{RESULTS}/models/{{task}}/{CONFIG.study.teacher}/seed{{seed}}/ft/model.safetensors"


@for_snakemake
def augmented_tokens(wildcards):
    """Tokens of the augmented rows, for recipes with kd in their lineage."""
    return f"{TOKENS}/augmented.arrow".format(**wildcards) if recipes.is_distilled(wildcards.parent) else []


@for_snakemake
def teacher_logits(wildcards):
    """The teacher's logits, for recipes with kd in their lineage."""
    return f"{TEACHER}/logits.safetensors".format(**wildcards) if recipes.is_distilled(wildcards.parent) else []


@for_snakemake
def dev_tokens(wildcards):
    """Tokens of a task's dev sets, the primary one first."""
    return [f"{TOKENS}/{split}.arrow".format(**wildcards) for split in CONFIG.task(wildcards.task).dev_splits]


@for_snakemake
def models_of_run(wildcards):
    """Checkpoints of all recipes of one (task, arch, seed)."""
    return [f"{MODELS}/{recipe}/model.safetensors".format(**wildcards) for recipe in CONFIG.recipes_of(wildcards.arch)]


def temp_unless(stays, file):
    """An output, and whether it stays; otherwise it goes once no job of the run has it as an input any more."""
    return file if stays else temp(file)


def model_files(folder, suffix):
    """Files of all recipes of one (task, arch, seed) of the study."""
    return [f"{folder}/{recipe}{suffix}" for recipe in CONFIG.recipes]


def beside_model_files(folder):
    """The tokenizer beside those files, and their manifest."""
    return [f"{folder}/tokenizer.json", f"{folder}/files.json"]


def if_studied(file):
    """An input function: a file of one (task, arch, seed); nothing for a teacher outside the study."""
    return lambda wildcards: file.format(**wildcards) if wildcards.arch in CONFIG.study.architectures else []


def evaluations():
    """The metrics of every (task, arch, seed)."""
    study = CONFIG.study
    return expand(
        f"{RESULTS}/evaluations/{RUN}/metrics.json",
        task=study.tasks,
        arch=CONFIG.trained_architectures,
        seed=study.seeds,
    )


def latencies():
    """The latencies of every (task, arch, seed) that is measured; a teacher outside the study is not."""
    return expand(
        f"{RESULTS}/latency/{RUN}.csv",
        task=CONFIG.latency.tasks,
        arch=CONFIG.study.architectures,
        seed=CONFIG.measured_seeds,
    )


def histories():
    """The trainings that lead to the most compressed models, with distillation and without."""
    study = CONFIG.study
    return expand(
        f"{HISTORY}/{{recipe}}.csv",
        task=study.tasks,
        arch=study.architectures,
        seed=study.seeds,
        recipe=[recipe for first in ("ft", "kd") for recipe in recipes.chain(first, study.sparsities, study.bits)],
    )


def tables(*names):
    """Tables by name."""
    return [f"{RESULTS}/tables/{name}.csv" for name in names]


def drawn(rule):
    """The figures of a rule, each in three formats, one of them in the report."""
    return [file for figure in contents.figures_of(rule) for file in formats(figure)]


def formats(figure):
    """The files of a figure."""
    file = f"{RESULTS}/figures/{figure.name}"
    return [in_report(f"{file}.svg", figure, "Figure"), *multiext(file, ".pdf", ".png")]


def page_files():
    """The pages of tables, all in the report."""
    return [in_report(f"{RESULTS}/pages/{page.name}.html", page, "Table") for page in contents.pages(bool(MEASURED))]


def in_report(file, shown, kind):
    """An output that the report shows in the category, under the label and with the caption of a figure or page."""
    labels = {"result": f"{kind}: {shown.label}"}
    return report(file, caption=f"../report/{shown.caption}", category=shown.category, labels=labels)


def small_deliverables():
    """Enough of them to come after all: where a file of more than 1 MB looks newer, Snakemake takes it for changed."""
    return [file for file in deliverables() if not file.endswith((".html", ".png", ".svg"))]


def digest_of_jobs(wildcards):
    """Of settings and code of all jobs before the last: it reruns after any other, even one that made the same bytes."""
    jobs = [job for job in workflow.dag.jobs if job.output and job.rule.name != "record"]
    made = sorted((job.output[0], job.params.settings, job.params.code) for job in jobs)
    return f"jobs:{stable_seed(*(part for parts in made for part in parts)):016x}"


def tell_of_record():
    """Say so, where the run was recorded without DVC."""
    log = Path(LOGS, "record.log")
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    if lines and lines[-1].startswith("not recorded"):
        print(f"multipress: {lines[-1]}", file=sys.stderr)


def planned(rule):
    """Tasks for which the run is about to execute a rule."""
    return [job.wildcards.task for job in workflow.dag.needrun_jobs() if job.rule.name == rule]


def constraints():
    """What each wildcard may be: what the configuration names, so that a mistyped target has no rule."""
    names = {"task": CONFIG.study.tasks, "arch": CONFIG.trained_architectures, "seed": CONFIG.study.seeds}
    return {wildcard: "|".join(map(str, values)) for wildcard, values in names.items()}


def deliverables():
    """What ``all`` makes: whatever the rules that sum up put out."""
    final = [rules.tabulate, rules.plot, rules.analyze, rules.plot_analysis, rules.plot_training]
    final += [rules.summarize_run, rules.render_tables]
    final += [rules.tabulate_latency, rules.plot_latency] if MEASURED else []
    # As plain text: a file that is marked for the report would be marked once more.
    return [str(file) for rule in final for file in rule.output]

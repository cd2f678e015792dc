"""Helpers of the rules: paths, settings, and lists of files. No rules here."""

import inspect
import shlex
import sys
from functools import cache, partial
from pathlib import Path

ROOT = Path(workflow.basedir)
sys.path.insert(0, str(ROOT))

from multipress.workflow import (
    configuration_files,
    encoder_source,
    environment,
    front_page,
    inherited,
    load,
    preflight,
    rule_settings,
    snakemake_api,
    snakemake_records,
    snakemake_signals,
    tokenizer_source,
    training_inputs,
    unused,
)

from multipress.analysis import prediction_tables, survey_tables
from multipress.analysis import tables as analysis
from multipress.dissection import tables as dissection
from multipress.compression import recipes
from multipress.compression.method import Group
from multipress.workflow.code import plan, roots
from multipress.workflow.code.records import CodeRecords
from multipress.workflow.staleness.reasons import stale_jobs
from multipress.workflow.staleness.summary import summary
from multipress.workflow.step_settings import recipe_in
from multipress.workflow.worker import start as worker
from multipress.core.errors import UserError
from multipress.core.files import stable_seed, write_json
from multipress.data.tokenizer_files import TOKENIZER_FILES
from multipress.model.encoder_files import ENCODER_FILES
from multipress.reporting import contents


def exit_on_user_error(check, *arguments, **options):
    """What ``check`` returns; a user's mistake ends the run with one line."""
    try:
        return check(*arguments, **options)
    except UserError as error:
        sys.exit(f"multipress: error: {error}")


if not snakemake_api.plans_anew(workflow):
    snakemake_signals.stop_planning_at_once()
environment.export_search_paths(ROOT)
snakemake_records.let_dry_runs_look_on()
FILES = snakemake_api.given_configuration(workflow)
exit_on_user_error(snakemake_api.check_command_line, sys.argv)
exit_on_user_error(snakemake_api.check_cores, workflow)
exit_on_user_error(configuration_files.check_entries, sys.argv)
PLACES = exit_on_user_error(configuration_files.read, FILES.files, FILES.command_line)
CONFIG = exit_on_user_error(load.load, configuration_files.with_nulls(config, FILES.command_line), locate=PLACES.find)
exit_on_user_error(preflight.check_paths, CONFIG)
if workflow.is_main_process:
    for note in [*unused.notes(CONFIG, PLACES, FILES.files), *inherited.notes(CONFIG, PLACES, FILES.files[0])]:
        print(f"multipress: {note}", file=sys.stderr)

# For the report's first page.
config["provenance"] = front_page.LazyText(("code", "software", "machine"), environment.provenance)
config["answer"] = front_page.LazyText(("sentence", "figure", "place", "details"), partial(front_page.answer, CONFIG))
FRONT_PAGE = "report/own.rst" if CONFIG.has_only_own_tasks else "report/workflow.rst"

RESULTS = CONFIG.results
GPUS = 0 if CONFIG.runtime.device == "cpu" else 1
# Options that do not affect results, for resources: untracked. Snakemake compares params with those of the last run, but not
# resources: as a param, another device or number of seconds would make every model stale.
RUNTIME = shlex.join(rule_settings.runtime_options(CONFIG))
MEASURING = shlex.join(rule_settings.measuring_options(CONFIG))
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
REPRESENTATIONS = f"{RESULTS}/representations/{RUN}"
PROBES = f"{RESULTS}/probes"
LAYER_TIMES = f"{RESULTS}/latency/layers/{{arch}}.csv"
LOGS = f"{RESULTS}/logs"
BENCHMARKS = f"{RESULTS}/benchmarks"
CODES = CodeRecords(ROOT, Path(LOGS, "code"))
PLAN = f"{LOGS}/plan.json"
PLANNERS = plan.planners()
# Who stops a job sends SIGTERM to its whole process tree, a closed terminal SIGHUP: the shell waits until the script has
# saved its state.
SHELL = f"set -euo pipefail; trap : TERM HUP; export MULTIPRESS_PLAN={shlex.quote(PLAN)}; "
shell.prefix(SHELL)
# Specs of the methods in the study's recipes: what scripts depend on that read names of recipes.
NAMES_IN_RECIPES = roots.of_names(CONFIG.methods)

# Tables of the rules analyze, compare_predictions and compare_families.
ANALYZED = [table.name for table in analysis.TABLES]
COMPARED = [table.name for table in prediction_tables.TABLES]
SURVEYED = [table.name for table in survey_tables.TABLES]
# And of the parts that other studies lack.
OF_PARTS = [table.name for part in CONFIG.parts for table in contents.PARTS[part].tables]
# Of models with exits, if there are any: one more output of tabulate.
WITH_EXITS = {"exits": f"{RESULTS}/tables/exits.csv"} if "exits" in CONFIG.parts else {}
# A checkpoint's last file, and the only one that rules name: planning costs by the file.
CHECKPOINT = "model.safetensors"
# Any recipe, for wildcards; what is none is told when its job is planned.
RECIPES = "[A-Za-z0-9_-]+"
# Methods of the study's recipes; rules of others would be matched against every model's file and make none.
TRAINING_METHODS = [method for method in CONFIG.methods if method.trains]
CONVERTING_METHODS = [method for method in CONFIG.methods if not method.trains]


def configuration():
    """The configuration as merged from all its sources, without what nobody set."""
    return CONFIG.model_dump(mode="json", exclude_unset=True)


if snakemake_api.plans_anew(workflow):
    exit_on_user_error(lambda: plan.check_planning(plan.read(Path(PLAN)), configuration()))


def write_plan():
    """Write down what the run is planned with: jobs, and Snakemake on the nodes of a cluster, hold it against what they find."""
    jobs = snakemake_api.graph_of(workflow).jobs()
    codes = [job.param("code") for job in jobs if job.is_stale]
    made = {file for job in jobs for file in job.outputs}
    sources = {file for job in jobs for file in job.inputs} - made
    plan.write(plan.planned(configuration(), PLANNERS, codes, CODES.bytes_of_modules(), sources), Path(PLAN))
    CODES.write()
    write_json(f"{LOGS}/config.json", configuration())


def start_worker():
    """Let jobs be forked from a process that has the libraries loaded, where that is possible and saves time."""
    jobs = sum(job.is_stale for job in snakemake_api.graph_of(workflow).jobs())
    is_possible = snakemake_api.executor_of(workflow) == "local" and not snakemake_api.has_other_software(workflow)
    if CONFIG.runtime.worker == "auto" and is_possible and jobs >= worker.WORTHWHILE:
        text = SHELL + worker.start()
        shell.prefix(text.replace("{", "{{").replace("}", "}}"))  # it is read as a format


def for_snakemake(function):
    """The function with its signature cached: Snakemake reads it at every call, which is a tenth of planning."""
    function.__signature__ = inspect.signature(function)
    return function


def code_of(script):
    """Digest of what a script and its imports mean: editing them makes the rule stale, editing comments does not."""
    return exit_on_user_error(CODES.digest, script, names=NAMES_IN_RECIPES)


def code_of_augmentation(wildcards):
    """Digest of what augment and its imports mean; of the two dictionaries only the one that the task takes."""
    builtin = CONFIG.stage("augment", wildcards.task).lexicon == "builtin"
    unused = "wordnet_synonyms" if builtin else "builtin_synonyms"
    return exit_on_user_error(CODES.digest, "augment", without=(f"multipress.data.{unused}",))


def code_of_step(script):
    """A params function: the digest of a script that makes a model, with the methods of the model's recipe and its loss."""

    @cache
    def digest(recipe, task, arch):
        steps = parsed(recipe)
        loss = training_inputs.loss_section(CONFIG, steps, task, arch) if steps[-1].method.trains else None
        return digest_with(recipe, loss[0].name if loss else None)

    @cache
    def digest_with(recipe, loss):
        return exit_on_user_error(CODES.digest, script, roots.of_step(parsed(recipe), loss))

    return for_snakemake(lambda wildcards: digest(recipe_in(wildcards), wildcards.task, wildcards.arch))


def code_of_model(script):
    """A params function: the digest of a script that reads one model of the study, with its methods' layers."""

    @cache
    def digest(recipe):
        return exit_on_user_error(CODES.digest, script, roots.of_models([parsed(recipe)]))

    return for_snakemake(lambda wildcards: digest(wildcards.recipe))


def code_of_models(script, *parts):
    """A params function: the digest of a script that reads all models of one (task, arch, seed).

    It includes their methods' layers, and further parts of the methods.
    """

    @cache
    def digest(arch):
        return exit_on_user_error(CODES.digest, script, roots.of_models(map(parsed, CONFIG.recipes_of(arch)), *parts))

    return for_snakemake(lambda wildcards: digest(wildcards.arch))


def settings_of(rule):
    """A params function: the part of the configuration that the rule's result depends on, as one JSON string."""

    @for_snakemake
    def params(wildcards):
        return rule_settings.settings_json(rule, CONFIG, dict(wildcards.items()))

    return params


def source_of(split):
    """An input function: the file that a split is prepared from."""
    return lambda wildcards: str(preflight.source_file(CONFIG, wildcards.task, split.format(**wildcards)))


def corpus_files():
    """Text files of the pre-training corpus."""
    corpus = CONFIG.pretrain.corpus
    return [f"{GENERATED}/corpus.txt"] if corpus == "synthetic" else corpus


def tokenizer():
    """The tokenizer from the configured source: the file that stands for those of its folder."""
    return f"{TOKENIZER}/{CONFIG.tokenizer.source}/{TOKENIZER_FILES[0]}"


@for_snakemake
def encoder(wildcards):
    """The pretrained encoder of an architecture; nothing when training starts from scratch."""
    return encoder_of(wildcards.arch)


@for_snakemake
def encoder_config(wildcards):
    """What says how that encoder computes."""
    file = encoder_of(wildcards.arch)
    return file and str(Path(file).with_name("config.json"))


def source_of_encoder(wildcards):
    """The user's files of an encoder: its config.json, and its weights in one file or in shards."""
    return exit_on_user_error(encoder_source.source_files, CONFIG, wildcards.arch)


def encoder_of(arch):
    """The file of an architecture's encoder: from the configured source, or cut from another architecture's."""
    source = "derived" if CONFIG.source_architecture(arch) else CONFIG.encoder.source
    return [] if CONFIG.encoder.source == "scratch" else f"{ENCODERS}/{source}/{arch}/model.safetensors"


@for_snakemake
def source_encoder(wildcards):
    """The encoder that a derived architecture's is cut from."""
    return encoder_of(CONFIG.source_architecture(wildcards.arch).source)


def teacher_model():
    """The checkpoint of the teacher for a task and seed."""
    return f"{RESULTS}/models/{{task}}/{CONFIG.teacher}/seed{{seed}}/ft/model.safetensors"


@cache
def parsed(recipe):
    """The steps of a recipe; a name that is none ends the run with one line."""
    try:
        return recipes.steps(recipe, CONFIG.variant_steps)
    except ValueError as error:
        sys.exit(f"multipress: error: {error}")


def recipe_of(method):
    """The recipes of a method's rule, with wildcards."""
    return "{parent}-{step}" if has_parent(method) else "{step}"


def has_parent(method):
    """Whether a method changes a model that is there; others start from an encoder."""
    return method.group > Group.START


def steps_of(method):
    """A pattern of a method's steps and their variants."""
    own = [f"{method.prefix}[0-9]+"] if method.argument else [method.prefix, f"{method.prefix}{method.control or ''}"]
    variants = [name for name, step in CONFIG.variant_steps.items() if recipes.step(step).method == method]
    return "|".join([*own, *variants])


def inputs_to_train(method):
    """The inputs of a method's rule: rows, and the model that it starts from."""
    return {
        "task": f"{DATA}/task.json",
        "train": f"{TOKENS}/train.arrow",
        "monitor": f"{TOKENS}/monitor.arrow",
        "tokenizer": tokenizer(),
        "encoder": [] if has_parent(method) else encoder,
        "encoder_config": [] if has_parent(method) else encoder_config,
        "parent": f"{MODELS}/{{parent}}/{CHECKPOINT}" if has_parent(method) else [],
        "layer_times": LAYER_TIMES if method.reads_layer_times else [],
    }


@for_snakemake
def read_beside_rows(wildcards):
    """What a training reads beside the original rows, as its settings and those of its lineage say; all by one call."""
    needed = beside_rows(recipe_in(wildcards), wildcards.task, wildcards.arch)
    augmented = f"{TOKENS}/augmented.arrow"
    files = {"augmented": augmented, "counted": augmented, "logits": f"{TEACHER}/logits.safetensors"}
    found = {name: file.format(**wildcards) if getattr(needed, name) else [] for name, file in files.items()}
    teacher = f"{RESULTS}/models/{{task}}/{needed.feature_teacher}/seed{{seed}}/ft/model.safetensors"
    return found | {"features": teacher.format(**wildcards) if needed.feature_teacher else []}


@cache
def beside_rows(recipe, task, arch):
    """Which files those are: the same for all seeds."""
    try:
        return training_inputs.inputs_of(CONFIG, parsed(recipe), task, arch)
    except ValueError as error:
        sys.exit(f"multipress: error: {error}")


@for_snakemake
def feature_teacher(wildcards, input):
    """The folder of the teacher whose features a training learns, if it does."""
    return Path(input.features).parent if input.features else []


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


def predictions():
    """The predictions of every (task, arch, seed); a teacher outside the study is not compared."""
    study = CONFIG.study
    return expand(
        f"{RESULTS}/evaluations/{RUN}/predictions.parquet",
        task=study.tasks,
        arch=study.architectures,
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


@for_snakemake
def dense_parents(wildcards):
    """The packed dense parents that a model's attention is compared with."""
    seeds = rule_settings.against_seeds(CONFIG, dict(wildcards.items()))
    dense = CONFIG.dense_parent(wildcards.recipe)
    return [f"{RESULTS}/packed/{wildcards.task}/{wildcards.arch}/seed{seed}/{dense}.safetensors" for seed in seeds]


def representations(suffix):
    """Files of every model that is compared layer by layer."""
    study = CONFIG.study
    return expand(
        f"{REPRESENTATIONS}/{{recipe}}{suffix}",
        task=CONFIG.represented_tasks,
        arch=study.architectures,
        seed=study.seeds,
        recipe=CONFIG.represented,
    )


def probed_models():
    """What probes find in every model that is probed, and in an untrained one of each task and architecture."""
    chosen = {"task": CONFIG.probed_tasks, "arch": CONFIG.study.architectures}
    models = expand(f"{PROBES}/{RUN}/{{recipe}}.csv", seed=CONFIG.study.seeds, recipe=CONFIG.probed_recipes, **chosen)
    return [*models, *expand(f"{PROBES}/{{task}}/{{arch}}/untrained.csv", **chosen)]


def predictions_of_probed():
    """The predictions of every (task, arch, seed) whose models are probed."""
    return expand(
        f"{RESULTS}/evaluations/{RUN}/predictions.parquet",
        task=CONFIG.probed_tasks,
        arch=CONFIG.study.architectures,
        seed=CONFIG.study.seeds,
    )


def probed_rows():
    """The rows of those tasks."""
    return rows_of(CONFIG.probed_tasks)


def prepared_rows():
    """What models without an encoder learn and are scored on."""
    return rows_of(CONFIG.study.tasks)


def rows_of(tasks):
    """Prepared rows of tasks: those to learn from, and the dev set."""
    files = ("task.json", "train.parquet", "dev.parquet")
    return [f"{DATA}/{file}".format(task=task) for task in tasks for file in files]


def histories():
    """The trainings that lead to the most compressed models, with distillation and without."""
    study = CONFIG.study
    chains = [recipe for recipe in recipes.chains(study.groups) if parsed(recipe)[-1].method.trains]
    return expand(
        f"{HISTORY}/{{recipe}}.csv", task=study.tasks, arch=study.architectures, seed=study.seeds, recipe=chains
    )


def tables(*names):
    """Tables by name."""
    return [f"{RESULTS}/tables/{name}.csv" for name in names]


def drawn(rule, *parts):
    """The figures of a rule, each in three formats, one of them in the report.

    A rule of ``parts`` alone has its figures whatever the study asks for.
    """
    return [file for figure in contents.figures_of(rule, [*CONFIG.parts, *parts]) for file in formats(figure)]


def formats(figure):
    """The files of a figure."""
    file = f"{RESULTS}/figures/{figure.name}"
    return [in_report(f"{file}.svg", figure, "Figure"), *multiext(file, ".pdf", ".png")]


def page_files():
    """The pages of tables, all in the report."""
    shown = contents.pages(CONFIG.parts, CONFIG.has_only_own_tasks)
    return [in_report(f"{RESULTS}/pages/{page.name}.html", page, "Table") for page in shown]


def in_report(file, shown, kind):
    """An output that the report shows in the category, under the label and with the caption of a figure or page."""
    only_own = CONFIG.has_only_own_tasks
    if not contents.is_shown(shown, only_own):
        return file
    category = contents.numbered(shown.category, [*CONFIG.parts, shown.part], only_own)
    labels = {"result": f"{kind}: {shown.label}"}
    return report(file, caption=f"../report/{shown.caption}", category=category, labels=labels)


def small_deliverables():
    """Enough deliverables to run after all of them; Snakemake takes a file of more than 1 MB that is newer for changed."""
    return [file for file in deliverables() if not file.endswith((".html", ".png", ".svg"))]


def digest_of_jobs(wildcards):
    """A digest of settings and code of all other jobs: record reruns after any of them, even if it made the same bytes."""
    jobs = [job for job in snakemake_api.graph_of(workflow).jobs() if job.rule != "record"]
    made = sorted((job.outputs[0], job.param("settings"), job.param("code")) for job in jobs)
    return f"jobs:{stable_seed(*(part for parts in made for part in parts)):016x}"


def reasons_of_jobs(graph):
    """Why the jobs of a dry run would run, line by line."""
    return ["Why:", *(f"    {line}" for line in summary(stale_jobs(graph))), ""]


def report_unrecorded():
    """Print a line if the run was recorded without DVC."""
    log = Path(LOGS, "record.log")
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    if lines and lines[-1].startswith("not recorded"):
        print(f"multipress: {lines[-1]}", file=sys.stderr)


def planned(rule):
    """Tasks for which the run is about to execute a rule."""
    jobs = snakemake_api.graph_of(workflow).jobs()
    return [job.wildcards["task"] for job in jobs if job.is_stale and job.rule == rule]


def files_to_read():
    """The inputs of the jobs that the run is about to execute."""
    jobs = snakemake_api.graph_of(workflow).jobs()
    return {file for job in jobs if job.is_stale for file in job.inputs}


def constraints():
    """What each wildcard may be: what the configuration names, so that a mistyped target has no rule."""
    archs = [arch for trained in CONFIG.trained_architectures for arch in CONFIG.encoder_chain(trained)]
    names = {"task": CONFIG.study.tasks, "arch": dict.fromkeys(archs), "seed": CONFIG.study.seeds}
    return {wildcard: "|".join(map(str, values)) for wildcard, values in names.items()}


def deliverables():
    """What ``all`` makes: whatever the rules that sum up put out."""
    final = [rules.tabulate, rules.plot, rules.analyze, rules.plot_analysis, rules.plot_training]
    final += [
        rules.compare_predictions,
        rules.plot_changes,
        rules.compare_families,
        rules.summarize_run,
        rules.render_tables,
    ]
    of_parts = {
        "latency": (rules.tabulate_latency, rules.plot_latency),
        "floors": (rules.score_floors,),
        "dissection": (rules.dissect, rules.plot_dissection),
        "probes": (rules.tabulate_probes, rules.plot_probes),
        "lost_rows": (rules.find_lost_rows,),
    }
    final += [rule for part in CONFIG.parts for rule in of_parts.get(part, ())]
    # As plain text: a file that is marked for the report would be marked once more.
    return [str(file) for rule in final for file in rule.output]

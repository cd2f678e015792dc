"""Edits of the code, really made in a copy of the repository, and the stages that they make stale."""

import ast
import re
import shutil

import pytest

from multipress.compression.registry import methods
from multipress.workflow.code.digest import IMPORTING_BY_NAME, PACKAGES
from multipress.workflow.environment import ROOT
from multipress.workflow.staleness.rule_graph import follow
from tests.runs import check_out
from tests.workflow import graphs

TRAINED = tuple(name for name, method in methods().items() if method.trains)
EDITS = {
    "multipress/compression/prune/masks.py": ("prune", "quantize"),
    "multipress/compression/quantize/layers.py": (
        "quantize",
        "ternarize",
        "binarize",
        "calibrate",
        "export",
        "pack",
        "measure_latency",
        "measure_layers",
        "evaluate",
    ),
    "multipress/compression/distill/objective.py": ("distill", "distill_bilstm", "distill_cnn", "prune", "quantize"),
    "multipress/compression/distill_cnn/layers.py": ("distill_cnn", "pack", "measure_latency", "evaluate", "export"),
    "multipress/evaluation/metrics.py": ("evaluate", "score_floors"),
    "multipress/evaluation/word_model.py": ("score_floors",),
    "multipress/reporting/figures/style.py": (
        "plot",
        "plot_latency",
        "plot_training",
        "plot_analysis",
        "plot_changes",
        "plot_dissection",
        "plot_probes",
        "compare_families",
    ),
    "multipress/dissection/attention.py": ("represent",),
    "multipress/dissection/similarity.py": ("dissect",),
    "multipress/dissection/probes/regression.py": ("probe", "probe_untrained"),
    "multipress/analysis/survey/families.py": ("compare_families",),
    "multipress/reporting/figures/changes.py": ("plot_changes",),
    "multipress/analysis/predictions/paired.py": ("compare_predictions",),
    "multipress/reporting/figures/pareto.py": ("plot", "plot_analysis"),
    "multipress/analysis/extreme.py": ("plot",),
    "multipress/reporting/figures/training.py": ("plot_training",),
    "multipress/evaluation/training_curves.py": ("plot_training",),
    "multipress/analysis/ratios.py": ("analyze", "compare_families"),
    "multipress/analysis/all_tables.py": ("analyze",),
    "multipress/reporting/html_tables.py": ("render_tables",),
    "multipress/evaluation/results_table.py": (
        "tabulate",
        "plot",
        "tabulate_latency",
        "plot_latency",
        "plot_training",
        "summarize_run",
    ),
    "multipress/analysis/run_metrics.py": ("summarize_run",),
    "multipress/evaluation/paper_size.py": ("evaluate",),
    "multipress/evaluation/stored_size.py": ("evaluate",),
    "multipress/deployment/packed_file.py": ("pack", "evaluate", "probe"),
    "multipress/deployment/onnx_export.py": ("export", "measure_layers"),
    "multipress/deployment/onnxruntime_model.py": ("run_exported", "measure_latency", "measure_layers"),
    "multipress/compression/calibrate/ranges.py": ("calibrate", "measure_layers"),
    "multipress/compression/reduce_layers/apply.py": ("reduce_layers", "factorize"),
    "multipress/compression/factorize/export.py": ("export",),
    "multipress/training/importance.py": ("prune_heads", "prune_neurons", "prune_for_speed"),
    "multipress/model/bert.py": (
        *("pretrain", *TRAINED, "calibrate", "export", "pack", "measure_latency", "measure_layers", "evaluate"),
        *("probe", "probe_untrained"),
    ),
    "multipress/evaluation/latency/points.py": ("measure_latency", "measure_layers"),
    "multipress/evaluation/latency/settings.py": ("measure_latency", "measure_layers"),
    "multipress/evaluation/latency/graph_digest.py": ("measure_latency",),
    "multipress/deployment/sparse_csr.py": ("measure_latency",),
    "multipress/deployment/openvino_model.py": ("measure_latency",),
    "multipress/evaluation/latency/table.py": ("tabulate_latency", "plot_latency", "compare_families"),
    "multipress/reporting/figures/latency.py": ("plot_latency",),
    "multipress/training/dev_score.py": TRAINED,
    "multipress/training/pretraining.py": ("pretrain",),
    "multipress/data/augmentation.py": ("augment",),
    "multipress/data/checks.py": ("prepare_train", "prepare_dev"),
    "multipress/data/corpus.py": ("train_tokenizer", "pretrain"),
    "multipress/data/synthetic/sentiment.py": ("generate_data:train", "generate_data:dev", "generate_corpus"),
    "multipress/compression/finetune/settings.py": ("finetune",),
    "multipress/compression/distill/settings.py": ("distill", "distill_bilstm", "distill_cnn"),
    "multipress/compression/quantize/settings.py": ("quantize", "ternarize", "binarize", "tabulate_probes"),
    "multipress/compression/calibrate/settings.py": ("calibrate", "plot_training", "tabulate_probes"),
    "multipress/data/settings/augmentation.py": ("augment",),
    "workflow_scripts/train_step.py": TRAINED,
    "workflow_scripts/_steps.py": (*TRAINED, "calibrate"),
    # The grammar of recipes trains nothing: jobs that make models get numbers.
    "multipress/compression/recipes.py": (
        "tabulate",
        "tabulate_latency",
        "plot_training",
        "compare_predictions",
        "compare_families",
        "plot_dissection",
        "tabulate_probes",
    ),
    # Nothing made here comes from these, or they only plan.
    "multipress/data/hub.py": (),
    "multipress/data/wordnet.py": ("augment", "probe_data"),
    "multipress/workflow/configuration.py": ("record",),
    "multipress/workflow/rule_settings.py": ("record",),
    "multipress/workflow/code/digest.py": ("record",),
    "multipress/workflow/code/plan.py": (),
    "multipress/workflow/provenance/recording.py": ("record",),
    "multipress/workflow/staleness/table.py": (),
}


FOLLOWED = (
    [file for file, stages in EDITS.items() if not stages],
    ["multipress/workflow/code/digest.py"],
    ["multipress/evaluation/word_model.py", "multipress/reporting/figures/latency.py"],
    ["multipress/compression/prune/masks.py"],
    ["multipress/data/augmentation.py"],
)
"""Modules that are edited apart from all others."""


@pytest.fixture(scope="module")
def graph(finished, tmp_path_factory):
    return graphs.real(finished, tmp_path_factory.mktemp("edits") / "real")


@pytest.fixture
def repository(tmp_path):
    return check_out(tmp_path / "repository")


def edit(repository, files):
    for file in files:
        with (repository / file).open("a") as module:
            module.write("\n\ndef _new() -> int:\n    return 1\n")


@pytest.fixture(scope="module")
def edited(graph, tmp_path_factory):
    """The jobs that are stale where all modules were edited: each names those that it imports."""
    repository = check_out(tmp_path_factory.mktemp("edited") / "repository")
    edit(repository, EDITS)
    return graph.stale(root=repository)


@pytest.mark.parametrize("file", EDITS)
def test_an_edited_module_reruns_the_stages_that_import_it(edited, file):
    own = {job.rule for job in edited if f"{file} changed" in job.reasons}
    assert own >= {stage.partition(":")[0] for stage in EDITS[file]}
    assert set(follow(own)) == set(follow(EDITS[file]))


@pytest.mark.parametrize("files", FOLLOWED, ids=lambda files: files[0])
def test_all_that_follow_an_edited_module_are_stale_and_nothing_else(graph, repository, files):
    edit(repository, files)
    assert graph.rules(root=repository) == set(follow({stage for file in files for stage in EDITS[file]}))


def test_a_changed_number_in_a_function_is_an_edit(graph, repository):
    file = repository / "multipress" / "evaluation" / "metrics.py"
    text = file.read_text()
    assert 'return {"pearson": 0.0' in text
    file.write_text(text.replace('return {"pearson": 0.0', 'return {"pearson": 0.5'))
    assert graph.rules(root=repository) == set(follow(["evaluate", "score_floors"]))


def test_comments_docstrings_help_texts_layout_and_times_are_no_edits(graph, repository):
    for file in [*repository.glob("multipress/**/*.py"), *repository.glob("workflow_scripts/*.py")]:
        text = file.read_text()
        text = re.sub(r'^( *)"""(?=\S)', r'\1"""In other words: ', text, flags=re.MULTILINE)
        text = re.sub(r'description="', 'description="In other words: ', text)
        text = re.sub(r'help="', 'help="In other words: ', text)
        file.write_text("# A comment\n\n" + text + "\n# Another\n")
        ast.parse(file.read_text())
    for file in [repository / "Snakefile", *repository.glob("rules/*")]:
        file.touch()
    assert graph.rules(root=repository) == set()


def test_a_new_import_is_an_edit_of_what_imports(graph, repository):
    file = repository / "workflow_scripts" / "plot.py"
    file.write_text(
        file.read_text().replace(
            "import argparse\n", "import argparse\nfrom multipress.evaluation import paper_size\n", 1
        )
    )
    jobs = graph.stale(root=repository)
    assert {job.rule for job in jobs} == {"plot", "record"}
    assert {"multipress/evaluation/paper_size.py is imported now", "workflow_scripts/plot.py changed"} <= set(
        jobs[0].reasons
    )


def test_the_snakefile_tells_an_import_that_cannot_be_followed(finished, repository):
    file = repository / "workflow_scripts" / "plot.py"
    file.write_text(file.read_text().replace("import argparse\n", "import argparse\nimport importlib\n", 1))
    shutil.copytree(finished.folder, repository / "run")
    with pytest.raises(SystemExit, match=r"error: .*plot\.py uses importlib"):
        graphs.Graph(repository / "run", []).stale(root=repository)


def test_this_repository_makes_no_import_that_cannot_be_followed():
    files = [file for package in PACKAGES for file in ROOT.glob(f"{package}/**/*.py")]
    # No script imports anything of these, as digests make sure.
    others = [ROOT / "multipress" / name for name in ("workflow/worker", "commands/verbs.py", "documentation")]
    for file in files:
        if file.as_posix().endswith(IMPORTING_BY_NAME) or any(map(file.is_relative_to, others)):
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, file
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            assert not {"importlib", "runpy", "pkgutil", "imp", "*"} & {name.split(".")[0] for name in names}, file
            assert not (isinstance(node, ast.Name) and node.id in ("__import__", "exec", "eval")), file

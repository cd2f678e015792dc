"""The graph of a study with its controls: what they read, and what they leave alone."""

from multipress.workflow.environment import ROOT
from multipress.workflow.snakemake_api import dry_run
from multipress.workflow.step_settings import recipe_in

FILES = [ROOT / "config" / name for name in ("demo.yaml", "controls.yaml")]
NONE = {part: {"recipes": []} for part in ("dissection", "probing")}
"""No model is looked into: the studies below have others than the demo's."""
ONE = {"tasks": ["rte"], "architectures": ["milli"]}


def trainings(tmp_path, **study):
    """What each training reads beside the original rows and its parent, by its recipe."""
    files = FILES if study.get("controls") else FILES[:1]
    with dry_run(["all"], files, {"study": ONE | study} | NONE, tmp_path) as graph:
        jobs = [job for job in graph.jobs() if "step" in job.wildcards]
        return {recipe_in(job.wildcards): read(job) for job in jobs}


def read(job):
    names = {"augmented.arrow": "augmented", "logits.safetensors": "logits"}
    return {name for file, name in names.items() if any(path.endswith(file) for path in job.inputs)}


def test_controls_are_further_jobs_that_read_what_they_use(tmp_path):
    before, after = (trainings(tmp_path, controls=controls) for controls in (False, True))
    assert before.items() <= after.items()
    assert {name: after[name] for name in after.keys() - before.keys()} == {
        "ftl": {"augmented"},  # whose rows it counts
        "fta": {"augmented"},
        "kdo": {"augmented", "logits"},
        "kd-mp60t": {"augmented"},
        "kd-int8t": {"augmented"},
        **{f"kd-{control}": {"augmented", "logits"} for control in ("mp0", "int32", "mp60-int32")},
        **{f"ft-{control}": set() for control in ("mp0", "int32", "mp60-int32")},
    }


def test_few_bits_and_few_layers_have_controls_too(tmp_path):
    crosses = {"sparsities": None, "bits": None, "cross": [["ft"], ["l1"], ["ter", "bin"]], "recipes": []}
    found = trainings(tmp_path, controls=True, **crosses)
    compressed = {"ft-l1", "ft-ter", "ft-bin", "ft-l1-ter", "ft-l1-bin"}
    assert found.keys() == {
        *("ft", *compressed),
        *("ft-l96", "ft-ter32", "ft-bin32", "ft-l1-ter32", "ft-l1-bin32"),
    }


def test_labels_on_augmented_rows_need_no_teacher(tmp_path):
    study = ONE | {"controls": False, "sparsities": None, "bits": None, "cross": [["ft"]], "recipes": ["fta"]}
    variants = {"fta": {"step": "ft", "set": {"augment": True}}}
    with dry_run(["all"], FILES[:1], {"study": study, "variants": variants} | NONE, tmp_path) as graph:
        found = {job.rule for job in graph.jobs()}
    assert "augment" in found
    assert not {"label_with_teacher", "distill"} & found

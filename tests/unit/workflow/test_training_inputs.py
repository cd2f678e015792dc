"""Which files a training reads: the settings of all steps of its lineage decide."""

import pytest

from multipress.compression import recipes
from multipress.workflow.training_inputs import inputs_of
from tests.unit.workflow.test_rule_settings import configuration

VARIANTS = {
    "ftl": {"step": "kd", "set": {"objective": "task", "augment": False, "epochs_over": "augmented"}},
    "fta": {"step": "kd", "set": {"objective": "task"}},
    "kdo": {"step": "kd", "set": {"augment": False, "epochs_over": "augmented"}},
    "kdshort": {"step": "kd", "set": {"augment": False}},
    "ftboth": {"step": "ft", "set": {"augment": True}},
    "mpt": {"step": "mp60", "set": {"objective": "task"}},
    "mpo": {"step": "mp60", "set": {"augment": False}},
    "mplong": {"step": "mp60", "set": {"epochs_over": "augmented"}},
}
NOTHING, AUGMENTED, COUNTED, LOGITS = set(), {"augmented"}, {"counted"}, {"logits"}


def read(recipe, **changes):
    config = configuration(variants=VARIANTS, **changes)
    found = inputs_of(config, recipes.steps(recipe, config.variant_steps), "sst2", "nano")
    return {name for name, needed in found._asdict().items() if needed}


@pytest.mark.parametrize(
    ("recipe", "needed"),
    [
        ("ft", NOTHING),
        ("ft-mp60-int8", NOTHING),
        ("kd", AUGMENTED | LOGITS),
        ("kd-mp60-int8", AUGMENTED | LOGITS),
        ("ftl", COUNTED),
        ("fta", AUGMENTED),
        ("kdo", COUNTED | LOGITS),
        ("kdshort", LOGITS),
        ("kdo-mp60", LOGITS),
        ("fta-mp60", AUGMENTED),
        ("ftboth", AUGMENTED),
        ("ftboth-int8", AUGMENTED),
        ("kd-mpt", AUGMENTED),
        ("kd-mpt-int8", AUGMENTED),
        ("kd-mpo", LOGITS),
        ("ft-mplong", COUNTED),
        ("kd-mplong", AUGMENTED | LOGITS),
    ],
)
def test_what_a_training_reads_beside_the_original_rows(recipe, needed):
    assert read(recipe) == needed


def test_an_override_reaches_only_its_jobs():
    override = {"arch": "nano", "stage": "distill", "set": {"objective": "task"}}
    assert read("kd-int8", overrides=[override]) == AUGMENTED
    assert read("kd-int8", overrides=[override | {"arch": "milli"}]) == AUGMENTED | LOGITS

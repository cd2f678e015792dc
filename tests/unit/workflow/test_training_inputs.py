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
    "mpf": {"step": "mp60", "set": {"objective": "features"}},
    "mpl": {"step": "mp60", "set": {"objective": "logits"}},
}
NOTHING, AUGMENTED, COUNTED, LOGITS = set(), {"augmented"}, {"counted"}, {"logits"}
FEATURES = {"feature_teacher"}


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
        ("fkd", AUGMENTED | FEATURES),
        ("fkd-mp60-int8", AUGMENTED | FEATURES),
        ("fkd-mpl", AUGMENTED | LOGITS),
        ("fkd-mpt-int8", AUGMENTED),
        ("ft-mpf-int8", FEATURES),
        ("kd-mpf", AUGMENTED | FEATURES),
        ("kdo-mp60", LOGITS),
        ("fta-mp60", AUGMENTED),
        ("ftboth", AUGMENTED),
        ("ftboth-int8", AUGMENTED),
        ("kd-mpt", AUGMENTED),
        ("kd-mpt-int8", AUGMENTED),
        ("kd-mpo", LOGITS),
        ("ft-mplong", COUNTED),
        ("kd-mplong", AUGMENTED | LOGITS),
        ("cnn8", AUGMENTED | LOGITS),
        ("bilstm8-int8", AUGMENTED | LOGITS),
    ],
)
def test_what_a_training_reads_beside_the_original_rows(recipe, needed):
    assert read(recipe) == needed


def test_an_override_reaches_only_its_jobs():
    override = {"arch": "nano", "stage": "distill", "set": {"objective": "task"}}
    assert read("kd-int8", overrides=[override]) == AUGMENTED
    assert read("kd-int8", overrides=[override | {"arch": "milli"}]) == AUGMENTED | LOGITS


@pytest.mark.parametrize(
    ("arch", "teacher", "expected"),
    [("nano", None, "nano"), ("nano", "slim", "slim"), ("slim", None, "slim")],
)
def test_the_teacher_of_features_is_of_the_same_width(arch, teacher, expected):
    config = configuration(
        distill_features={"teacher": teacher}, custom_architectures=SLIM, study={"architectures": ["nano", "slim"]}
    )
    assert inputs_of(config, recipes.steps("fkd"), "sst2", arch).feature_teacher == expected


SLIM = {"slim": {"layers": 4, "hidden": 32, "heads": 2, "feed_forward": 64}}


@pytest.mark.parametrize(
    ("arch", "teacher", "message"),
    [
        ("nano", "milli", "fkd of nano learns the features of milli, whose hidden size is 128, not 32"),
        ("slim", "nano", "fkd of slim, which has 4 layers, learns the features of nano, which has 1"),
        ("nano", "slim", "distill_features.teacher: slim is not trained in this study: add it to study.architectures"),
        ("nano", "professor", "distill_features.teacher: unknown architecture 'professor'"),
    ],
)
def test_a_teacher_whose_features_do_not_fit_is_refused(arch, teacher, message):
    config = configuration(distill_features={"teacher": teacher}, custom_architectures=SLIM)
    with pytest.raises(ValueError, match=message):
        inputs_of(config, recipes.steps("fkd"), "sst2", arch)


def test_a_student_without_attention_learns_no_features():
    config = configuration(quantize={"objective": "features"})
    with pytest.raises(ValueError, match="cnn8-int8 of nano cannot learn features, for it has no Transformer layers"):
        inputs_of(config, recipes.steps("cnn8-int8"), "sst2", "nano")

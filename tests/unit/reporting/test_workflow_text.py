"""The report's first page, filled in as Snakemake does it."""

from types import SimpleNamespace

import jinja2
import pytest
import yaml
from docutils.core import publish_parts

from multipress.workflow.environment import ROOT

NEWLINE = "\n"
IMAGE = "data:image/svg+xml;base64," + "\n".join(["QUJD" * 19] * 300)
ANSWER = {
    "sentence": "Sizes multiply.",
    "figure": IMAGE,
    "place": "1. Do they multiply?, Sizes at equal score",
    "details": "take     ft-int8: the smallest that loses at most 2 points\nfile     2 MB",
}

STUDIES = [
    ({}, ["Sparsities of the encoder", "Bits of quantized weights: 8."]),
    (
        {"cross": [["ft", "kd"], ["l2"], ["int8"]], "sparsities": None, "bits": None, "recipes": ["ft-ptq8"]},
        ["ft, kd; l2; int8.", "Further recipes: ft-ptq8."],
    ),
]


@pytest.mark.parametrize(("study", "expected"), STUDIES)
def test_it_names_what_was_run(study, expected):
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    config["study"] |= study
    config["variants"] = {"kdhot": {"step": "kd", "set": {"temperature": 4.0, "epochs": 2}}}
    text = filled_in("workflow", config)
    for part in [*expected, "The variant kdhot is kd with\ntemperature 4.0, epochs 2."]:
        assert part in text


def filled_in(name, config):
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)  # as Snakemake's
    template = environment.from_string((ROOT / "report" / f"{name}.rst").read_text(encoding="utf-8"))
    return template.render(snakemake=SimpleNamespace(config=config | {"answer": ANSWER, "provenance": {}}))


@pytest.mark.parametrize("source", ["hub", "synthetic"])
@pytest.mark.parametrize("name", ["workflow", "own"])
def test_the_answer_and_its_figure_come_first_and_all_of_it_can_be_read(name, source):
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    config["data"]["source"] = source
    made = publish_parts(filled_in(name, config), writer_name="html", settings_overrides={"halt_level": 2})["body"]
    assert made.startswith("<p><strong>Sizes multiply.</strong></p>")
    assert f'src="{IMAGE.replace(NEWLINE, "")}"' in made
    assert ("smallest that" in made) == (name == "own")
    assert ("The data are synthetic" in made) == (source == "synthetic" and name == "workflow")

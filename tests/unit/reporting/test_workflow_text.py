"""The report's first page, filled in as Snakemake does it."""

from types import SimpleNamespace

import jinja2
import pytest
import yaml

from multipress.workflow.environment import ROOT

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
    template = jinja2.Template((ROOT / "report" / "workflow.rst").read_text(encoding="utf-8"))
    text = template.render(snakemake=SimpleNamespace(config=config | {"provenance": {}}))
    for part in [*expected, "The variant kdhot is kd with\ntemperature 4.0, epochs 2."]:
        assert part in text

"""Which rules follow which, from Snakemake's graph of the tests' small study."""

import pytest

from multipress.workflow.staleness import rule_graph
from multipress.workflow.staleness.rule_graph import follow


def test_the_whole_graph_follows_its_sources():
    assert follow(["generate_data"])[:4] == ["generate_data", "prepare_train", "prepare_dev", "augment"]
    assert follow(["generate_data"])[-1] == "record"
    assert follow(["record"]) == ["record"]


def test_splits_are_told_apart():
    assert {"finetune", "evaluate"} <= set(follow(["tokenize:train"]))
    assert follow(["tokenize:dev"])[:2] == ["tokenize", "run_exported"]
    assert "finetune" not in follow(["tokenize:dev"])
    assert set(follow(["tokenize"])) == set(follow(["tokenize:train", "tokenize:dev"]))


def test_an_ancient_input_is_no_reason():
    assert "prepare_train" not in follow(["generate_data:dev"])
    assert "prepare_train" in follow(["generate_data:train"])


def test_rules_of_every_source_are_in_the_graph():
    sources = ["download_data", "generate_data", "import_encoder", "download_encoder", "pretrain", "import_tokenizer"]
    for rule in sources:
        assert "finetune" in follow([rule])


def test_a_mistyped_rule_is_an_error():
    with pytest.raises(ValueError, match=r"the graph has no rule tokenise: it has .*tokenize:dev"):
        follow(["tokenise"])


def test_rules_that_follow_each_other_have_an_order():
    edges = {"c": {"d"}, "a": {"b"}, "b": {"a", "c"}, "d": set()}
    assert rule_graph._sorted(edges, ["b", "a", "d", "c"]) == ["b", "a", "c", "d"]
    assert rule_graph._sorted({"b": set(), "a": {"b"}}, ["b", "a"]) == ["a", "b"]

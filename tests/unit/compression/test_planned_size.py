import pytest
import torch
from transformers import BertConfig, BertModel

from multipress.compression import recipes
from multipress.compression.planned_size import paper_mb, planned_size
from multipress.model.paper_shapes import PAPER
from multipress.model.shape import ArchitectureSpec

# Table 1 of the paper and the x-axis of its Figure 1, in MB.
PAPER_MB = {
    "ft": {"large": 1340.6, "base": 437.9, "medium": 165.5, "small": 115.1, "mini": 44.7, "tiny": 17.55},
    "ft-int8": {"large": 335.1, "base": 109.5, "medium": 41.4, "small": 28.8, "mini": 11.2, "tiny": 4.39},
    "ft-mp40": {"large": 857.4, "base": 302.0, "medium": 125.2, "small": 94.9, "mini": 39.6, "tiny": 16.92},
    "ft-mp60": {"large": 615.8, "base": 234.1, "medium": 105.1, "small": 84.9, "mini": 37.1, "tiny": 16.60},
    "ft-mp40-int8": {"large": 214.4, "base": 75.5, "medium": 31.3, "small": 23.7, "mini": 9.91, "tiny": 4.23},
    "ft-mp60-int8": {"large": 154.0, "base": 58.5, "medium": 26.3, "small": 21.2, "mini": 9.28, "tiny": 4.15},
}
MILLION_PARAMETERS = {"large": 335.14, "base": 109.48, "medium": 41.37, "small": 28.76, "mini": 11.17, "tiny": 4.39}
ODD = ArchitectureSpec(layers=3, hidden=24, heads=3, feed_forward=40)


@pytest.mark.parametrize("arch", PAPER)
@pytest.mark.parametrize("recipe", PAPER_MB)
def test_sizes_are_those_of_the_paper(arch, recipe):
    size = recipes.planned(planned_size(PAPER[arch]), recipe)
    assert paper_mb(size) == pytest.approx(PAPER_MB[recipe][arch], abs=0.1)


@pytest.mark.parametrize("arch", PAPER)
def test_parameter_counts_are_those_of_the_paper(arch):
    assert planned_size(PAPER[arch]).parameters / 1e6 == pytest.approx(MILLION_PARAMETERS[arch], abs=0.006)


@pytest.mark.parametrize(("spec", "vocabulary"), [*((spec, 30522) for spec in PAPER.values()), (ODD, 77)])
def test_counts_are_those_of_the_real_model(spec, vocabulary):
    shapes = _real_shapes(spec, vocabulary)
    linear = [shape.numel() for name, shape in shapes.items() if name.startswith("encoder.layer") and len(shape) == 2]
    embeddings = [shape.numel() for name, shape in shapes.items() if name.startswith("embeddings.")]
    size = planned_size(spec, vocabulary)
    assert size.parameters == sum(shape.numel() for shape in shapes.values())
    assert size.encoder_weights == sum(linear)
    assert size.embeddings == sum(embeddings)


def _real_shapes(spec: ArchitectureSpec, vocabulary: int) -> dict[str, torch.Size]:
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=spec.hidden,
        num_hidden_layers=spec.layers,
        num_attention_heads=spec.heads,
        intermediate_size=spec.feed_forward,
    )
    with torch.device("meta"):
        model = BertModel(config)
    return {name: parameter.shape for name, parameter in model.named_parameters()}


def test_without_embeddings_the_encoder_and_pooler_remain():
    size = recipes.planned(planned_size(PAPER["tiny"]), "ft-mp40-int8")
    assert paper_mb(size) - paper_mb(size, with_embeddings=False) == pytest.approx(size.embeddings / 1e6)


def test_four_of_mediums_eight_layers_have_the_size_of_small():
    assert recipes.planned(planned_size(PAPER["medium"]), "ft-l4") == planned_size(PAPER["small"])


@pytest.mark.parametrize(
    ("recipe", "parameters"),
    [
        # Base has 12 heads of 64 and 3072 neurons in 12 layers of width 768.
        ("ft-h50", 12 * (4 * 768 * 384 + 3 * 384)),
        ("ft-f50", 12 * (2 * 768 * 1536 + 1536)),
        ("ft-l6-h50-f75", None),
    ],
)
def test_heads_and_neurons_take_their_weights_and_biases_along(recipe, parameters):
    dense, cut = planned_size(PAPER["base"]), recipes.planned(planned_size(PAPER["base"]), recipe)
    if parameters is None:
        parameters = 6 * (7_087_872 + 4 * 768 * 384 + 3 * 384 + 2 * 768 * 2304 + 2304)
    assert dense.parameters - cut.parameters == parameters


def test_low_rank_factors_keep_at_most_the_share_of_each_matrix():
    dense, factored = planned_size(ODD), recipes.planned(planned_size(ODD), "ft-r50")
    assert 0.4 * dense.encoder_weights < factored.encoder_weights <= 0.5 * dense.encoder_weights
    assert dense.parameters - factored.parameters == dense.encoder_weights - factored.encoder_weights

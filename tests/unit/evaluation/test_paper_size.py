import pytest
import torch
from transformers import BertConfig, BertModel

from multipress.compression import recipes
from multipress.evaluation.paper_size import (
    backbone_parameters,
    embedding_parameters,
    encoder_linear_weights,
    paper_mb,
)
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
    size = paper_mb(PAPER[arch], 30522, recipes.sparsity(recipe), recipes.bits(recipe))
    assert size == pytest.approx(PAPER_MB[recipe][arch], abs=0.1)


@pytest.mark.parametrize("arch", PAPER)
def test_parameter_counts_are_those_of_the_paper(arch):
    assert backbone_parameters(PAPER[arch]) / 1e6 == pytest.approx(MILLION_PARAMETERS[arch], abs=0.006)


@pytest.mark.parametrize(("spec", "vocabulary"), [*((spec, 30522) for spec in PAPER.values()), (ODD, 77)])
def test_counts_are_those_of_the_real_model(spec, vocabulary):
    shapes = _real_shapes(spec, vocabulary)
    linear = [shape.numel() for name, shape in shapes.items() if name.startswith("encoder.layer") and len(shape) == 2]
    embeddings = [shape.numel() for name, shape in shapes.items() if name.startswith("embeddings.")]
    assert backbone_parameters(spec, vocabulary) == sum(shape.numel() for shape in shapes.values())
    assert encoder_linear_weights(spec) == sum(linear)
    assert embedding_parameters(spec, vocabulary) == sum(embeddings)


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
    spec = PAPER["tiny"]
    whole, rest = (paper_mb(spec, 30522, 0.4, 8, with_embeddings=included) for included in (True, False))
    assert whole - rest == pytest.approx(embedding_parameters(spec) / 1e6)

"""The paper's size of a model, counted on its own parameters; MB is 10^6 bytes."""

from multipress.compression.planned_size import backbone_mb
from multipress.compression.steps_file import ModelSteps
from multipress.model.bert import BertClassifier


def paper_mb(model: BertClassifier, steps: ModelSteps, with_embeddings: bool = True) -> float:
    """Size in MB as in Table 1 and Figure 1 of Movva et al. (2022).

    Every parameter of the backbone counts as many bits as its weights have, the embeddings included, and what pruning
    set to zero counts nothing. Shapes are those of the model; sparsity and bits are what its steps say.
    """
    bert = model.bert
    parameters = sum(parameter.numel() for parameter in bert.parameters())
    weights = sum(parameter.numel() for parameter in bert.encoder.parameters() if parameter.ndim == 2)
    left_out = 0 if with_embeddings else sum(parameter.numel() for parameter in bert.embeddings.parameters())
    return backbone_mb(parameters, weights, left_out, steps.sparsity, steps.bits)

"""The paper's size of a model, counted on its own parameters; MB is 10^6 bytes."""

from multipress.compression.planned_size import backbone_mb, exits_mb
from multipress.compression.quantize.layers import QuantizedEmbedding
from multipress.compression.steps_file import ModelSteps
from multipress.model.bert import BertClassifier
from multipress.model.exits import Exits


def paper_mb(model: BertClassifier, steps: ModelSteps, with_embeddings: bool = True) -> float:
    """Size in MB as in Table 1 and Figure 1 of Movva et al. (2022).

    Every parameter of the backbone counts as many bits as its weights have (ternary ones two), all embeddings as many
    as the word table has, and what pruning set to zero counts nothing; where zeros have a pattern, each weight that
    stays counts the bits of its index, too. Poolers of exits are floats. Shapes are those of the model; sparsity and
    bits are what its steps say.
    """
    bert = model.bert
    parameters = sum(parameter.numel() for parameter in bert.parameters())
    weights = sum(parameter.numel() for parameter in bert.encoder.parameters() if parameter.ndim == 2)
    embeddings = sum(parameter.numel() for parameter in bert.embeddings.parameters())
    rest = backbone_mb(parameters - embeddings, weights, steps.sparsity, steps.bits, steps.index_bits)
    words = [table for table in bert.embeddings.word_embeddings.modules() if isinstance(table, QuantizedEmbedding)]
    bits = words[0].weight_quantizer.bits if words else steps.bits
    if isinstance(model.exits, Exits):
        rest += exits_mb(sum(weight.numel() for weight in model.exits.poolers()))
    return rest + (embeddings * bits / 8 / 1e6 if with_embeddings else 0.0)

"""What an exported model looks like from outside: its inputs and what its metadata say."""

from multipress.bert import BertConfig
from multipress.text_format import TextFormat

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
"""int64, of shape (batch, length)."""

OUTPUT = "logits"
"""float32, of shape (batch, outputs)."""

CONFIG, TEXT = "multipress.config", "multipress.text"
"""Keys of the metadata: the model's configuration and the form of its rows, as JSON."""


def metadata(config: BertConfig, text: TextFormat) -> dict[str, str]:
    """What an exported model says of itself."""
    return {CONFIG: config.model_dump_json(), TEXT: text.model_dump_json()}

"""The configuration of a BERT, by the keys and defaults of transformers' config.json."""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Activation = Literal["gelu", "gelu_tanh", "relu", "silu"]

ACTIVATIONS: dict[str, Activation] = {
    "gelu": "gelu",
    "gelu_python": "gelu",
    "gelu_new": "gelu_tanh",
    "gelu_fast": "gelu_tanh",
    "gelu_accurate": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "gelu_python_tanh": "gelu_tanh",
    "relu": "relu",
    "silu": "silu",
    "swish": "silu",
}
"""The function behind each ``hidden_act`` of transformers that is computed here; several names mean one function."""


STUDENT: Final = "multipress"
"""The ``model_type`` of models without attention: steps.json says what they are, and transformers loads none."""


class BertConfig(BaseModel):
    """The keys that matter to a BERT's numbers; ``multipress.model.config_file`` says what becomes of all others."""

    model_config = ConfigDict(extra="ignore")

    architectures: list[str] = ["BertForSequenceClassification"]
    model_type: Literal["bert", "multipress"] = "bert"
    vocab_size: int = Field(ge=1)
    hidden_size: int = Field(ge=1)
    num_hidden_layers: int = Field(ge=1, le=1000)
    num_attention_heads: int = Field(ge=1)
    intermediate_size: int = Field(ge=1)
    hidden_act: str = "gelu"
    hidden_dropout_prob: float = Field(0.1, ge=0, le=1)
    attention_probs_dropout_prob: float = Field(0.1, ge=0, le=1)
    max_position_embeddings: int = Field(512, ge=1)
    type_vocab_size: int = Field(2, ge=1)
    initializer_range: float = Field(0.02, ge=0, allow_inf_nan=False)
    layer_norm_eps: float = Field(1e-12, ge=0, allow_inf_nan=False)
    pad_token_id: int | None = Field(0, ge=0)
    problem_type: Literal["regression", "single_label_classification"] | None = None
    id2label: dict[int, str] = {0: "LABEL_0", 1: "LABEL_1"}
    label2id: dict[str, int] = {"LABEL_0": 0, "LABEL_1": 1}

    @model_validator(mode="after")
    def _consistent(self) -> "BertConfig":
        if self.hidden_act not in ACTIVATIONS:
            known = ", ".join(ACTIVATIONS)
            raise ValueError(f"hidden_act is {self.hidden_act!r}, which is not computed here; known are {known}")
        if self.hidden_size % self.num_attention_heads:
            raise ValueError(
                f"hidden_size {self.hidden_size} is not a multiple of num_attention_heads {self.num_attention_heads}"
            )
        if self.pad_token_id is not None and self.pad_token_id >= self.vocab_size:
            raise ValueError(f"pad_token_id is {self.pad_token_id}, but vocab_size is {self.vocab_size}")
        return self

    @property
    def activation(self) -> Activation:
        """The function between the two products of a feed-forward block."""
        return ACTIVATIONS[self.hidden_act]

    @property
    def outputs(self) -> int:
        """Logits of a row: one a label, or one for regression."""
        return len(self.id2label)

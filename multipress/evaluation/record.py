"""What an evaluation says of one model: a row of results.csv."""

from pydantic import BaseModel, ConfigDict, FiniteFloat, NonNegativeInt

SIZES = [
    *(f"{definition}_mb{part}" for definition in ("paper", "deployed", "packed") for part in ("", "_no_embeddings")),
    *("onnx_mb", "entropy_mb", "entropy_mb_no_embeddings"),
]
"""Size columns in MB; ``paper_size``, ``stored_size`` and ``entropy``, beside this module, compute those of no file."""

LATER = ("onnx_mb", "mean_layers", "trained_on")
"""Columns that tables of earlier versions lack: there they are not known."""

DEPLOYED = ["score_deployed", "logits_gap", "logits_gap_mean", "logits_gap_p99", "predictions_changed", "onnx_mb"]
"""Columns that are known of exported models alone; ``multipress.evaluation.parity`` computes the gaps."""


TRAINED = ["steps", "rows_seen", "compute"]
"""Columns that say how long the model and those that it was made from were trained."""


class ExitPoint(BaseModel):
    """A model with exits at one threshold: a row of exits.csv."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str
    threshold: FiniteFloat
    layers: NonNegativeInt
    """Of the model."""
    mean_layers_train: FiniteFloat
    """Layers that a row passes on average, on the training rows that the threshold comes from."""
    mean_layers: FiniteFloat
    """The same on the dev set."""
    score: FiniteFloat
    """100 times the primary metric on the dev set."""


NESTED = ("exits",)
"""Fields of a record that are tables of their own."""


class Record(BaseModel):
    """One evaluated model. Scores on further dev sets are extra keys such as ``accuracy_mismatched``."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, FiniteFloat]

    task: str
    arch: str
    recipe: str
    seed: NonNegativeInt
    data: str
    """Where the rows come from: hub, folder or synthetic."""
    metric: str
    score: FiniteFloat
    """100 times the primary metric on the dev set."""
    score_majority: FiniteFloat
    """The same if every row is answered alike; ``multipress.evaluation.metrics.majority_score`` computes it."""
    score_deployed: FiniteFloat | None
    """100 times the primary metric of the exported model in onnxruntime."""
    logits_gap: FiniteFloat | None
    """The largest difference between the two models' logits as a share of their range."""
    logits_gap_mean: FiniteFloat | None
    """The mean of these differences, as a share of the same range."""
    logits_gap_p99: FiniteFloat | None
    """Their 99th percentile, as a share of the same range."""
    predictions_changed: NonNegativeInt | None
    """Rows of the dev set whose label the exported model predicts otherwise; None for regression."""
    accuracy: FiniteFloat | None = None
    f1: FiniteFloat | None = None
    matthews: FiniteFloat | None = None
    pearson: FiniteFloat | None = None
    spearman: FiniteFloat | None = None
    rows: NonNegativeInt
    """Rows of the dev set."""
    parameters: NonNegativeInt
    nonzero: NonNegativeInt
    paper_mb: FiniteFloat
    paper_mb_no_embeddings: FiniteFloat
    deployed_mb: FiniteFloat
    deployed_mb_no_embeddings: FiniteFloat
    packed_mb: FiniteFloat | None
    packed_mb_no_embeddings: FiniteFloat | None
    onnx_mb: FiniteFloat | None
    """The ONNX file that runs, with its graph; None where there is none."""
    entropy_mb: FiniteFloat
    entropy_mb_no_embeddings: FiniteFloat
    steps: NonNegativeInt | None = None
    """Steps of the optimizer in all trainings of the recipe; None where steps.json does not say."""
    rows_seen: NonNegativeInt | None = None
    """Training rows in those steps, each as often as it was read."""
    compute: NonNegativeInt | None = None
    """The sum over these trainings of rows seen times the model's parameters outside the embeddings."""
    mean_layers: FiniteFloat | None = None
    """Layers that a row of the dev set passes on average; None where all pass all, for there are no exits."""
    exits: list[ExitPoint] | None = None
    """The model at other thresholds."""
    train_seconds: FiniteFloat
    trained_on: str | None = None
    """The device of its own training; None in evaluations from before it was noted."""
    micro_batch: int | None
    evaluate_seconds: FiniteFloat

"""Settings of the analysis."""

from typing import Annotated, Literal

from pydantic import Field

from multipress.core.settings import Section, Seed


class AnalyzeSettings(Section):
    """What the score is, how sizes are compared at equal score, and how sure the answers have to be."""

    score: Literal["accuracy", "glue"] = Field(
        "accuracy",
        description="The score of GLUE's tasks: as the results have it, accuracy or Pearson's correlation as in the "
        "paper; or as GLUE ranks them, with F1, Matthews' and Spearman's correlation.",
    )
    tolerance: float = Field(0.5, ge=0, le=100, description="What a model may lose against its baseline.")
    tolerance_kind: Literal["absolute", "relative"] = Field(
        "absolute", description="Whether that is in points of the score or in percent of the baseline's."
    )
    budgets: list[Annotated[float, Field(ge=0, le=100)]] = Field(
        [0.5, 1.0, 2.0], description="Further tolerances at which methods are ranked, of the same kind."
    )
    size_budgets: list[Annotated[float, Field(gt=0, le=1e9)]] | None = Field(
        None, description="Sizes in MB within which the best score is sought; null: those of the uncompressed models."
    )
    draws: int = Field(10_000, ge=100, le=1_000_000, description="Bootstrap draws.")
    seed: Seed = Field(0, description="Seed of the bootstrap's random numbers.")
    confidence: float = Field(0.95, ge=0.5, le=0.999, description="Confidence of the intervals.")
    equivalence: float = Field(
        0.1, gt=0, le=100, description="Deviations of ratios that count as none: up to 1 + this, or its inverse."
    )
    equivalence_points: float = Field(
        0.5, gt=0, le=100, description="Deviations of scores that count as none, in points."
    )

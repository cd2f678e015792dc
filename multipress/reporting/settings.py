"""Settings of the figures."""

from pydantic import Field

from multipress.core.settings import Section


class PlotSettings(Section):
    """How figures are drawn."""

    dots_per_inch: int = Field(200, ge=50, le=600, description="Resolution of the PNG files.")
    paper_points: bool | None = Field(
        None,
        description="Whether Figure 1 shows the paper's points faintly beside ours; null: if the study has its tasks.",
    )

"""Where the rows of a task come from."""

from typing import Literal

from pydantic import Field

from multipress.core.settings import Section, Seed, UserPath


class HubData(Section):
    """The data set on the Hugging Face hub."""

    repository: str = Field("nyu-mll/glue", description="Data set repository; its configurations are the task names.")
    revision: str = Field(
        "bcdcba79d07bc864c1c254ccfcedcce55bcc9a8c", pattern="^[0-9a-f]{40}$", description="Commit of the repository."
    )


class SyntheticData(Section):
    """The built-in synthetic GLUE."""

    train_rows: int = Field(2000, ge=16, le=100_000_000, description="Training rows of a task.")
    dev_rows: int = Field(500, ge=8, le=100_000_000, description="Rows of each dev set.")
    seed: Seed = Field(0, description="Seed of the generator.")


class DataSettings(Section):
    """One schema from three sources."""

    source: Literal["hub", "folder", "synthetic"] = Field("hub", description="Where GLUE comes from.")
    hub: HubData = HubData()
    folder: UserPath | None = Field(None, description="Folder with <task>/<split>.parquet (or csv, tsv, jsonl).")
    synthetic: SyntheticData = SyntheticData()
    max_train_rows: int | None = Field(
        None, ge=1, le=10**12, description="Keep a seeded sample of up to n training rows; null: all."
    )
    max_dev_rows: int | None = Field(
        None, ge=1, le=10**12, description="Keep a seeded sample of up to n rows of each dev set; null: all."
    )
    sample_seed: Seed = Field(0, description="Seed of these samples.")

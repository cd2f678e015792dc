"""The eight GLUE tasks of the paper (Wang et al. 2019), in the hub's column names and label ids."""

from multipress.data.settings.tasks import TaskSpec

_ENTAILMENT = ["entailment", "not_entailment"]

GLUE: dict[str, TaskSpec] = {
    # The paper's means can only be reached with accuracy for CoLA; Matthews stands beside it in the tables.
    "cola": TaskSpec(
        kind="classification", text_columns=["sentence"], metric="accuracy", labels=["unacceptable", "acceptable"]
    ),
    "sst2": TaskSpec(
        kind="classification", text_columns=["sentence"], metric="accuracy", labels=["negative", "positive"]
    ),
    "mrpc": TaskSpec(
        kind="classification",
        text_columns=["sentence1", "sentence2"],
        metric="accuracy",
        labels=["not_equivalent", "equivalent"],
    ),
    "stsb": TaskSpec(
        kind="regression", text_columns=["sentence1", "sentence2"], metric="pearson", label_range=(0.0, 5.0)
    ),
    "qqp": TaskSpec(
        kind="classification",
        text_columns=["question1", "question2"],
        metric="accuracy",
        labels=["not_duplicate", "duplicate"],
    ),
    "mnli": TaskSpec(
        kind="classification",
        text_columns=["premise", "hypothesis"],
        metric="accuracy",
        labels=["entailment", "neutral", "contradiction"],
        splits={"train": "train", "dev": "validation_matched", "dev_mismatched": "validation_mismatched"},
    ),
    "qnli": TaskSpec(
        kind="classification", text_columns=["question", "sentence"], metric="accuracy", labels=_ENTAILMENT
    ),
    "rte": TaskSpec(
        kind="classification", text_columns=["sentence1", "sentence2"], metric="accuracy", labels=_ENTAILMENT
    ),
}

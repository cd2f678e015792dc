"""What each column of the results' tables holds.

A number is in the unit that its text names; where there is none it is a ratio, a share or a count. Confidence is that
of ``analyze.confidence``.
"""

from collections.abc import Mapping

from multipress.core.table import Table

_NO_EMBEDDINGS = "the same without the embedding tables"
_OTHER_TASKS = "for another draw of tasks"
_OTHER_SEEDS = "for other seeds on these very tasks"

SHARED: Mapping[str, str] = {
    "accuracy": "share of the dev rows whose label is right; empty for regression",
    "arch": "architecture; in means over all of them `pooled`",
    "beyond_additivity": "whether the methods interact",
    "combination": "subset of several methods",
    "compute": "the sum over these trainings of rows seen times the model's parameters outside the embeddings",
    "data": "where the rows come from: hub, folder or synthetic",
    "expected_if_additive": "what `ratio` is where losses of score add up",
    "fallbacks": "tasks on which no model was near enough, so that the uncompressed one stayed",
    "first": "share of resampled experiments in which it comes first, ties shared",
    "high": f"upper end of the interval {_OTHER_TASKS}",
    "high_seeds": f"upper end of the interval {_OTHER_SEEDS}",
    "high_simultaneous": "upper end of the interval that holds for several rows together",
    "low": f"lower end of the interval {_OTHER_TASKS}",
    "low_seeds": f"lower end of the interval {_OTHER_SEEDS}",
    "low_simultaneous": "lower end of the interval that holds for several rows together",
    "method": "subset of methods, such as QAT+KD",
    "metric": "the task's primary metric",
    "n_archs": "number of architectures",
    "n_models": "number of models",
    "n_rows": "rows of the dev set",
    "n_seeds": "number of seeds",
    "n_tasks": "number of tasks",
    "note": "why something is unknown or has no verdict; otherwise empty",
    "ours": "the number of these results",
    "p": "p-value",
    "p_holm": "the same, adjusted for several rows (Holm)",
    "paper": "the number that the paper printed",
    "product": "of the single methods' numbers",
    "quantity": "what the number is",
    "rank": "place; 1 is the best",
    "ratio_high_seeds": f"upper end of the interval of `ratio` {_OTHER_SEEDS}",
    "ratio_low_seeds": f"lower end of the interval of `ratio` {_OTHER_SEEDS}",
    "recipe": "the steps that made the model",
    "rows_seen": "training rows in those steps, each as often as it was read",
    "score": "100 times the primary metric on the dev set",
    "seed": "seed of the training",
    "size_mb": "size by the paper's definition, MB",
    "steps": "steps of the optimizer in all trainings of the recipe",
    "subset": "methods of the recipe, such as QAT+KD+MP; `none` for `ft`",
    "task": "task",
    "verdict": "what the interval says",
    "without": "the recipe that it is compared with",
    "f1": "F1 of the second label (of two)",
    "matthews": "Matthews' correlation",
    "pearson": "Pearson's correlation",
    "spearman": "Spearman's correlation",
    "rows": "rows of the dev set",
    "paper_mb": "MB by the paper's definition: backbone with pooler, bits/8 bytes a parameter, none for pruned ones",
    "paper_mb_no_embeddings": _NO_EMBEDDINGS,
    "deployed_mb": "MB of the whole classifier with scales and unquantized parts; pruned weights count nothing",
    "deployed_mb_no_embeddings": _NO_EMBEDDINGS,
    "packed_mb": "MB of the packed file on disk; empty where none is made",
    "packed_mb_no_embeddings": _NO_EMBEDDINGS,
    "onnx_mb": "MB of the ONNX file that runs; empty where none is made",
    "entropy_mb": "MB by the order-0 entropy of each tensor, zeros included",
    "entropy_mb_no_embeddings": _NO_EMBEDDINGS,
}
"""By the column's name, where it is the same in all tables that have it."""

_TABLE1: Mapping[str, str] = {"size_mb": "size of the uncompressed model, MB"}
_CURVE: Mapping[str, str] = {
    "range": "`pooled`: all scores that the curves share; otherwise those between two neighbours",
    "ratio": "`times_smaller` over `product`",
    "size": "the definition of size, a column of results.csv",
    "times_smaller": "mean distance in size of the method's curve from that of `ft`, over the scores that both reach",
}

OWN: Mapping[str, Mapping[str, str]] = {
    "results": {
        "evaluate_seconds": "seconds of its evaluation",
        "logits_gap": "largest absolute difference between the exported model's logits and the checkpoint's, as a "
        "share of the range of the latter",
        "logits_gap_mean": "mean of these differences, as a share of the same range",
        "logits_gap_p99": "99th percentile of these differences, as a share of the same range",
        "micro_batch": "rows that were computed at once, where a batch did not fit into memory",
        "nonzero": "of the parameters, those that are not zero",
        "parameters": "numbers that the model has",
        "predictions_changed": "dev rows whose label the exported model predicts otherwise; empty for regression",
        "score_deployed": "score of the exported model in onnxruntime; empty where none is made",
        "score_majority": "score of the dev set's most frequent label as the only answer (regression: of the mean)",
        "train_seconds": "seconds of its own training, without those of the models that it was made from",
    },
    "summary": {
        "score": "mean over all tasks, averaged over seeds, points; empty where a task is missing",
        "score_std": "standard deviation of that mean over seeds, points; empty with one seed",
    },
    "latency": {
        "batch": "rows of a call",
        "cpu": "name of the processor",
        "device": "`cpu`, or the name of a GPU",
        "length": "tokens of a row; `task`: rows of the dev set, padded to the longest of their batch",
        "measured_recipe": "the model whose measurement this is: models that a runtime computes alike share one",
        "median_ms": "median of the calls, milliseconds",
        "n": "timed calls",
        "p10_ms": "10th percentile of the calls, milliseconds",
        "runtime": "onnxruntime, openvino, torch or torch-sparse-csr",
        "speedup": "`p10_ms` of the same runtime's `ft` on the same batch over this one's",
        "threads": "CPU threads",
    },
    "layers": {
        "batch": "rows of a call",
        "count": "heads (of the parts of attention) or neurons (of feed-forward blocks); 0 of the rest",
        "cpu": "name of the processor",
        "length": "tokens of a row",
        "median_ms": "the same from the medians of the calls, milliseconds",
        "n": "timed calls",
        "p10_ms": "what a block takes: 10th percentile of calls of a model with nothing but such blocks, less that of "
        "the rest, divided by their number, milliseconds; of the rest, the calls' own",
        "part": "a block with its sum and LayerNorm: `attention`, `feed_forward`, or with `last_` those of the last "
        "layer, which computes first tokens alone; `rest`: embeddings, pooler and classifier",
        "precision": "float32 or int8",
        "threads": "CPU threads",
    },
    "table1": _TABLE1,
    "table1_packed": {"size_mb": "size of the uncompressed model's packed file, MB"},
    "table1_deployed": {"size_mb": "size of the uncompressed classifier (`deployed_mb`), MB"},
    "table1_per_task": {
        "at_end_of_curve": "whether the choice is of the `smallest` or `largest` architecture, or of the `only` one",
        "chosen_arch": "architecture of the chosen model",
        "chosen_recipe": "recipe of the chosen model",
        "fallback": "whether no model was near enough, so that the uncompressed one stayed",
        "ratio": "how many times smaller the chosen model is",
    },
    "interaction_curve": {
        **_CURVE,
        "beyond": "`ratio` over `expected_if_additive`",
        "beyond_high": "upper end of the interval of `beyond`",
        "beyond_low": "lower end of the interval of `beyond`",
        "high": f"upper end of the interval of `times_smaller` {_OTHER_TASKS}",
        "low": f"lower end of the interval of `times_smaller` {_OTHER_TASKS}",
        "p": "p-value of `beyond`, were losses to add up",
        "ratio_high": "upper end of the interval of `ratio`",
        "ratio_high_simultaneous": "the same for all combinations of a size and range together",
        "ratio_low": "lower end of the interval of `ratio`",
        "ratio_low_simultaneous": "the same for all combinations of a size and range together",
        "recipes": "the method's recipes, which count equally",
        "verdict": "whether sizes multiply",
    },
    "interaction_curve_per_task": {
        **_CURVE,
        "score_high": "highest score of the range, points",
        "score_low": "lowest score of the range, points",
    },
    "interaction": {
        "observed": "ratio of the combination by the paper's rule",
        "p": "how seldom seeds alone would take `ratio` as far from `expected_if_additive`",
        "ratio": "`observed` over `product`",
        "verdict": "super-multiplicative, diminishing, additive, or can't tell",
    },
    "interaction_score": {
        "difference": "`loss` less `sum`, points",
        "loss": "what the combination costs against `ft`, points",
        "sum": "what its single methods cost together, points",
    },
    "effects": {
        "difference": "score of `recipe` less that of `without`, points",
        "step": "the step that makes the difference",
    },
    "effects_matched": {
        "control": "models that were trained as long without the step",
        "effect": "the step, or with × what several have beyond the sum",
        "high": "upper end of the interval of `matched`",
        "low": "lower end of the interval of `matched`",
        "matched": "the effect against the controls, points",
        "raw": "the effect as the study has it, points",
        "raw_high": "upper end of the interval of `raw`",
        "raw_low": "lower end of the interval of `raw`",
        "steps_control": "steps of the control's trainings, mean over tasks",
        "steps_without": "steps of the trainings of `without`, mean over tasks",
        "steps": "steps of the trainings of `recipe`, mean over tasks",
    },
    "scaling": {
        "estimate": "points; of several steps: what they add to the sum of what fewer of them give",
        "standard_error": "its standard error, points",
        "term": "a step, several (`kd:mp60`), or either for each doubling of size (`log2_size`)",
    },
    "ranking": {
        "budget": "loss of score that is allowed",
        "kind": "whether it is in points (absolute) or percent of the score (relative)",
        "method": "a single method",
        "ratio": "how many times smaller it makes the architecture within that loss",
    },
    "ranking_size": {
        "budget_arch": "the architecture whose size the budget is; empty for others",
        "budget_mb": "size that is allowed, MB",
        "held_out": "mean over tasks of the score there of the model that is best on all other tasks, points",
        "held_out_of_any": "the same of the best model of all subsets, points",
        "high": "upper end of the interval of `held_out`",
        "low": "lower end of the interval of `held_out`",
        "score": "the best mean score of a model of the subset within that size, points",
    },
    "pareto": {
        "front_share": "share of resampled experiments in which it is on the front",
        "on_front": "whether no other model is smaller and better",
        "score": "mean over tasks, points",
    },
    "flags": {
        "flag": "`not_learnt` or `larger_is_worse`",
        "limit": "what the score does not exceed, points",
    },
    "claims": {
        "at_equal_score": "what the distance of the curves says of the claim",
        "beyond": "the ratio over what additive losses make it",
        "beyond_additivity": "what that says of the claim",
        "claim": "a statement of the paper",
        "curve": "the number of the curves",
        "curve_high": "upper end of its interval",
        "curve_low": "lower end of its interval",
        "high": "upper end of the interval of `ours`",
        "low": "lower end of the interval of `ours`",
        "paper_beyond": "`beyond` of the paper's digitized Figure 1",
        "paper_curve": "`curve` of the paper's digitized Figure 1",
        "paper_says": "what the paper says of the claim under its rule",
        "under_the_rule": "what the ratios of Table 1 say of it here",
    },
    "paper_comparison": {
        "difference": "`ours` less `paper`",
        "precision": "how exactly the paper's number is known, in its unit",
        "rank_correlation": "Spearman's, over the eight subsets of an architecture",
        "method": "subset of methods; empty for a single model",
    },
    "significance": {
        "against": "`parent` or `ft`",
        "difference": "score less that of `reference`, points",
        "high": "upper end of its interval, for other rows and seeds",
        "low": "lower end of its interval, for other rows and seeds",
        "mcnemar_holm": "the same, adjusted over all rows with the same `against` (Holm)",
        "mcnemar_p": "McNemar's mid-p, of rows pooled over seeds",
        "p": "p-value of the paired bootstrap over rows and seeds",
        "p_holm": "the same, adjusted over all rows with the same `against` (Holm)",
        "reference": "the recipe that it is compared with",
        "right_to_wrong": "dev rows that `reference` has right and this recipe wrong",
        "wrong_to_right": "the reverse",
    },
    "changes": {
        "brier": "Brier score, from 0 to 2",
        "churn_ft": "share of rows that are answered otherwise than by `ft`",
        "churn_parent": "share of rows that are answered otherwise than by the parent",
        "ece": "expected calibration error in 15 bins",
        "lost_by_most": "share of rows that most seeds of `ft` have right and most of this recipe wrong",
        "mismatched_minus_matched": "accuracy on MNLI's other genres less that on its own, points",
        "parent": "the recipe less its last step",
        "rarest_label": "the label with the fewest dev rows",
        "rarest_recall": "its recall",
        "right_to_wrong_ft": "share of rows that `ft` has right and this recipe wrong",
        "right_to_wrong_parent": "share of rows that the parent has right and this recipe wrong",
        "wrong_to_right_ft": "the reverse of `right_to_wrong_ft`",
        "wrong_to_right_parent": "the reverse of `right_to_wrong_parent`",
    },
}
"""By table, then column, where a column is the table's own or means something more exact there."""


def text(table: Table, column: str) -> str:
    """What a column of a table holds.

    Raises:
        KeyError: nobody has said.
    """
    return OWN.get(table.name, {}).get(column) or SHARED[column]

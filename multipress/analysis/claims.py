"""The paper's claims, each held to the paper's own numbers and to ours.

The claims (Movva et al. 2022): quantization and distillation give more than pruning; combining rarely gives
diminishing returns, pruning with quantization being the only pair that does; practitioners should try quantization
first, then distillation, then pruning. Each is asked three times: of sizes at equal score, by the distance of curves
(``at_equal_score``); of interactions, by that distance over what additive losses make it (``beyond_additivity``); and
as the paper did, of the ratios under the rule of Table 1 (``under_the_rule``), which gives another ratio than the
product where losses just add up. Ours are geometric means over tasks. The paper's verdicts rest on its point estimates
alone, ours on intervals; by the curves, only numbers of its Figure 1 stand beside ours.

Ours are judged only where they may be compared with the paper: at least ``FEWEST_TASKS`` of its tasks, not made up, and
at least ``FEWEST_ARCHS`` architectures.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from multipress.analysis import equal_score_claims, verdicts
from multipress.analysis.bootstrap import Estimate
from multipress.analysis.equal_score_claims import HALF, Answer, Distances
from multipress.analysis.experiment import FEWEST_TASKS, Experiment, listed, no_verdict
from multipress.analysis.grid import Grid, grid
from multipress.analysis.methods import combinations, over_product, pick, pooled, singles
from multipress.analysis.paper import PAPER_METHODS, Paper
from multipress.analysis.tables import CLAIMS
from multipress.compression.subsets import parts
from multipress.data.glue import GLUE

DIMINISHING = "QAT+MP"
"""The one combination that the paper says gives diminishing returns."""

_ONE_SEED = "no verdict under the rule: one seed tells nothing of noise"

FEWEST_ARCHS = 2
"""The claims are about means over architectures."""


@dataclass(frozen=True)
class Claim:
    """A statement about one number that ratios of shape (…, archs, PAPER_METHODS) have."""

    text: str
    quantity: str
    """What the number is, in words."""
    number: Callable[[np.ndarray], np.ndarray]
    verdict: Callable[[float, float, float], str]
    """Takes the ends of the number's interval and the margin of equivalence."""
    methods: list[str]
    """Methods on which the number rests."""
    at_equal_score: Callable[[Distances], Answer]
    """What the distances of curves say of the claim."""
    interval: Callable[[Estimate, float], tuple[np.ndarray, np.ndarray]] = Estimate.interval_of_ratio
    undecided: Callable[[Experiment, float, float], str] = no_verdict
    """Why the interval allows no verdict; empty if it allows one."""


def claims(study: Experiment, paper: Paper, synthetic: bool = False) -> pd.DataFrame:
    """A row for each claim: the number in the paper and in ours, with interval, and what each says of the claim.

    Where ours may not be compared with the paper's, they say nothing (NaN), and ``note`` says why. So it is if any task
    is made up (``synthetic``).
    """
    of_curves, of_paper = (Distances(each, study.settings) for each in (study.grid, grid(paper.results())))
    rows = [_row(claim, study, paper, of_curves, of_paper) for claim in all_claims(study.settings.equivalence)]
    table = pd.DataFrame(rows, columns=CLAIMS.columns)
    if reason := _not_comparable(study.grid, synthetic):
        table["note"] = f"not judged: {reason}"
        table[["under_the_rule", "at_equal_score"]] = np.nan
        table["beyond_additivity"] = table["beyond_additivity"].where(table["beyond_additivity"] == "")
    return table


def _not_comparable(grid: Grid, synthetic: bool) -> str:
    """Why these results cannot speak for or against the paper's claims; empty if they can."""
    if synthetic:
        return "the data are synthetic"
    if foreign := [task for task in grid.tasks if task not in GLUE]:
        return f"not among the paper's tasks: {listed(foreign)}"
    if len(grid.tasks) < FEWEST_TASKS:
        return f"{len(grid.tasks)} of the paper's tasks are fewer than {FEWEST_TASKS}"
    return "one architecture" if len(grid.archs) < FEWEST_ARCHS else ""


def _row(claim: Claim, study: Experiment, paper: Paper, of_curves: Distances, of_paper: Distances) -> dict[str, object]:
    by_curves, papers = claim.at_equal_score(of_curves), claim.at_equal_score(of_paper)
    by_rule = _under_the_rule(claim, study, paper)
    return {
        "claim": claim.text,
        **{"at_equal_score": by_curves.verdict, "paper_curve": papers.value},
        **{"curve": by_curves.value, "curve_low": by_curves.low, "curve_high": by_curves.high},
        **{"beyond_additivity": by_curves.beyond_additivity, "paper_beyond": papers.beyond, "beyond": by_curves.beyond},
        **by_rule,
        "n_tasks": len(study.grid.tasks),
        "n_archs": len(study.grid.archs),
        "note": "; ".join(dict.fromkeys(filter(None, [by_curves.note, str(by_rule["note"])]))),
    }


def _under_the_rule(claim: Claim, study: Experiment, paper: Paper) -> dict[str, object]:
    margin = study.settings.equivalence
    theirs = float(claim.number(paper.ratios))
    ours = study.ratios.then(lambda ratios: claim.number(pick(ratios, study.grid.methods, PAPER_METHODS)))
    low, high = (float(end) for end in claim.interval(ours, study.settings.confidence))
    undecided = claim.undecided(study, low, high) or (_ONE_SEED if study.grid.n_seeds < 2 else "")
    missing = study.missing(None, claim.methods) or study.undefined(len(study.grid.archs))
    return {
        "under_the_rule": verdicts.CAN_NOT_TELL if undecided else claim.verdict(low, high, margin),
        "quantity": claim.quantity,
        "paper": theirs,
        "paper_says": claim.verdict(theirs, theirs, margin),
        **{"ours": float(ours.observed), "low": low, "high": high},
        "note": missing or undecided,
    }


def all_claims(margin: float) -> list[Claim]:
    """The claims in the paper's order; deviations from the product within the margin of equivalence count as none."""
    return [
        _more("QAT", "MP"),
        _more("KD", "MP"),
        Claim(
            "combining rarely gives diminishing returns",
            f"share of all architectures' combinations with a ratio below the product by a factor of {1 + margin:g}",
            lambda ratios: _share_below(ratios, 1 / (1 + margin)),
            lambda low, high, _: verdicts.opposite(verdicts.exceeds(low, high, HALF)),
            PAPER_METHODS,
            equal_score_claims.rarely_diminishes,
            _interval_of_share,
            _no_verdict_on_share,
        ),
        *(_interaction(name) for name in sorted(combinations(PAPER_METHODS), key=lambda name: name != DIMINISHING)),
        _more("QAT", "KD"),
        Claim(
            "the order of priority is QAT, KD, MP",
            "the lesser of the ratios QAT over KD and KD over MP",
            lambda ratios: np.minimum(_quotient(ratios, "QAT", "KD"), _quotient(ratios, "KD", "MP")),
            lambda low, high, _: verdicts.exceeds(low, high, 1.0),
            singles(PAPER_METHODS),
            equal_score_claims.order("QAT", "KD", "MP"),
        ),
    ]


def _more(first: str, second: str) -> Claim:
    return Claim(
        f"{first} gives more than {second}",
        f"ratio of {first} over that of {second}",
        lambda ratios: _quotient(ratios, first, second),
        lambda low, high, _: verdicts.exceeds(low, high, 1.0),
        [first, second],
        equal_score_claims.more(first, second),
    )


def _interaction(name: str) -> Claim:
    diminishes = name == DIMINISHING
    return Claim(
        f"{name} gives {'' if diminishes else 'no '}diminishing returns",
        "observed ratio over the product of the single ones",
        lambda ratios: over_product(pooled(ratios), PAPER_METHODS)[..., -1, combinations(PAPER_METHODS).index(name)],
        verdicts.diminishes if diminishes else _does_not_diminish,
        [*parts(name), name],
        equal_score_claims.interaction(name, diminishes),
    )


def _does_not_diminish(low: float, high: float, equivalence: float) -> str:
    return verdicts.opposite(verdicts.diminishes(low, high, equivalence))


def _quotient(ratios: np.ndarray, first: str, second: str) -> np.ndarray:
    """The first method's geometric mean over architectures by the second one's."""
    means = pooled(ratios)[..., -1, :]
    return means[..., PAPER_METHODS.index(first)] / means[..., PAPER_METHODS.index(second)]


def _share_below(ratios: np.ndarray, least: float) -> np.ndarray:
    found = over_product(ratios, PAPER_METHODS)
    share = (found < least).mean(axis=(-2, -1))
    return np.where(np.isnan(found).any(axis=(-2, -1)), np.nan, share)


def _interval_of_share(share: Estimate, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    low, high = share.interval(confidence)
    return np.maximum(low, 0.0), np.minimum(high, 1.0)


def _no_verdict_on_share(study: Experiment, low: float, high: float) -> str:
    """A share may be the same in all draws although tasks differ."""
    return "no verdict: every draw of tasks gives this share" if low == high else no_verdict(study, low, high)

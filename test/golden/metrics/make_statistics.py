"""Writes statistics.json: scikit-learn's, Fairlearn's, SciPy's and sacreBLEU's figures for small sets of random numbers.

    python3 -m venv venv && venv/bin/pip install scikit-learn==1.9.1 fairlearn==0.15.0 scipy==1.17.1 sacrebleu==2.6.0
    venv/bin/python make_statistics.py
"""

import json
import pathlib
import random

import fairlearn.metrics as fair
import numpy as np
import sacrebleu.significance as significance
from sacrebleu.metrics import BLEU, CHRF
from scipy import stats
from sklearn import metrics

from sentences import make_sentences

random.seed(7)


def labels_case(count, labels, right):
    wanted = random.choices(labels, weights=range(1, len(labels) + 1), k=count)
    made = [w if random.random() < right else random.choice(labels + ["other"]) for w in wanted]
    return {
        "predictions": made,
        "references": wanted,
        "accuracy": metrics.accuracy_score(wanted, made),
        "macroF1": metrics.f1_score(wanted, made, average="macro"),
        "mcc": metrics.matthews_corrcoef(wanted, made),
    }


def auc_case(count, digits):
    positive = [random.random() < 0.4 for _ in range(count)]
    scores = [round(random.gauss(0.6 if p else 0.4, 0.2), digits) for p in positive]
    return {"positive": positive, "scores": scores, "auc": metrics.roc_auc_score(positive, scores)}


def calibration_case(count, bins):
    confidence = [random.random() for _ in range(count - 2)] + [1.0, 0.0]
    right = [random.random() < c**1.5 for c in confidence]
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.digitize(confidence, edges, right=True) - 1, 0, bins - 1)
    error = 0.0
    for b in range(bins):
        own = place == b
        if own.any():
            error += own.mean() * abs(np.mean(np.array(confidence)[own]) - np.mean(np.array(right)[own]))
    return {"confidences": confidence, "right": right, "bins": bins, "error": error}


def fairness_case(count, groups):
    group = random.choices(groups, weights=range(1, len(groups) + 1), k=count)
    wanted = [int(random.random() < 0.3 + 0.1 * groups.index(g)) for g in group]
    made = [int(random.random() < (0.8 if w else 0.1 + 0.1 * groups.index(g))) for w, g in zip(wanted, group)]
    frame = fair.MetricFrame(
        metrics={
            "count": fair.count,
            "accuracy": metrics.accuracy_score,
            "selectionRate": fair.selection_rate,
            "truePositiveRate": fair.true_positive_rate,
            "falsePositiveRate": fair.false_positive_rate,
        },
        y_true=wanted,
        y_pred=made,
        sensitive_features=group,
    )
    on = {"sensitive_features": group}
    return {
        "groups": group,
        "references": wanted,
        "predictions": made,
        "overall": frame.overall.to_dict(),
        "byGroup": frame.by_group.to_dict(orient="index"),
        "demographicParityDifference": fair.demographic_parity_difference(wanted, made, **on),
        "demographicParityRatio": fair.demographic_parity_ratio(wanted, made, **on),
        "equalizedOddsDifference": fair.equalized_odds_difference(wanted, made, **on),
        "equalizedOddsRatio": fair.equalized_odds_ratio(wanted, made, **on),
        "equalOpportunityDifference": fair.equal_opportunity_difference(wanted, made, **on),
    }


def kappa_case(count, weights):
    one = [random.randint(1, 5) for _ in range(count)]
    other = [max(1, min(5, g + random.choice([0, 0, 0, -1, 1, 2]))) for g in one]
    return {"one": one, "other": other, "weights": weights or "none", "kappa": metrics.cohen_kappa_score(one, other, weights=weights)}


def bootstrap_case(count):
    values = [round(random.gauss(3, 2), 4) for _ in range(count)]
    other = [round(v + random.gauss(0.2, 1), 4) for v in values]
    options = {"n_resamples": 50000, "method": "percentile", "rng": np.random.default_rng(1)}
    single = stats.bootstrap((values,), np.mean, **options)
    median = stats.bootstrap((values,), np.median, **options)
    paired = stats.bootstrap((other, values), lambda a, b, axis: np.mean(a - b, axis=axis), paired=True, vectorized=True, **options)
    randomised = stats.permutation_test(
        (other, values), lambda a, b, axis: np.mean(a, axis=axis) - np.mean(b, axis=axis),
        permutation_type="samples", vectorized=True, n_resamples=50000, rng=np.random.default_rng(2),
    )
    result = {"values": values, "other": other, "randomisation": float(randomised.pvalue)}
    for name, found in {"mean": single, "median": median, "paired": paired}.items():
        interval = found.confidence_interval
        result[name] = {"low": float(interval.low), "high": float(interval.high), "error": float(found.standard_error)}
    return result


def significance_case(kind, count=240):
    """p-values of the hypotheses against a system that answers with the second reference."""
    triples = make_sentences(count)
    metric = {"bleu": BLEU, "chrf": CHRF}[kind]()
    systems = [("baseline", [s[2] for s in triples]), ("system", [s[0] for s in triples])]
    result = {"kind": kind, "count": count}
    for test, samples in (("bs", 10000), ("ar", 10000)):
        paired = significance.PairedTest(systems, {kind: metric}, [[s[1] for s in triples]], test_type=test, n_samples=samples)
        signatures, scores = paired()
        found = scores[metric.__class__.__name__ if metric.__class__.__name__ in scores else next(k for k in scores if k != "System")]
        result[test] = {"scores": [f.score for f in found], "p": found[1].p_value, "mean": found[1].mean, "ci": found[1].ci}
    return result


result = {
    "labels": [labels_case(200, ["a", "b", "c", "d"], 0.7), labels_case(60, ["yes", "no"], 0.6), labels_case(12, ["x"], 1.0), labels_case(12, ["x"], 0.5)],
    "auc": [auc_case(150, 6), auc_case(150, 1)],
    "calibration": [calibration_case(300, 15), calibration_case(80, 10)],
    "fairness": [fairness_case(300, ["a", "b", "c"]), fairness_case(120, ["x", "y"])],
    "bootstrap": bootstrap_case(150),
    "significance": [significance_case("bleu"), significance_case("chrf")],
    "kappa": [kappa_case(80, weights) for weights in (None, "linear", "quadratic")],
}
text = json.dumps(result, ensure_ascii=False, separators=(",", ":"), default=float)
(pathlib.Path(__file__).parent / "statistics.json").write_text(text + "\n", encoding="utf-8")

"""Writes statistics.json: samples and what SciPy and NumPy say about them.

    python3 -m venv venv && venv/bin/pip install scipy
    venv/bin/python make_golden.py
"""

import json
import pathlib

import numpy as np
from scipy import special, stats
from scipy.spatial import distance

here = pathlib.Path(__file__).parent
random = np.random.default_rng(7)


def samples():
    yield random.normal(size=80), random.normal(size=60)
    yield random.normal(size=200), random.normal(0.5, 1.5, size=150)
    yield random.integers(1, 9, size=120).astype(float), random.integers(2, 12, size=90).astype(float)
    yield np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0])
    yield np.array([1.0, 2.0]), np.array([5.0, 6.0, 7.0])


def ks():
    for a, b in samples():
        a, b = a.round(6), b.round(6)
        result = stats.ks_2samp(a, b)
        scale = np.sqrt(len(a) * len(b) / (len(a) + len(b)))
        yield {
            "a": a.tolist(),
            "b": b.tolist(),
            "statistic": result.statistic,
            "pValue": float(stats.kstwobign.sf(scale * result.statistic)),
        }


def jensen_shannon():
    tables = [([10, 20, 30], [12, 18, 33]), ([100, 5, 0, 7], [60, 0, 22, 19]), ([1, 0], [0, 5]), ([3, 4], [6, 8])]
    for a, b in tables:
        yield {"a": a, "b": b, "divergence": float(distance.jensenshannon(a, b, base=2) ** 2)}


def chi_squared():
    tables = [([10, 20, 30], [12, 18, 33]), ([100, 5, 40, 7], [60, 30, 22, 19]), ([3, 1], [900, 800])]
    tables.append((random.integers(5, 400, size=51).tolist(), random.integers(5, 90, size=51).tolist()))
    for a, b in tables:
        result = stats.chi2_contingency([a, b], correction=False)
        cramers_v = stats.contingency.association(np.array([a, b]), method="cramer")
        yield {
            "a": a,
            "b": b,
            "statistic": result.statistic,
            "pValue": float(result.pvalue),
            "degreesOfFreedom": int(result.dof),
            "cramersV": float(cramers_v),
        }


values = random.gamma(2.0, 50.0, size=101).round(3)
golden = {
    "ks": list(ks()),
    "jensenShannon": list(jensen_shannon()),
    "chiSquared": list(chi_squared()),
    "quantiles": {
        "values": sorted(values.tolist()),
        "shares": [0, 0.01, 0.5, 0.95, 0.99, 1],
        "wanted": np.quantile(values, [0, 0.01, 0.5, 0.95, 0.99, 1]).tolist(),
    },
    "kolmogorovTail": [[x, float(special.kolmogorov(x))] for x in (0.01, 0.2, 0.5, 0.9, 1.0, 1.3, 2.0, 3.5)],
    "upperGamma": [
        [a, x, float(special.gammaincc(a, x))]
        for a in (0.5, 1.0, 2.5, 10.0, 50.0)
        for x in (0.01, 0.5, 1.0, 5.0, 20.0, 60.0, 120.0)
    ],
}
(here / "statistics.json").write_text(json.dumps(golden, separators=(",", ":"), allow_nan=False) + "\n")

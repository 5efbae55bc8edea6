#!/usr/bin/env python3
"""Writes reference.json, the values pkg/stats is checked against.

    python3 -m pip install scipy
    python3 pkg/stats/testdata/reference.py > pkg/stats/testdata/reference.json
"""
import itertools
import json
import sys

import numpy as np
import scipy
from scipy import stats

rng = np.random.default_rng(20261124)


def interval(xs):
    r = stats.ttest_1samp(xs, 0).confidence_interval(0.95)
    return float(r.low), float(r.high)


def tied(xs):
    """Exact two-sided signed-rank p with mean ranks, by listing all signs."""
    xs = [x for x in xs if x != 0]
    ranks = stats.rankdata(np.abs(xs))
    total = ranks.sum()
    far = min(ranks[np.array(xs) > 0].sum(), total - ranks[np.array(xs) > 0].sum())
    hits = sum(1 for s in itertools.product((0, 1), repeat=len(xs)) if np.dot(s, ranks) <= far + 1e-9)
    return min(1.0, 2 * hits / 2 ** len(xs))


out = {"scipy": scipy.__version__, "student": [], "mean": [], "ratio": [], "wilcoxon": [], "signFlip": [], "trend": [], "robust": []}
for df in (1, 2, 3, 4, 5, 7, 9, 14, 29, 99, 999):
    for p in (0.001, 0.025, 0.2, 0.5, 0.9, 0.975, 0.995):
        out["student"].append({"p": p, "df": df, "want": float(stats.t.ppf(p, df))})
for n in (4, 5, 6, 10, 30):
    xs = rng.normal(3, 2, n)
    low, high = interval(xs)
    out["mean"].append({"x": xs.tolist(), "value": float(xs.mean()), "low": low, "high": high})
    a, b = rng.lognormal(1, 0.2, n), rng.lognormal(0.3, 0.2, n)
    logs = np.log(a) - np.log(b)
    low, high = interval(logs)
    out["ratio"].append({"a": a.tolist(), "b": b.tolist(), "value": float(np.exp(logs.mean())),
                         "low": float(np.exp(low)), "high": float(np.exp(high))})
for n in (1, 4, 5, 6, 8, 12, 20, 25):
    xs = rng.normal(0.4, 1, n)
    out["wilcoxon"].append({"x": xs.tolist(), "p": float(stats.wilcoxon(xs, method="exact").pvalue)})
for n in (30, 60):
    xs = rng.normal(0.2, 1, n)
    out["wilcoxon"].append({"x": xs.tolist(), "p": float(stats.wilcoxon(xs, method="approx", correction=False).pvalue)})
    xs = np.round(xs, 1)
    out["wilcoxon"].append({"x": xs.tolist(), "p": float(stats.wilcoxon(xs, method="approx", correction=False).pvalue)})
for xs in ([1, 1, -1, 2, 3, 3], [0, 1, 2, 2, -2, 5], [0.5, 0.5, 0.5, 0.5], [1, -1, 1, -1]):
    out["wilcoxon"].append({"x": xs, "p": float(tied(xs))})
for n in (3, 5, 6, 10, 40):
    xs = np.arange(n) * 0.3 + rng.normal(0, 1, n)
    r = stats.kendalltau(np.arange(n), xs, method="exact")
    out["trend"].append({"x": xs.tolist(), "tau": float(r.statistic), "p": float(r.pvalue)})
for n in (6, 9, 20, 50):
    rng.exponential(1, n)  # once drawn for a test that is gone; keeps what follows as it was
for n in (4, 7, 20):
    xs = rng.normal(10, 3, n)
    z = (xs - np.median(xs)) / stats.median_abs_deviation(xs, scale="normal")
    out["robust"].append({"x": xs.tolist(), "z": z.tolist()})
# Counts with ties and zeros, as failures are; all signs are tried.
for xs in ([0, 0, 0, 0], [-11, -12, -9, -10, -11, -13], [-11, 0, -9, 2, -11, 1, -3, 0], [1, -1, 1, -1], [5, 5, 5, 5, 5, -4],
           [0.02, -0.01, 0.3, 0.004, 0.11, -0.05, 0.2, 0.07, 0.09, 0.01], [-40, 1, 1, 1, 1, 1, 1, 1]):
    r = stats.permutation_test((np.array(xs, dtype=float),), np.mean, permutation_type="samples", n_resamples=np.inf,
                               alternative="two-sided", vectorized=False)
    # SciPy doubles the smaller tail, which is the same: signs are symmetric.
    out["signFlip"].append({"x": xs, "p": min(1.0, float(r.pvalue))})
json.dump(out, sys.stdout, indent=1)
print()

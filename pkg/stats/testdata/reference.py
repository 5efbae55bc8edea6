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
# Means of one and of two samples; what follows here comes after all that was drawn.
out["tTest"], out["welch"], out["pooled"], out["widening"], out["jackknife"] = [], [], [], [], []
for n, m in ((4, 4), (5, 9), (12, 6), (3, 1)):
    a, b = rng.normal(3, 2, n), rng.normal(2, 0.5, m)
    if n >= 4:
        out["tTest"].append({"x": a.tolist(), "none": 2.5, "p": float(stats.ttest_1samp(a, 2.5).pvalue)})
    for name, equal in (("welch", False), ("pooled", True)):
        if m == 1:
            if equal:  # SciPy wants two of each: one value, and a mean whose deviation is that of the others
                error, df = a.std(ddof=1) * np.sqrt(1 / n + 1), n - 1
                p = float(stats.t.sf((a.mean() - b[0]) / error, df))
                half = stats.t.ppf(0.975, df) * error
                out[name].append({"a": a.tolist(), "b": b.tolist(), "value": float(a.mean() - b[0]),
                                  "low": float(a.mean() - b[0] - half), "high": float(a.mean() - b[0] + half), "above": p})
            continue
        r = stats.ttest_ind(a, b, equal_var=equal)
        i = r.confidence_interval(0.95)
        out[name].append({"a": a.tolist(), "b": b.tolist(), "value": float(a.mean() - b.mean()), "low": float(i.low),
                          "high": float(i.high),
                          "above": float(stats.ttest_ind(a, b, equal_var=equal, alternative="greater").pvalue)})


def widening(n, r):
    """How much wider the mean of n values is whose correlation is r to the power of their distance."""
    c = r ** np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    seen = (n - c.sum() / n) / (n - 1)  # the expected sample variance
    return float(np.sqrt(c.sum() / n / seen))


for n in (4, 6, 20):
    for r in (0.0, 0.2, 0.65):
        out["widening"].append({"n": n, "r": r, "want": widening(n, r)})
    # A statistic that is no mean: the logarithm of a mean.
    xs = rng.lognormal(1, 0.5, n)
    whole = np.log(xs.mean())
    pseudo = np.array([n * whole - (n - 1) * np.log(np.delete(xs, i).mean()) for i in range(n)])
    half = stats.t.ppf(0.975, n - 1) * pseudo.std(ddof=1) / np.sqrt(n) * widening(n, 0.65)
    out["jackknife"].append({"x": xs.tolist(), "value": float(whole), "low": float(whole - half), "high": float(whole + half)})
json.dump(out, sys.stdout, indent=1)
print()

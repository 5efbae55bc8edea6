#!/usr/bin/env python3
"""Prints the values that pkg/core/price is checked against.

    python3 -m pip install scipy
    python3 pkg/core/price/testdata/reference.py
"""
import numpy as np
from scipy import stats

rate = np.array([0, 100, 200, 400, 800.0])
cores = np.array([[0.0041, 0.0392, 0.0751, 0.1450, 0.2870],
                  [0.0040, 0.0401, 0.0742, 0.1471, 0.2832],
                  [0.0043, 0.0385, 0.0760, 0.1439, 0.2891],
                  [0.0042, 0.0396, 0.0747, 0.1462, 0.2855],
                  [0.0040, 0.0390, 0.0755, 0.1448, 0.2880]])
n, k = cores.shape
mean, var = cores.mean(0), cores.var(0, ddof=1)
w = 1 / (var.min() + np.median(var[k // 2:] / mean[k // 2:] ** 2) * mean ** 2)
X = np.column_stack([np.ones(k), rate])
coef = np.array([np.linalg.solve(X.T @ (w[:, None] * X), X.T @ (w * y)) for y in cores])
res = cores - coef @ X.T
lack, pure = n * (w * res.mean(0) ** 2).sum(), (w * (res - res.mean(0)) ** 2).sum()
for name, c in (("idle", coef[:, 0]), ("slope", coef[:, 1])):
    i = stats.ttest_1samp(c, 0).confidence_interval(0.95)
    print(name, *(f"{v:.12g}" for v in (c.mean(), i.low, i.high)))
f = lack / (k - 2) / (pure / ((n - 1) * (k - 2)))
print("p", f"{stats.f.sf(f, k - 2, (n - 1) * (k - 2)):.12g}")

#!/usr/bin/env python3
"""Prints the values that pkg/core/effect is checked against.

    python3 -m pip install scipy
    python3 pkg/core/effect/testdata/reference.py
"""
import numpy as np
from scipy import stats


def show(name, r, mean):
    i = r.confidence_interval(0.95)
    print(name, *(f"{v:.12f}" for v in (np.exp(mean), np.exp(i.low), np.exp(i.high), r.pvalue)), sep=", ")


at100, at1000 = np.log([1.02, .98, 1.05, .97, 1.01, 1.03]), np.log([1.22, 1.15, 1.28, 1.19, 1.20, 1.26])
mesh100, mesh1000 = np.log([1.50, 1.48, 1.60, 1.45, 1.52, 1.55]), np.log([2.10, 2.01, 2.22, 2.05, 2.08, 2.19])
for name, d in (("PLAIN", at1000 - at100), ("MESHY", mesh1000 - mesh100),
                ("RATIO", mesh1000 - at1000 - mesh100 + at100)):
    show(name, stats.ttest_1samp(d, 0), d.mean())

http, grpc = np.log([20000, 21000, 19500, 20500, 20200]), np.log([14000, 14100, 13700, 14500, 14200])
mhttp, mgrpc = np.log([9000, 9300, 8800, 9100, 9050]), np.log([5100, 5000, 5300, 5050, 4950])
for name, a, b in (("WELCHPLAIN", grpc, http), ("WELCHMESHY", mgrpc, mhttp),
                   ("WELCHRATIO", mgrpc - grpc, mhttp - http)):
    show(name, stats.ttest_ind(a, b, equal_var=False), a.mean() - b.mean())

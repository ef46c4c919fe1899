# SPDX-License-Identifier: MIT
"""Writes exponential_references.hpp: steps of exponential Adams to 50 digits, from levels that are doubles.

    python3 tests/solver/exponential_references.py > tests/solver/exponential_references.hpp

The path is the straight one, alpha = 1 - t and sigma = t, with 1,000 steps of uneven length. In y = x/alpha,
dy/dlambda = a ((kappa - 1) y + mu q), where kappa y + mu q are the data and a = 1 + eta, is integrated as it stands.
"""

import mpmath
from mpmath import mp, mpf

mp.dps = 50
steps = 1000
# uneven: the cube of an even share is added to the log-SNR, from -5 to 5
times = [float(1 / (1 + mpmath.exp(-5 + 8 * mpf(i) / steps + 2 * (mpf(i) / steps) ** 3))) for i in range(steps + 1)]


def level(time):
    """Time, alpha and sigma as doubles."""
    return time, 1 - time, time


def log_snr(l):
    return mpmath.log(mpf(l[1]) / mpf(l[2]))


def on_path(lam):
    """alpha, sigma and time at a log-SNR."""
    sigma = 1 / (1 + mpmath.exp(lam))
    return 1 - sigma, sigma, sigma


def row(target, alpha, sigma):
    return {"data": (1, 0), "epsilon": (0, 1), "velocity": (-sigma, alpha), "flow": (-1, 1)}[target]


def place(variable, lam):
    return {"log_snr": lam, "ratio": mpmath.exp(-lam), "time": on_path(lam)[2]}[variable]


def of(variable, l):
    return {"log_snr": log_snr(l), "ratio": mpf(l[2]) / mpf(l[1]), "time": mpf(l[0])}[variable]


def step(target, variable, eta, s, t, nodes):
    a, start, end = 1 + mpf(eta), log_snr(s), log_snr(t)
    at = [of(variable, l) for l in nodes]

    def rate(lam):  # kappa - 1 and mu
        alpha, sigma, _ = on_path(lam)
        p, q = row(target, alpha, sigma)
        det = alpha * q - sigma * p
        return alpha * q / det - 1, -sigma / det

    def kernel(lam):
        if target == "data":
            return mpmath.exp(-a * (end - lam))
        if target == "epsilon":
            return mpf(1)
        # flow and velocity: kappa - 1 is -sigma and -sigma^2 / (alpha^2 + sigma^2), whose integrals are known
        square = 1 + mpmath.exp(-end), 1 + mpmath.exp(-lam)
        if target == "velocity":
            square = mpmath.sqrt(1 + mpmath.exp(-2 * end)), mpmath.sqrt(1 + mpmath.exp(-2 * lam))
        return (square[0] / square[1]) ** a

    def weight(j):
        def integrand(lam):
            u, basis = place(variable, lam), mpf(1)
            for i, node in enumerate(at):
                if i != j:
                    basis *= (u - node) / (at[j] - node)
            return kernel(lam) * a * rate(lam)[1] * basis
        return mpf(t[1]) * mpmath.quad(integrand, [start, end])

    variance = eta and mpmath.quad(lambda lam: 2 * eta * (kernel(lam) * mpmath.exp(-lam)) ** 2, [start, end])
    noise = mpf(t[1]) * mpmath.sqrt(variance)
    return mpf(t[1]) / mpf(s[1]) * kernel(start), noise, [weight(j) for j in range(len(nodes))]


def main():
    print("// SPDX-License-Identifier: MIT\n// Written by exponential_references.py.\n#pragma once\n")
    print("#include <fokker/solver/exponential_integral.hpp>\n\nnamespace references {\n")
    print("struct known {\n  fokker::solver::target target;\n  fokker::solver::variable variable;\n  double eta;\n"
          "  double times[6];  // t, s and the nodes before it\n  int before;       // how many of those\n"
          "  bool corrects;    // t is a node, too\n  double of_x, of_normal, of_node[5];\n};\n")
    print("inline constexpr known steps[] = {")
    cases = [(q, u, eta) for q, u in (("data", "log_snr"), ("epsilon", "log_snr"), ("epsilon", "ratio"))
             for eta in (0, 1)] + [("flow", "time", 0), ("velocity", "log_snr", 0), ("velocity", "log_snr", 0.5),
                                   ("data", "ratio", 0), ("data", "time", 0), ("epsilon", "time", 1)]
    for target, variable, eta in cases:
        for i in (4, 500, 996):
            for before, corrects in ((0, False), (1, True), (3, False), (3, True)):
                if target == "velocity" and before == 1:
                    continue
                s, t = level(times[i]), level(times[i + 1])
                nodes = [level(times[i - k]) for k in range(before + 1)]
                with_new = ([t] if corrects else []) + nodes
                of_x, noise, weights = step(target, variable, eta, s, t, with_new)
                listed = [times[i + 1]] + [l[0] for l in nodes]
                print("    {fokker::solver::target::%s, fokker::solver::variable::%s, %s, {%s}, %d, %s,\n     %s, %s, {%s}},"
                      % (target, variable, eta, ", ".join(map(float.hex, listed)), before,
                         "true" if corrects else "false", float(of_x).hex(), float(noise).hex(),
                         ", ".join(float(w).hex() for w in weights)))
    print("};\n\n}  // namespace references")


main()

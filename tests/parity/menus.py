#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the samplers of k-diffusion on the sigmas of ComfyUI and A1111, and writes what they gave.

    menus.py FOLDER > menus.json

FOLDER is where `pip install --no-deps --target FOLDER k-diffusion torchsde torchdiffeq trampoline` put them; torch,
scipy, numpy and tqdm are installed. A case is what was chosen, what the network was told, and the latents at the end.
The network, the start and the normals are closed forms, the same in tests/interop/menus.cpp, and all is in double. The
sigmas and the samplers that k-diffusion does not have are written here from their formulas.
"""
import importlib
import json
import math
import pathlib
import sys
import types

import numpy
import scipy.integrate
import scipy.stats
import torch

torch.set_default_dtype(torch.float64)


def k_diffusion(folder):
    """Its samplers, without what trains and draws networks."""
    sys.path.insert(0, folder)
    package = types.ModuleType("k_diffusion")
    package.__path__ = [str(pathlib.Path(folder) / "k_diffusion")]
    package.utils = types.ModuleType("k_diffusion.utils")
    package.utils.append_dims = lambda x, count: x[(...,) + (None,) * (count - x.ndim)]
    sys.modules.update({"k_diffusion": package, "k_diffusion.utils": package.utils})
    return importlib.import_module("k_diffusion.sampling")


K = k_diffusion(sys.argv[1])


class Table:
    """Stable Diffusion's noises, and a network of epsilon or velocity that is told whole timesteps or others."""
    flow = False

    def __init__(self, predicts, whole):
        betas = numpy.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2
        kept = numpy.cumprod(1 - betas)
        self.sigmas = numpy.sqrt((1 - kept) / kept)
        self.logs = numpy.log(self.sigmas)
        self.predicts, self.whole = predicts, whole

    def label(self, sigma):
        if self.whole:
            return float(numpy.argmin(abs(self.logs - math.log(sigma))))
        return float(numpy.interp(math.log(sigma), self.logs, numpy.arange(1000.0)))

    def even(self, count):
        return [math.exp(numpy.interp(t, numpy.arange(1000.0), self.logs)) for t in numpy.linspace(999, 0, count)]

    def data(self, x, sigma, label):
        f = network(x / math.hypot(1, sigma), label)
        if self.predicts == "epsilon":
            return x - sigma * f
        return x / (1 + sigma**2) - f * sigma / math.hypot(1, sigma)

    def start(self, z, sigma):
        return z * (math.hypot(1, sigma) if self.whole and math.isclose(sigma, self.sigmas[-1], rel_tol=1e-5) else sigma)

    def alpha(self, sigma):
        return 1.0

    def of_percent(self, percent):
        return math.exp(numpy.interp((1 - percent) * 999, numpy.arange(1000.0), self.logs))


class Flow:
    """A flow with a shift of its times."""
    flow = True

    def __init__(self, shift, size, scale):
        self.shift, self.scale = shift, scale
        self.sigmas = self.at(numpy.arange(1, size + 1) / size)

    def at(self, time):
        return self.shift * time / (1 + (self.shift - 1) * time)

    def label(self, sigma):
        return sigma * self.scale

    def even(self, count):
        return [float(self.at(t)) for t in numpy.linspace(1, self.sigmas[0], count)]

    def data(self, x, sigma, label):
        return x - sigma * network(x, label)

    def start(self, z, sigma):
        return z * sigma

    def alpha(self, sigma):
        return 1 - sigma

    def of_percent(self, percent):
        return self.at(1 - percent)


def network(v, label):
    return 0.7 * v + 0.2 * torch.sin(2 * v) + 0.03 * math.sin(label / 100)


def normal(draw):
    return torch.tensor([numpy.float32(1.2 * math.cos(2.3 * (j + 1) + 1.1 * (draw + 1))) for j in range(2)], dtype=torch.float64)


# The sigmas of menus.

def beta(n, m):
    t = numpy.rint(scipy.stats.beta.ppf(1 - numpy.arange(m) / m, 0.6, 0.6) * (len(n.sigmas) - 1))
    return [n.sigmas[int(i)] for i in t] + [0]


def linear_quadratic(n, m, threshold=0.025):
    linear = m // 2
    bent = m - linear
    q = (linear - threshold * m) / (linear * bent**2)
    slope = threshold / linear - 2 * (linear - threshold * m) / bent**2
    noise = [i * threshold / linear for i in range(linear)]
    noise += [q * i * i + slope * i + q * linear**2 for i in range(linear, m)] + [1]
    return [(1 - share) * n.sigmas[-1] for share in noise]


def kl_optimal(n, m):
    u = numpy.arange(m) / (m - 1)
    return list(numpy.tan(u * math.atan(n.sigmas[0]) + (1 - u) * math.atan(n.sigmas[-1]))) + [0]


def kl_optimal_to_least(n, m):
    u = numpy.arange(m + 1) / m
    return list(numpy.tan(u * math.atan(n.sigmas[0]) + (1 - u) * math.atan(n.sigmas[-1])))


def ddim_uniform(n, m):
    return [n.sigmas[i] for i in range(1, len(n.sigmas), max(len(n.sigmas) // m, 1))][::-1] + [0]


SIGMAS = {
    "simple": lambda n, m: [n.sigmas[-(1 + int(i * (len(n.sigmas) / m)))] for i in range(m)] + [0],
    "sgm_uniform": lambda n, m: n.even(m + 1)[:-1] + [0],
    "karras": lambda n, m: K.get_sigmas_karras(m, n.sigmas[0], n.sigmas[-1]).tolist(),
    "exponential": lambda n, m: K.get_sigmas_exponential(m, n.sigmas[0], n.sigmas[-1]).tolist(),
    "ddim_uniform": ddim_uniform,
    "beta": beta,
    "normal": lambda n, m: n.even(m) + [0],
    "linear_quadratic": linear_quadratic,
    "kl_optimal": kl_optimal,
}
SIGMAS |= {"Uniform": SIGMAS["normal"], "Karras": SIGMAS["karras"], "Exponential": SIGMAS["exponential"],
           "Polyexponential": lambda n, m: K.get_sigmas_polyexponential(m, n.sigmas[0], n.sigmas[-1]).tolist(),
           "SGM Uniform": SIGMAS["sgm_uniform"], "Simple": SIGMAS["simple"], "Normal": SIGMAS["normal"],
           "DDIM": ddim_uniform, "KL Optimal": kl_optimal_to_least,
           "Beta": lambda n, m: [n.sigmas[0] + q * (n.sigmas[-1] - n.sigmas[0])
                                 for q in scipy.stats.beta.ppf(1 - numpy.linspace(0, 1, m), 0.6, 0.6)] + [0]}


# Samplers that k-diffusion does not have, by their formulas: e = sigma/alpha, lambda = -log(e), D the data.

class Draws:
    """The normals of a run; those of k-diffusion's DPM++ SDE are of one Brownian motion in sigma."""

    def __init__(self):
        self.count, self.first = 0, None

    def next(self):
        self.count += 1
        return normal(self.count - 1)

    def __call__(self, s, t):
        return self.next()

    def brownian(self, s, t):
        z = self.next()
        if self.first is None:
            self.first = (s, t, z)
            return z
        middle, w = self.first[1], self.first[2]
        share = float((s - middle) / (s - t))
        self.first = None
        return math.sqrt(share) * w + math.sqrt(1 - share) * z


def inner(n, sigmas):
    return [min(sigmas[0], n.of_percent(1e-4)) if n.flow else sigmas[0], *sigmas[1:]]


def data_last(step):
    """A sampler of steps from s to t, which ends with the data."""
    def sample(n, model, x, sigmas, draws):
        history = []
        for s, t in zip(sigmas, sigmas[1:]):
            d = model(x, s)
            x = d if t == 0 else step(n, model, x, s, t, d, history, draws)
        return x
    return sample


@data_last
def lms(n, model, x, s, t, d, history, draws):
    history.insert(0, (s, (x - d) / s))
    del history[4:]
    places = [place for place, _ in history]
    for j, (_, slope) in enumerate(history):
        others = [p for k, p in enumerate(places) if k != j]
        weight = scipy.integrate.quad(lambda u: math.prod((u - p) / (places[j] - p) for p in others), s, t)[0]
        x = x + weight * slope
    return x


@data_last
def ipndm(n, model, x, s, t, d, history, draws):
    history.insert(0, (x - d) / s)
    weights = [[1], [3 / 2, -1 / 2], [23 / 12, -16 / 12, 5 / 12], [55 / 24, -59 / 24, 37 / 24, -9 / 24]]
    return x + (t - s) * sum(w * slope for w, slope in zip(weights[min(len(history), 4) - 1], history))


@data_last
def gradient_estimation(n, model, x, s, t, d, history, draws):
    history.insert(0, (x - d) / s)
    return x + (t - s) * (2 * history[0] - history[1] if len(history) > 1 else history[0])


@data_last
def res_multistep(n, model, x, s, t, d, history, draws):
    history.insert(0, (s, d))
    h = math.log(s / t)
    phi_1 = -math.expm1(-h) / h
    x = t / s * x + h * phi_1 * d
    if len(history) > 1:
        x = x + h * (1 - phi_1) / h * (h / math.log(history[1][0] / s)) * (d - history[1][1])
    return x


@data_last
def ddpm(n, model, x, s, t, d, history, draws):
    fresh = 1 - (t / s) ** 2  # of the noise at t, that of the posterior
    x = t**2 / s**2 * x + fresh * d
    return x + t * math.sqrt(fresh) * draws.next()


@data_last
def lcm(n, model, x, s, t, d, history, draws):
    return n.alpha(t) * d + t * draws.next()


@data_last
def euler_ancestral_rf(n, model, x, s, t, d, history, draws):
    down = t * (t / s)
    x = down / s * x + (1 - down / s) * d
    ratio = (1 - t) / (1 - down)
    return ratio * x + math.sqrt(t**2 - down**2 * ratio**2) * draws.next()


def dpmpp_2m_sde(heun):
    @data_last
    def step(n, model, x, s, t, d, history, draws):
        e = [sigma / n.alpha(sigma) for sigma in (s, t)]
        h = math.log(e[0] / e[1])
        history.insert(0, (h, d))
        gain = -math.expm1(-2 * h)
        x = t / s * math.exp(-h) * x + n.alpha(t) * gain * d
        if len(history) > 1:
            weight = 1 - gain / (2 * h) if heun else gain / 2
            x = x + n.alpha(t) * weight * h / history[1][0] * (d - history[1][1])
        return x + t * math.sqrt(gain) * draws.next()
    return lambda n, model, x, sigmas, draws: step(n, model, x, inner(n, sigmas), draws)


def seeds_2(eta, r, exact):
    @data_last
    def step(n, model, x, s, t, d, history, draws):
        e = [sigma / n.alpha(sigma) for sigma in (s, t)]
        h = math.log(e[0] / e[1])
        middle = e[0] * math.exp(-r * h)
        m = middle / (1 + middle) if n.flow else middle
        noise = math.sqrt(-math.expm1(-2 * r * eta * h)) * draws.next() if eta else 0
        y = m / s * math.exp(-r * eta * h) * x - n.alpha(m) * math.expm1(-r * (1 + eta) * h) * d + m * noise
        d2 = model(y, m)
        z = (1 + eta) * h
        weight = (1 + math.expm1(-z) / z) / r if exact else -math.expm1(-z) / (2 * r)
        x = t / s * math.exp(-eta * h) * x - n.alpha(t) * math.expm1(-z) * d + n.alpha(t) * weight * (d2 - d)
        if eta:
            noise = noise * math.exp((r - 1) * eta * h)
            if r < 1:
                noise = noise + math.sqrt(-math.expm1(2 * (r - 1) * eta * h)) * draws.next()
            x = x + t * noise
        return x
    return lambda n, model, x, sigmas, draws: step(n, model, x, inner(n, sigmas), draws)


@data_last
def seeds_3_step(n, model, x, s, t, d, history, draws):
    e = [sigma / n.alpha(sigma) for sigma in (s, t)]
    h = math.log(e[0] / e[1])
    phi_1, phi_2 = (lambda z: math.expm1(-z)), (lambda z: (math.expm1(-z) + z) / -z)
    values, noise, place = [d], 0, 0
    for share, weights in ((1 / 3, lambda z: [phi_1(z)]), (2 / 3, lambda z: [phi_1(z) - 2 * phi_2(z), 2 * phi_2(z)]),
                           (1, lambda z: [phi_1(z) - 1.5 * phi_2(z), 0, 1.5 * phi_2(z)])):
        to = e[0] * math.exp(-share * h)
        m = t if share == 1 else to / (1 + to) if n.flow else to
        noise = noise * math.exp((place - share) * h) + math.sqrt(-math.expm1(2 * (place - share) * h)) * draws.next()
        ahead = m / s * math.exp(-share * h) * x + m * noise
        ahead = ahead - n.alpha(m) * sum(w * value for w, value in zip(weights(2 * share * h), values))
        if share == 1:
            return ahead
        values.append(model(ahead, m))
        place = share


def seeds_3(n, model, x, sigmas, draws):
    return seeds_3_step(n, model, x, inner(n, sigmas), draws)


@data_last
def er_sde_step(n, model, x, s, t, d, history, draws):
    def rho(e):
        return e * (numpy.exp(e**0.3) + 10)

    a, b = s / n.alpha(s), t / n.alpha(t)
    kept = rho(b) / rho(a)
    history.insert(0, [a, d, None])
    x = n.alpha(t) / n.alpha(s) * kept * x + n.alpha(t) * (1 - kept) * d
    places = b + numpy.arange(200) * (a - b) / 200
    if len(history) > 1:
        history[0][2] = slope = (d - history[1][1]) / (a - history[1][0])
        x = x + n.alpha(t) * (b - a + sum(1 / rho(places)) * (a - b) / 200 * rho(b)) * slope
    if len(history) > 2:
        bend = (slope - history[1][2]) / ((a - history[2][0]) / 2)
        moment = sum((places - a) / rho(places)) * (a - b) / 200
        x = x + n.alpha(t) * ((b - a) ** 2 / 2 + moment * rho(b)) * bend
    return x + n.alpha(t) * math.sqrt(b**2 - a**2 * kept**2) * draws.next()


def er_sde(n, model, x, sigmas, draws):
    return er_sde_step(n, model, x, inner(n, sigmas), draws)


def sa_solver(again):
    def sample(n, model, x, sigmas, draws):
        sigmas = inner(n, sigmas)
        lambdas = [math.inf if s == 0 else math.log(n.alpha(s) / s) for s in sigmas]
        steps = len(sigmas) - 1
        values, state, ahead, tau, noise = [], x, x, 0, 0

        def moved(i, nodes):
            """x from level i to the next one, the data as the polynomial through those of the nodes."""
            a, b, rate = lambdas[i], lambdas[i + 1], 1 + tau**2
            total = sigmas[i + 1] / sigmas[i] * math.exp(-(tau**2) * (b - a)) * state
            for j in nodes:
                others = [k for k in nodes if k != j]
                kernel = lambda u: rate * math.exp(rate * (u - b)) * math.prod(
                    (u - lambdas[k]) / (lambdas[j] - lambdas[k]) for k in others)
                total = total + n.alpha(sigmas[i + 1]) * scipy.integrate.quad(kernel, a, b, epsabs=1e-14, epsrel=1e-13)[0] * values[j]
            return total + noise

        for i in range(steps):
            values.append(model(ahead, sigmas[i]))
            corrects = 0 if i == 0 or (sigmas[i + 1] == 0 and not again) else min(4, i + 1, steps - i)
            state_before, state_now = state, ahead
            if corrects:
                state = state_before
                state_now = moved(i - 1, range(i - corrects + 1, i + 1))
                if again:
                    values[-1] = model(state_now, sigmas[i])
            state = state_now
            if sigmas[i + 1] == 0:
                return values[-1]
            tau = 1 if n.of_percent(0.8) <= sigmas[i + 1] <= n.of_percent(0.2) else 0
            predicts = min(3, i + 1, steps - 1 - i)
            noise = 0
            if tau:
                noise = sigmas[i + 1] * math.sqrt(-math.expm1(-2 * (lambdas[i + 1] - lambdas[i]))) * draws.next()
            ahead = moved(i, range(i - predicts + 1, i + 1))
        return ahead
    return sample


def uni_pc(exponential):
    def sample(n, model, x, sigmas, draws):
        sigmas = [s or 0.001 for s in sigmas]
        lambdas = [-math.log(s) for s in sigmas]
        steps = len(sigmas) - 1
        values = [model(x, sigmas[0])]
        for i in range(steps):
            order = min(3, steps - 1, i + 1, steps - i)
            h = lambdas[i + 1] - lambdas[i]
            places = [(lambdas[i - k] - lambdas[i]) / h for k in range(1, order)] + [1.0]
            slopes = [(values[i - k] - values[i]) / places[k - 1] for k in range(1, order)]
            scale = math.expm1(-h) if exponential else -h
            phi, factorial, right = math.expm1(-h) / -h - 1, 1, []
            for j in range(1, order + 1):
                right.append(phi * factorial / scale)
                factorial *= j + 1
                phi = phi / -h - 1 / factorial
            rows = numpy.vander(places, increasing=True).T
            predicts = [0.5] if order == 2 else numpy.linalg.solve(rows[:-1, :-1], right[:-1])
            corrects = [0.5] if order == 1 else numpy.linalg.solve(rows, right)
            base = sigmas[i + 1] / sigmas[i] * x - math.expm1(-h) * values[i]
            ahead = base - scale * sum(w * slope for w, slope in zip(predicts, slopes))
            if i + 1 == steps:
                return ahead
            values.append(model(ahead, sigmas[i + 1]))
            slopes.append(values[i + 1] - values[i])
            x = base - scale * sum(w * slope for w, slope in zip(corrects, slopes))
    return sample


def of_k(name, noise=None, **options):
    def sample(n, model, x, sigmas, draws):
        said = dict(options)
        if noise:
            said["noise_sampler"] = getattr(draws, noise)
        if name == "dpm_fast":
            last = sigmas[-1] or sigmas[-2]
            return K.sample_dpm_fast(model, x, last, sigmas[0], len(sigmas) - 1, disable=True)
        return getattr(K, "sample_" + name)(model, x, torch.tensor(sigmas), disable=True, **said)
    return sample


ONE, PAIR = "__call__", "brownian"
SAMPLERS = {
    "comfyui": {
        "euler": of_k("euler"), "euler_ancestral": of_k("euler_ancestral", ONE), "heun": of_k("heun"),
        "dpm_2": of_k("dpm_2"), "dpm_2_ancestral": of_k("dpm_2_ancestral", ONE), "lms": lms, "dpm_fast": of_k("dpm_fast"),
        "dpmpp_2s_ancestral": of_k("dpmpp_2s_ancestral", ONE), "dpmpp_sde": of_k("dpmpp_sde", PAIR),
        "dpmpp_2m": of_k("dpmpp_2m"), "dpmpp_2m_sde": of_k("dpmpp_2m_sde", ONE),
        "dpmpp_2m_sde_heun": of_k("dpmpp_2m_sde", ONE, solver_type="heun"), "dpmpp_3m_sde": of_k("dpmpp_3m_sde", ONE),
        "ddpm": ddpm, "lcm": lcm, "ipndm": ipndm, "res_multistep": res_multistep,
        "gradient_estimation": gradient_estimation, "seeds_2": seeds_2(1, 0.5, False),
        "seeds_3": seeds_3,
        "exp_heun_2_x0": seeds_2(0, 1, True), "exp_heun_2_x0_sde": seeds_2(1, 1, True),
        "er_sde": er_sde, "sa_solver": sa_solver(False), "sa_solver_pece": sa_solver(True),
        "ddim": of_k("euler"),
        "uni_pc": uni_pc(False), "uni_pc_bh2": uni_pc(True),
    },
    "a1111": {
        "DPM++ 2M": of_k("dpmpp_2m"), "DPM++ SDE": of_k("dpmpp_sde", PAIR), "DPM++ 2M SDE": of_k("dpmpp_2m_sde", ONE),
        "DPM++ 2M SDE Heun": of_k("dpmpp_2m_sde", ONE, solver_type="heun"),
        "DPM++ 2S a": of_k("dpmpp_2s_ancestral", ONE), "DPM++ 3M SDE": of_k("dpmpp_3m_sde", ONE),
        "Euler a": of_k("euler_ancestral", ONE), "Euler": of_k("euler"), "LMS": of_k("lms"), "Heun": of_k("heun"),
        "DPM2": of_k("dpm_2"), "DPM2 a": of_k("dpm_2_ancestral", ONE), "DPM fast": of_k("dpm_fast"),
    },
}
ON_FLOWS = {"euler_ancestral": euler_ancestral_rf, "dpmpp_2m_sde": dpmpp_2m_sde(False), "dpmpp_2m_sde_heun": dpmpp_2m_sde(True)}
NOT_ON_FLOWS = {"dpm_2_ancestral", "dpmpp_2s_ancestral", "dpmpp_sde", "dpmpp_3m_sde", "ddpm", "uni_pc", "uni_pc_bh2"}
DISCARDS = {"dpm_2", "dpm_2_ancestral", "uni_pc", "uni_pc_bh2", "DPM2", "DPM2 a", "DPM++ 3M SDE"}
NETWORKS = {
    "comfyui": {"epsilon": Table("epsilon", True), "velocity": Table("velocity", True), "flow": Flow(3, 1000, 1000),
                "flux": Flow(math.exp(1.15), 10000, 1)},
    "a1111": {"epsilon": Table("epsilon", False), "velocity": Table("velocity", False)},
}


def run(program, sampler, scheduler, steps, denoise, network_name):
    n = NETWORKS[program][network_name]
    asked = int(steps / denoise) if program == "comfyui" and denoise < 0.9999 else steps
    sigmas = [float(s) for s in SIGMAS[scheduler](n, asked + (sampler in DISCARDS))]
    if sampler in DISCARDS:
        del sigmas[-2]
    if denoise < 1:
        sigmas = sigmas[-(steps + 1):] if program == "comfyui" else sigmas[steps - int(min(denoise, 0.999) * steps) - 1:]
    labels = []

    def model(x, sigma):
        sigma = float(torch.as_tensor(sigma).flatten()[0])
        labels.append(n.label(sigma))
        return n.data(x, sigma, labels[-1])

    start = torch.tensor([1.3 * math.sin(1.7 * (j + 1)) for j in range(2)])
    sample = ON_FLOWS[sampler] if n.flow and sampler in ON_FLOWS else SAMPLERS[program][sampler]
    first = sigmas[0]
    if sampler == "DPM fast":  # on the whole table, or to the sigma before the last
        sigmas = [float(s) for s in SIGMAS["Uniform"](n, steps)] if denoise == 1 else [*sigmas[:-1], 0.0]
    end = sample(n, model, n.start(start, first), sigmas, Draws())
    return {"program": program, "sampler": sampler, "scheduler": scheduler, "steps": steps, "denoise": denoise,
            "network": network_name, "labels": labels, "end": end.tolist()}


def untied(sampler, scheduler, steps):
    """So many steps or one more, so that no timestep is half: in float32 ComfyUI rounds these either way."""
    odd = (steps + (sampler in DISCARDS)) % 2
    return steps + (odd == (scheduler == "normal")) * (scheduler in ("normal", "sgm_uniform"))


cases = []
for program, samplers in SAMPLERS.items():
    schedulers = [name for name in SIGMAS if name[0].isupper() == (program == "a1111")]
    for i, sampler in enumerate(samplers):
        scheduler = schedulers[i % len(schedulers)]
        cases.append(run(program, sampler, scheduler, untied(sampler, scheduler, 7), 1, "epsilon"))
        if program == "comfyui" and sampler not in NOT_ON_FLOWS:
            cases.append(run(program, sampler, schedulers[(i + 3) % len(schedulers)], 6, 1, ["flow", "flux"][i % 2]))
    for i, scheduler in enumerate(schedulers):
        for network_name in NETWORKS[program]:
            cases.append(run(program, list(samplers)[0 if program == "comfyui" else 7], scheduler, untied("euler", scheduler, 10), 1, network_name))
        cases.append(run(program, "dpmpp_2m" if program == "comfyui" else "DPM++ 2M", scheduler, 8, 0.45, "velocity"))
cases.append(run("comfyui", "euler", "simple", 38, 1, "epsilon"))
cases += [run("comfyui", "uni_pc", "karras", steps, 1, "epsilon") for steps in (2, 3, 4)]
cases += [run("a1111", "DPM fast", scheduler, 9, denoise, "epsilon") for scheduler in ("Karras", "Simple") for denoise in (1, 0.6)]
cases += [run("a1111", "Euler", "DDIM", steps, 0.45, "epsilon") for steps in (7, 30)]
print(json.dumps({"cases": cases}, indent=None, separators=(",", ":")).replace("},{", "},\n{"))

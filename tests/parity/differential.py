#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the schedulers of the installed diffusers on random configs, and writes what they gave.

    differential.py [--seed 1] [--cases 8] [--only CLASS] [--others 0] [--skip OUTPUT] > FILE.json
    parity_differential FILE.json > OUTPUT

The stored file has no case that is refused: those that an output names are skipped.

Every class that interop/diffusers.hpp knows gets so many cases: a config, what its program says beside it, the labels
that the network was told, and the latents that came out. The network, the start and the normals are closed forms, the
same in differential.cpp. Each case is run a second time with diffusers' float32 replaced by double: what differs is
the rounding of diffusers, and what a case may differ from it. Needs diffusers, torch and scipy, not torchsde.
"""
import argparse
import importlib
import inspect
import json
import math
import pathlib
import pkgutil
import random
import re
import sys
import types
import warnings

import numpy
import torch

import diffusers
import diffusers.schedulers

warnings.filterwarnings("ignore")
try:
    import torchsde
except ImportError:  # its noise is not used
    sys.modules["torchsde"] = types.ModuleType("torchsde")

diffusers.logging.set_verbosity_error()

SHAPE = (2, 2, 1, 2)
CLASSES = pathlib.Path(__file__).resolve().parents[2] / "include/fokker/interop/diffusers"

T = [1000, 1000, 1000, 1000, 100, 400, 1024]
NOISE_RULES = ["use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas", "use_lu_lambdas", "use_flow_sigmas"]
BETAS = ["linear", "scaled_linear", "squaredcos_cap_v2"]
# What a field may be, of all classes; what one class has otherwise is in OF_CLASS. An empty list is not varied.
MENU = {
    "num_train_timesteps": T,
    "beta_start": [1e-4, 0.00085],
    "beta_end": [0.02, 0.012],
    "beta_schedule": BETAS,
    "clip_sample": [True, False],
    "clip_sample_range": [1.0, 0.7, 2.0],
    "set_alpha_to_one": [True, False],
    "steps_offset": [0, 1, 3],
    "prediction_type": ["epsilon", "sample", "v_prediction"],
    "thresholding": [True, False],
    "dynamic_thresholding_ratio": [0.995, 0.8],
    "sample_max_value": [1.0, 1.5, 3.0],
    "timestep_spacing": ["linspace", "leading", "trailing"],
    "rescale_betas_zero_snr": [False, True],
    "snr_shift_scale": [3.0, 1.0, 1.5],
    "skip_prk_steps": [True, False],
    "final_sigmas_type": ["zero", "sigma_min"],
    "interpolation_type": ["linear", "log_linear"],
    "timestep_type": ["discrete", "continuous"],
    "solver_order": [1, 2, 3],
    "predict_x0": [True, False],
    "solver_type": ["midpoint", "heun"],
    "lower_order_final": [True, False],
    "disable_corrector": [[], [0], [1, 2]],
    "euler_at_final": [True, False],
    "lambda_min_clipped": [-math.inf, -5.1, -2.0],
    "algorithm_type": ["dpmsolver++", "dpmsolver", "sde-dpmsolver++", "sde-dpmsolver"],
    "flow_shift": [1.0, 3.0],
    "shift": [1.0, 3.0, 0.7],
    "shift_terminal": [None, 0.1, 0.02],
    "use_dynamic_shifting": [True, False],
    "time_shift_type": ["exponential", "linear"],
    "stochastic_sampling": [True, False],
    "predictor_order": [1, 2, 3],
    "corrector_order": [0, 1, 2, 3],
    "original_inference_steps": [50, 40],
    "timestep_scaling": [10.0, 3.0],
    "rho": [7.0, 5.0],
    "clip_denoised": [True, False],
    "eta": [1.0, 0.5, 0.0],
    "invert_sigmas": [False, True],
    "s_noise": [1.0, 0.9],
    **{rule: [True, False, False] for rule in NOISE_RULES},
}
PLAIN = {"prediction_type": ["epsilon", "v_prediction"]}
FLOWS = {"num_train_timesteps": [1000, 1000, 400]}
OF_CLASS = {
    "CMStochasticIterativeScheduler": {"num_train_timesteps": [40, 201], "sigma_data": [0.5, 0.7]},
    "ConsistencyDecoderScheduler": {"num_train_timesteps": [1024], "sigma_data": [0.5, 0.7]},
    "CosineDPMSolverMultistepScheduler": {"sigma_min": [0.3, 0.1], "sigma_max": [500, 80], "sigma_data": [1.0, 0.5],
                                          "sigma_schedule": ["exponential", "karras"], "solver_order": [1, 2],
                                          "num_train_timesteps": [], **PLAIN},
    "DDPMScheduler": {"beta_schedule": BETAS + ["sigmoid", "laplace"],
                      "variance_type": ["fixed_small", "fixed_small_log", "fixed_large", "learned_range"]},
    "DDPMWuerstchenScheduler": {"scaler": [1.0, 0.5], "s": [0.008, 0.02]},
    "DEISMultistepScheduler": {"algorithm_type": ["deis"], "solver_type": ["logrho"]},
    "DPMSolverMultistepInverseScheduler": {"use_flow_sigmas": [], "rescale_betas_zero_snr": [],
                                           "algorithm_type": ["dpmsolver++", "dpmsolver"]},
    "DPMSolverSDEScheduler": PLAIN,
    "DPMSolverSinglestepScheduler": {"algorithm_type": ["dpmsolver++", "dpmsolver", "sde-dpmsolver++"]},
    "EDMDPMSolverMultistepScheduler": {"algorithm_type": ["dpmsolver++", "sde-dpmsolver++"], **PLAIN},
    "EDMEulerScheduler": {"num_train_timesteps": [], **PLAIN},
    "EulerAncestralDiscreteScheduler": PLAIN,
    "EulerDiscreteScheduler": {"sigma_min": [None, 0.05], "sigma_max": [None, 12.0]},
    "FlowMapEulerDiscreteScheduler": FLOWS,
    "FlowMatchEulerDiscreteScheduler": FLOWS,
    "FlowMatchHeunDiscreteScheduler": FLOWS,
    "FlowMatchLCMScheduler": FLOWS,
    "HeunDiscreteScheduler": {"beta_schedule": BETAS + ["exp"]},
    "IPNDMScheduler": {"num_train_timesteps": []},
    "KDPM2AncestralDiscreteScheduler": PLAIN,
    "KDPM2DiscreteScheduler": PLAIN,
    "LTXEulerAncestralRFScheduler": FLOWS,
    "PNDMScheduler": PLAIN,
    "SASolverScheduler": {"algorithm_type": ["data_prediction", "noise_prediction"]},
    "SCMScheduler": {"num_train_timesteps": [], "prediction_type": [], "sigma_data": [0.5, 0.7]},
    "UniPCMultistepScheduler": {"solver_type": ["bh2", "bh1"], "solver_order": [1, 2, 3, 4]},
    "UnCLIPScheduler": {"variance_type": ["fixed_small_log", "learned_range"],
                        "prediction_type": ["epsilon", "sample"]},
}
OF_CLASS["DDPMParallelScheduler"] = OF_CLASS["DDPMScheduler"]
for name in ("EDMEulerScheduler", "EDMDPMSolverMultistepScheduler"):
    OF_CLASS[name] |= {"sigma_min": [0.002, 0.03], "sigma_max": [80.0, 20.0], "sigma_data": [0.5, 1.0],
                       "sigma_schedule": ["karras", "exponential"]}
STEPS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 11, 12, 13, 14, 15, 16, 17, 20, 26, 28, 30, 31]


def modules():
    for found in pkgutil.iter_modules(diffusers.schedulers.__path__, diffusers.schedulers.__name__ + "."):
        if ".scheduling_" in found.name:
            yield importlib.import_module(found.name)


MODULES = {name: module for module in modules() for name, member in vars(module).items()
           if inspect.isclass(member) and member.__module__ == module.__name__}


class Doubled:
    """A module whose float32 is its float64."""

    def __init__(self, module):
        self._module = module

    def __getattr__(self, name):
        return getattr(self._module, "float64" if name == "float32" else name)


def normals(j):
    """Those that are drawn after the j-th call of the network, from 0 on; -1 is the start."""
    e = numpy.arange(math.prod(SHAPE))
    z = math.sqrt(2) * numpy.sin(1 + 1.7 * e + 2.9 * j + 0.61 * e * j)
    return torch.from_numpy(z.astype(numpy.float32).astype(numpy.float64)).reshape(SHAPE)


class Brownian:
    """The pieces of a path: the second visit of a span goes over what the first has drawn."""

    def __init__(self, labels):
        self.labels = labels
        self.drawn = None

    def __call__(self, sigma, sigma_next):
        s, t = float(sigma), float(sigma_next)
        z = normals(len(self.labels) - 1)
        if self.drawn and self.drawn[0] == s and self.drawn[1] > t:
            _, middle, first = self.drawn
            self.drawn = None
            return (math.sqrt(s - middle) * first + math.sqrt(middle - t) * z) / math.sqrt(s - t)
        self.drawn = (s, t, z)
        return z


def set_timesteps(scheduler, name, config, steps, said, double):
    """The timesteps of a run, and how many are left out."""
    own = inspect.signature(scheduler.set_timesteps).parameters if hasattr(scheduler, "set_timesteps") else {}
    words = {key: value for key, value in said.items() if key in own}
    if name == "SCMScheduler":
        words["intermediate_timesteps"] = 1.3 if steps == 2 else None
        words["max_timesteps"] = math.pi / 2 if double else 1.57080  # of which the cosine is below 0
    if "timesteps" not in words and "sigmas" not in words:
        words["num_inference_steps"] = steps
    scheduler.set_timesteps(**words)
    times = list(scheduler.timesteps)
    if len(times) == steps + 1 and name.startswith(("SCM", "DDPMWuerstchen", "LTX")):  # with that of the data
        times.pop()
    begin = said.get("begin", 0) * getattr(scheduler, "order", 1)
    if hasattr(scheduler, "set_begin_index"):  # as pipelines do
        scheduler.set_begin_index(begin)
    return times[begin:]


def run(name, config, steps, said, unit, double):
    """The labels, the result and what the class multiplies its first normals by."""
    module = MODULES[name]
    kept = dict(vars(module))
    labels = []
    if hasattr(module, "randn_tensor"):
        module.randn_tensor = lambda *_, **__: normals(len(labels) - 1)
    if hasattr(module, "BrownianTreeNoiseSampler"):
        module.BrownianTreeNoiseSampler = lambda *_, **__: Brownian(labels)

    def replace_float32():
        torch.set_default_dtype(torch.float64)
        module.torch = Doubled(torch)
        if hasattr(module, "np"):
            module.np = Doubled(numpy)

    try:
        # Tables keep their roundings, but for those that are stretched, a thousand more of them, and where 1 - a/b of
        # two neighbours has four digits.
        if double and (config.get("rescale_betas_zero_snr") or config.get("variance_type") == "learned_range"):
            replace_float32()
        scheduler = getattr(module, name).from_config({"_class_name": name, **config})
        if double:
            for member, value in vars(scheduler).items():
                if isinstance(value, torch.Tensor) and value.dtype == torch.float32:
                    setattr(scheduler, member, value.double())
            replace_float32()
        times = set_timesteps(scheduler, name, config, steps, said, double)
        scale = float(getattr(scheduler, "init_noise_sigma", 1.0))
        in_pipeline = 1.0  # what SCM's multiplies by, and divides by before the network
        if name == "SCMScheduler":
            scale = in_pipeline = config.get("sigma_data", 0.5)
        x = normals(-1) * scale
        before = None
        for i, t in enumerate(times):
            read = scheduler.scale_model_input(x, t) if hasattr(scheduler, "scale_model_input") else x
            read = read.double() / in_pipeline
            told = float(t)
            labels.append(told)
            out = (0.5 * torch.sin(1.3 * read) + 0.2 * math.cos(told / unit) + 0.1) * in_pipeline
            if "learned" in config.get("variance_type", ""):
                out = torch.cat([out, 0.9 * torch.sin(read + told / unit)], dim=1)
            if name == "CogVideoXDPMScheduler":
                x, before = scheduler.step(out, before, t, times[i - 1] if i > 0 else None, x, return_dict=False)
                continue
            words = {"eta": said["eta"]} if "eta" in said else {}
            if name == "UnCLIPScheduler" and i + 1 < len(times):
                words["prev_timestep"] = times[i + 1]
            told_each = t.expand(SHAPE[0]) if name == "DDPMWuerstchenScheduler" else t
            x = scheduler.step(out, told_each, x, **words).prev_sample
        return labels, x.double().flatten().tolist(), scale
    finally:
        vars(module).update(kept)
        torch.set_default_dtype(torch.float32)


def own_steps(name, config, steps, begin, labels):
    """Whether diffusers steps to the timesteps that it calls, and so from level to level."""
    if name == "IPNDMScheduler":  # it divides by 1e-8
        return False
    if name == "PNDMScheduler":
        size = config.get("num_train_timesteps", 1000)
        if config.get("prediction_type") == "v_prediction":  # it adds velocities of different times
            return False
        return config.get("timestep_spacing", "leading") == "leading"
    if name.startswith(("DDIM", "CogVideoX")):
        stride = config.get("num_train_timesteps", 1000) // steps
        falling = labels if name != "DDIMInverseScheduler" else labels[::-1]
        return all(a - b == stride for a, b in zip(falling, falling[1:])) and falling[-1] - stride < 0
    if config.get("variance_type") in ("fixed_large", "learned_range") and labels[-1] > 0:  # noise on the result
        return False
    if config.get("use_flow_sigmas") and config.get("prediction_type") == "v_prediction":  # alpha^2 + sigma^2 is not 1
        return False
    if name == "LMSDiscreteScheduler" and begin:  # coefficients of four slopes for one
        return False
    if config.get("algorithm_type") == "sde-dpmsolver++" and config.get("solver_order", 2) == 3:
        return False  # the sign of its second difference
    return True


def depends_on_machine(name, config):
    """Whether the last logarithm of the table, and so the first label, is that of this processor."""
    if not any(config.get(rule) for rule in NOISE_RULES[:4]):
        return False
    kept = getattr(MODULES[name], name).from_config({"_class_name": name, **config}).alphas_cumprod.numpy()
    theirs = (((1 - torch.from_numpy(kept)) / torch.from_numpy(kept)) ** 0.5).numpy()
    exact = numpy.sqrt((1 - kept) / kept)
    return exact[-1] != theirs[-1] or numpy.log(theirs)[-1] != numpy.float32(math.log(theirs[-1]))


def draw(name, choose):
    """A config of a class, the number of steps, and what is said beside."""
    cls = getattr(MODULES[name], name)
    own = inspect.signature(cls.__init__).parameters
    menu = {key: values for key, values in {**MENU, **OF_CLASS.get(name, {})}.items() if key in own and values}
    config = {}
    rate = choose.choice([0.15, 0.35, 0.6])
    for key, values in menu.items():
        if choose.random() < rate:
            config[key] = choose.choice(values)
    rules = [key for key in NOISE_RULES if config.get(key)]
    for key in rules[1:]:
        config[key] = False
    config = {key: value for key, value in config.items() if value != own[key].default}
    if config.get("algorithm_type") in ("dpmsolver", "sde-dpmsolver") and "final_sigmas_type" in own:
        config["final_sigmas_type"] = "sigma_min"
    if config.get("algorithm_type") == "sde-dpmsolver" and config.get("solver_order", 2) == 3:
        config["solver_order"] = 2
    if "final_sigmas_type" in config and "EDMDPM" in name and config.get("solver_order") == 3:
        config["solver_order"] = 2
    steps = choose.choice(STEPS)
    if name in ("LCMScheduler", "TCDScheduler"):
        steps = min(steps, 12)
    said = {}
    takes = inspect.signature(cls.set_timesteps).parameters if hasattr(cls, "set_timesteps") else {}
    size = config.get("num_train_timesteps", own["num_train_timesteps"].default if "num_train_timesteps" in own else 0)
    if config.get("use_dynamic_shifting") and "mu" in takes and config.get("use_flow_sigmas", "flow" in name.lower()):
        said["mu"] = choose.choice([0.5, 1.15, 2.0])
    times = "timesteps" in takes and not name.startswith(("DDPMWuerstchen", "LTX", "SCM"))  # those take other numbers
    if times and choose.random() < 0.1:
        steps = choose.choice([2, 3, 5])
        said["timesteps"] = sorted(choose.sample(range(1, size), steps), reverse=True)
    elif "sigmas" in takes and choose.random() < 0.15:
        steps = choose.choice([2, 3, 5])
        most = 12.0 if name == "EulerDiscreteScheduler" else 1.0
        said["sigmas"] = sorted((round(choose.uniform(0.05, most), 3) for _ in range(steps)), reverse=True)
        if name.startswith(("LTX", "MiniMax")):  # with the end of the run
            said["sigmas"].append(0.0)
    if name in ("DDIMScheduler", "DDIMParallelScheduler", "TCDScheduler") and choose.random() < 0.5:
        said["eta"] = choose.choice([0.0, 0.5, 1.0])
    elif steps > 3 and not name.startswith(("PNDM", "CogVideoXDPM", "Consistency")) and choose.random() < 0.15:
        said["begin"] = choose.choice([1, steps // 2])
    if name == "ConsistencyDecoderScheduler":
        steps = 2
    if name == "PNDMScheduler" and config.get("timestep_spacing", "leading") != "leading":  # middles of other steps
        config["skip_prk_steps"] = True
    if name.startswith(("EDM", "Cosine", "MiniMax")) and steps == 1:  # one of exponential noises is sigma_min, for x of
        steps = 2  # sigma_max; MiniMax counts the data
    return config, steps, said


def with_others(name, config, count, choose):
    """Fields of other classes, as configs carry them on."""
    own = inspect.signature(getattr(MODULES[name], name).__init__).parameters
    others = sorted(key for key in MENU if key not in own and key not in NOISE_RULES)
    return config | {key: choose.choice(MENU[key]) for key in choose.sample(others, count)}


def shortened(value, digits=9):
    return float(f"{value:.{digits}g}")


def case(name, seed, number, others):
    choose = random.Random(f"{seed} {name} {number}")
    for _ in range(200):
        config, steps, said = draw(name, choose)
        if others:
            config = with_others(name, config, others, choose)
        unit = 0.5 if name.startswith(("EDM", "Cosine", "IPNDM", "SCM", "DDPMWuerstchen", "MiniMax")) else 150
        try:
            size = config.get("num_train_timesteps", 1000)
            if config.get("timestep_spacing") == "trailing" and len(numpy.arange(size, 0, -size / steps)) > steps:
                continue  # there one timestep too many, -1
            if name not in OWN_TABLES and depends_on_machine(name, config):
                continue
            labels, x, scale = run(name, dict(config), steps, said, unit, False)
        except Exception as error:  # what diffusers cannot do is no case
            print(f"{name} {config} {steps} {said}: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        if not all(map(math.isfinite, [*x, *labels, scale])):
            print(f"{name} {config} {steps} {said}: not finite", file=sys.stderr)
            continue
        try:
            told, exact, _ = run(name, dict(config), steps, said, unit, True)
            rounding = max(abs(a - b) for a, b in zip(x, exact))
            told = max(abs(a - b) for a, b in zip(labels, told))
            if not math.isfinite(rounding):
                raise ArithmeticError("not finite")
        except Exception as error:
            print(f"{name} {config} {steps} {said}: in double: {type(error).__name__}: {error}", file=sys.stderr)
            rounding, told = None, 0
        if rounding and rounding > 2e-4 * max(map(abs, x)):
            print(f"{name} {config} {steps} {said}: nearly all of it is rounding", file=sys.stderr)
            continue
        made = {"id": f"{name.removesuffix('Scheduler')}.{seed}.{number}", "config": {"_class_name": name, **config},
                "steps": steps, **said, "unit": unit, "scale": shortened(scale),
                "labels": [shortened(t) for t in labels]}
        if told > 0 and not all(t.is_integer() for t in labels):
            made["label_rounding"] = shortened(told, 2)
        if rounding is not None and own_steps(name, config, steps, said.get("begin", 0), labels):
            made |= {"x": [shortened(v) for v in x], "rounding": shortened(rounding, 2)}
        return made
    return None


OWN_TABLES = ("FlowMatchEulerDiscreteScheduler", "FlowMatchLCMScheduler", "LTXEulerAncestralRFScheduler")
SPACINGS = [
    ("DDIMScheduler", {"timestep_spacing": "linspace"}),
    ("DDIMScheduler", {"timestep_spacing": "trailing"}),
    ("DDIMScheduler", {"timestep_spacing": "trailing", "num_train_timesteps": 1024}),
    ("UnCLIPScheduler", {}),
    ("DPMSolverMultistepScheduler", {}),
    ("DPMSolverMultistepScheduler", {"lambda_min_clipped": -3.0}),
    ("UniPCMultistepScheduler", {"num_train_timesteps": 400}),
    ("DEISMultistepScheduler", {"use_flow_sigmas": True}),
    ("DEISMultistepScheduler", {"use_flow_sigmas": True, "flow_shift": 3.0}),
    ("UniPCMultistepScheduler", {"use_flow_sigmas": True}),
    ("UniPCMultistepScheduler", {"use_flow_sigmas": True, "flow_shift": 3.0}),
    ("UniPCMultistepScheduler", {"use_flow_sigmas": True, "flow_shift": 3.0, "shift_terminal": 0.02}),
]


def spacing(name, config):
    """Of 2, 3 ... 128 steps sum (i + 1) t_i over the labels; 0 where there are more of them than steps."""
    sums = []
    for steps in range(2, 129):
        scheduler = getattr(MODULES[name], name)(**config)
        scheduler.set_timesteps(steps)
        labels = [int(t) for t in scheduler.timesteps]
        sums.append(sum((i + 1) * t for i, t in enumerate(labels)) if len(labels) == steps else 0)
    return {"config": {"_class_name": name, **config}, "sums": sums}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=8, help="of each class")
    parser.add_argument("--only", default="", help="classes with this in their names")
    parser.add_argument("--others", type=int, default=0, help="so many fields of other classes in each config")
    parser.add_argument("--skip", type=pathlib.Path, help="an output of parity_differential: no case that it refuses")
    said = parser.parse_args()
    refused = set(re.findall(r"(\S+) refused:", said.skip.read_text())) if said.skip else set()
    torch.set_grad_enabled(False)
    names = sorted(name for p in CLASSES.glob("*.hpp") for name in re.findall(r'\{"(\w+Scheduler)", \w+\}', p.read_text()))
    names = [name for name in names if said.only in name]
    cases = [case(name, said.seed, number, said.others) for name in names for number in range(said.cases)]
    lines = ",\n  ".join(json.dumps(made) for made in cases if made and made["id"] not in refused)
    spacings = ",\n  ".join(json.dumps(spacing(*row)) for row in SPACINGS if said.only in row[0])
    about = {"source": f"differential.py of diffusers {diffusers.__version__}, torch {torch.__version__}, "
                       f"numpy {numpy.__version__}; seed {said.seed}",
             "network": "sin(1.3 x)/2 + cos(t/unit)/5 + 0.1; of a learned variance 0.9 sin(x + t/unit)",
             "normals": "sqrt(2) sin(1 + 1.7 e + 2.9 j + 0.61 e j) in float32: element e of 8, two samples of 4, after "
                        "call j; j = -1 times `scale` is the start",
             "spacings": "of 2 to 128 steps, sum (i + 1) label_i; 0 is not compared",
             "rounding": "the largest difference between diffusers' own numbers and those that it has in double"}
    print(f'{{\n "meta": {json.dumps(about)},\n "cases": [\n  {lines}\n ],\n "spacings": [\n  {spacings}\n ]\n}}')


if __name__ == "__main__":
    main()

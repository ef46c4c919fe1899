#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the stochastic schedulers of the installed diffusers with torch's generators of the CPU, and writes what they gave.

    noise.py > noise.json
    parity_noise noise.json

Of three schedulers it is StableDiffusionPipeline as it stands that runs, with a closed form in the place of its network.
The other programs are not run: Euler ancestral steps are written down here, with the normals that each program draws,
which noise/drawn.py knows. Of the rest, the start and the noise of the steps are drawn by the generators that are given, one for the batch or one for each
sample, as in pipelines; a class whose step takes none draws from torch's own. The network is that of differential.py.
UnCLIPScheduler is left out: in float32 it rounds the weight 1.5e-4 of its first x to 0. Brownian paths, which
DPMSolverSDEScheduler draws, are no sequence. Needs diffusers, transformers and torch 2.15 on a processor with AVX2.
"""
import inspect
import json
import math
import pathlib
import sys

import diffusers
import torch
from diffusers import ConfigMixin, ModelMixin, StableDiffusionPipeline
from diffusers.configuration_utils import register_to_config
from diffusers.utils.torch_utils import randn_tensor

import differential

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "noise"))
import drawn

SDE = {"algorithm_type": "sde-dpmsolver++"}
CASES = [
    ("DDPMScheduler", {}, {}),
    ("DDPMScheduler", {"variance_type": "fixed_large"}, {}),
    ("DDPMParallelScheduler", {"prediction_type": "v_prediction"}, {}),
    ("DDIMScheduler", {"clip_sample": False}, {"eta": 1.0}),
    ("DDIMParallelScheduler", {"clip_sample_range": 2.0}, {"eta": 0.5}),
    ("EulerAncestralDiscreteScheduler", {}, {}),
    ("KDPM2AncestralDiscreteScheduler", {}, {}),
    ("LCMScheduler", {}, {}),
    ("TCDScheduler", {}, {"eta": 0.5}),
    ("DPMSolverMultistepScheduler", SDE, {}),
    ("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver", "final_sigmas_type": "sigma_min"}, {}),
    ("DPMSolverSinglestepScheduler", SDE, {}),
    ("EDMDPMSolverMultistepScheduler", SDE, {}),
    ("SASolverScheduler", {}, {}),
    ("DDPMWuerstchenScheduler", {}, {}),
    ("CMStochasticIterativeScheduler", {}, {}),
    ("ConsistencyDecoderScheduler", {}, {"steps": 2}),
    ("CogVideoXDPMScheduler", {}, {}),
    ("SCMScheduler", {}, {}),
    ("FlowMatchEulerDiscreteScheduler", {"stochastic_sampling": True}, {}),
    ("FlowMatchLCMScheduler", {}, {}),
    ("LTXEulerAncestralRFScheduler", {}, {}),
]
# How many tensors a class draws and does not read before each that it does.
UNREAD = {"SASolverScheduler": [2], "CogVideoXDPMScheduler": [0, 1, 1, 1, 1]}
# Samples, their size, and whether each has a generator.
BATCHES = [(1, n, False) for n in range(1, 41)] + [(1, 4096, False), (1, 65536, False), (2, 20, False), (3, 5, True),
                                                   (2, 20, True), (2, 4096, True)]
PIPELINES = [
    ("DDPMScheduler", {"clip_sample": False, "steps_offset": 1}, {}),
    ("DDIMScheduler", {"clip_sample": False, "steps_offset": 1}, {"eta": 1.0}),
    ("EulerAncestralDiscreteScheduler", {"steps_offset": 1}, {}),
]
# Samples of 4 x 8 x 8. The pipeline sets clip_sample and steps_offset by itself where a config has them otherwise.
PIPELINE_BATCHES = [(1, 256, False), (2, 256, False), (2, 256, True)]
PROGRAMS = ["comfyui", "comfyui_gpu", "a1111_nv", "a1111_gpu", "a1111_cpu", "a1111_ensd", "stable_diffusion_cpp",
            "stable_diffusion_cpp_cpu", "stable_diffusion_cpp_both"]
STEPS = 6


class ClosedForm(ModelMixin, ConfigMixin):
    @register_to_config
    def __init__(self, sample_size=8, in_channels=4, time_cond_proj_dim=None):
        super().__init__()
        self.nothing = torch.nn.Parameter(torch.zeros(1))

    def forward(self, x, t, **unread):
        return [0.5 * torch.sin(1.3 * x) + 0.2 * math.cos(float(t) / 150) + 0.1]


def run_pipeline(name, config, said, unit, shape, generator):
    scheduler = getattr(differential.MODULES[name], name)(**config)
    pipeline = StableDiffusionPipeline(None, None, None, ClosedForm(), scheduler, None, None, requires_safety_checker=False)
    pipeline.set_progress_bar_config(disable=True)
    words = torch.zeros(shape[0], 1, 1)
    x = pipeline(prompt_embeds=words, height=64, width=64, num_inference_steps=STEPS, guidance_scale=0,
                 eta=said.get("eta", 0.0), generator=generator, output_type="latent").images
    return x.flatten(), float(scheduler.init_noise_sigma)


def run(name, config, said, unit, shape, generator):
    module = differential.MODULES[name]
    scheduler = getattr(module, name)(**config)
    times = differential.set_timesteps(scheduler, name, config, said.get("steps", STEPS), said, False)
    scale = float(getattr(scheduler, "init_noise_sigma", 1.0))
    in_pipeline = 1.0
    if name == "SCMScheduler":
        scale = in_pipeline = 0.5
    takes = inspect.signature(scheduler.step).parameters
    if "generator" in takes:
        words = {"generator": generator}
        x = randn_tensor(shape, generator=generator) * scale
    else:
        torch.manual_seed(generator.initial_seed())
        words = {}
        x = torch.randn(shape) * scale
    words |= {"eta": said["eta"]} if "eta" in said else {}
    before = None
    for i, t in enumerate(times):
        read = (scheduler.scale_model_input(x, t) if hasattr(scheduler, "scale_model_input") else x) / in_pipeline
        told = float(t)
        out = (0.5 * torch.sin(1.3 * read) + 0.2 * math.cos(told / unit) + 0.1) * in_pipeline
        if name == "CogVideoXDPMScheduler":
            x, before = scheduler.step(out, before, t, times[i - 1] if i > 0 else None, x, return_dict=False, **words)
            continue
        x = scheduler.step(out, t.expand(shape[0]) if name == "DDPMWuerstchenScheduler" else t, x, **words).prev_sample
    return x.flatten(), scale


def run_program(program, seed, samples, size):
    """Euler ancestral steps as in k-diffusion, which draw where there is noise to add."""
    scheduler = diffusers.EulerAncestralDiscreteScheduler(steps_offset=1)
    scheduler.set_timesteps(STEPS)
    normals = map(torch.from_numpy, drawn.programs(seed)[program]()(samples * size))
    sigmas = scheduler.sigmas.double()
    x = next(normals) * float(scheduler.init_noise_sigma)
    for t, s, to in zip(scheduler.timesteps, sigmas, sigmas[1:]):
        out = 0.5 * torch.sin(1.3 * x / (s**2 + 1) ** 0.5) + 0.2 * math.cos(float(t) / 150) + 0.1
        up = (to**2 * (s**2 - to**2) / s**2) ** 0.5
        x = x + ((to**2 - up**2) ** 0.5 - s) * out
        if to > 0:
            x = x + up * next(normals)
    return x, float(scheduler.init_noise_sigma)


def told(x, samples, size, seeds):
    count = samples * size
    at = sorted({0, 1 % count, count // 2, count // 3, *range(max(count - 3, 0), count)})
    return {"samples": samples, "size": size, "seeds": seeds, "at": at, "x": [float(f"{x[i].item():.9g}") for i in at]}


def main():
    torch.set_num_threads(1)
    cases = []
    for by, batches, (name, config, said) in [*((run, BATCHES, c) for c in CASES), *((run_pipeline, PIPELINE_BATCHES, c) for c in PIPELINES)]:
        unit = 0.5 if name.startswith(("EDM", "SCM", "DDPMWuerstchen")) else 150
        takes = inspect.signature(getattr(differential.MODULES[name], name).step).parameters
        made = {"config": {"_class_name": name, **config}, "steps": STEPS, **said, "unit": unit, "unread": UNREAD.get(name, []), "runs": []}
        for number, (samples, size, each) in enumerate(batches):
            if each and "generator" not in takes:
                continue
            seeds = [number + 100 * s for s in range(samples if each else 1)]
            generators = [torch.Generator().manual_seed(seed) for seed in seeds]
            x, made["scale"] = by(name, config, said, unit, (samples, 1, 1, size), generators if each else generators[0])
            made["runs"].append(told(x, samples, size, seeds))
        cases.append(made)
    for program in PROGRAMS:
        config = {"_class_name": "EulerAncestralDiscreteScheduler", "steps_offset": 1}
        made = {"config": config, "program": program, "steps": STEPS, "unit": 150, "unread": [], "runs": []}
        for seed, size in enumerate((5, 20, 550)):
            x, made["scale"] = run_program(program, seed, 2, size)
            made["runs"].append(told(x, 2, size, [seed]))
        cases.append(made)
    print('{"cases": [\n' + ",\n".join(json.dumps(c) for c in cases) + "\n]}")


main()

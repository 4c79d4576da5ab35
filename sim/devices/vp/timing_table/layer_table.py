#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cycles of a whole layer on the device vp against those on rtl: `tern layer` on both, a line a model and context.

With --stages a line a stage too. Exit 1 when a layer is further off than the limit, or when its results differ.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile


def run(arguments, model, device, context):
    """What `tern layer --json` prints."""
    command = [arguments.tern, "layer", model, "--layer", "0", "--device", device, "--context", str(context), "--json"]
    for name in ("latency", "bandwidth", "lanes", "vectors"):
        if vars(arguments)[name]:
            command += [f"--{name}", str(vars(arguments)[name])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"layer_table.py: {' '.join(command)}: {done.stderr.strip().splitlines()[-1:]}")
    return json.loads(done.stdout)


def percent(of_vp, of_rtl):
    """The error of vp."""
    return 100 * (of_vp - of_rtl) / of_rtl if of_rtl else 0.0


def print_stages(rtl, vp):
    """A line a stage: where a layer's error comes from."""
    for of_rtl, of_vp in zip(rtl["stages"], vp["stages"]):
        print(f"    {of_rtl['stage']:20} {of_rtl['cycles']:10} {of_vp['cycles']:10} {of_vp['cycles'] - of_rtl['cycles']:+8}")


def compare(arguments, model, context):
    """Whether the layer is within the limit and has the same results."""
    rtl, vp = (run(arguments, model, device, context) for device in ("rtl", "vp"))
    cycles = [sum(stage["cycles"] for stage in layer["stages"]) for layer in (rtl, vp)]
    starved = [sum(stage["starved"] for stage in layer["stages"]) for layer in (rtl, vp)]
    error = percent(cycles[1], cycles[0])
    same = rtl["results"] == vp["results"] and bool(rtl["results"])
    good = same and cycles[0] > 0 and abs(error) <= arguments.limit
    print(f"{pathlib.Path(model).name:12} {context:7} {cycles[0]:10} {cycles[1]:10} {error:+7.2f} % {starved[0]:9}"
          f" {starved[1]:9} {'' if same else '  OTHER RESULTS'}{'' if good else '  OVER'}", flush=True)
    if arguments.stages:
        print_stages(rtl, vp)
    return good


def made(arguments, model, directory):
    """A packed layer of the shape of a config.json; another model as it is."""
    if not model.endswith(".json"):
        return model
    out = f"{directory}/{pathlib.Path(model).stem}"
    subprocess.run([arguments.make, model, out, "--packed", "--layers", "1", "--vocabulary", "257", "--seed", "5"],
                   check=True, capture_output=True)
    return out


def main():
    """The table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", help="packed models, or shapes as *.json; layer 0 runs")
    parser.add_argument("--make", default="build/make_checkpoint", help="makes a model of a shape")
    parser.add_argument("--tern", default="build/tern")
    parser.add_argument("--contexts", default="1,256,2048", help="positions before the layer's, with commas")
    parser.add_argument("--latency", type=int, help="of memory, cycles")
    parser.add_argument("--bandwidth", type=int, help="of memory, percent")
    parser.add_argument("--lanes", type=int)
    parser.add_argument("--vectors", type=int)
    parser.add_argument("--variant", help="the device of rtl, which tern finds itself")
    parser.add_argument("--limit", type=float, default=5, help="percent")
    parser.add_argument("--stages", action="store_true")
    arguments = parser.parse_args()
    print(f"{'model':12} {'context':>7} {'rtl':>10} {'vp':>10} {'error':>9} {'starved':>9} {'on vp':>9}")
    with tempfile.TemporaryDirectory() as directory:
        good = [compare(arguments, model, int(context)) for model in
                [made(arguments, model, directory) for model in arguments.models] for context in
                arguments.contexts.split(",")]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())

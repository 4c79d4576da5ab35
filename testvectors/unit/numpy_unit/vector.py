# SPDX-License-Identifier: Apache-2.0
"""The operations of the vector unit, by docs/numerics-vector.md."""
import numpy as np

from . import memory as m
from .floats import F, canonical, exp, one, reciprocal, reciprocal_sqrt, silu, sum16

QUANTIZE, ADD, RMSNORM, ROPE, SWIGLU, COPY, STORE, SOFTMAX, SCALE = 1, 3, 4, 5, 6, 7, 8, 10, 11
OPERATIONS = {QUANTIZE, ADD, RMSNORM, ROPE, SWIGLU, COPY, STORE, SOFTMAX, SCALE}
IMAGES = {QUANTIZE, SOFTMAX}
MAX_ROWS, MAX_HEAD, MAX_COLUMNS, MAX_LENGTH = 256, 256, 32768, 0x40000


class Run:
    """The registers of a run."""

    def __init__(self, case, memory):
        self.memory = memory
        self.operation, self.rows, self.parts, self.length = (case.register(at) for at in (0x10, 0x14, 0x18, 0x1C))
        self.left, self.left_stride, self.right = case.pair(0x20), case.pair(0x28), case.pair(0x30)
        self.output, self.output_stride, self.side = case.pair(0x38), case.pair(0x40), case.pair(0x48)
        self.scalars = np.array([case.register(0x50), case.register(0x54)], "<u4").view(F)

    def part(self, number):
        return self.memory.read(self.left + number * self.left_stride, self.length, "<f4")

    def put(self, number, values):
        self.memory.write(self.output + number * self.output_stride, values)

    def operand(self, count):
        return self.memory.read(self.right, count, "<f4")


def check(run):
    m.require(run.operation in OPERATIONS, m.BAD_OPCODE)
    longest = MAX_COLUMNS if run.operation in IMAGES else MAX_LENGTH
    parts = {ROPE: range(2, 3), COPY: range(1, MAX_ROWS + 1), STORE: range(1, MAX_HEAD + 1)}
    longest = {ROPE: MAX_HEAD // 2, STORE: MAX_HEAD}.get(run.operation, longest)
    m.require(1 <= run.rows <= MAX_ROWS and 1 <= run.length <= longest, m.BAD_LENGTH)
    m.require(run.parts in parts.get(run.operation, range(1, 2)), m.BAD_LENGTH)
    words = run.left | run.left_stride | run.output | run.output_stride
    if run.operation not in IMAGES | {STORE, COPY}:
        words |= run.right
    if run.operation == SOFTMAX:
        words |= run.side
    m.require(words % 4 == 0, m.BAD_ADDRESS)
    m.require(run.operation not in IMAGES or (run.output | run.output_stride) % 64 == 0, m.BAD_ADDRESS)


def run_words(run):
    """ADD, SWIGLU, RMSNORM, SCALE."""
    right = run.operand(run.rows if run.operation == SCALE else run.length)
    for row in range(run.rows):
        x = run.part(row)
        if run.operation == ADD:
            result = x + right
        elif run.operation == SWIGLU:
            result = silu(x) * right
        elif run.operation == SCALE:
            result = x * one(reciprocal, right[row])
        else:
            mean = sum16(x * x) * run.scalars[1]
            result = (x * one(reciprocal_sqrt, mean + run.scalars[0])) * right
        run.put(row, canonical(result))


def run_copy(run):
    for part in range(run.rows * run.parts):
        run.put(part, run.part(part).view("<u4"))


def run_rope(run):
    cosine, sine = run.operand(2 * run.length).reshape(2, -1)
    for head in range(run.rows):
        a, b = run.part(2 * head), run.part(2 * head + 1)
        run.put(2 * head, canonical(a * cosine - b * sine))
        run.put(2 * head + 1, canonical(b * cosine + a * sine))


def refuse_first(bad, part, run):
    if bad.any():
        raise m.Refused(m.NON_FINITE, part * run.length + int(np.argmax(bad)))


def run_quantize(run):
    for row in range(run.rows):
        x = run.part(row)
        refuse_first(~np.isfinite(x), row, run)
        run.put(row, m.image(x))


def run_softmax(run):
    for row in range(run.rows):
        scores = run.part(row)
        known = scores[~np.isnan(scores)]
        largest = known.max() if len(known) else F(-np.inf)
        weights = exp((scores - largest) * run.scalars[0]).astype(F)
        refuse_first(np.isnan(weights), row, run)
        run.put(row, m.image(weights, base=-29))
        run.memory.write(run.side + 4 * row, sum16(weights))


def run_store(run):
    count = -(-run.length // m.GROUP)
    for part in range(run.rows * run.parts):
        x = run.part(part)
        refuse_first(~(np.abs(x) < 65535), part, run)
    for part in range(run.rows * run.parts):
        head, place = part // run.parts, part % run.parts * count
        groups = m.in_groups(run.part(part), count)
        exponents, has_any = m.group_exponents(groups)
        shifts = np.where(has_any, np.maximum(exponents + 30, 0), 0)
        mantissas = np.rint(np.ldexp(groups, (30 - shifts)[:, None])).astype("<i2")
        at = head * run.output_stride
        run.memory.write(run.output + at + 32 * place, mantissas)
        run.memory.write(run.side + at + place, shifts.astype(np.uint8))


def run(case, memory):
    of_case = Run(case, memory)
    check(of_case)
    others = {COPY: run_copy, ROPE: run_rope, QUANTIZE: run_quantize, SOFTMAX: run_softmax, STORE: run_store}
    with np.errstate(all="ignore"):
        others.get(of_case.operation, run_words)(of_case)

# SPDX-License-Identifier: Apache-2.0
"""The longest path to each register of an SDF file as nextpnr writes it, with the largest delays (tools/fmax).

nextpnr itself prints one path a run. A node is CELL/PIN; a path begins at an output behind a clock pin and ends at a pin
with a setup time. What joins two cells is routing, the rest is inside of cells.
"""
import collections
import re

NAME = r"(?:\\.|[^\s\\])+"
DELAY = r"\((-?\d+):(-?\d+):(-?\d+)\)"
WIRE = re.compile(rf"\(INTERCONNECT ({NAME}) ({NAME}) {DELAY} {DELAY}\)")
INSIDE = re.compile(rf"\(IOPATH ({NAME}) ({NAME}) {DELAY} {DELAY}\)")
SETUP = re.compile(rf"\(SETUPHOLD \((?:pos|neg)edge ({NAME})\) \((?:pos|neg)edge {NAME}\) {DELAY} {DELAY}\)")
INSTANCE = re.compile(rf"\(INSTANCE ({NAME})\)")
CLOCK = re.compile(r"(W?CLK\d?|CLK[ABI]|WCK)$")
# Yosys names a cell by a net at it, then by the kinds of cells on the way.
KIND = re.compile(r"_(TRELLIS_FF|TRELLIS_DPR16X4|LUT4|CCU2C|MULT18X18D|DP16KD|PFUMX|L6MUX21)(_.*|$)")
COPY = re.compile(r"(\.\d+)+$|\$.*$")


class Graph:
    """Delays in ps: edges[node] = [(node behind, delay, is routing)], begins[node] and setup[node]."""

    def __init__(self):
        self.edges = collections.defaultdict(list)
        self.begins = {}
        self.setup = {}

    def add(self, line, cell):
        """Takes a line in the part of a cell; returns the cell of the next line."""
        if match := INSTANCE.search(line):
            return match[1].replace("\\", "")
        if match := WIRE.search(line):
            self.edges[match[1].replace("\\", "")].append((match[2].replace("\\", ""), largest(match), True))
        elif match := INSIDE.search(line):
            if CLOCK.fullmatch(match[1]):
                self.begins[f"{cell}/{match[2]}"] = largest(match)
            else:
                self.edges[f"{cell}/{match[1]}"].append((f"{cell}/{match[2]}", largest(match), False))
        elif match := SETUP.search(line):
            pin = f"{cell}/{match[1]}"
            self.setup[pin] = max(self.setup.get(pin, 0), int(match[4]))
        return cell


def largest(match):
    return max(int(match[5]), int(match[8]))


def read(file):
    graph, cell = Graph(), ""
    with file.open() as lines:
        for line in lines:
            cell = graph.add(line, cell)
    return graph


def arrivals(graph):
    """(ps at each node behind a register, the edge by which it is latest). Nodes come after all before them."""
    reached = collections.Counter()
    todo, seen = list(graph.begins), set()
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            for behind, _, _ in graph.edges.get(node, ()):
                reached[behind] += 1
                todo.append(behind)
    at, by = dict(graph.begins), {}
    ready = [node for node in graph.begins if not reached[node]]
    while ready:
        node = ready.pop()
        for behind, delay, routing in graph.edges.get(node, ()):
            if at[node] + delay > at.get(behind, -1):
                at[behind], by[behind] = at[node] + delay, (node, delay, routing)
            reached[behind] -= 1
            if not reached[behind]:
                ready.append(behind)
    return at, by


def register(node):
    """Name of the net that names the node's cell."""
    return COPY.sub("", KIND.sub("", node.rsplit("/", 1)[0])).removeprefix("dut.")


def module(name):
    """The instance that holds the net."""
    return name.rpartition(".")[0] or "top"


def describe(graph, at, by, end):
    """The longest path to this pin."""
    node, routing, levels, names = end, 0, 0, []
    while node in by:
        before, delay, is_routing = by[node]
        routing += delay * is_routing
        levels += not is_routing
        if is_routing and register(before) and (not names or names[-1] != register(before)):
            names.append(register(before))
        node = before
    begin, finish = register(node), register(end)
    return {"ns": (at[end] + graph.setup[end]) / 1000, "routing_ns": routing / 1000, "levels": levels,
            "begin": begin, "end": f"{finish}/{end.rsplit('/', 1)[1]}", "from": module(begin), "to": module(finish),
            "by": [name for name in reversed(names) if name != begin]}


def worst(graph, count):
    """The longest path of each pair of modules, longest first."""
    at, by = arrivals(graph)
    ends = sorted((end for end in graph.setup if end in at), key=lambda end: -(at[end] + graph.setup[end]))
    found = {}
    for end in ends:
        path = describe(graph, at, by, end)
        found.setdefault((path["from"], path["to"]), path)
        if len(found) == count:
            break
    return list(found.values())

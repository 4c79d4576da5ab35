# SPDX-License-Identifier: Apache-2.0
"""The memory controller of a board, from LiteDRAM's parts: module litedram_core, and what the firmware must know of it.

Runs in build/venv-boards; tools/make_controller calls it. LiteDRAM's own generator knows neither the half-rate PHY nor
fixed register addresses, so the parts are put together here.
"""
import copy
import re

from migen import DIR_M_TO_S, ClockDomain, ClockSignal, Module, Record, ResetSignal, Signal
from litedram import modules, phy as phys
from litedram.core import LiteDRAMCore
from litedram.core.controller import ControllerSettings
from litedram.gen import LiteDRAMCoreControl, LiteDRAMECP5DDRPHYCRG
from litedram.init import get_sdram_phy_init_sequence
from litedram.phy.dfi import Interface
from litedram.phy.model import SDRAMPHYModel
from litex.build.lattice.common import lattice_ecp5_special_overrides
from litex.gen.fhdl import verilog
from litex.soc.interconnect import csr_bus, wishbone

NAME = "litedram_core"
HEAD = "// Made by tools/make_controller from LiteDRAM 2024.12, which is under the BSD-2-Clause license; do not edit.\n"
USER_PORTS = ("soc", "next", "link")
PAGE = 0x400  # bytes of a bank of registers
BANKS = {"ddrctrl": 0, "ddrphy": 1, "sdram": 2}
RATE = "1:2"  # of both PHYs


class Ports:
    """The ports of litedram_core. Takes the place of LiteX's platform for LiteDRAM's clock generator."""

    def __init__(self):
        self.signals = set()
        self.named = {}

    def request(self, name, width=1):
        """The port of this name, new at its first mention."""
        if name not in self.named:
            self.named[name] = Signal(width, name=name)
            self.signals.add(self.named[name])
        return self.named[name]

    def record(self, name, layout):
        """Ports NAME_FIELD."""
        record = Record(layout, name=name)
        self.signals.update(record.flatten())
        return record


def pads(ports, board, geometry):
    """The pins of the memory chips."""
    memory = board["memory"]
    lanes = memory["chips"] * memory["bits"] // 8
    layout = [("a", geometry.addressbits), ("ba", geometry.bankbits), ("ras_n", 1), ("cas_n", 1), ("we_n", 1),
              ("cke", 1), ("dm", lanes), ("dq", 8 * lanes)]
    if memory["type"] == "SDR":
        return ports.record("sdram", layout + [("cs_n", 1)])
    return ports.record("ddram", layout + [("dqs_p", lanes), ("clk_p", 1), ("odt", 1)])


def chip(board, rows=None):
    """LiteDRAM's description of the memory chip, with the table's times; `rows` makes it smaller."""
    kind = getattr(modules, board["memory"]["part"])
    timings = copy.copy(kind.speedgrade_timings["default"])
    timings.set_attributes(board["memory"]["times_ns"])
    changes = {"speedgrade_timings": {"default": timings}}
    if rows:
        changes["nrows"] = rows
    return type(kind.__name__, (kind,), changes)(board["clock_hz"], RATE)


class RegisteredPhy(Module):
    """A PHY behind registers, in both directions. The half-rate PHY takes data into a clock of twice the rate. What the
    controller computes would have half a cycle."""

    def __init__(self, phy):
        self.submodules.phy = phy
        self.settings = copy.copy(phy.settings)
        self.settings.read_latency += 2
        inside = phy.dfi.phases
        first = inside[0]
        self.dfi = Interface(len(first.address), len(first.bank), len(first.cs_n), len(first.wrdata), len(inside))
        for ours, theirs in zip(self.dfi.phases, inside):
            for name, _, direction in ours.layout:
                pair = (getattr(theirs, name), getattr(ours, name))
                self.sync += pair[0].eq(pair[1]) if direction == DIR_M_TO_S else pair[1].eq(pair[0])


def make_phy(board, pins):
    """The PHY that the board has."""
    memory = board["memory"]
    latencies = {name: memory[name] for name in ("cl", "cwl") if name in memory}
    phy = getattr(phys, memory["phy"])(pins, sys_clk_freq=board["clock_hz"], **latencies)
    return RegisteredPhy(phy) if memory["type"] == "SDR" else phy


class BoardClocks(Module):
    """The clocks of the board's top: the system clock, and for SDRAM one of twice its rate."""

    def __init__(self, ports, doubled):
        self.clock_domains.cd_sys = ClockDomain()
        self.comb += [self.cd_sys.clk.eq(ports.request("clk")), self.cd_sys.rst.eq(ports.request("rst"))]
        if doubled:
            self.clock_domains.cd_sys2x = ClockDomain(reset_less=True)
            self.comb += self.cd_sys2x.clk.eq(ports.request("clk2x"))


def make_clocks(ports, board, sim):
    """Those of the top, or LiteDRAM's own generator, whose clocks the PHY of DDR3 stops and starts."""
    memory = board["memory"]
    if sim or memory["type"] == "SDR":
        return BoardClocks(ports, not sim)
    config = {"memtype": memory["type"], "input_clk_freq": board["input_hz"], "sys_clk_freq": board["clock_hz"],
              "init_clk_freq": memory["init_hz"]}
    return LiteDRAMECP5DDRPHYCRG(ports, config)


class Core(Module):
    """Controller, PHY or its model, registers and user ports."""

    def __init__(self, board, sim=False, rows=None):
        self.ports = ports = Ports()
        module = chip(board, rows)
        self.geometry = module.geom_settings
        self.submodules.crg = make_clocks(ports, board, sim)
        phy = make_phy(board, pads(Ports() if sim else ports, board, module.geom_settings))
        self.add_phy(phy, module, sim)
        self.submodules.sdram = LiteDRAMCore(
            self.ddrphy, module.geom_settings, module.timing_settings, board["clock_hz"],
            controller_settings=ControllerSettings(**board["controller"]))
        self.submodules.ddrctrl = LiteDRAMCoreControl()
        self.add_registers()
        self.add_state()
        for name in USER_PORTS:
            self.add_user_port(name)

    def add_phy(self, phy, module, sim):
        """The PHY, or a model with its latencies and the memory behind it."""
        if sim:
            phy.finalized = True  # only its settings are used
            self.submodules.ddrphy = SDRAMPHYModel(module, settings=phy.settings)
            return
        self.submodules.ddrphy = phy
        if hasattr(phy, "init"):
            self.comb += [self.crg.stop.eq(phy.init.stop), self.crg.reset.eq(phy.init.reset)]

    def add_registers(self):
        """Wishbone to the banks of registers."""
        bus = wishbone.Interface(data_width=32, address_width=32, addressing="word")
        bridge = wishbone.Wishbone2CSR(bus, csr_bus.Interface(data_width=32, address_width=14))
        self.submodules.bridge = bridge
        self.submodules.banks = csr_bus.CSRBankArray(
            self, lambda name, memory: BANKS[name], data_width=32, address_width=14, paging=PAGE)
        self.submodules.shared = csr_bus.InterconnectShared([bridge.csr], self.banks.get_buses())
        fields = {"adr": 30, "dat_w": 32, "dat_r": 32, "sel": 4, "cyc": 1, "stb": 1, "ack": 1, "we": 1, "err": 1}
        pins = self.ports.record("wb_ctrl", list(fields.items()))
        for name in fields:
            inside, outside = getattr(bus, name), getattr(pins, name)
            self.comb += outside.eq(inside) if name in ("dat_r", "ack", "err") else inside.eq(outside)

    def add_state(self):
        """Clock and reset of the user ports, and whether they are open."""
        self.enable = Signal()
        done, error = self.ddrctrl.init_done.storage, self.ddrctrl.init_error.storage
        self.sync += self.enable.eq(done & ~error)
        for name, value in (("user_clk", ClockSignal()), ("user_rst", ResetSignal()), ("init_done", done),
                            ("init_error", error)):
            self.comb += self.ports.request(name).eq(value)

    def add_user_port(self, name):
        """A native port, as wide as the controller. It is closed before the memory is initialised."""
        port = self.sdram.crossbar.get_port()
        width = port.data_width
        pins = self.ports.record(f"user_port_{name}", [
            ("cmd_valid", 1), ("cmd_ready", 1), ("cmd_we", 1), ("cmd_addr", port.address_width), ("wdata_valid", 1),
            ("wdata_ready", 1), ("wdata_we", width // 8), ("wdata_data", width), ("rdata_valid", 1),
            ("rdata_ready", 1), ("rdata_data", width)])
        self.comb += [
            port.cmd.valid.eq(pins.cmd_valid & self.enable), pins.cmd_ready.eq(port.cmd.ready & self.enable),
            port.cmd.we.eq(pins.cmd_we), port.cmd.addr.eq(pins.cmd_addr),
            port.wdata.valid.eq(pins.wdata_valid), pins.wdata_ready.eq(port.wdata.ready),
            port.wdata.we.eq(pins.wdata_we), port.wdata.data.eq(pins.wdata_data),
            pins.rdata_valid.eq(port.rdata.valid), port.rdata.ready.eq(pins.rdata_ready),
            pins.rdata_data.eq(port.rdata.data)]

    def registers(self):
        """Byte addresses by name: {"sdram_dfii_control": 0x800, ...}."""
        found = {}
        for bank, _, page, rmap in self.banks.banks:
            for index, register in enumerate(rmap.simple_csrs):
                found[f"{bank}_{register.name}"] = page * PAGE + 4 * index
        # Words of a register are numbered, also when there is one.
        alone = {name for name in found if name.endswith("0") and name[:-1] + "1" not in found}
        return {name[:-1] if name in alone else name: address for name, address in found.items()}


def every_phase_valid(text):
    """LiteDRAM's model of PHY and memory marks read data in its first phase only; the firmware reads both."""
    return re.sub(r"(assign \{(\w+dfi_p1_rddata_valid), (\w+dfi_p0_rddata_valid)\} = )(\w+);", r"\1{2{\4}};", text)


def make_verilog(core, name=NAME, head=HEAD):
    """The text of the core, the same at every run. The core cannot be changed after."""
    output = verilog.convert(core, core.ports.signals, name, regular_comb=True,
                             special_overrides=lattice_ecp5_special_overrides)
    if output.data_files:
        raise ValueError("a memory with contents, which no file can hold here")
    text = every_phase_valid(output.main_source)
    return head + text[text.index(f"module {name}"):text.rindex("endmodule")] + "endmodule\n"


def start(board):
    """Settings of the board's PHY and its start: [(sentence, address, bank, command, turns of a waiting loop)]."""
    module = chip(board)
    settings = make_phy(board, pads(Ports(), board, module.geom_settings)).settings
    sequence, _ = get_sdram_phy_init_sequence(settings, module.timing_settings)
    return settings, sequence

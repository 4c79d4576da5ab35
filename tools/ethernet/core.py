# SPDX-License-Identifier: Apache-2.0
"""The Ethernet core of a board, from LiteEth's parts: module liteeth_core, with one UDP port of 32-bit words.

Runs in build/venv-boards; tools/make_ethernet calls it. LiteEth's own generator takes frames of any address. It hangs
after a ping that is longer than its header says. It loses frames whose preamble is short. So the parts are put together
here.
"""
from migen import ClockDomain, ClockDomainsRenamer, If, Module, Mux, ResetSignal, Signal
from liteeth import phy as phys
from liteeth.common import bcast_mac_address, eth_icmp_user_description, eth_phy_description, icmp_protocol
from liteeth.core import LiteEthUDPIPCore
from liteeth.core.icmp import LiteEthICMPEcho, LiteEthICMPRX, LiteEthICMPTX
from litex.soc.interconnect import stream

from controller.core import BoardClocks, Ports

NAME = "liteeth_core"
HEAD = "// Made by tools/make_ethernet from LiteEth 2024.12, which is under the BSD-2-Clause license; do not edit.\n"
WIDTH = 32           # bits of a word: at 8, the Ethernet clock misses 125 MHz
ECHO_BYTES = 128     # of a ping that is answered
SIM_TIMER_HZ = 1e5   # so that a second of ARP's timers is 100000 clocks
SFD = 0xd5           # the byte behind the preamble


class ModelPhy(Module):
    """In place of the PHY: bytes of frames with preamble and CRC, at a clock of their own."""
    dw = 8

    def __init__(self, ports):
        self.sink = sink = stream.Endpoint(eth_phy_description(8))
        self.source = source = stream.Endpoint(eth_phy_description(8))
        pins = ports.record("gmii", [("clk", 1), ("rx_dv", 1), ("rx_data", 8), ("tx_en", 1), ("tx_data", 8)])
        self.clock_domains.cd_eth_rx = ClockDomain()
        self.clock_domains.cd_eth_tx = ClockDomain()
        for domain in (self.cd_eth_rx, self.cd_eth_tx):
            self.comb += [domain.clk.eq(pins.clk), domain.rst.eq(ResetSignal())]
        self.comb += [pins.tx_en.eq(sink.valid), pins.tx_data.eq(sink.data), sink.ready.eq(1)]
        self.sync.eth_rx += [source.valid.eq(pins.rx_dv), source.data.eq(pins.rx_data)]
        self.comb += source.last.eq(source.valid & ~pins.rx_dv)


class Aligner(Module):
    """Gives on a frame from three bytes before its SFD, so that its words begin where the MAC looks for them.

    A PHY may swallow bytes of the preamble. The MAC packs the bytes to words before it looks at them.
    """

    def __init__(self, phy):
        self.dw = phy.dw
        self.sink = phy.sink
        self.source = source = stream.Endpoint(eth_phy_description(8))
        late = phy.source
        for _ in range(3):
            after = stream.Endpoint(eth_phy_description(8))
            self.sync += [after.valid.eq(late.valid), after.data.eq(late.data), after.last.eq(late.last)]
            late = after
        is_open = Signal()
        was_open = Signal()
        self.comb += [
            is_open.eq(was_open | (late.valid & phy.source.valid & (phy.source.data == SFD))),
            source.valid.eq(late.valid & is_open), source.data.eq(late.data), source.last.eq(late.last),
        ]
        self.sync += was_open.eq(is_open & ~(late.valid & late.last))


class Cutter(Module):
    """Ends a packet after so many words, and drops the rest of it."""

    def __init__(self, layout, words):
        self.sink = sink = stream.Endpoint(layout)
        self.source = source = stream.Endpoint(layout)
        count = Signal(max=words + 1)
        self.comb += [
            sink.connect(source, omit={"valid", "ready"}),
            source.valid.eq(sink.valid & (count != words)),
            If((count == words - 1) & ~sink.last, source.last.eq(1), source.last_be.eq(1 << WIDTH // 8 - 1)),
            sink.ready.eq(source.ready | (count == words)),
        ]
        self.sync += If(sink.valid & sink.ready,
                        If(sink.last, count.eq(0)).Elif(count != words, count.eq(count + 1)))


class Ping(Module):
    """LiteEth's answer to pings, whose buffer no ping overruns."""

    def __init__(self, ip, ip_address):
        self.submodules.rx = rx = LiteEthICMPRX(ip_address, WIDTH)
        self.submodules.tx = tx = LiteEthICMPTX(ip_address, WIDTH)
        self.submodules.echo = echo = LiteEthICMPEcho(WIDTH, fifo_depth=ECHO_BYTES)
        self.submodules.cutter = cutter = Cutter(eth_icmp_user_description(WIDTH), ECHO_BYTES * 8 // WIDTH)
        port = ip.crossbar.get_port(icmp_protocol, WIDTH)
        self.comb += [port.source.connect(rx.sink), rx.source.connect(cutter.sink), cutter.source.connect(echo.sink),
                      echo.source.connect(tx.sink), tx.source.connect(port.sink)]


class Core(Module):
    """PHY or its model, MAC, ARP, IP, ping, and one UDP port."""

    def __init__(self, board, sim=False):
        self.ports = ports = Ports()
        network = board["network"]
        mac_address = int(network["mac"].replace(":", ""), 16)
        self.submodules.crg = BoardClocks(ports, doubled=False)
        self.submodules.phy = phy = ModelPhy(ports) if sim else self.board_phy()
        self.submodules.aligner = aligner = ClockDomainsRenamer("eth_rx")(Aligner(phy))
        self.submodules.core = core = LiteEthUDPIPCore(
            aligner, mac_address, network["ip"], SIM_TIMER_HZ if sim else board["clock_hz"], dw=WIDTH,
            with_icmp=False, with_ip_broadcast=False, with_sys_datapath=True)
        self.submodules.ping = Ping(core.ip, network["ip"])
        self.only_own_frames(core.mac, mac_address)
        self.add_port(core.udp.crossbar.get_port(network["port"], dw=WIDTH), network["port"])

    def board_phy(self):
        """ECP5's RGMII. The top resets the chip itself, for longer than LiteEth does."""
        clocks = self.ports.record("rgmii_clock", [("rx", 1), ("tx", 1)])
        pins = self.ports.record("rgmii", [("rx_ctl", 1), ("rx_data", 4), ("tx_ctl", 1), ("tx_data", 4)])
        return phys.LiteEthECP5PHYRGMII(clocks, pins)

    def only_own_frames(self, mac, mac_address):
        """A frame to another address has no type that anything here takes."""
        frame = mac.crossbar.master.sink
        frame.own_type = Signal(16)
        is_own = (frame.target_mac == mac_address) | (frame.target_mac == bcast_mac_address)
        self.comb += frame.own_type.eq(Mux(is_own, frame.ethernet_type, 0))
        mac.crossbar.dispatch_param = "own_type"

    def add_port(self, port, number):
        """Words from and to other hosts, each with the address of that host."""
        layout = [("valid", 1), ("ready", 1), ("last", 1), ("last_be", WIDTH // 8), ("data", WIDTH),
                  ("ip_address", 32)]
        pins = self.ports.record("udp_source", layout + [("error", 1), ("src_port", 16)])
        source = port.source
        self.comb += [
            pins.valid.eq(source.valid), source.ready.eq(pins.ready), pins.last.eq(source.last),
            pins.last_be.eq(source.last_be), pins.data.eq(source.data), pins.ip_address.eq(source.ip_address),
            pins.error.eq(source.error != 0), pins.src_port.eq(source.src_port)]
        pins = self.ports.record("udp_sink", layout + [("length", 16), ("dst_port", 16)])
        sink = port.sink
        self.comb += [
            sink.valid.eq(pins.valid), pins.ready.eq(sink.ready), sink.last.eq(pins.last),
            sink.last_be.eq(pins.last_be), sink.data.eq(pins.data), sink.ip_address.eq(pins.ip_address),
            sink.length.eq(pins.length), sink.dst_port.eq(pins.dst_port), sink.src_port.eq(number)]

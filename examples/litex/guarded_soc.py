"""A LiteX system with the Partition Manager between its bus and its RAM: a PicoRV32 boots the device, makes a partition, and looks.

    python guarded_soc.py partition_manager.v [FOLDER]

The first argument is what `pm verilog --geometry cu --interface wishbone` wrote. Builds into FOLDER, simulates with Icarus Verilog,
prints PASS or FAIL, and ends with 0 or 1.
"""

import os
import subprocess
import sys
from pathlib import Path

from litex.build.generic_platform import Pins
from litex.build.sim import SimPlatform
from litex.soc.integration.soc import SoCRegion
from litex.soc.integration.soc_core import SoCCore
from litex.soc.interconnect import wishbone
from migen import ClockDomain, Constant, If, Instance, Signal

#: Where things are for the CPU.
CONTROL, VERDICT, GUARDED_WINDOW, POOL = 0x9000_0000, 0xA000_0000, 0x0001_0000, 0x8000_0000
POOL_BYTES = 8192
TENANT = 1

IO = [("sys_clk", 0, Pins(1)), ("sys_rst", 0, Pins(1)), ("verdict", 0, Pins(32))]


class Assembler:
    """As much of RV32I as the program needs."""

    def __init__(self):
        self.words = []

    def put(self, word):
        self.words.append(word & 0xFFFF_FFFF)

    def load_immediate(self, register, value):
        low = (value & 0xFFF) - (0x1000 if value & 0x800 else 0)
        self.put((value - low & 0xFFFF_F000) | register << 7 | 0x37)
        self.put((low & 0xFFF) << 20 | register << 15 | register << 7 | 0x13)

    def load(self, register, base):
        self.put(base << 15 | 2 << 12 | register << 7 | 0x03)

    def store(self, register, base):
        self.put(register << 20 | base << 15 | 2 << 12 | 0x23)

    def mask(self, register, bits):
        self.put(bits << 20 | register << 15 | 7 << 12 | register << 7 | 0x13)

    def branch(self, equal, left, right, words):
        """Jumps by so many words if the registers are equal, or if they are not."""
        offset = 4 * words
        self.put((offset >> 12 & 1) << 31 | (offset >> 5 & 0x3F) << 25 | right << 20 | left << 15 | (0 if equal else 1) << 12
                 | (offset >> 1 & 0xF) << 8 | (offset >> 11 & 1) << 7 | 0x63)

    def stop(self):
        self.put(0x6F)

    # What the program says with them; registers 5 to 8 are scratch.
    def write(self, address, value):
        self.load_immediate(5, address)
        self.load_immediate(6, value)
        self.store(6, 5)

    def wait(self, address, bits, value):
        """Reads until these low bits are this."""
        self.load_immediate(5, address)
        self.load_immediate(7, value)
        self.load(6, 5)
        self.mask(6, bits)
        self.branch(False, 6, 7, -2)

    def expect(self, address, value, verdict):
        """Reads; another word ends the program with this verdict."""
        self.load_immediate(5, address)
        self.load_immediate(7, value)
        self.load(6, 5)
        # Over the five words of the write and the stop.
        self.branch(True, 6, 7, 7)
        self.write(VERDICT, verdict)
        self.stop()


def program():
    """Boot, CREATE 512 bytes for the CPU's tenant, use them, and look for them past the window."""
    code = Assembler()
    code.wait(CONTROL + 0x88, 7, 1)
    for offset, value in ((0x18, POOL), (0x20, POOL_BYTES), (0x28, GUARDED_WINDOW), (0x14, 1)):
        code.write(CONTROL + offset, value)
    code.wait(CONTROL + 0x88, 7, 4)
    for offset, value in ((0x34, TENANT), (0x3C, GUARDED_WINDOW), (0x44, 512), (0x4C, 0x0B), (0x30, 1)):
        code.write(CONTROL + offset, value)
    # The low bits of RESULT say Ok (1) when the command has ended.
    code.wait(CONTROL + 0x50, 0xFF, 1)
    code.expect(GUARDED_WINDOW + 0x40, 0, 2)
    code.write(GUARDED_WINDOW + 0x40, 0xC0DE_0001)
    code.expect(GUARDED_WINDOW + 0x40, 0xC0DE_0001, 3)
    # Past its partition nobody gets at it: zeros come back.
    code.expect(POOL + 0x40, 0, 4)
    code.write(POOL + 0x40, 0xBAD0_BAD0)
    code.expect(GUARDED_WINDOW + 0x40, 0xC0DE_0001, 5)
    code.write(VERDICT, 1)
    code.stop()
    return code.words


class GuardedSoC(SoCCore):
    """PicoRV32, ROM, and RAM behind the guard."""

    def __init__(self, platform, verilog):
        super().__init__(platform, clk_freq=int(100e6), cpu_type="picorv32", integrated_rom_size=2048, integrated_rom_init=program(),
                         integrated_sram_size=1024, with_uart=False, with_timer=False, ident="guarded")
        self.cd_sys = ClockDomain()
        self.comb += [self.cd_sys.clk.eq(platform.request("sys_clk")), self.cd_sys.rst.eq(platform.request("sys_rst"))]
        ram = wishbone.SRAM(POOL_BYTES, bus=wishbone.Interface(data_width=32, address_width=32, addressing="word"))
        self.submodules.ram = ram
        masters = [wishbone.Interface(data_width=32, address_width=32, addressing="byte") for _ in range(2)]
        control = wishbone.Interface(data_width=32, address_width=32, addressing="byte")
        self.bus.add_slave("window", masters[0], SoCRegion(origin=GUARDED_WINDOW, size=0x1_0000))
        self.bus.add_slave("pool", masters[1], SoCRegion(origin=POOL, size=POOL_BYTES, cached=False))
        self.bus.add_slave("control", control, SoCRegion(origin=CONTROL, size=256, cached=False))
        # Two regions of the bus, one slave of the guard: each keeps its whole address.
        shared = wishbone.Interface(data_width=32, address_width=32, addressing="byte")
        self.submodules.arbiter = wishbone.Arbiter(masters, shared)
        err, memory_address = Signal(), Signal(32)
        acked, control_err = Signal(), Signal()
        self.specials += Instance(
            "partition_manager",
            i_clk_i=self.cd_sys.clk, i_rst_i=self.cd_sys.rst,
            i_wbs_cyc_i=shared.cyc, i_wbs_stb_i=shared.stb, i_wbs_we_i=shared.we, i_wbs_adr_i=shared.adr & 0xFFFF_FFFC,
            i_wbs_dat_i=shared.dat_w, i_wbs_sel_i=shared.sel, i_wbs_cti_i=shared.cti, i_wbs_bte_i=shared.bte,
            i_wbs_tga_i=Constant(TENANT, 8), i_wbs_tgc_i=0, o_wbs_dat_o=shared.dat_r, o_wbs_ack_o=acked, o_wbs_err_o=err,
            o_wbm_cyc_o=ram.bus.cyc, o_wbm_stb_o=ram.bus.stb, o_wbm_we_o=ram.bus.we, o_wbm_adr_o=memory_address,
            o_wbm_dat_o=ram.bus.dat_w, o_wbm_sel_o=ram.bus.sel, o_wbm_cti_o=ram.bus.cti, o_wbm_bte_o=ram.bus.bte,
            i_wbm_dat_i=ram.bus.dat_r, i_wbm_ack_i=ram.bus.ack, i_wbm_err_i=ram.bus.err,
            i_wbc_cyc_i=control.cyc, i_wbc_stb_i=control.stb, i_wbc_we_i=control.we, i_wbc_adr_i=control.adr[:8],
            i_wbc_dat_i=control.dat_w, i_wbc_sel_i=control.sel, o_wbc_dat_o=control.dat_r,
            o_wbc_ack_o=control.ack, o_wbc_err_o=control_err)
        self.comb += [
            ram.bus.adr.eq(memory_address[2:]),
            # PicoRV32 knows no bus error: it reads zeros.
            shared.ack.eq(acked | err), control.err.eq(control_err),
        ]
        platform.add_source(str(verilog))
        # Where the program leaves its verdict.
        verdict = wishbone.Interface(data_width=32, address_width=32, addressing="word")
        self.bus.add_slave("verdict", verdict, SoCRegion(origin=VERDICT, size=4, cached=False))
        said = platform.request("verdict")
        self.comb += verdict.ack.eq(verdict.cyc & verdict.stb)
        self.sync += If(verdict.cyc & verdict.stb & verdict.we & (said == 0), said.eq(verdict.dat_w))


BENCH = """
module bench;
    reg clk = 0, rst = 1;
    always #5 clk = ~clk;
    wire [31:0] verdict;
    guarded dut (.sys_clk(clk), .sys_rst(rst), .verdict(verdict));
    initial begin
        #100 rst = 0;
        #1000000 $display("FAIL: verdict %0d", verdict);
        $finish;
    end
    always @(posedge clk) if (!rst && verdict != 0) begin
        if (verdict == 1) $display("PASS at %0t", $time); else $display("FAIL: verdict %0d", verdict);
        $finish;
    end
endmodule
"""


def main():
    verilog = Path(sys.argv[1]).resolve()
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else "build/litex").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    platform = SimPlatform("SIM", IO)
    platform.name = "guarded"
    soc = GuardedSoC(platform, verilog)
    soc.finalize()
    output = platform.get_verilog(soc, name="guarded")
    os.chdir(folder)
    output.write("guarded.v")
    (folder / "bench.v").write_text(BENCH, encoding="utf-8")
    sources = [source[0] if isinstance(source, tuple) else source for source in platform.sources]
    sources = [str(source) for source in sources if str(source).endswith(".v")]
    subprocess.run(["iverilog", "-g2005-sv", "-o", "guarded.vvp", "-s", "bench", "bench.v", "guarded.v", *sources], check=True)
    text = subprocess.run(["vvp", "guarded.vvp"], check=True, capture_output=True, text=True).stdout
    print(text, end="")
    return 0 if "PASS" in text else 1


if __name__ == "__main__":
    sys.exit(main())

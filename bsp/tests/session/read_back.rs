//! The bitstream, turned back into Verilog, beside the emitted text: the same levels on the pins, every output compared in
//! every cycle, and the host's answers with those of RustHDL's simulation.

use super::*;
use pm_bsp::bitstream::{build, BoardDesign};
use pm_bsp::board::{self, BoardTiming};
use pm_bsp::constraints;
use pm_bsp::flow::Flow;
use pm_sim::block_cosim::Live;
use pm_simulated_board::{character_levels, Listener};
use pm_verilog::EmitOptions;
use std::io::{Error, ErrorKind};
use std::path::Path;

const TOP: &str = "alchitry_cu";
/// Cycles of a bit on the serial line.
const BIT: u64 = BoardTiming::BOARD.divider;

/// Two designs on the same pins.
struct Pair {
    emitted: Live,
    unpacked: Live,
    cycles: u64,
    listener: Listener,
}

impl Pair {
    fn new(emitted: &str, unpacked: &str) -> Pair {
        let board = board::block(&Geometry::preset("cu").unwrap()).unwrap();
        let live = |text| Live::of(TOP, text, board.as_ref()).unwrap();
        Pair { emitted: live(emitted), unpacked: live(unpacked), cycles: 0, listener: Listener::new(BIT) }
    }

    /// Out of reset: the longest counter of it has 16 bits, then the memory is cleared.
    fn started(mut self) -> Pair {
        self.run(true, true, 70_000);
        self
    }

    /// What comes on the serial line: the same from both, as the LEDs are.
    fn compare(&mut self, button_n: bool, level: bool, cycles: u64) -> Vec<bool> {
        let stimulus = [button_n.into(), level.into()].repeat(cycles as usize);
        let (expected, seen) = (self.emitted.cycles(&stimulus), self.unpacked.cycles(&stimulus));
        for (expected, seen) in expected.chunks(2).zip(seen.chunks(2)) {
            assert_eq!(seen, expected, "serial line and LEDs in cycle {}", self.cycles);
            self.cycles += 1;
        }
        seen.chunks(2).map(|outputs| outputs[0] == 1).collect()
    }

    fn run(&mut self, button_n: bool, level: bool, cycles: u64) {
        self.compare(button_n, level, cycles).into_iter().for_each(|level| self.listener.listen(level));
    }

    fn press_reset(&mut self) {
        self.run(false, true, 10);
        self.listener = Listener::new(BIT);
        self.run(true, true, 70_000);
    }
}

impl Write for Pair {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        for level in bytes.iter().flat_map(|byte| character_levels(*byte, true)) {
            self.run(true, level, BIT);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Read for Pair {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let deadline = self.cycles + 500_000;
        while self.listener.arrived.is_empty() {
            if self.cycles >= deadline {
                return Err(Error::new(ErrorKind::TimedOut, "no byte comes"));
            }
            self.run(true, true, BIT / 2);
        }
        Ok(self.listener.take(bytes))
    }
}

/// Builds the bitstream of a text, with whatever clock it reaches, and reads it back.
fn read_back(name: &str, verilog: &str) -> String {
    let flow = Flow::new(Path::new(env!("CARGO_TARGET_TMPDIR")).join("read_back").join(name));
    let frequency = 1.0;
    let pcf = constraints::pcf(board::block(&Geometry::preset("cu").unwrap()).unwrap().as_ref(), "clock", frequency).unwrap();
    let design = BoardDesign { verilog: verilog.into(), top: TOP.into(), pcf, frequency, seeds: vec![1] };
    let built = build(&flow, &design, &|_| {}).unwrap();
    flow.read_back(&built.bin, &flow.folder.join("alchitry_cu.pcf"), TOP).unwrap()
}

fn emitted(geometry: &str) -> String {
    let options = EmitOptions { top: TOP.into(), ..EmitOptions::default() };
    pm_verilog::emit(board::block(&Geometry::preset(geometry).unwrap()).unwrap().as_ref(), &options).unwrap()
}

/// Levels go through a memory of 256 words, read a word behind, to the LEDs and back.
const ECHO: &str = "
module alchitry_cu(input clock, input button_n, input uart_rx, output reg uart_tx, output [7:0] leds);
  (* no_rw_check *) reg [15:0] words[0:255];
  reg [7:0] place = 0;
  wire [7:0] behind = place - 8'd1;
  reg [15:0] shown = 0, word = 0;
  initial uart_tx = 0;
  always @(posedge clock) begin
    word <= {word[14:0], uart_rx};
    if (button_n) place <= place + word[3:0];
    words[place] <= word;
    shown <= words[behind];
    uart_tx <= ^shown;
  end
  assign leds = shown[7:0] ^ shown[15:8];
endmodule
";

fn levels(pair: &mut Pair) {
    let mut random = pm_sim::block_cosim::Random::new(1);
    for _ in 0..2000 {
        let (button_n, level) = (!random.once_in(8), random.once_in(2));
        pair.compare(button_n, level, 1 + random.below(4));
    }
}

fn missing() -> Option<String> {
    use pm_bsp::tools::{Tool, Toolbox};
    let tools = [Tool::Yosys, Tool::Nextpnr, Tool::Icepack, Tool::Iceunpack, Tool::IceboxVlog, Tool::Verilator];
    tools.iter().find_map(|tool| Toolbox::discover().find(*tool).err()).map(|error| format!("skipped: {error:#}"))
}

#[test]
fn what_is_read_back_is_what_was_built_and_differences_show() {
    if let Some(skipped) = missing() {
        return println!("{skipped}");
    }
    let unpacked = read_back("echo", ECHO);
    levels(&mut Pair::new(ECHO, &unpacked));
    let other = ECHO.replace("place - 8'd1", "place - 8'd2");
    let noticed = std::panic::catch_unwind(|| levels(&mut Pair::new(&other, &unpacked)));
    assert!(noticed.is_err(), "another design answers alike");
}

/// What a host is told: outcomes as text, records without their times.
fn conversation<T: Read + Write>(board: &mut Session<T>) -> Vec<String> {
    board.ping().unwrap();
    let mut told = vec![format!("{:?}", board.read(1, WINDOW, 4).unwrap())];
    open(board);
    let (slot, base) = create(board, 1, WINDOW, 0x300);
    told.push(format!("{slot} {base:#x}"));
    let page = Page { present: true, read: true, write: true, execute: false, frame: (base >> 10) as u16 };
    board.fill_page(2, 3, page).unwrap();
    for (tenant, address) in [(1, WINDOW + 0x101), (1, WINDOW + 0x2FE), (2, WINDOW), (9, WINDOW), (2, 3 << 10)] {
        told.push(format!("{:?}", board.write(tenant, address, 4, 0xDEAD_BEEF).unwrap()));
        told.push(format!("{:?}", board.read(tenant, address, 4).unwrap()));
    }
    for tenant in [1, 2] {
        told.push(format!("{:?}", board.access(Operation::PhysicalAccess, tenant, Kind::Read, base + 0x101, 4, 0).unwrap()));
    }
    board.write_register(offset::CMD_SLOT, slot.into()).unwrap();
    told.push(format!("{:?}", command(board, Command::Destroy)));
    told.push(format!("{:?}", board.read(1, WINDOW + 0x101, 4).unwrap()));
    told.push(format!("{:?}", board.access(Operation::PhysicalAccess, 2, Kind::Read, base + 0x101, 4, 0).unwrap()));
    while let Some(record) = board.read_audit().unwrap() {
        told.push(format!("{:?}", pm_interface::AuditRecord { time: 0, ..record }));
    }
    told
}

/// A manifest that was tampered with, then the sound one.
fn boots<T: Read + Write>(board: &mut Session<T>, reset: fn(&mut T)) -> Vec<String> {
    board.ping().unwrap();
    let mut wrong = manifest(DEVELOPMENT_VERSION);
    wrong[3] ^= 1;
    let mut told = vec![format!("{:?}", board.boot(&wrong).unwrap()), format!("{:?}", board.read(1, WINDOW, 4).unwrap())];
    reset(board.port());
    told.push(format!("{:?}", board.boot(&manifest(DEVELOPMENT_VERSION)).unwrap()));
    for tenant in [1, 2] {
        told.push(format!("{:?}", board.read(tenant, WINDOW, 4).unwrap()));
    }
    told
}

#[test]
#[ignore = "slow: builds the board's bitstream and runs a million cycles of it"]
fn the_bitstream_answers_as_the_text_does() {
    let text = emitted("cu");
    let mut pair = Session::new(Pair::new(&text, &read_back("cu", &text)).started());
    let told = conversation(&mut pair);
    assert_eq!(told, conversation(&mut board()));
    for word in ["Done", "Isolated", "OutOfRange", "NoTenant", "MmuFault", "NotActive", "PhysicalDenied"] {
        assert!(told.iter().any(|line| line.contains(word)), "{word}: {told:#?}");
    }
    println!("equal in {} cycles", pair.port().cycles);
}

#[test]
#[ignore = "slow: builds the board's bitstream and runs a million cycles of it"]
fn the_bitstream_refuses_a_manifest_that_was_tampered_with() {
    let text = emitted("cu+boot");
    let mut pair = Session::new(Pair::new(&text, &read_back("boot", &text)).started());
    let mut simulated = Session::new(SimulatedBoard::new(&Geometry::preset("cu+boot").unwrap()));
    let told = boots(&mut pair, Pair::press_reset);
    assert_eq!(told, boots(&mut simulated, SimulatedBoard::press_reset));
    assert!(told[0] == "Integrity" && told[1].contains("NotActive") && told[2] == "Ok" && told[3].contains("Done"), "{told:#?}");
    println!("equal in {} cycles", pair.port().cycles);
}

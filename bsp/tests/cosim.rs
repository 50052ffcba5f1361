//! Every block of the board, in RustHDL and as emitted Verilog, under the same stimulus.

use pm_bsp::board::*;
use pm_bsp::host::request;
use pm_bsp::protocol::{FrameStatus, Operation, MEMORY_BYTES, PAGE_BITS};
use pm_interface::Geometry;
use pm_rtl::guard::bridge::MmuBridge;
use pm_sim::block_cosim::{cosimulate, Engine, Input, Options, Random, Stimulus};
use pm_sim::inputs;
use rust_hdl::prelude::Block;
use std::collections::{BTreeMap, VecDeque};

/// Runs a block and checks that every output moved but those named.
fn check<B: Block>(name: &str, make: impl Fn() -> B, cycles: u64, options: Options<'_, B>, still: &[&str]) {
    match cosimulate(name, make, cycles, 1, options) {
        Ok(report) => assert_eq!(report.constant_outputs, still, "{name}: outputs that never changed"),
        Err(error) => panic!("{error}"),
    }
}

/// Keeps inputs as they are between two cycles that are `fresh`.
#[derive(Default)]
struct Hold(BTreeMap<&'static str, u128>);

impl Hold {
    fn keep(&mut self, stimulus: &mut Stimulus<'_>, path: &'static str, fresh: bool) {
        let value = if fresh { stimulus.get(path) } else { self.0.get(path).copied().unwrap_or(0) };
        self.0.insert(path, value);
        stimulus.set(path, value);
    }
}

/// A request frame, now and then with a mistake.
fn frame(random: &mut Random) -> Vec<u8> {
    let operation = Operation::ALL[random.below(7) as usize];
    let mut payload: Vec<u8> = (0..operation.request_length()).map(|_| random.bits() as u8).collect();
    match operation {
        // Tenants, lengths, kinds and pages that exist, mostly; register offsets that do, mostly.
        Operation::Access | Operation::PhysicalAccess => {
            payload[0] &= 7;
            payload[2] &= 0x3F;
            payload[3..5].fill(0);
            payload[5] = (random.below(6) | random.below(3) << 4) as u8;
        }
        Operation::FillPage => {
            payload[0] &= 7;
            payload[1] &= 15;
            payload[2] &= 31;
            payload[3] &= 15;
            payload[4] = 0;
        }
        Operation::ReadRegister | Operation::WriteRegister => payload[0] &= 0x7C,
        _ => {}
    }
    let mut frame = request(operation, &payload);
    match random.below(12) {
        0 => frame.truncate(random.below(frame.len() as u64) as usize),
        1 => {
            let bit = random.below(8 * frame.len() as u64) as usize;
            frame[bit / 8] ^= 1 << (bit % 8);
        }
        2 => frame.insert(0, random.bits() as u8),
        _ => {}
    }
    frame
}

/// The shapes of a response, in the order of their codes.
const SHAPES: [ReplyShape; 6] =
    [ReplyShape::Bare, ReplyShape::Word, ReplyShape::Verdict, ReplyShape::Place, ReplyShape::Full, ReplyShape::Record];

/// The states of the host port, in the order of their codes.
const HOST_STATES: [HostState; 15] = [
    HostState::Idle,
    HostState::Register,
    HostState::RegisterWait,
    HostState::Fill,
    HostState::Ask,
    HostState::Verdict,
    HostState::Memory,
    HostState::MemoryWait,
    HostState::Level,
    HostState::LevelWait,
    HostState::Word,
    HostState::WordWait,
    HostState::Pop,
    HostState::PopWait,
    HostState::Reply,
];

/// The operation of a code; 0 is none.
fn operation(code: u128) -> Operation {
    (code as usize).checked_sub(1).map_or(Operation::Nothing, |place| Operation::ALL[place])
}

#[test]
fn serial_line() {
    let inputs = inputs!(UartReceiver<7>: clock, reset, line);
    check("uart_receiver", || UartReceiver::<7>::new(5), 40_000, Options::new(inputs), &[]);
    let inputs = inputs!(UartTransmitter<7>: clock, reset, character, valid);
    check("uart_transmitter", || UartTransmitter::<7>::new(4), 20_000, Options::new(inputs), &[]);
    let inputs = inputs!(Crc16: clock, reset, clear, enable, data);
    check("crc16", Crc16::default, 20_000, Options::new(inputs), &[]);
}

#[test]
fn frames() {
    let mut bytes = VecDeque::new();
    let hook = |stimulus: &mut Stimulus<'_>| {
        let random = stimulus.random();
        let (reset, idle, broken) = (random.once_in(2000), random.once_in(400), random.once_in(600));
        let ready = random.once_in(3);
        if bytes.is_empty() {
            bytes.extend(frame(random));
        }
        let due = stimulus.cycle() % 4 == 0 && !idle;
        stimulus.set("reset", reset.into());
        stimulus.set("frame.ready", ready.into());
        stimulus.set("valid", due.into());
        stimulus.set("framing_error", (broken && !due).into());
        stimulus.set("tick", (stimulus.cycle() % 128 == 1).into());
        if due {
            stimulus.set("received", bytes.pop_front().unwrap_or(0).into());
        }
    };
    let inputs = inputs!(FrameReceiver: clock, reset, received, valid, framing_error, tick, frame.ready);
    check("frame_receiver", FrameReceiver::default, 60_000, Options::new(inputs).with_hook(hook), &[]);

    let known = |stimulus: &mut Stimulus<'_>| {
        let opcode = stimulus.random().below(9);
        stimulus.set("opcode", opcode.into());
    };
    let inputs = inputs!(OpcodeDecoder: opcode);
    check("opcode_decoder", OpcodeDecoder::default, 2_000, Options::new(inputs).with_hook(known), &[]);
    let inputs = inputs!(PayloadPlace: arrives, place);
    check("payload_place", PayloadPlace::default, 2_000, Options::new(inputs), &[]);

    let mut hold = Hold::default();
    let hook = |stimulus: &mut Stimulus<'_>| {
        let (status, shape) = (stimulus.random().below(12), stimulus.random().below(6));
        stimulus.set("reply.status", status.into());
        stimulus.set("reply.shape", shape.into());
        let fresh = stimulus.cycle() % 97 == 0;
        hold.keep(stimulus, "reply.shape", fresh);
    };
    let mut inputs = inputs!(FrameTransmitter: clock, reset, reply.valid, reply.opcode, reply.address, reply.data,
        reply.verdict, reply.slot, reply.last_word, ready);
    inputs.push(Input::new("reply.status", |block: &mut FrameTransmitter, value| {
        block.reply.status.next = FrameStatus::ALL[value as usize];
    }));
    inputs.push(Input::new("reply.shape", |block: &mut FrameTransmitter, value| {
        block.reply.shape.next = SHAPES[value as usize];
    }));
    check("frame_transmitter", FrameTransmitter::default, 40_000, Options::new(inputs).with_hook(hook), &[]);
}

#[test]
fn host_port() {
    const FRAME: [&str; 7] =
        ["frame.operation", "frame.status", "frame.opcode", "frame.selector", "frame.word", "frame.mode", "frame.data"];
    let mut hold = Hold::default();
    let hook = |stimulus: &mut Stimulus<'_>| {
        let (operation, status) = (stimulus.random().below(8), stimulus.random().below(12));
        let (reset, level) = (stimulus.random().once_in(500), stimulus.random().below(1 << 17));
        stimulus.set("reset", reset.into());
        // A frame holds still for a while.
        stimulus.set("frame.operation", operation.into());
        stimulus.set("frame.status", status.into());
        let fresh = stimulus.cycle() % 64 == 0;
        for field in FRAME {
            hold.keep(stimulus, field, fresh);
        }
        if stimulus.cycle() % 3 == 0 {
            stimulus.set("register_response.read_data", level.into());
        }
    };
    let mut inputs = inputs!(HostPort<32, 12, 5, 13>: clock, reset, frame.valid, frame.opcode, frame.selector, frame.word, frame.mode,
        frame.data, reply.word_sent, reply.sent, register_response.valid, register_response.error,
        register_response.read_data, fill.ready, fill.refused, bridge_request.ready, bridge_response.valid,
        bridge_response.granted, bridge_response.managed, bridge_response.reason, bridge_response.slot,
        bridge_response.physical, memory_request.ready, memory_response.valid, memory_response.error,
        memory_response.data);
    inputs.push(Input::new("frame.status", |block: &mut HostPort<32, 12, 5, 13>, value| {
        block.frame.status.next = FrameStatus::ALL[value as usize];
    }));
    inputs.push(Input::new("frame.operation", |block: &mut HostPort<32, 12, 5, 13>, value| {
        block.frame.operation.next = operation(value);
    }));
    check("host_port", || HostPort::<32, 12, 5, 13>::new(MEMORY_BYTES), 60_000, Options::new(inputs).with_hook(hook), &[]);
}

#[test]
fn decisions_of_the_host_port() {
    // Every code has a name.
    let named = |stimulus: &mut Stimulus<'_>| {
        let random = stimulus.random();
        let (state, operation) = (random.below(HOST_STATES.len() as u64), random.below(8));
        stimulus.set("state", state.into());
        stimulus.set("operation", operation.into());
    };
    let mut inputs = inputs!(HostNextState: frame_valid, register_valid, record_waits, last_word, page_bad, fill_ready, mode_bad,
        bridge_ready, verdict_valid, granted, memory_ready, memory_valid, record_word_sent, sent);
    inputs.push(Input::new("state", |block: &mut HostNextState, value| block.state.next = HOST_STATES[value as usize]));
    inputs.push(Input::new("operation", |block: &mut HostNextState, value| block.operation.next = operation(value)));
    check("host_next_state", HostNextState::default, 20_000, Options::new(inputs).with_hook(named), &[]);

    let hook = |stimulus: &mut Stimulus<'_>| {
        named(stimulus);
        let random = stimulus.random();
        let (status, held, shape, level) = (random.below(12), random.below(12), random.below(6), random.below(4));
        let word = if random.once_in(2) { 0 } else { random.below(8) };
        stimulus.set("frame_status", status.into());
        stimulus.set("status_held", held.into());
        stimulus.set("shape_held", shape.into());
        stimulus.set("level", (word << 16 | level).into());
    };
    let mut inputs = inputs!(HostOutcome: frame_valid, register_valid, register_error, level, last_word, page_bad, fill_ready,
        fill_refused, mode_bad, verdict_valid, memory_valid, memory_error);
    inputs.push(Input::new("state", |block: &mut HostOutcome, value| block.state.next = HOST_STATES[value as usize]));
    inputs.push(Input::new("operation", |block: &mut HostOutcome, value| block.operation.next = operation(value)));
    inputs.push(Input::new("frame_status", |block: &mut HostOutcome, value| {
        block.frame_status.next = FrameStatus::ALL[value as usize];
    }));
    inputs.push(Input::new("status_held", |block: &mut HostOutcome, value| {
        block.status_held.next = FrameStatus::ALL[value as usize];
    }));
    inputs.push(Input::new("shape_held", |block: &mut HostOutcome, value| block.shape_held.next = SHAPES[value as usize]));
    check("host_outcome", HostOutcome::default, 20_000, Options::new(inputs).with_hook(hook), &[]);
}

#[test]
fn memory_and_its_neighbours() {
    let hook = |stimulus: &mut Stimulus<'_>| {
        let random = stimulus.random();
        let (reset, near, scrub, length) = (random.once_in(9000), random.below(0x2008), random.below(0x2010), random.below(5));
        let (wild, busy) = (random.once_in(40), random.once_in(4));
        stimulus.set("reset", reset.into());
        stimulus.set("scrub.valid", busy.into());
        if !wild {
            stimulus.set("request.address", near.into());
            stimulus.set("request.length", length.into());
            stimulus.set("scrub.address", (scrub & !3).into());
        }
    };
    let inputs = inputs!(BoardMemory: clock, reset, scrub.valid, scrub.address, scrub.data, request.valid, request.write,
        request.address, request.length, request.data);
    check("board_memory", || BoardMemory::new(MEMORY_BYTES), 60_000, Options::new(inputs).with_hook(hook), &[]);

    let hook = |stimulus: &mut Stimulus<'_>| {
        let random = stimulus.random();
        let (reset, tenant, address, length) = (random.once_in(4000), random.below(9), random.below(0x9000), random.below(6));
        let (page, wild) = (random.below(32), random.once_in(20));
        stimulus.set("reset", reset.into());
        if !wild {
            stimulus.set("request.tenant", tenant.into());
            stimulus.set("request.address", address.into());
            stimulus.set("request.length", length.into());
            stimulus.set("fill.tenant", tenant.into());
            stimulus.set("fill.index", page.into());
        }
    };
    let inputs = inputs!(BoardMmu<32, 12>: clock, reset, fill.valid, fill.tenant, fill.index, fill.rights, fill.frame,
        request.valid, request.tenant, request.address, request.length, request.kind, response.ready);
    check("standard_mmu", || BoardMmu::<32, 12>::new(8, PAGE_BITS), 60_000, Options::new(inputs).with_hook(hook), &[]);

    let inputs = inputs!(MmuBridge<32, 13>: clock, reset, request.valid, request.tenant, request.address, request.length,
        request.kind, request.untranslated, response.ready, translate_response.valid, translate_response.granted,
        translate_response.not_mine, translate_response.reason, translate_response.slot, translate_response.physical,
        mmu_request.ready, mmu_response.valid, mmu_response.fault, mmu_response.physical, physical_response.valid,
        physical_response.allowed, physical_response.reason, physical_response.slot);
    check("mmu_bridge", MmuBridge::<32, 13>::default, 60_000, Options::new(inputs), &[]);
}

#[test]
fn reset_and_lights() {
    let hook = |stimulus: &mut Stimulus<'_>| {
        let pressed = stimulus.random().once_in(40);
        stimulus.set("button_n", (!pressed).into());
    };
    let inputs = inputs!(ResetSynchroniser<4>: clock, button_n);
    check("reset_synchroniser", ResetSynchroniser::<4>::default, 10_000, Options::new(inputs).with_hook(hook), &[]);
    let inputs = inputs!(Leds<6>: clock, reset, active, sealed, alert);
    check("lights", || Leds::<6>::new(3), 10_000, Options::new(inputs), &[]);
}

/// The whole board, held by its pins: frames arrive on the serial line, and the button is pressed now and then.
#[test]
fn alchitry_cu_top() {
    top_agrees("alchitry_cu_top", None, 40_000);
}

/// The processes of two blocks that hand each other a ready and a valid must not wake each other for ever.
#[test]
fn alchitry_cu_top_in_icarus() {
    if Engine::Icarus.is_available() {
        top_agrees("alchitry_cu_top_in_icarus", Some(Engine::Icarus), 12_000);
    } else {
        println!("skipped: Icarus Verilog is not installed");
    }
}

fn top_agrees(name: &str, engine: Option<Engine>, cycles: u64) {
    type Top = AlchitryCuTop<4, 12>;
    let timing = BoardTiming::SIMULATION;
    let mut levels = VecDeque::new();
    let mut opening: VecDeque<Vec<u8>> = opening().into();
    let mut pressed = 0;
    let hook = |stimulus: &mut Stimulus<'_>| {
        if levels.is_empty() {
            // The memory needs 2048 cycles after power-up; a response of 26 bytes takes a thousand.
            if stimulus.cycle() < 2200 {
                levels.push_back(true);
            } else {
                let next = opening.pop_front().unwrap_or_else(|| frame(stimulus.random()));
                for byte in next {
                    let bits = (u16::from(byte) | 0x100) << 1;
                    levels.extend((0..10 * timing.divider).map(|cycle| bits >> (cycle / timing.divider) & 1 != 0));
                }
                levels.extend(vec![true; 1300]);
            }
        }
        if stimulus.cycle() == 35_000 {
            pressed = 20;
        }
        let level = levels.pop_front().unwrap_or(true);
        stimulus.set("uart_rx", level.into());
        stimulus.set("button_n", (pressed == 0).into());
        pressed -= u64::from(pressed > 0);
    };
    let geometry = Geometry::preset("cu").unwrap();
    let make = || Top::new(&geometry, timing);
    let mut options = Options::new(inputs!(Top: clock, button_n, uart_rx)).with_hook(hook);
    if let Some(engine) = engine {
        options = options.with_engine(engine);
    }
    check(name, make, cycles, options, &[]);
}

/// Requests that open the gate, make a partition and use it.
fn opening() -> Vec<Vec<u8>> {
    use pm_interface::registers::offset;
    let write = |offset: u8, value: u32| {
        let mut payload = vec![offset];
        payload.extend(value.to_le_bytes());
        request(Operation::WriteRegister, &payload)
    };
    vec![
        write(offset::POOL_SIZE_LO, 0x2000),
        write(offset::CONTROL, 1),
        write(offset::CMD_SIZE_LO, 0x200),
        write(offset::CMD_RIGHTS, 0x0F),
        write(offset::CMD, 1),
        request(Operation::Access, &[0, 4, 1, 0, 0, 0x14, 0x44, 0x33, 0x22, 0x11]),
        request(Operation::Access, &[0, 5, 1, 0, 0, 0x02, 0, 0, 0, 0]),
        request(Operation::PhysicalAccess, &[1, 5, 1, 0, 0, 0x02, 0, 0, 0, 0]),
        request(Operation::ReadAudit, &[]),
    ]
}

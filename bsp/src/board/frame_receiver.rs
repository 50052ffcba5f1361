//! Frame receiver: which bytes are a request? No frame leaves the receiver before the CRC was checked.
//!
//! ```text
//!   sync  opcode  length  payload ...  crc high  crc low
//!   0xA5 |<------------- CRC-16 ----------------------->|  leaves zero?
//!                                          |--no-----> drain until the line is quiet, then report
//!                                          '--yes----> opcode known? length right? --> frame
//! ```
//!
//! Bytes before a sync byte are skipped. The receiver reads a frame of any length to its end. After a wrong CRC or a framing
//! error the length cannot be trusted either: the rest is dropped until no byte came for two ticks. While a frame waits to be
//! taken, bytes that arrive are dropped. Bytes must be at least three cycles apart, which a serial line sees to.

use super::crc::Crc16;
use super::opcode_decoder::OpcodeDecoder;
use super::payload_place::PayloadPlace;
use super::ports::FrameSource;
use crate::protocol::{FrameStatus, Operation};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// Place of the receiver in a frame.
#[derive(Clone, Copy, Debug, PartialEq, LogicState)]
enum FrameState {
    Hunting,
    Opcode,
    Length,
    Payload,
    CrcHigh,
    CrcLow,
    Judge,
    Draining,
    Held,
}

block! {
    /// Turns bytes into requests.
    pub struct FrameReceiver {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: drops the frame under way.
        pub reset: Signal<In, Bit>,
        /// Character that arrived; valid with `valid`.
        pub received: Signal<In, Bits<8>>,
        /// A new character is in `received`; high for one cycle.
        pub valid: Signal<In, Bit>,
        /// A character without a stop bit arrived.
        pub framing_error: Signal<In, Bit>,
        /// Slow tick: two of them without a byte are silence.
        pub tick: Signal<In, Bit>,
        /// Checked request, for the host port.
        pub frame: FrameSource,
        state: Register<FrameState>,
        crc: Crc16,
        decoder: OpcodeDecoder,
        destination: PayloadPlace,
        silence: Register<Bit>,
        silent: Signal<Local, Bit>,
        status: Register<FrameStatus>,
        operation: Register<Operation>,
        opcode: Register<Bits<8>>,
        expected_length: Register<Bits<8>>,
        length_right: Register<Bit>,
        /// Bytes of payload still to come.
        remaining: Register<Bits<8>>,
        /// Place of the next byte in the payload; 6 for all that belong to `data`.
        place: Register<Bits<3>>,
        is_selector: Register<Bit>,
        is_word: Register<Bit>,
        is_mode: Register<Bit>,
        is_data: Register<Bit>,
        selector: Register<Bits<8>>,
        word: Register<Bits<32>>,
        mode: Register<Bits<8>>,
        data: Register<Bits<32>>,
        shifted_in: Signal<Local, Bits<32>>,
    }
}

kernel! {
    FrameReceiver
    #[hdl_gen]
    fn update(&mut self) registers(state, silence, status, operation, opcode, expected_length, length_right, remaining, place, is_selector, is_word, is_mode, is_data, selector, word, mode, data) blocks(crc) {
        self.frame.valid.next = false;
        self.frame.operation.next = self.operation.q.val();
        self.frame.status.next = self.status.q.val();
        self.frame.opcode.next = self.opcode.q.val();
        self.frame.selector.next = self.selector.q.val();
        self.frame.word.next = self.word.q.val();
        self.frame.mode.next = self.mode.q.val();
        self.frame.data.next = self.data.q.val();

        self.crc.clear.next = self.state.q.val() == FrameState::Hunting;
        self.crc.enable.next = self.valid.val();
        self.crc.data.next = self.received.val();
        self.shifted_in.next = bit_cast::<32, 8>(self.received.val()) << 24;

        // Two ticks without a byte between them.
        self.silent.next = self.tick.val() & self.silence.q.val();
        if self.valid.val() | self.framing_error.val() {
            self.silence.d.next = false;
        } else if self.tick.val() {
            self.silence.d.next = true;
        }

        // Meaning of the opcode that arrived; known long before the next byte.
        self.decoder.opcode.next = self.opcode.q.val();
        self.operation.d.next = self.decoder.operation.val();
        self.expected_length.d.next = self.decoder.length.val();

        // Destination of the next byte of the payload; known long before the byte comes.
        self.destination.arrives.next = self.state.q.val() == FrameState::Payload;
        self.destination.place.next = self.place.q.val();
        self.is_selector.d.next = self.destination.is_selector.val();
        self.is_word.d.next = self.destination.is_word.val();
        self.is_mode.d.next = self.destination.is_mode.val();
        self.is_data.d.next = self.destination.is_data.val();
        if self.valid.val() & self.is_selector.q.val() {
            self.selector.d.next = self.received.val();
        }
        if self.valid.val() & self.is_word.q.val() {
            self.word.d.next = (self.word.q.val() >> 8) | self.shifted_in.val();
        }
        if self.valid.val() & self.is_mode.q.val() {
            self.mode.d.next = self.received.val();
        }
        if self.valid.val() & self.is_data.q.val() {
            self.data.d.next = (self.data.q.val() >> 8) | self.shifted_in.val();
        }

        match self.state.q.val() {
            FrameState::Opcode => {
                if self.valid.val() {
                    self.opcode.d.next = self.received.val();
                    self.state.d.next = FrameState::Length;
                }
            }
            FrameState::Length => {
                if self.valid.val() {
                    self.length_right.d.next = self.received.val() == self.expected_length.q.val();
                    self.remaining.d.next = self.received.val();
                    self.place.d.next = 0.into();
                    self.state.d.next = FrameState::Payload;
                    if self.received.val() == 0 {
                        self.state.d.next = FrameState::CrcHigh;
                    }
                }
            }
            FrameState::Payload => {
                if self.valid.val() {
                    self.remaining.d.next = self.remaining.q.val() - 1;
                    if self.remaining.q.val() == 1 {
                        self.state.d.next = FrameState::CrcHigh;
                    }
                    if self.place.q.val() != 6 {
                        self.place.d.next = self.place.q.val() + 1;
                    }
                }
            }
            FrameState::CrcHigh => {
                if self.valid.val() {
                    self.state.d.next = FrameState::CrcLow;
                }
            }
            FrameState::CrcLow => {
                if self.valid.val() {
                    self.state.d.next = FrameState::Judge;
                }
            }
            FrameState::Judge => {
                self.status.d.next = FrameStatus::BadCrc;
                self.state.d.next = FrameState::Draining;
                if self.crc.value.val() == 0 {
                    self.state.d.next = FrameState::Held;
                    self.status.d.next = FrameStatus::UnknownOperation;
                    if self.operation.q.val() != Operation::Nothing {
                        self.status.d.next = FrameStatus::BadLength;
                        if self.length_right.q.val() {
                            self.status.d.next = FrameStatus::Ok;
                        }
                    }
                }
            }
            FrameState::Draining => {
                if self.silent.val() & !self.valid.val() {
                    self.state.d.next = FrameState::Held;
                }
            }
            FrameState::Held => {
                self.frame.valid.next = true;
                if self.status.q.val() != FrameStatus::Ok {
                    self.frame.operation.next = Operation::Nothing;
                }
                if self.frame.ready.val() {
                    self.status.d.next = FrameStatus::BadCrc;
                    self.state.d.next = FrameState::Hunting;
                }
            }
            _ => {
                self.opcode.d.next = 0.into();
                if self.valid.val() & (self.received.val() == 0xA5) {
                    self.state.d.next = FrameState::Opcode;
                }
            }
        }

        // A frame that stops half way, or holds a character that is none.
        if (self.state.q.val() == FrameState::Opcode)
            | ((self.state.q.val() == FrameState::Length)
                | ((self.state.q.val() == FrameState::Payload)
                    | ((self.state.q.val() == FrameState::CrcHigh) | (self.state.q.val() == FrameState::CrcLow))))
        {
            if self.framing_error.val() {
                self.status.d.next = FrameStatus::FramingError;
                self.state.d.next = FrameState::Draining;
            } else if self.silent.val() & !self.valid.val() {
                self.status.d.next = FrameStatus::Timeout;
                self.state.d.next = FrameState::Held;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::step;
    use super::*;
    use crate::host::request;

    /// Input of the receiver: a byte, a character without stop bit, or two ticks of silence.
    #[derive(Clone, Copy, Debug)]
    enum Fed {
        Byte(u8),
        Broken,
        Tick,
    }

    struct Bench {
        block: FrameReceiver,
    }

    impl Bench {
        fn new() -> Self {
            let mut block = FrameReceiver::default();
            block.connect_all();
            check_all(&block).unwrap();
            Bench { block }
        }

        fn feed(&mut self, fed: Fed) {
            let block = &mut self.block;
            match fed {
                Fed::Byte(byte) => {
                    block.valid.next = true;
                    block.received.next = u64::from(byte).into();
                }
                Fed::Broken => block.framing_error.next = true,
                Fed::Tick => block.tick.next = true,
            }
            step!(*block);
            block.valid.next = false;
            block.framing_error.next = false;
            block.tick.next = false;
            for _ in 0..3 {
                step!(*block);
            }
        }

        fn held(&mut self) -> Option<(FrameStatus, Operation)> {
            self.block.frame.valid.val().then(|| (self.block.frame.status.val(), self.block.frame.operation.val()))
        }

        fn take(&mut self) {
            self.block.frame.ready.next = true;
            step!(self.block);
            self.block.frame.ready.next = false;
            step!(self.block);
            assert_eq!(self.held(), None);
        }

        /// Feeds, lets time pass if nothing is reported, and takes the report.
        fn report(&mut self, fed: &[Fed]) -> Option<(FrameStatus, Operation)> {
            for item in fed {
                self.feed(*item);
            }
            for _ in 0..4 {
                if self.held().is_none() {
                    self.feed(Fed::Tick);
                }
            }
            let held = self.held();
            if held.is_some() {
                self.take();
            }
            held
        }
    }

    fn bytes(bytes: &[u8]) -> Vec<Fed> {
        bytes.iter().map(|byte| Fed::Byte(*byte)).collect()
    }

    #[test]
    fn whole_frames_arrive_whole() {
        let mut bench = Bench::new();
        for operation in Operation::ALL {
            let payload: Vec<u8> = (0..operation.request_length()).map(|place| 0x10 + place as u8).collect();
            // Noise before the sync byte is skipped.
            for byte in [0x00, 0xFF, 0x5A] {
                bench.feed(Fed::Byte(byte));
            }
            bench.feed(Fed::Broken);
            for byte in request(operation, &payload) {
                assert_eq!(bench.held(), None, "nothing before the CRC");
                bench.feed(Fed::Byte(byte));
            }
            assert_eq!(bench.held(), Some((FrameStatus::Ok, operation)));
            let frame = &bench.block.frame;
            assert_eq!(frame.opcode.val().to_u8(), operation.code());
            if !payload.is_empty() {
                assert_eq!(frame.selector.val().to_u64(), 0x10);
            }
            if payload.len() >= 5 {
                assert_eq!(frame.word.val().to_u64(), 0x1413_1211);
            }
            if payload.len() == 10 {
                assert_eq!(frame.mode.val().to_u64(), 0x15);
                assert_eq!(frame.data.val().to_u64(), 0x1918_1716);
            }
            // Bytes that arrive before the frame is taken are dropped.
            for byte in request(Operation::Ping, &[]) {
                bench.feed(Fed::Byte(byte));
            }
            assert_eq!(bench.held(), Some((FrameStatus::Ok, operation)));
            bench.take();
            assert_eq!(bench.report(&[]), None);
        }
    }

    #[test]
    fn malformed_frames_are_named_and_the_next_one_is_heard() {
        let write = request(Operation::WriteRegister, &[0x14, 1, 0, 0, 0]);
        let with_crc = |body: &[u8]| {
            let mut frame = vec![0xA5];
            frame.extend(body);
            frame.extend(crate::protocol::crc16(body).to_be_bytes());
            frame
        };
        let check = |fed: &[Fed], expected: Option<FrameStatus>| {
            let mut bench = Bench::new();
            let expected = expected.map(|status| (status, Operation::Nothing));
            assert_eq!(bench.report(fed), expected, "{fed:x?}");
            assert_eq!(bench.report(&bytes(&write)), Some((FrameStatus::Ok, Operation::WriteRegister)), "after {fed:x?}");
        };
        // A frame with one wrong bit, anywhere behind the sync byte, is never `Ok`.
        for bit in 8..8 * write.len() {
            let mut wrong = write.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            let mut bench = Bench::new();
            let (status, operation) = bench.report(&bytes(&wrong)).expect("reported");
            assert!(matches!(status, FrameStatus::BadCrc | FrameStatus::Timeout), "bit {bit}: {status:?}");
            assert_eq!(operation, Operation::Nothing);
            assert_eq!(bench.report(&bytes(&write)), Some((FrameStatus::Ok, Operation::WriteRegister)), "bit {bit}");
        }
        // A wrong sync byte is no frame.
        let mut wrong = request(Operation::Ping, &[]);
        wrong[0] = 0xA4;
        check(&bytes(&wrong), None);
        // A frame that stops anywhere.
        for length in 1..write.len() {
            check(&bytes(&write[..length]), Some(FrameStatus::Timeout));
        }
        // A character without a stop bit anywhere; the rest of the frame is dropped.
        for place in 1..write.len() {
            let mut fed = bytes(&write);
            fed[place] = Fed::Broken;
            check(&fed, Some(FrameStatus::FramingError));
        }
        // Whole, but not what the operation wants.
        check(&bytes(&with_crc(&[3, 4, 0x14, 1, 0, 0])), Some(FrameStatus::BadLength));
        check(&bytes(&with_crc(&[3, 6, 0x14, 1, 0, 0, 0, 0])), Some(FrameStatus::BadLength));
        check(&bytes(&with_crc(&[3, 0])), Some(FrameStatus::BadLength));
        check(&bytes(&with_crc(&[1, 1, 0])), Some(FrameStatus::BadLength));
        let mut long = vec![3, 255];
        long.extend((0..255).map(|place| place as u8));
        check(&bytes(&with_crc(&long)), Some(FrameStatus::BadLength));
        for opcode in [0u8, 8, 0x13, 0x83, 0xFF] {
            check(&bytes(&with_crc(&[opcode, 0])), Some(FrameStatus::UnknownOperation));
            check(&bytes(&with_crc(&[opcode, 5, 0x14, 1, 0, 0, 0])), Some(FrameStatus::UnknownOperation));
        }
        // A frame inside a longer frame is payload.
        let mut outer = vec![9, write.len() as u8];
        outer.extend(&write);
        check(&bytes(&with_crc(&outer)), Some(FrameStatus::UnknownOperation));
        // A frame inside a broken frame is dropped together with the broken frame.
        let mut outer = with_crc(&outer);
        *outer.last_mut().unwrap() ^= 1;
        check(&bytes(&outer), Some(FrameStatus::BadCrc));
        let mut fed = vec![Fed::Byte(0xA5), Fed::Broken];
        fed.extend(bytes(&write));
        check(&fed, Some(FrameStatus::FramingError));
        // Slow is not silent: a tick between any two bytes is allowed.
        let mut bench = Bench::new();
        let slow: Vec<Fed> = write.iter().flat_map(|byte| [Fed::Tick, Fed::Byte(*byte)]).collect();
        assert_eq!(bench.report(&slow), Some((FrameStatus::Ok, Operation::WriteRegister)));
    }
}

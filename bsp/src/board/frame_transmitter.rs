//! Frame transmitter: a response as bytes.
//!
//! ```text
//!   step  0     1       2       3       4..7      8..11   12       13    14..15
//!         sync  opcode  status  length  physical  data    verdict  slot  crc
//!         0x5A |<--------------------- CRC-16 -------------------->|
//! ```
//!
//! The shape of the response says which steps are left out. A `Record` repeats steps 8 to 11 until its last word.

use super::crc::Crc16;
use super::ports::{Reply, ReplyShape};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Turns responses into bytes.
    pub struct FrameTransmitter {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: breaks off the frame under way.
        pub reset: Signal<In, Bit>,
        /// Response to send, from the host port.
        pub reply: Reply,
        /// Byte to send; valid with `valid`.
        pub character: Signal<Out, Bits<8>>,
        /// A byte is offered in `character`.
        pub valid: Signal<Out, Bit>,
        /// The UART transmitter takes the byte in this cycle.
        pub ready: Signal<In, Bit>,
        step: Register<Bits<4>>,
        // `word_sent` and `sent` come a cycle later; no byte is offered in that cycle.
        word_sent: Register<Bit>,
        sent: Register<Bit>,
        offered: Signal<Local, Bit>,
        crc: Crc16,
        has_address: Signal<Local, Bit>,
        has_data: Signal<Local, Bit>,
        has_verdict: Signal<Local, Bit>,
        length: Signal<Local, Bits<8>>,
        status_code: Signal<Local, Bits<4>>,
        // The step after this one.
        after_head: Signal<Local, Bits<4>>,
        after_address: Signal<Local, Bits<4>>,
        after_data: Signal<Local, Bits<4>>,
        // Four bytes, of which the low bits of the step choose one.
        group: Signal<Local, Bits<32>>,
        head: Signal<Local, Bits<32>>,
        tail: Signal<Local, Bits<32>>,
        octet: Signal<Local, Bits<8>>,
        taken: Signal<Local, Bit>,
    }
}

kernel! {
    FrameTransmitter
    #[hdl_gen]
    fn update(&mut self) registers(step, word_sent, sent) blocks(crc) {
        self.has_address.next = false;
        self.has_data.next = false;
        self.has_verdict.next = false;
        self.length.next = 0.into();
        match self.reply.shape.val() {
            ReplyShape::Word => {
                self.has_data.next = true;
                self.length.next = 4.into();
            }
            ReplyShape::Verdict => {
                self.has_verdict.next = true;
                self.length.next = 2.into();
            }
            ReplyShape::Place => {
                self.has_address.next = true;
                self.has_verdict.next = true;
                self.length.next = 6.into();
            }
            ReplyShape::Full => {
                self.has_address.next = true;
                self.has_data.next = true;
                self.has_verdict.next = true;
                self.length.next = 10.into();
            }
            ReplyShape::Record => {
                self.has_data.next = true;
                self.length.next = 20.into();
            }
            _ => {}
        }
        self.after_data.next = 14.into();
        if (self.reply.shape.val() == ReplyShape::Record) & !self.reply.last_word.val() {
            self.after_data.next = 8.into();
        } else if self.has_verdict.val() {
            self.after_data.next = 12.into();
        }
        self.after_address.next = 12.into();
        if self.has_data.val() {
            self.after_address.next = 8.into();
        }
        self.after_head.next = 14.into();
        if self.has_address.val() {
            self.after_head.next = 4.into();
        } else if self.has_data.val() {
            self.after_head.next = 8.into();
        } else if self.has_verdict.val() {
            self.after_head.next = 12.into();
        }

        self.status_code.next = self.reply.status.val().into();
        self.head.next = (bit_cast::<32, 8>(self.length.val()) << 24)
            | ((bit_cast::<32, 4>(self.status_code.val()) << 16)
                | ((bit_cast::<32, 8>(self.reply.opcode.val()) << 8) | 0x5A));
        self.tail.next = (bit_cast::<32, 8>(self.crc.value.val().get_bits::<8>(0)) << 24)
            | ((bit_cast::<32, 8>(self.crc.value.val().get_bits::<8>(8)) << 16)
                | ((bit_cast::<32, 8>(self.reply.slot.val()) << 8)
                    | bit_cast::<32, 8>(self.reply.verdict.val())));
        self.group.next = self.tail.val();
        if self.step.q.val().get_bits::<2>(2) == 0 {
            self.group.next = self.head.val();
        } else if self.step.q.val().get_bits::<2>(2) == 1 {
            self.group.next = self.reply.address.val();
        } else if self.step.q.val().get_bits::<2>(2) == 2 {
            self.group.next = self.reply.data.val();
        }
        self.octet.next = self.group.val().get_bits::<8>(24);
        if self.step.q.val().get_bits::<2>(0) == 0 {
            self.octet.next = self.group.val().get_bits::<8>(0);
        } else if self.step.q.val().get_bits::<2>(0) == 1 {
            self.octet.next = self.group.val().get_bits::<8>(8);
        } else if self.step.q.val().get_bits::<2>(0) == 2 {
            self.octet.next = self.group.val().get_bits::<8>(16);
        }

        self.character.next = self.octet.val();
        self.offered.next = self.reply.valid.val() & !(self.word_sent.q.val() | self.sent.q.val());
        self.valid.next = self.offered.val();
        self.taken.next = self.offered.val() & self.ready.val();
        self.word_sent.d.next = self.taken.val() & (self.step.q.val() == 11);
        self.sent.d.next = self.taken.val() & (self.step.q.val() == 15);
        self.reply.word_sent.next = self.word_sent.q.val();
        self.reply.sent.next = self.sent.q.val();
        if self.taken.val() {
            self.step.d.next = self.step.q.val() + 1;
            if self.step.q.val() == 3 {
                self.step.d.next = self.after_head.val();
            } else if self.step.q.val() == 7 {
                self.step.d.next = self.after_address.val();
            } else if self.step.q.val() == 11 {
                self.step.d.next = self.after_data.val();
            }
        }

        // The bytes of the CRC itself, steps 14 and 15, are not part of it.
        self.crc.clear.next = self.taken.val() & (self.step.q.val() == 0);
        self.crc.enable.next = self.taken.val() & (self.step.q.val() < 14);
        self.crc.data.next = self.octet.val();
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::step;
    use super::*;
    use crate::host::Response;
    use crate::protocol::FrameStatus;

    /// Sends one response through a receiver that is ready every third cycle; words of a record come one by one.
    fn send(shape: ReplyShape, status: FrameStatus, words: &[u32]) -> Vec<u8> {
        let mut block = FrameTransmitter::default();
        block.connect_all();
        check_all(&block).unwrap();
        let mut sent = vec![];
        let mut words = words.iter();
        block.reply.valid.next = true;
        block.reply.opcode.next = 0x42.into();
        block.reply.status.next = status;
        block.reply.shape.next = shape;
        block.reply.address.next = 0xA3A2_A1A0.into();
        block.reply.verdict.next = 0xB0.into();
        block.reply.slot.next = 0xB1.into();
        block.reply.data.next = u64::from(*words.next().unwrap_or(&0)).into();
        block.reply.last_word.next = words.len() == 0;
        for cycle in 0..1000 {
            block.ready.next = cycle % 3 == 0;
            simulate(&mut block, 100);
            let (taken, word_sent, done) =
                (block.valid.val() & block.ready.val(), block.reply.word_sent.val(), block.reply.sent.val());
            if taken {
                sent.push(block.character.val().to_u8());
            }
            step!(block);
            block.reply.valid.next = true;
            if word_sent && words.len() > 0 {
                block.reply.valid.next = false; // the next word takes a cycle
                block.reply.data.next = u64::from(*words.next().unwrap()).into();
                block.reply.last_word.next = words.len() == 0;
            }
            if done {
                return sent;
            }
        }
        panic!("never sent");
    }

    #[test]
    fn every_shape() {
        let address = [0xA0, 0xA1, 0xA2, 0xA3];
        let data = [0xD0, 0xD1, 0xD2, 0xD3];
        let verdict = [0xB0, 0xB1];
        let word = 0xD3D2_D1D0;
        let check = |shape, words: &[u32], payload: &[&[u8]]| {
            for status in FrameStatus::ALL {
                let sent = send(shape, status, words);
                let response = Response::decode(&sent).expect("well formed");
                assert_eq!((response.opcode, response.status), (0x42, status));
                assert_eq!(response.payload, payload.concat(), "{shape:?}");
            }
        };
        check(ReplyShape::Bare, &[], &[]);
        check(ReplyShape::Word, &[word], &[&data]);
        check(ReplyShape::Verdict, &[], &[&verdict]);
        check(ReplyShape::Place, &[], &[&address, &verdict]);
        check(ReplyShape::Full, &[word], &[&address, &data, &verdict]);
        check(ReplyShape::Record, &[word, 1, 2, 3, word], &[&data, &[1, 0, 0, 0], &[2, 0, 0, 0], &[3, 0, 0, 0], &data]);
    }
}

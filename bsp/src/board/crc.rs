//! CRC-16/CCITT-FALSE, a byte an edge: polynomial 0x1021, initial value 0xFFFF, not reflected, no final XOR, check value 0x29B1.
//!
//! ```text
//!   fold = data ^ high byte       mix = fold ^ (fold >> 4)
//!   remainder' = (low byte << 8) ^ (mix << 12) ^ (mix << 5) ^ mix
//! ```
//!
//! A message followed by its own CRC, high byte first, leaves zero.

use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// The running remainder. Must be cleared before a message: a reset leaves zero, which is no start value.
    pub struct Crc16 {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the remainder is zero, which is not the start value.
        pub reset: Signal<In, Bit>,
        /// High: loads the start value; wins over `enable`.
        pub clear: Signal<In, Bit>,
        /// High: the CRC takes `data` at the next edge.
        pub enable: Signal<In, Bit>,
        /// Next byte of the message; valid with `enable`.
        pub data: Signal<In, Bits<8>>,
        /// CRC of all bytes since `clear`.
        pub value: Signal<Out, Bits<16>>,
        remainder: Register<Bits<16>>,
        folded: Signal<Local, Bits<8>>,
        mixed: Signal<Local, Bits<8>>,
        wide: Signal<Local, Bits<16>>,
    }
}

kernel! {
    Crc16
    #[hdl_gen]
    fn update(&mut self) registers(remainder) {
        self.value.next = self.remainder.q.val();
        self.folded.next = self.remainder.q.val().get_bits::<8>(8) ^ self.data.val();
        self.mixed.next = self.folded.val() ^ (self.folded.val() >> 4);
        self.wide.next = bit_cast::<16, 8>(self.mixed.val());
        if self.clear.val() {
            self.remainder.d.next = 0xFFFF.into();
        } else if self.enable.val() {
            self.remainder.d.next = (self.remainder.q.val() << 8)
                ^ ((self.wide.val() << 12) ^ ((self.wide.val() << 5) ^ self.wide.val()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::step;
    use super::*;

    fn in_hardware(message: &[u8]) -> u16 {
        let mut block = Crc16::default();
        block.connect_all();
        check_all(&block).unwrap();
        block.clear.next = true;
        step!(block);
        block.clear.next = false;
        for byte in message {
            block.enable.next = true;
            block.data.next = u64::from(*byte).into();
            step!(block);
            block.enable.next = false;
            block.data.next = 0x5A.into();
            step!(block);
        }
        block.value.val().to_u16()
    }

    #[test]
    fn agrees_with_an_independent_implementation() {
        let standard = crc::Crc::<u16>::new(&crc::CRC_16_IBM_3740); // the catalogue's name for CCITT-FALSE
        assert_eq!(in_hardware(b"123456789"), 0x29B1);
        let mut message = vec![];
        for byte in 0..200u32 {
            assert_eq!(in_hardware(&message), standard.checksum(&message), "{message:x?}");
            message.push(((byte * 0x9D) ^ (byte >> 3)) as u8);
        }
        message.extend(standard.checksum(&message).to_be_bytes());
        assert_eq!(in_hardware(&message), 0, "a message with its CRC leaves zero");
    }
}

//! The control registers are divided into banks, each with its own offsets, behind one port.

use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// A register access on its way to every bank.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct RegisterAccess {
    /// Read strobe, high for one cycle for each read.
    pub read: Bit,
    /// Write strobe, high for one cycle for each write.
    pub write: Bit,
    /// One-hot register select: the bit of the word offset, or no bit when the address is not that of a word.
    pub selected: Bits<64>,
    /// Data of the write.
    pub data: Bits<32>,
    /// High: the access is a write, and `data` is 1.
    pub writes_one: Bit,
    /// High: `data` has at most 4 bits.
    pub fits_4: Bit,
    /// High: `data` has at most 5 bits.
    pub fits_5: Bit,
    /// High: `data` has at most 6 bits.
    pub fits_6: Bit,
    /// High: `data` has at most 8 bits.
    pub fits_8: Bit,
    /// High: `data` has at most 16 bits.
    pub fits_16: Bit,
    /// High: `data` sets only bits that an address has in bits 31:0.
    pub fits_low: Bit,
    /// High: `data` sets only bits that an address has in bits 63:32.
    pub fits_high: Bit,
    /// High: the access is a write, and `data` is an activation as `CONTROL` takes it: 1, 3 or 5.
    pub activates: Bit,
}

/// A bank's answer, in the same cycle.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct BankAnswer {
    /// High: the bank accepts the access. At most one bank does; when none does the port answers an error.
    pub accepted: Bit,
    /// Data of a read; zero unless the bank accepts a read.
    pub data: Bits<32>,
}

/// An address as its pair of registers shows it.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct WideWords {
    /// Bits 31:0 of the address.
    pub low: Bits<32>,
    /// Bits 63:32 of the address.
    pub high: Bits<32>,
}

/// Writes of a pair of registers; at most one is high.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct WideWrites {
    /// High: bits 31:0 are written.
    pub low: Bit,
    /// High: bits 63:32 are written.
    pub high: Bit,
}

/// The mask of the bits of `width` that lie in a 32-bit half, from bit `shift` up.
pub(super) fn half_mask(width: usize, shift: usize) -> u64 {
    let bits = width.saturating_sub(shift).min(32);
    (1 << bits) - 1
}

/// Distance of bits 63:32 of an address from its bits 31:0; 0 when the address has no such bits.
fn high_shift(width: usize) -> u64 {
    if width > 32 {
        32
    } else {
        0
    }
}

block! {
    /// An address as a pair of registers shows it.
    pub struct WideView<ADDRESS> {
        /// Address to show.
        pub value: Signal<In, Bits<ADDRESS>>,
        /// Bits 31:0 of the address.
        pub low: Signal<Out, Bits<32>>,
        /// Bits 63:32 of the address.
        pub high: Signal<Out, Bits<32>>,
        low_half: Constant<Bits<ADDRESS>> = Constant::new(half_mask(ADDRESS, 0).to_bits()),
        high_bits: Constant<Bits<32>> = Constant::new(half_mask(ADDRESS, 32).to_bits()),
        high_shift: Constant<Bits<6>> = Constant::new(high_shift(ADDRESS).to_bits()),
    }
}

kernel! {
    WideView<ADDRESS>
    #[hdl_gen]
    fn update(&mut self) {
        self.low.next = bit_cast::<32, ADDRESS>(self.value.val() & self.low_half.val());
        self.high.next = bit_cast::<32, ADDRESS>(self.value.val() >> self.high_shift.val()) & self.high_bits.val();
    }
}

block! {
    /// An address or size behind a pair of registers. Only the bits that exist are stored; the bank asks [`RegisterAccess`]
    /// whether the data fits before it writes.
    pub struct WideRegister<ADDRESS> {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the value is zero.
        pub reset: Signal<In, Bit>,
        /// High: `data` is written to bits 31:0.
        pub write_low: Signal<In, Bit>,
        /// High: `data` is written to bits 63:32.
        pub write_high: Signal<In, Bit>,
        /// Data to write; valid with `write_low` or `write_high`.
        pub data: Signal<In, Bits<32>>,
        /// High: `loaded` becomes the value, whatever is written.
        pub load: Signal<In, Bit>,
        /// Value to load; valid with `load`.
        pub loaded: Signal<In, Bits<ADDRESS>>,
        /// Value that is held.
        pub value: Signal<Out, Bits<ADDRESS>>,
        /// Bits 31:0 of the value.
        pub low: Signal<Out, Bits<32>>,
        /// Bits 63:32 of the value.
        pub high: Signal<Out, Bits<32>>,
        held: Register<Bits<ADDRESS>>,
        view: WideView<ADDRESS>,
        low_half: Constant<Bits<ADDRESS>> = Constant::new(half_mask(ADDRESS, 0).to_bits()),
        low_bits: Constant<Bits<32>> = Constant::new(half_mask(ADDRESS, 0).to_bits()),
        high_bits: Constant<Bits<32>> = Constant::new(half_mask(ADDRESS, 32).to_bits()),
        high_shift: Constant<Bits<6>> = Constant::new(high_shift(ADDRESS).to_bits()),
        /// With a guard, one: high while the value is what was written.
        pub intact: Vec<Signal<Out, Bit>>,
        check_low: Vec<Register<Bit>>,
        check_high: Vec<Register<Bit>>,
    }
}

impl<const ADDRESS: usize> WideRegister<ADDRESS> {
    /// With one guard of the value, or none.
    pub fn guarded(guards: usize) -> Self {
        Self {
            intact: vec![Default::default(); guards],
            check_low: vec![Default::default(); guards],
            check_high: vec![Default::default(); guards],
            ..Self::default()
        }
    }
}

kernel! {
    WideRegister<ADDRESS>
    #[hdl_gen]
    fn update(&mut self) registers(held) {
        if self.load.val() {
            self.held.d.next = self.loaded.val();
        } else if self.write_low.val() {
            self.held.d.next = (self.held.q.val() & !self.low_half.val())
                | bit_cast::<ADDRESS, 32>(self.data.val() & self.low_bits.val());
        } else if self.write_high.val() {
            self.held.d.next = (self.held.q.val() & self.low_half.val())
                | (bit_cast::<ADDRESS, 32>(self.data.val() & self.high_bits.val()) << self.high_shift.val());
        }
        self.value.next = self.held.q.val();
        self.view.value.next = self.held.q.val();
        self.low.next = self.view.low.val();
        self.high.next = self.view.high.val();
    }
    // The parity of each half, written with it.
    when(intact) registers(check_low, check_high) {
        if self.load.val() {
            self.check_low[0].d.next = (self.loaded.val() & self.low_half.val()).xor();
            self.check_high[0].d.next = (self.loaded.val() & !self.low_half.val()).xor();
        } else if self.write_low.val() {
            self.check_low[0].d.next = (self.data.val() & self.low_bits.val()).xor();
        } else if self.write_high.val() {
            self.check_high[0].d.next = (self.data.val() & self.high_bits.val()).xor();
        }
        self.intact[0].next = !(self.check_low[0].q.val() ^ self.check_high[0].q.val() ^ self.held.q.val().xor());
    }
}

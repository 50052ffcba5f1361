//! How the control registers are divided: banks that each know their own offsets, behind one port.

use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// A register access on its way to every bank.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct RegisterAccess {
    /// Read strobe.
    pub read: Bit,
    /// Write strobe.
    pub write: Bit,
    /// Which register: the bit of its word offset, or none where the address is no word's.
    pub selected: Bits<64>,
    /// What to write.
    pub data: Bits<32>,
    /// A write, and `data` is 1.
    pub writes_one: Bit,
    /// `data` has at most 4 bits.
    pub fits_4: Bit,
    /// `data` has at most 5 bits.
    pub fits_5: Bit,
    /// `data` has at most 6 bits.
    pub fits_6: Bit,
    /// `data` has at most 8 bits.
    pub fits_8: Bit,
    /// `data` has at most 16 bits.
    pub fits_16: Bit,
    /// `data` sets only bits that an address has in bits 31:0.
    pub fits_low: Bit,
    /// `data` sets only bits that an address has in bits 63:32.
    pub fits_high: Bit,
}

/// A bank's answer, in the same cycle.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct BankAnswer {
    /// The bank accepts the access. At most one bank does; when none does the port answers an error.
    pub accepted: Bit,
    /// What was read; zero unless accepted and a read.
    pub data: Bits<32>,
}

/// An address as a pair of registers shows it.
#[derive(Clone, Debug, LogicBlock)]
pub struct WideView<const ADDRESS: usize> {
    /// The address.
    pub value: Signal<In, Bits<ADDRESS>>,
    /// Its bits 31:0.
    pub low: Signal<Out, Bits<32>>,
    /// Its bits 63:32.
    pub high: Signal<Out, Bits<32>>,
    low_half: Constant<Bits<ADDRESS>>,
    high_bits: Constant<Bits<32>>,
    high_shift: Constant<Bits<6>>,
}

impl<const ADDRESS: usize> Default for WideView<ADDRESS> {
    fn default() -> Self {
        Self {
            value: Default::default(),
            low: Default::default(),
            high: Default::default(),
            low_half: Constant::new(half_mask(ADDRESS, 0).to_bits()),
            high_bits: Constant::new(half_mask(ADDRESS, 32).to_bits()),
            high_shift: Constant::new(if ADDRESS > 32 { 32 } else { 0u64 }.to_bits()),
        }
    }
}

impl<const ADDRESS: usize> Logic for WideView<ADDRESS> {
    #[hdl_gen]
    fn update(&mut self) {
        self.low.next = bit_cast::<32, ADDRESS>(self.value.val() & self.low_half.val());
        self.high.next = bit_cast::<32, ADDRESS>(self.value.val() >> self.high_shift.val()) & self.high_bits.val();
    }
}

/// An address or size behind a pair of registers. Only the bits that exist are stored; who writes asks [`RegisterAccess`] whether
/// the data fits.
#[derive(Clone, Debug, LogicBlock)]
pub struct WideRegister<const ADDRESS: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: zero.
    pub reset: Signal<In, Bit>,
    /// Write `data` to bits 31:0.
    pub write_low: Signal<In, Bit>,
    /// Write `data` to bits 63:32.
    pub write_high: Signal<In, Bit>,
    /// What to write.
    pub data: Signal<In, Bits<32>>,
    /// Take `loaded` instead.
    pub load: Signal<In, Bit>,
    /// What to load.
    pub loaded: Signal<In, Bits<ADDRESS>>,
    /// The value.
    pub value: Signal<Out, Bits<ADDRESS>>,
    /// Bits 31:0 of the value.
    pub low: Signal<Out, Bits<32>>,
    /// Bits 63:32 of the value.
    pub high: Signal<Out, Bits<32>>,
    held: Register<Bits<ADDRESS>>,
    view: WideView<ADDRESS>,
    low_half: Constant<Bits<ADDRESS>>,
    low_bits: Constant<Bits<32>>,
    high_bits: Constant<Bits<32>>,
    high_shift: Constant<Bits<6>>,
    /// With `integrity`: the value is what was written.
    pub intact: Vec<Signal<Out, Bit>>,
    check_low: Vec<Register<Bit>>,
    check_high: Vec<Register<Bit>>,
    _guards: usize,
}

/// The mask of the bits of `width` that lie in a 32-bit half, from bit `shift` up.
pub(super) fn half_mask(width: usize, shift: usize) -> u64 {
    let bits = width.saturating_sub(shift).min(32);
    (1 << bits) - 1
}

impl<const ADDRESS: usize> Default for WideRegister<ADDRESS> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            write_low: Default::default(),
            write_high: Default::default(),
            data: Default::default(),
            load: Default::default(),
            loaded: Default::default(),
            value: Default::default(),
            low: Default::default(),
            high: Default::default(),
            held: Default::default(),
            view: Default::default(),
            low_half: Constant::new(half_mask(ADDRESS, 0).to_bits()),
            low_bits: Constant::new(half_mask(ADDRESS, 0).to_bits()),
            high_bits: Constant::new(half_mask(ADDRESS, 32).to_bits()),
            high_shift: Constant::new(if ADDRESS > 32 { 32 } else { 0u64 }.to_bits()),
            intact: Vec::new(),
            check_low: Vec::new(),
            check_high: Vec::new(),
            _guards: 0,
        }
    }
}

impl<const ADDRESS: usize> WideRegister<ADDRESS> {
    /// With the value guarded, or not.
    pub fn guarded(guards: usize) -> Self {
        Self {
            check_low: vec![Default::default(); guards],
            check_high: vec![Default::default(); guards],
            intact: vec![Default::default(); guards],
            _guards: guards,
            ..Default::default()
        }
    }
}

impl<const ADDRESS: usize> Logic for WideRegister<ADDRESS> {
    kernel! {
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
            // The parity of each half, written with it.
            for i in 0..self._guards {
                self.check_low[i].clock.next = self.clock.val();
                self.check_low[i].reset.next = self.reset.val();
                self.check_low[i].d.next = self.check_low[i].q.val();
                self.check_high[i].clock.next = self.clock.val();
                self.check_high[i].reset.next = self.reset.val();
                self.check_high[i].d.next = self.check_high[i].q.val();
                if self.load.val() {
                    self.check_low[i].d.next = (self.loaded.val() & self.low_half.val()).xor();
                    self.check_high[i].d.next = (self.loaded.val() & !self.low_half.val()).xor();
                } else if self.write_low.val() {
                    self.check_low[i].d.next = (self.data.val() & self.low_bits.val()).xor();
                } else if self.write_high.val() {
                    self.check_high[i].d.next = (self.data.val() & self.high_bits.val()).xor();
                }
                self.intact[i].next = !(self.check_low[i].q.val() ^ self.check_high[i].q.val() ^ self.held.q.val().xor());
            }
        }
    }
}

//! Progress: commands end, and a revoked row grants no access.

use crate::sizes::Sizes;
use pm_rtl::control::{CommandState, Commands};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Watches commands from strobe to end.
    pub struct Progress<SLOT, WIDE> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the design and this monitor restart.
        pub reset: Signal<In, Bit>,
        /// Row that is watched: any row, steady.
        pub any_slot: Signal<In, Bits<SLOT>>,
        /// A command runs.
        pub busy: Signal<In, Bit>,
        /// Code of the command that runs; valid with `busy`.
        pub code: Signal<In, Bits<4>>,
        /// The command that runs is refused; valid with `busy`.
        pub refused: Signal<In, Bit>,
        /// Step that the command is at.
        pub state: Signal<In, CommandState>,
        /// Row that the command names.
        pub operands_slot: Signal<In, Bits<8>>,
        /// The scrubber offers a word.
        pub memory_write_valid: Signal<In, Bit>,
        /// The memory takes the word in this cycle.
        pub memory_write_ready: Signal<In, Bit>,
        /// Request to the register port: write strobe.
        pub register_request_write: Signal<In, Bit>,
        /// Request to the register port: byte offset; valid with the strobe.
        pub register_request_address: Signal<In, Bits<8>>,
        /// Request to the register port: word to write; valid with the strobe.
        pub register_request_write_data: Signal<In, Bits<32>>,
        /// Response of the register port: the access was refused.
        pub register_response_error: Signal<In, Bit>,
        /// Response of the translate port: the access is granted.
        pub translate_response_granted: Signal<In, Bit>,
        /// Response of the translate port: number of the row that decided.
        pub translate_response_slot: Signal<In, Bits<8>>,
        /// For each entry of the CAM: the entry is valid.
        pub valid: Vec<Signal<In, Bit>> = vec![Default::default(); geometry.slots],
        /// A command ends within its bound, not counting cycles in which memory is not ready.
        pub holds_end: Signal<Out, Bit>,
        /// Three cycles after a row ceased to be valid no access is granted through the row.
        pub holds_revoked: Signal<Out, Bit>,
        /// A DESTROY that is not refused grants no access through its row later than 4 cycles after the answer that accepts the
        /// command.
        pub holds_destroy: Signal<Out, Bit>,
        is_valid: Signal<Local, Bit>,
        strobed: Signal<Local, Bit>,
        through: Signal<Local, Bit>,
        cycles: Register<Bits<16>>,
        first: Register<Bit>,
        second: Register<Bit>,
        third: Register<Bit>,
        fourth: Register<Bit>,
        age: Register<Bits<4>>,
        destroying: Register<Bit>,
        invalid: Register<Bits<2>>,
        commands: Commands,
        sizes: Sizes<WIDE> = Sizes::of(geometry),
    }
}

kernel! {
    Progress<SLOT, WIDE>
    #[hdl_gen]
    fn update(&mut self) registers(cycles, first, second, third, fourth, age, destroying, invalid) {
        if !self.busy.val() {
            self.cycles.d.next = 0.into();
        } else if !(self.memory_write_valid.val() & !self.memory_write_ready.val()) {
            self.cycles.d.next = self.cycles.q.val() + 1;
        }
        self.holds_end.next = self.cycles.q.val() <= self.sizes.command_bound.val();

        self.is_valid.next = false;
        for i in 0..self.valid.len() {
            if self.any_slot.val() == i.to_bits::<SLOT>() {
                self.is_valid.next = self.valid[i].val();
            }
        }
        self.through.next = self.translate_response_granted.val()
            & (bit_cast::<SLOT, 8>(self.translate_response_slot.val()) == self.any_slot.val());
        if self.is_valid.val() {
            self.invalid.d.next = 0.into();
        } else if self.invalid.q.val() != 2 {
            self.invalid.d.next = self.invalid.q.val() + 1;
        }
        self.holds_revoked.next = !(self.through.val() & (self.invalid.q.val() == 2) & !self.is_valid.val());

        // The answer comes four edges after the strobe.
        self.strobed.next = self.register_request_write.val()
            & (self.register_request_address.val() == self.sizes.command.val())
            & (self.register_request_write_data.val() == bit_cast::<32, 4>(self.commands.destroy.val()));
        self.first.d.next = self.strobed.val();
        self.second.d.next = self.first.q.val();
        self.third.d.next = self.second.q.val();
        self.fourth.d.next = self.third.q.val();
        if self.fourth.q.val() & !self.register_response_error.val() {
            self.destroying.d.next = true;
            self.age.d.next = 1.into();
        } else if self.destroying.q.val() & !self.age.q.val().all() {
            self.age.d.next = self.age.q.val() + 1;
        }
        if self.destroying.q.val() & (self.state.val() == CommandState::Done) {
            self.destroying.d.next = false;
        }
        self.holds_destroy.next = !(self.destroying.q.val()
            & (self.age.q.val() > 4)
            & self.busy.val()
            & (self.code.val() == self.commands.destroy.val())
            & !self.refused.val()
            & (bit_cast::<SLOT, 8>(self.operands_slot.val()) == self.any_slot.val())
            & self.through.val());
    }
}

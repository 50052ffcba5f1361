//! Boot: the gate stays closed until software opens it with a valid configuration, and a seal lasts until reset.

use crate::sizes::Sizes;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Watches the gate and the seal.
    pub struct Boot<ADDRESS, TENANT, SLOT, PAGE, BLOCK, WIDE> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the design and this monitor restart.
        pub reset: Signal<In, Bit>,
        /// Row that is watched: any row, steady.
        pub any_slot: Signal<In, Bits<SLOT>>,
        /// The gate is open.
        pub active: Signal<In, Bit>,
        /// The window is strict.
        pub strict: Signal<In, Bit>,
        /// The design is sealed: no row may change until reset.
        pub sealed: Signal<In, Bit>,
        /// Response of the translate port: the access is granted.
        pub translate_response_granted: Signal<In, Bit>,
        /// Response of the translate port: the access is left to the standard MMU.
        pub translate_response_not_mine: Signal<In, Bit>,
        /// Response of the physical port: the access is allowed.
        pub physical_response_allowed: Signal<In, Bit>,
        /// Request to the register port: write strobe.
        pub register_request_write: Signal<In, Bit>,
        /// Request to the register port: byte offset; valid with the strobe.
        pub register_request_address: Signal<In, Bits<8>>,
        /// Request to the register port: word to write; valid with the strobe.
        pub register_request_write_data: Signal<In, Bits<32>>,
        /// First byte of the window.
        pub window_base: Signal<In, Bits<ADDRESS>>,
        /// First byte of the pool.
        pub pool_base: Signal<In, Bits<ADDRESS>>,
        /// Bytes of the pool.
        pub pool_size: Signal<In, Bits<ADDRESS>>,
        /// The rows are written.
        pub table_write_enable: Signal<In, Bit>,
        /// For each entry of the CAM: the entry is valid.
        pub valid: Vec<Signal<In, Bit>> = vec![Default::default(); geometry.slots],
        /// For each entry of the CAM: tenant that owns the row.
        pub owner: Vec<Signal<In, Bits<TENANT>>> = vec![Default::default(); geometry.slots],
        /// For each entry of the CAM: complement of the first page.
        pub floor: Vec<Signal<In, Bits<PAGE>>> = vec![Default::default(); geometry.slots],
        /// For each entry of the CAM: last page.
        pub last_page: Vec<Signal<In, Bits<PAGE>>> = vec![Default::default(); geometry.slots],
        /// For each row: the block of the row is taken.
        pub held: Vec<Signal<In, Bit>> = vec![Default::default(); geometry.slots],
        /// For each row: no physical access may reach the block of the row.
        pub guarded: Vec<Signal<In, Bit>> = vec![Default::default(); geometry.slots],
        /// For each row: first granule of the block.
        pub first: Vec<Signal<In, Bits<BLOCK>>> = vec![Default::default(); geometry.slots],
        /// For each row: last granule of the block.
        pub last: Vec<Signal<In, Bits<BLOCK>>> = vec![Default::default(); geometry.slots],
        /// With `boot`: the tag of a manifest has been compared.
        pub judged: Signal<In, Bit> where boot,
        /// With `boot`: the tag is the one that the key gives; valid with `judged`.
        pub authentic: Signal<In, Bit> where boot,
        /// No access is granted, allowed or left to the MMU unless the gate is open.
        pub holds_closed: Signal<Out, Bit>,
        /// After a reset the gate is closed and the design is not sealed.
        pub holds_reset: Signal<Out, Bit>,
        /// The gate opens only when an activation was written to CONTROL after the last reset, and stays open.
        pub holds_asked: Signal<Out, Bit>,
        /// With `boot`: no access is granted, allowed or left to the MMU before a manifest with the right tag was accepted since
        /// the last reset.
        pub holds_accepted: Signal<Out, Bit>,
        /// The window of an open gate stays strict, or not strict, as an activation since the last reset asked.
        pub holds_strict: Signal<Out, Bit>,
        /// Behind an open gate the pool lies in one frame and all bases are aligned.
        pub holds_configuration: Signal<Out, Bit>,
        /// A sealed design stays sealed until reset.
        pub holds_sealed: Signal<Out, Bit>,
        /// A sealed design changes no row.
        pub holds_frozen: Signal<Out, Bit>,
        pool_begin: Signal<Local, Bits<WIDE>>,
        pool_end: Signal<Local, Bits<WIDE>>,
        is_valid: Signal<Local, Bit>,
        is_held: Signal<Local, Bit>,
        is_guarded: Signal<Local, Bit>,
        flags: Signal<Local, Bits<8>>,
        row_first: Signal<Local, Bits<BLOCK>>,
        row_last: Signal<Local, Bits<BLOCK>>,
        row_floor: Signal<Local, Bits<PAGE>>,
        row_end: Signal<Local, Bits<PAGE>>,
        row_owner: Signal<Local, Bits<TENANT>>,
        running: Register<Bit>,
        asked: Register<Bit>,
        accepted: Register<Bit>,
        was_active: Register<Bit>,
        was_sealed: Register<Bit>,
        was_strict: Register<Bit>,
        asked_strict: Register<Bit>,
        asked_plain: Register<Bit>,
        data: Signal<Local, Bits<32>>,
        flags_were: Register<Bits<8>>,
        first_was: Register<Bits<BLOCK>>,
        last_was: Register<Bits<BLOCK>>,
        floor_was: Register<Bits<PAGE>>,
        end_was: Register<Bits<PAGE>>,
        owner_was: Register<Bits<TENANT>>,
        sizes: Sizes<WIDE> = Sizes::of(geometry),
    }
}

kernel! {
    Boot<ADDRESS, TENANT, SLOT, PAGE, BLOCK, WIDE>
    #[hdl_gen]
    fn update(&mut self) registers(running, asked, accepted, was_active, was_sealed, was_strict, asked_strict, asked_plain, flags_were, first_was, last_was, floor_was, end_was, owner_was) {
        // `running` is zero after a reset: cycles before the reset do not count.
        self.running.d.next = true;
        self.was_active.d.next = self.active.val();
        self.was_sealed.d.next = self.sealed.val();
        self.was_strict.d.next = self.strict.val();
        self.data.next = self.register_request_write_data.val();
        if self.register_request_write.val()
            & (self.register_request_address.val() == self.sizes.control.val())
            & ((self.data.val() == 1) | (self.data.val() == 3) | (self.data.val() == 5))
        {
            self.asked.d.next = true;
            self.asked_strict.d.next = self.asked_strict.q.val() | (self.data.val() == 3);
            self.asked_plain.d.next = self.asked_plain.q.val() | (self.data.val() != 3);
        }
        self.holds_accepted.next = true;
        self.is_valid.next = false;
        self.is_held.next = false;
        self.is_guarded.next = false;
        self.row_first.next = 0.into();
        self.row_last.next = 0.into();
        self.row_floor.next = 0.into();
        self.row_end.next = 0.into();
        self.row_owner.next = 0.into();
        for i in 0..self.valid.len() {
            if self.any_slot.val() == i.to_bits::<SLOT>() {
                self.is_valid.next = self.valid[i].val();
                self.is_held.next = self.held[i].val();
                self.is_guarded.next = self.guarded[i].val();
                self.row_first.next = self.first[i].val();
                self.row_last.next = self.last[i].val();
                self.row_floor.next = self.floor[i].val();
                self.row_end.next = self.last_page[i].val();
                self.row_owner.next = self.owner[i].val();
            }
        }
        self.flags.next = bit_cast::<8, 1>(self.is_valid.val().into())
            | (bit_cast::<8, 1>(self.is_held.val().into()) << 1)
            | (bit_cast::<8, 1>(self.is_guarded.val().into()) << 2);
        self.flags_were.d.next = self.flags.val();
        self.first_was.d.next = self.row_first.val();
        self.last_was.d.next = self.row_last.val();
        self.floor_was.d.next = self.row_floor.val();
        self.end_was.d.next = self.row_end.val();
        self.owner_was.d.next = self.row_owner.val();

        self.holds_closed.next = self.active.val()
            | !(self.translate_response_granted.val()
                | self.translate_response_not_mine.val()
                | self.physical_response_allowed.val());
        self.holds_reset.next = self.running.q.val() | (!self.active.val() & !self.sealed.val());
        self.holds_asked.next = (self.asked.q.val() | !self.active.val())
            & (!self.was_active.q.val() | !self.running.q.val() | self.active.val());
        self.holds_strict.next = !self.active.val()
            | ((!self.was_active.q.val() | !self.running.q.val() | (self.strict.val() == self.was_strict.q.val()))
                & (!self.strict.val() | self.asked_strict.q.val())
                & (self.strict.val() | self.asked_plain.q.val()));
        self.pool_begin.next = bit_cast::<WIDE, ADDRESS>(self.pool_base.val());
        self.pool_end.next = (self.pool_begin.val() + bit_cast::<WIDE, ADDRESS>(self.pool_size.val())) - 1;
        self.holds_configuration.next = !self.active.val()
            | (((bit_cast::<WIDE, ADDRESS>(self.window_base.val()) & self.sizes.window_less_one.val()) == 0)
                & ((self.pool_begin.val() & self.sizes.granule_less_one.val()) == 0)
                & (((self.pool_end.val() + 1) & self.sizes.granule_less_one.val()) == 0)
                & (self.pool_size.val() != 0)
                & (self.pool_end.val() <= (self.pool_begin.val() | self.sizes.frame_less_one.val())));
        self.holds_sealed.next = !self.was_sealed.q.val() | self.sealed.val();
        self.holds_frozen.next = !self.was_sealed.q.val()
            | (!self.table_write_enable.val()
                & (self.flags.val() == self.flags_were.q.val())
                & (self.row_first.val() == self.first_was.q.val())
                & (self.row_last.val() == self.last_was.q.val())
                & (self.row_floor.val() == self.floor_was.q.val())
                & (self.row_end.val() == self.end_was.q.val())
                & (self.row_owner.val() == self.owner_was.q.val()));
    }
    when(judged) {
        if self.judged[0].val() & self.authentic[0].val() {
            self.accepted.d.next = true;
        }
        self.holds_accepted.next = self.accepted.q.val()
            | !(self.active.val()
                | self.translate_response_granted.val()
                | self.translate_response_not_mine.val()
                | self.physical_response_allowed.val());
    }
}

//! Isolation: no granted or allowed access touches a guarded block, unless it came through that block's own row.
//!
//! Asked of any row, and of every flight that has met its block guarded from request to answer, whatever is written to other
//! rows meanwhile.

use crate::{flight::Flight, sizes::Sizes};
use pm_interface::Geometry;
use pm_rtl::bus::AccessRequest;
use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// Watches one row's block on both ports.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct Reach<const ADDRESS: usize, const LENGTH: usize, const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize, const WIDE: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high.
    pub reset: Signal<In, Bit>,
    /// Whose block: any row.
    pub any_slot: Signal<In, Bits<SLOT>>,
    /// First byte of the window.
    pub window_base: Signal<In, Bits<ADDRESS>>,
    /// First byte of the frame.
    pub frame_base: Signal<In, Bits<ADDRESS>>,
    /// The translate port.
    pub translate_request: AccessRequest<ADDRESS, LENGTH>,
    /// The physical port.
    pub physical_request: AccessRequest<ADDRESS, LENGTH>,
    /// Its answer.
    pub translate_response_granted: Signal<In, Bit>,
    /// Its answer.
    pub translate_response_slot: Signal<In, Bits<8>>,
    /// Its answer.
    pub translate_response_physical: Signal<In, Bits<ADDRESS>>,
    /// Its answer.
    pub physical_response_allowed: Signal<In, Bit>,
    /// Of each entry of the CAM: it counts.
    pub valid: Vec<Signal<In, Bit>>,
    /// Whose it is.
    pub owner: Vec<Signal<In, Bits<TENANT>>>,
    /// The complement of its first page.
    pub floor: Vec<Signal<In, Bits<PAGE>>>,
    /// Its last page.
    pub last_page: Vec<Signal<In, Bits<PAGE>>>,
    /// Of each row: its block is taken.
    pub held: Vec<Signal<In, Bit>>,
    /// No physical access may reach it.
    pub guarded: Vec<Signal<In, Bit>>,
    /// Its first block.
    pub first: Vec<Signal<In, Bits<BLOCK>>>,
    /// Its last block.
    pub last: Vec<Signal<In, Bits<BLOCK>>>,
    /// A grant that touches the block came through the row, from its tenant.
    pub holds_translate: Signal<Out, Bit>,
    /// Nothing that touches the block is allowed.
    pub holds_physical: Signal<Out, Bit>,
    translate_flight: Flight<ADDRESS, LENGTH>,
    physical_flight: Flight<ADDRESS, LENGTH>,
    is_guarded: Signal<Local, Bit>,
    first_block: Signal<Local, Bits<BLOCK>>,
    last_block: Signal<Local, Bits<BLOCK>>,
    row_owner: Signal<Local, Bits<TENANT>>,
    row_floor: Signal<Local, Bits<PAGE>>,
    row_last: Signal<Local, Bits<PAGE>>,
    block_begin: Signal<Local, Bits<WIDE>>,
    block_end: Signal<Local, Bits<WIDE>>,
    frame: Signal<Local, Bits<WIDE>>,
    window: Signal<Local, Bits<WIDE>>,
    row_begin: Signal<Local, Bits<WIDE>>,
    row_end: Signal<Local, Bits<WIDE>>,
    address: Signal<Local, Bits<WIDE>>,
    final_byte: Signal<Local, Bits<WIDE>>,
    logical: Signal<Local, Bits<WIDE>>,
    logical_end: Signal<Local, Bits<WIDE>>,
    place: Signal<Local, Bits<WIDE>>,
    place_end: Signal<Local, Bits<WIDE>>,
    own: Signal<Local, Bit>,
    steady: Signal<Local, Bit>,
    first_was: Register<Bits<BLOCK>>,
    last_was: Register<Bits<BLOCK>>,
    cycles: Register<Bits<3>>,
    sizes: Sizes<WIDE>,
    _slots: usize,
}

impl<const ADDRESS: usize, const LENGTH: usize, const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize, const WIDE: usize> Reach<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, WIDE> {
    /// For the sizes of `geometry`.
    pub fn new(geometry: &Geometry) -> Self {
        Self {
            valid: vec![Default::default(); geometry.slots],
            owner: vec![Default::default(); geometry.slots],
            floor: vec![Default::default(); geometry.slots],
            last_page: vec![Default::default(); geometry.slots],
            held: vec![Default::default(); geometry.slots],
            guarded: vec![Default::default(); geometry.slots],
            first: vec![Default::default(); geometry.slots],
            last: vec![Default::default(); geometry.slots],
            sizes: Sizes::of(geometry),
            _slots: geometry.slots,
            ..Default::default()
        }
    }
}

impl<const ADDRESS: usize, const LENGTH: usize, const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize, const WIDE: usize> Logic for Reach<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, WIDE> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(first_was, last_was, cycles) {
            self.translate_flight.clock.next = self.clock.val();
            self.translate_flight.reset.next = self.reset.val();
            AccessRequest::<ADDRESS, LENGTH>::link(&mut self.translate_request, &mut self.translate_flight.request);
            self.physical_flight.clock.next = self.clock.val();
            self.physical_flight.reset.next = self.reset.val();
            AccessRequest::<ADDRESS, LENGTH>::link(&mut self.physical_request, &mut self.physical_flight.request);

            self.is_guarded.next = false;
            self.first_block.next = 0.into();
            self.last_block.next = 0.into();
            self.row_owner.next = 0.into();
            self.row_floor.next = 0.into();
            self.row_last.next = 0.into();
            for i in 0..self._slots {
                if self.any_slot.val() == i.to_bits::<SLOT>() {
                    self.is_guarded.next = self.guarded[i].val() & self.held[i].val();
                    self.first_block.next = self.first[i].val();
                    self.last_block.next = self.last[i].val();
                    self.row_owner.next = self.owner[i].val();
                    self.row_floor.next = self.floor[i].val();
                    self.row_last.next = self.last_page[i].val();
                }
            }
            // A flight's worth of cycles in which the block was guarded, as it is now.
            self.first_was.d.next = self.first_block.val();
            self.last_was.d.next = self.last_block.val();
            if !self.cycles.q.val().all() {
                self.cycles.d.next = self.cycles.q.val() + 1;
            }
            if !self.is_guarded.val()
                | (self.first_block.val() != self.first_was.q.val())
                | (self.last_block.val() != self.last_was.q.val())
            {
                self.cycles.d.next = 0.into();
            }
            self.steady.next = self.is_guarded.val()
                & (self.cycles.q.val() >= 5)
                & (self.first_block.val() == self.first_was.q.val())
                & (self.last_block.val() == self.last_was.q.val());

            self.frame.next = bit_cast::<WIDE, ADDRESS>(self.frame_base.val());
            self.window.next = bit_cast::<WIDE, ADDRESS>(self.window_base.val());
            self.block_begin.next = self.frame.val()
                + (bit_cast::<WIDE, BLOCK>(self.first_block.val()) << self.sizes.granule_bits.val());
            self.block_end.next = self.frame.val()
                + (bit_cast::<WIDE, BLOCK>(self.last_block.val()) << self.sizes.granule_bits.val())
                + self.sizes.granule_less_one.val();
            self.row_begin.next = self.window.val()
                + (bit_cast::<WIDE, PAGE>(!self.row_floor.val()) << self.sizes.granule_bits.val());
            self.row_end.next = self.window.val()
                + (bit_cast::<WIDE, PAGE>(self.row_last.val()) << self.sizes.granule_bits.val())
                + self.sizes.granule_less_one.val();

            self.address.next = bit_cast::<WIDE, ADDRESS>(self.physical_flight.arrived.val().address);
            self.final_byte.next =
                (self.address.val() + bit_cast::<WIDE, LENGTH>(self.physical_flight.arrived.val().length)) - 1;
            self.holds_physical.next = !(self.steady.val()
                & self.physical_response_allowed.val()
                & (self.address.val() <= self.block_end.val())
                & (self.final_byte.val() >= self.block_begin.val()));

            self.logical.next = bit_cast::<WIDE, ADDRESS>(self.translate_flight.arrived.val().address);
            self.logical_end.next =
                (self.logical.val() + bit_cast::<WIDE, LENGTH>(self.translate_flight.arrived.val().length)) - 1;
            self.place.next = bit_cast::<WIDE, ADDRESS>(self.translate_response_physical.val());
            self.place_end.next =
                (self.place.val() + bit_cast::<WIDE, LENGTH>(self.translate_flight.arrived.val().length)) - 1;
            // Through the row's own logical range, by its own tenant, and to the same place in the block.
            self.own.next = (bit_cast::<SLOT, 8>(self.translate_response_slot.val()) == self.any_slot.val())
                & (self.translate_flight.arrived.val().tenant == bit_cast::<8, TENANT>(self.row_owner.val()))
                & (self.logical.val() >= self.row_begin.val())
                & (self.logical_end.val() <= self.row_end.val())
                & ((self.logical.val() - self.row_begin.val()) == (self.place.val() - self.block_begin.val()))
                & (self.place_end.val() <= self.block_end.val());
            self.holds_translate.next = !(self.steady.val()
                & self.translate_response_granted.val()
                & (self.place.val() <= self.block_end.val())
                & (self.place_end.val() >= self.block_begin.val()))
                | self.own.val();
        }
    }
}

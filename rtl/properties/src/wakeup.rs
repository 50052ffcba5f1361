//! Wake-up: while a record that an interrupt announces can be read, the interrupt is there, whatever was acknowledged and when.
//!
//! ```text
//!   arrivals --number `any_record`--> place from the front: it waits until it is popped --> its cause is raised?
//! ```
//!
//! The monitor follows one record, which may be any. What it says of the registers of the watch makes the proof one step long.

use pm_interface::registers::irq;
use pm_interface::{Event, Upset};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// Records that a bit of `IRQ_STATUS` announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordSort {
    /// Records of denials.
    Denial,
    /// Records of losses.
    Loss,
    /// Records of repairs, with `integrity`.
    Repair,
}

impl RecordSort {
    /// Instance of the watch that follows the records, in the announcer.
    pub fn watch(self) -> &'static str {
        match self {
            RecordSort::Denial => "denials",
            RecordSort::Loss => "losses",
            RecordSort::Repair => "repairs_0",
        }
    }

    /// Two events that the records have, and the bits of the kind that count.
    fn events(self) -> ([Event; 2], u8) {
        match self {
            RecordSort::Denial => ([Event::TranslateDenied, Event::PhysicalDenied], 0),
            RecordSort::Loss => ([Event::Lost, Event::Lost], 0),
            RecordSort::Repair => ([Event::Integrity, Event::Integrity], 15),
        }
    }

    /// Bit of `IRQ_STATUS`.
    fn cause(self) -> u32 {
        match self {
            RecordSort::Denial => irq::DENIAL,
            RecordSort::Loss => irq::LOST,
            RecordSort::Repair => irq::REPAIRED,
        }
    }
}

block! {
    /// Follows a record through the log.
    pub struct Wakeup {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the design and this monitor restart.
        pub reset: Signal<In, Bit>,
        /// Record that is followed, by its number since reset modulo 256: any record, steady.
        pub any_record: Signal<In, Bits<8>>,
        /// From the next cycle on one more record can be read.
        pub arrives: Signal<In, Bit>,
        /// Event of the record that arrives, as its word 2 has it, valid with `arrives`.
        pub told_event: Signal<In, Bits<4>>,
        /// Kind of the record that arrives, as its word 2 has it, valid with `arrives`.
        pub told_kind: Signal<In, Bits<4>>,
        /// The last word of a record is popped.
        pub leaves: Signal<In, Bit>,
        /// Number of records that can be read.
        pub level: Signal<In, Bits<8>>,
        /// The log shows a record.
        pub shows: Signal<In, Bit>,
        /// Value of `IRQ_STATUS`.
        pub causes: Signal<In, Bits<32>>,
        /// Value of `IRQ_ENABLE`.
        pub enabled: Signal<In, Bits<32>>,
        /// Level of the interrupt output.
        pub irq: Signal<In, Bit>,
        /// Place of the newest record of the sort, from the front.
        pub newest: Signal<In, Bits<8>>,
        /// A record of the sort waits.
        pub some: Signal<In, Bit>,
        /// The newest record of the sort is the oldest record.
        pub last: Signal<In, Bit>,
        /// While a record of the sort can be read, its bit of `IRQ_STATUS` is set, and raises `irq` where enabled.
        pub holds: Signal<Out, Bit>,
        /// The log holds fewer than 255 records; the log has 48 places.
        pub assumed: Signal<Out, Bit>,
        number: Register<Bits<8>>,
        follows: Register<Bit>,
        place: Register<Bits<8>>,
        sort: Register<Bit>,
        placed: Signal<Local, Bit>,
        known: Signal<Local, Bit>,
        // Values for denials; `of` writes those of others.
        first_event: Constant<Bits<4>> = Constant::new(Event::TranslateDenied.code().to_bits()),
        second_event: Constant<Bits<4>> = Constant::new(Event::PhysicalDenied.code().to_bits()),
        kind_mask: Constant<Bits<4>> = Constant::new(0u64.to_bits()),
        repaired: Constant<Bits<4>> = Constant::new(Upset::RowRepaired.code().to_bits()),
        cause: Constant<Bits<32>> = Constant::new(u64::from(irq::DENIAL).to_bits()),
    }
}

impl Wakeup {
    /// The monitor of these records.
    pub fn of(announced: RecordSort) -> Wakeup {
        let ([first, second], kinds) = announced.events();
        Wakeup {
            first_event: Constant::new(first.code().to_bits()),
            second_event: Constant::new(second.code().to_bits()),
            kind_mask: Constant::new(kinds.to_bits()),
            cause: Constant::new(u64::from(announced.cause()).to_bits()),
            ..Wakeup::default()
        }
    }
}

kernel! {
    Wakeup
    #[hdl_gen]
    fn update(&mut self) registers(number, follows, place, sort) {
        if self.leaves.val() & self.follows.q.val() {
            self.place.d.next = self.place.q.val() - 1;
            self.follows.d.next = self.place.q.val() != 1;
        }
        if self.arrives.val() {
            self.number.d.next = self.number.q.val() + 1;
            if (self.number.q.val() == self.any_record.val()) & !self.follows.q.val() {
                self.follows.d.next = true;
                self.place.d.next = self.level.val() + 1;
                if self.leaves.val() {
                    self.place.d.next = self.level.val();
                }
                self.sort.d.next = ((self.told_event.val() == self.first_event.val())
                    | (self.told_event.val() == self.second_event.val()))
                    & ((self.told_kind.val() & self.kind_mask.val())
                        == (self.repaired.val() & self.kind_mask.val()));
            }
        }
        self.placed.next = !self.follows.q.val()
            | ((self.place.q.val() != 0) & (self.place.q.val() <= self.level.val()));
        self.known.next = !self.some.val()
            | ((self.newest.val() != 0)
                & (self.newest.val() <= self.level.val())
                & (self.last.val() == (self.newest.val() == 1))
                & (self.causes.val() & self.cause.val()).any());

        self.holds.next = self.placed.val()
            & self.known.val()
            & (self.shows.val() == (self.level.val() != 0))
            & (!(self.follows.q.val() & self.sort.q.val())
                | (self.some.val()
                    & (self.place.q.val() <= self.newest.val())
                    & (self.irq.val() | !(self.enabled.val() & self.cause.val()).any())));
        self.assumed.next = !self.level.val().all();
    }
}

//! Wake-up: while a record that an interrupt announces can be read, the interrupt is there, whatever was acknowledged and when.
//!
//! ```text
//!   arrivals --number `any_record`--> place from the front: it waits until it is popped --> its cause is raised?
//! ```
//!
//! The monitor follows one record, which may be any. What it says of the registers of the watches makes the proof one step long.

use pm_interface::registers::irq;
use pm_interface::Event;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

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
        /// The last word of a record is popped.
        pub leaves: Signal<In, Bit>,
        /// Number of records that can be read.
        pub level: Signal<In, Bits<8>>,
        /// The log shows a record.
        pub shows: Signal<In, Bit>,
        /// Value of `IRQ_STATUS`.
        pub causes: Signal<In, Bits<6>>,
        /// Value of `IRQ_ENABLE`.
        pub enabled: Signal<In, Bits<6>>,
        /// Level of the interrupt output.
        pub irq: Signal<In, Bit>,
        /// Place of the newest denial, from the front.
        pub newest_denial: Signal<In, Bits<8>>,
        /// A denial waits.
        pub some_denial: Signal<In, Bit>,
        /// The newest denial is the oldest record.
        pub last_denial: Signal<In, Bit>,
        /// Place of the newest record of losses, from the front.
        pub newest_loss: Signal<In, Bits<8>>,
        /// A record of losses waits.
        pub some_loss: Signal<In, Bit>,
        /// The newest record of losses is the oldest record.
        pub last_loss: Signal<In, Bit>,
        /// While a denial can be read, bit 1 of `IRQ_STATUS` is set, and raises `irq` where enabled.
        pub holds_denial: Signal<Out, Bit>,
        /// While a record of losses can be read, bit 3 of `IRQ_STATUS` is set, and raises `irq` where enabled.
        pub holds_loss: Signal<Out, Bit>,
        /// The log holds fewer than 255 records; the log has 48 places.
        pub assumed: Signal<Out, Bit>,
        number: Register<Bits<8>>,
        follows: Register<Bit>,
        place: Register<Bits<8>>,
        denial: Register<Bit>,
        loss: Register<Bit>,
        placed: Signal<Local, Bit>,
        denial_known: Signal<Local, Bit>,
        loss_known: Signal<Local, Bit>,
        translate_event: Constant<Bits<4>> = Constant::new(Event::TranslateDenied.code().to_bits()),
        physical_event: Constant<Bits<4>> = Constant::new(Event::PhysicalDenied.code().to_bits()),
        lost_event: Constant<Bits<4>> = Constant::new(Event::Lost.code().to_bits()),
        denial_cause: Constant<Bits<6>> = Constant::new(u64::from(irq::DENIAL).to_bits()),
        lost_cause: Constant<Bits<6>> = Constant::new(u64::from(irq::LOST).to_bits()),
    }
}

kernel! {
    Wakeup
    #[hdl_gen]
    fn update(&mut self) registers(number, follows, place, denial, loss) {
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
                self.denial.d.next = (self.told_event.val() == self.translate_event.val())
                    | (self.told_event.val() == self.physical_event.val());
                self.loss.d.next = self.told_event.val() == self.lost_event.val();
            }
        }
        self.placed.next = !self.follows.q.val()
            | ((self.place.q.val() != 0) & (self.place.q.val() <= self.level.val()));
        self.denial_known.next = !self.some_denial.val()
            | ((self.newest_denial.val() != 0)
                & (self.newest_denial.val() <= self.level.val())
                & (self.last_denial.val() == (self.newest_denial.val() == 1))
                & (self.causes.val() & self.denial_cause.val()).any());
        self.loss_known.next = !self.some_loss.val()
            | ((self.newest_loss.val() != 0)
                & (self.newest_loss.val() <= self.level.val())
                & (self.last_loss.val() == (self.newest_loss.val() == 1))
                & (self.causes.val() & self.lost_cause.val()).any());

        self.holds_denial.next = self.placed.val()
            & self.denial_known.val()
            & (self.shows.val() == (self.level.val() != 0))
            & (!(self.follows.q.val() & self.denial.q.val())
                | (self.some_denial.val()
                    & (self.place.q.val() <= self.newest_denial.val())
                    & (self.irq.val() | !(self.enabled.val() & self.denial_cause.val()).any())));
        self.holds_loss.next = self.placed.val()
            & self.loss_known.val()
            & (self.shows.val() == (self.level.val() != 0))
            & (!(self.follows.q.val() & self.loss.q.val())
                | (self.some_loss.val()
                    & (self.place.q.val() <= self.newest_loss.val())
                    & (self.irq.val() | !(self.enabled.val() & self.lost_cause.val()).any())));
        self.assumed.next = !self.level.val().all();
    }
}

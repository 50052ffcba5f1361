//! Which causes of interrupts announce a record that can be read?
//!
//! ```text
//!   arrives: event, kind --> denial? -----> RecordWatch --> bit 1
//!                        --> losses? -----> RecordWatch --> bit 3
//!                        --> a repair? ---> RecordWatch --> bit 6    with the feature `integrity`
//!   leaves, level --------> each RecordWatch
//! ```
//!
//! A cause is raised in the cycle before the one in which its record can be read, and in every cycle in which one waits: so no
//! acknowledgement, however late or early, leaves a record without its cause.

use super::record_watch::RecordWatch;
use crate::constants;
use pm_interface::{Event, Upset};
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

/// Arrival and departure of records that can be read, in one cycle.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct Readable {
    /// High: from the next cycle on one more record can be read.
    pub arrives: Bit,
    /// Code of the `Event` of the record that arrives; valid with `arrives`.
    pub event: Bits<4>,
    /// Kind of access, code of a command or of an upset of the record that arrives; valid with `arrives`.
    pub kind: Bits<4>,
    /// High: the last word of a record is popped in this cycle.
    pub leaves: Bit,
    /// Number of records that can be read in this cycle.
    pub level: Bits<8>,
}

constants! {
    /// Codes of the events that a cause announces.
    pub struct Announced: Bits<4> {
        /// The translate port refused an access.
        translate = Event::TranslateDenied.code(),
        /// The physical port refused an access.
        physical = Event::PhysicalDenied.code(),
        /// Denials or commands were counted in place of being recorded.
        lost = Event::Lost.code(),
        /// A bit was lost.
        integrity = Event::Integrity.code(),
        /// Kind of that event: the patrol repaired a row.
        repaired = Upset::RowRepaired.code(),
    }
}

block! {
    /// Raises the causes of the records that wait to be read.
    pub struct RecordAnnouncer for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no record waits.
        pub reset: Signal<In, Bit>,
        /// Arrival and departure of records that can be read, in this cycle.
        pub readable: Signal<In, Readable>,
        /// Causes whose records can be read from the next cycle on: bits of `IRQ_STATUS`.
        pub causes: Signal<Out, Bits<6>>,
        denials: RecordWatch,
        losses: RecordWatch,
        codes: Announced,
        /// High: a record of a repair can be read from the next cycle on.
        pub repaired: Signal<Out, Bit> where integrity,
        repairs: RecordWatch where integrity,
    }
}

kernel! {
    RecordAnnouncer
    #[hdl_gen]
    fn update(&mut self) blocks(denials, losses) {
        self.denials.arrives.next = self.readable.val().arrives
            & ((self.readable.val().event == self.codes.translate.val())
                | (self.readable.val().event == self.codes.physical.val()));
        self.denials.leaves.next = self.readable.val().leaves;
        self.denials.level.next = self.readable.val().level;
        self.losses.arrives.next = self.readable.val().arrives & (self.readable.val().event == self.codes.lost.val());
        self.losses.leaves.next = self.readable.val().leaves;
        self.losses.level.next = self.readable.val().level;
        self.causes.next = (bit_cast::<6, 1>(self.denials.waits.val().into()) << 1)
            | (bit_cast::<6, 1>(self.losses.waits.val().into()) << 3);
    }
    when(repaired) blocks(repairs) {
        self.repairs[0].arrives.next = self.readable.val().arrives
            & (self.readable.val().event == self.codes.integrity.val())
            & (self.readable.val().kind == self.codes.repaired.val());
        self.repairs[0].leaves.next = self.readable.val().leaves;
        self.repairs[0].level.next = self.readable.val().level;
        self.repaired[0].next = self.repairs[0].waits.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::registers::irq;
    use pm_interface::Geometry;

    /// Causes that are raised for a record of an event and a kind that arrives in an empty log.
    fn raised(geometry: &str, event: Event, kind: u8) -> u32 {
        let mut announcer = RecordAnnouncer::new(&Geometry::preset(geometry).unwrap());
        announcer.connect_all();
        announcer.readable.next =
            Readable { arrives: true, event: event.code().to_bits(), kind: kind.to_bits(), leaves: false, level: 0u64.to_bits() };
        simulate(&mut announcer, 100);
        let repaired = announcer.repaired.iter().any(|repaired| repaired.val());
        announcer.causes.val().to_u64() as u32 | if repaired { irq::REPAIRED } else { 0 }
    }

    #[test]
    fn a_record_raises_the_cause_that_announces_it_and_no_other() {
        for geometry in ["tiny", "tiny+integrity"] {
            for event in Event::ALL {
                for kind in 0..4 {
                    let repair = *event == Event::Integrity && kind == Upset::RowRepaired.code() && geometry != "tiny";
                    let expected = match event {
                        Event::TranslateDenied | Event::PhysicalDenied => irq::DENIAL,
                        Event::Lost => irq::LOST,
                        Event::Integrity if repair => irq::REPAIRED,
                        _ => 0,
                    };
                    assert_eq!(raised(geometry, *event, kind), expected, "{geometry}: {event} of kind {kind}");
                }
            }
        }
    }
}

//! The places of the log: who may begin a record, and how many can be read?
//!
//! ```text
//!   begun ----(+1)--> claimed --> room: command > boot > denial    a place is claimed when its record is begun
//!   readable -(+1)--> level ----> some                             and read once the record is whole
//!   freed ----(-1)--> both                                         and free when its last word is popped
//! ```

use crate::constants;
use pm_interface::{AUDIT_RECORDS, AUDIT_RESERVED};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

constants! {
    /// Sizes of the log, in records.
    pub struct AuditSizes: Bits<8> {
        /// Room for commands and boot: all of it.
        all = AUDIT_RECORDS as u8,
        /// Room for boot records: one place is left for a command that has begun.
        boot = (AUDIT_RECORDS - 1) as u8,
        /// Room for denials.
        denials = (AUDIT_RECORDS - AUDIT_RESERVED) as u8,
    }
}

/// Permission to begin a record, by source.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct Room {
    /// High: a command may begin.
    pub command: Bit,
    /// High: the boot gate, the manifest loader or the patrol may begin a record.
    pub boot: Bit,
    /// High: a denial, or the count of lost ones, may be recorded.
    pub denial: Bit,
}

block! {
    /// Counts the places of the log.
    pub struct AuditPlaces for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: every place is free.
        pub reset: Signal<In, Bit>,
        /// High: a record begins in this cycle.
        pub begun: Signal<In, Bit>,
        /// High: from the next cycle on one more record can be read.
        pub readable: Signal<In, Bit>,
        /// High: the last word of a record is popped in this cycle.
        pub freed: Signal<In, Bit>,
        /// Permissions of the next record, three edges after the last change of places.
        pub room: Signal<Out, Room>,
        /// Number of records that can be read.
        pub level: Signal<Out, Bits<8>>,
        /// High while `level` is not zero.
        pub some: Signal<Out, Bit>,
        level_held: Register<Bits<8>>,
        some_held: Register<Bit>,
        claimed: Register<Bits<8>> where guarded,
        begun_held: Register<Bit>,
        freed_held: Register<Bit>,
        room_held: Register<Room>,
        sizes: AuditSizes,
        /// High while the number of claimed places has lost no bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    AuditPlaces
    #[hdl_gen]
    fn update(&mut self) guarded(claimed) registers(level_held, some_held, begun_held, freed_held, room_held) {
        if self.readable.val() & !self.freed.val() {
            self.level_held.d.next = self.level_held.q.val() + 1;
            self.some_held.d.next = true;
        } else if self.freed.val() & !self.readable.val() {
            self.level_held.d.next = self.level_held.q.val() - 1;
            self.some_held.d.next = self.level_held.q.val() != 1;
        }
        self.begun_held.d.next = self.begun.val();
        self.freed_held.d.next = self.freed.val();
        if self.begun_held.q.val() & !self.freed_held.q.val() {
            self.claimed.d.next = self.claimed.q.val() + 1;
        } else if self.freed_held.q.val() & !self.begun_held.q.val() {
            self.claimed.d.next = self.claimed.q.val() - 1;
        }
        // Two cycles late, which costs no place: a record takes longer than two cycles to write, and each of the three sources
        // leaves room for the record that another source may begin in this time.
        self.room_held.d.next.command = self.claimed.q.val() < self.sizes.all.val();
        self.room_held.d.next.boot = self.claimed.q.val() < self.sizes.boot.val();
        self.room_held.d.next.denial = self.claimed.q.val() < self.sizes.denials.val();
        self.room.next = self.room_held.q.val();
        self.level.next = self.level_held.q.val();
        self.some.next = self.some_held.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::Geometry;

    /// Room for commands, boot and denials, and the level, after so many records were begun, became readable and were freed.
    fn state(begun: usize, readable: usize, freed: usize) -> (bool, bool, bool, u64, bool) {
        let mut places = AuditPlaces::new(&Geometry::preset("tiny").unwrap());
        places.connect_all();
        for cycle in 0..begun + 4 {
            places.begun.next = cycle < begun;
            places.readable.next = cycle < readable;
            places.freed.next = (1..=freed).contains(&cycle);
            for level in [true, false] {
                simulate(&mut places, 100);
                places.clock.next = level.into();
                simulate(&mut places, 100);
            }
        }
        let room = places.room.val();
        (room.command, room.boot, room.denial, places.level.val().to_u64(), places.some.val())
    }

    #[test]
    fn the_last_places_are_for_commands_and_boot() {
        let check = |begun: usize, readable: usize, freed: usize, expected: (bool, bool, bool, u64, bool)| {
            assert_eq!(state(begun, readable, freed), expected, "{begun} begun, {readable} readable, {freed} freed");
        };
        let (all, denials) = (AUDIT_RECORDS, AUDIT_RECORDS - AUDIT_RESERVED);
        check(0, 0, 0, (true, true, true, 0, false));
        check(1, 0, 0, (true, true, true, 0, false));
        check(1, 1, 0, (true, true, true, 1, true));
        check(1, 1, 1, (true, true, true, 0, false));
        check(denials - 1, 3, 0, (true, true, true, 3, true));
        check(denials, 0, 0, (true, true, false, 0, false));
        check(denials, 1, 1, (true, true, true, 0, false));
        check(all - 2, 5, 2, (true, true, denials > all - 4, 3, true));
        check(all - 1, 0, 0, (true, false, false, 0, false));
        check(all, 0, 0, (false, false, false, 0, false));
        check(all, all, 0, (false, false, false, all as u64, true));
        check(all, 1, 1, (true, false, false, 0, false));
    }
}

//! The arbiter of the log: whose record is written next?
//!
//! ```text
//!   command > boot > (while there is room) denials, ports in turn > losses
//! ```

use super::audit_entry::Source;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Chooses a source. Commands and boot have had their place since they began; denials and losses need room.
    pub struct AuditArbiter {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the translate port has the first turn.
        pub reset: Signal<In, Bit>,
        /// High while the log has room for a denial or a loss record.
        pub denial_room: Signal<In, Bit>,
        /// High while the command engine has a record.
        pub command_valid: Signal<In, Bit>,
        /// High while the boot gate, the manifest loader or the patrol has a record.
        pub boot_valid: Signal<In, Bit>,
        /// High while a denial of the translate port waits.
        pub translate_valid: Signal<In, Bit>,
        /// High while a denial of the physical port waits.
        pub physical_valid: Signal<In, Bit>,
        /// High while losses wait to be recorded.
        pub loss_valid: Signal<In, Bit>,
        /// High: the writer begins the record of `chosen` in this cycle.
        pub begun: Signal<In, Bit>,
        /// Source of the next record; `Idle` when no record waits.
        pub chosen: Signal<Out, Source>,
        prefers_physical: Register<Bit>,
    }
}

kernel! {
    AuditArbiter
    #[hdl_gen]
    fn update(&mut self) registers(prefers_physical) {
        self.chosen.next = Source::Idle;
        if self.command_valid.val() {
            self.chosen.next = Source::Command;
        } else if self.boot_valid.val() {
            self.chosen.next = Source::Boot;
        } else if self.denial_room.val() {
            if self.translate_valid.val() & !(self.physical_valid.val() & self.prefers_physical.q.val()) {
                self.chosen.next = Source::Translate;
            } else if self.physical_valid.val() {
                self.chosen.next = Source::Physical;
            } else if self.loss_valid.val() {
                self.chosen.next = Source::Lost;
            }
        }
        // Records of other sources between them change nothing: the port that was not served last goes first.
        if self.begun.val() & (self.chosen.val() == Source::Translate) {
            self.prefers_physical.d.next = true;
        } else if self.begun.val() & (self.chosen.val() == Source::Physical) {
            self.prefers_physical.d.next = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMAND: u32 = 1;
    const BOOT: u32 = 2;
    const TRANSLATE: u32 = 4;
    const PHYSICAL: u32 = 8;
    const LOSS: u32 = 16;
    const ROOM: u32 = 32;

    /// The choices for what waits in each cycle, when every choice is taken.
    fn chosen(cycles: &[u32]) -> Vec<Source> {
        let mut arbiter = AuditArbiter::default();
        arbiter.connect_all();
        let mut chosen = Vec::new();
        for waits in cycles {
            arbiter.command_valid.next = waits & COMMAND != 0;
            arbiter.boot_valid.next = waits & BOOT != 0;
            arbiter.translate_valid.next = waits & TRANSLATE != 0;
            arbiter.physical_valid.next = waits & PHYSICAL != 0;
            arbiter.loss_valid.next = waits & LOSS != 0;
            arbiter.denial_room.next = waits & ROOM != 0;
            arbiter.begun.next = true;
            simulate(&mut arbiter, 100);
            chosen.push(arbiter.chosen.val());
            for level in [true, false] {
                arbiter.clock.next = level.into();
                simulate(&mut arbiter, 100);
            }
        }
        chosen
    }

    #[test]
    fn the_more_important_record_is_first_and_ports_take_turns() {
        use Source::{Boot, Command, Idle, Lost, Physical, Translate};
        let check = |cycles: &[u32], expected: &[Source]| assert_eq!(chosen(cycles), expected, "{cycles:?}");
        let denials = TRANSLATE | PHYSICAL;
        check(&[0], &[Idle]);
        check(&[ROOM], &[Idle]);
        check(&[COMMAND | BOOT | denials | LOSS | ROOM], &[Command]);
        check(&[BOOT | denials | LOSS | ROOM], &[Boot]);
        check(&[COMMAND], &[Command]);
        check(&[BOOT], &[Boot]);
        // Without room denials and losses wait.
        check(&[denials | LOSS], &[Idle]);
        check(&[TRANSLATE | LOSS | ROOM], &[Translate]);
        check(&[PHYSICAL | LOSS | ROOM], &[Physical]);
        check(&[LOSS | ROOM], &[Lost]);
        check(&[denials | ROOM; 4], &[Translate, Physical, Translate, Physical]);
        check(&[TRANSLATE | ROOM, TRANSLATE | ROOM], &[Translate, Translate]);
        check(&[PHYSICAL | ROOM, denials | ROOM], &[Physical, Translate]);
        // A record of another source between them takes no turn.
        for (waits, other) in [(COMMAND, Command), (BOOT, Boot), (LOSS, Lost)] {
            check(&[denials | ROOM, waits | ROOM, denials | ROOM], &[Translate, other, Physical]);
            check(&[PHYSICAL | ROOM, waits | ROOM, denials | ROOM], &[Physical, other, Translate]);
        }
    }
}

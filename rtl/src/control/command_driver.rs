//! The command driver: which orders does a step give?
//!
//! ```text
//!   Decide, Probe: the allocator begins     Reserve, Update, Revoke, Free, Shrink: the row is written, a cycle later
//!   Scan: it is called back when refused    Reserve, Shrink .. Update, Free: the tail of RESIZE is guarded
//!                                           Record: the record is offered, from the second cycle on   Done: the end
//! ```
//!
//! Each order defaults to none, and a step of a refused command writes no row. The driver must never make a row valid before the
//! block of the row is scrubbed, nor open a block before that.

use super::{command_decoder::CommandKind, command_sequencer::CommandState};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// A write to the store: everything but the row and its slot.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct TableOrder {
    /// High: the row is written at the next edge.
    pub enable: Bit,
    /// High: accesses may be granted through the row.
    pub valid: Bit,
    /// High: the block of the row is taken.
    pub held: Bit,
    /// High: no physical access may reach the block.
    pub guarded: Bit,
}

block! {
    /// Drives the store, the allocator and the log as a command's step demands.
    pub struct CommandDriver for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no row is written, and no tail is guarded.
        pub reset: Signal<In, Bit>,
        /// Step that the command is at.
        pub state: Signal<In, CommandState>,
        /// Command that runs.
        pub kind: Signal<In, CommandKind>,
        /// High: the command is refused.
        pub refused: Signal<In, Bit>,
        /// High: the log had no room, and the command leaves no record.
        pub no_room: Signal<In, Bit>,
        /// High: PROTECT would isolate a shared block; read in Update.
        pub exposes: Signal<In, Bit>,
        /// High: RESIZE makes the row larger.
        pub grows: Signal<In, Bit>,
        /// High: the row that is written is isolated.
        pub isolated: Signal<In, Bit>,
        /// High: another row has the block of the row that was read three cycles before.
        pub shared: Signal<In, Bit>,
        /// High: the command ends with `Ok` and is about a row.
        pub names_slot: Signal<In, Bit>,
        /// High: the log takes the record at this edge.
        pub record_taken: Signal<In, Bit>,
        /// Write to the store, a cycle after the step that orders it; slot and row are steady since before.
        pub table_order: Signal<Out, TableOrder>,
        /// High: no physical access may reach the tail of RESIZE.
        pub tail_guarded: Signal<Out, Bit>,
        /// High: another row had the block when the command measured or revoked it.
        pub block_shared: Signal<Out, Bit>,
        /// High: the shadow writer maps the pages of the command; low: the shadow writer unmaps the pages.
        pub mapped: Signal<Out, Bit>,
        /// High: the allocator begins.
        pub scan_start: Signal<Out, Bit>,
        /// High: the allocator stops, because the command is refused.
        pub scan_stop: Signal<Out, Bit>,
        /// High for one cycle: the command was refused for want of room in the log.
        pub audit_refused: Signal<Out, Bit>,
        /// High while the record waits for the log.
        pub record_valid: Signal<Out, Bit>,
        /// High for one cycle: the operand registers are loaded with the row that QUERY or FIND read.
        pub show: Signal<Out, Bit>,
        /// High in the last cycle of a command.
        pub done: Signal<Out, Bit>,
        order: Register<TableOrder> where guarded,
        guarding: Register<Bit> where guarded,
        was_shared: Register<Bit> where guarded,
        recording: Register<Bit> where guarded,
        shows: Register<Bit> where guarded,
        dynamic: Constant<Bit> = Constant::new(geometry.features.dynamic),
        /// High while no register of this block has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
        /// High: the command rests on a row with a wrong bit.
        pub flawed: Signal<In, Bit> where integrity,
    }
}

kernel! {
    CommandDriver
    #[hdl_gen]
    fn update(&mut self) guarded(order, guarding, was_shared, recording, shows) {
        self.order.d.next.enable = false;
        self.order.d.next.valid = false;
        self.order.d.next.held = false;
        self.order.d.next.guarded = true;
        self.recording.d.next = false;
        self.shows.d.next = false;
        self.scan_start.next = false;
        self.scan_stop.next = false;
        self.audit_refused.next = false;
        self.done.next = false;
        match self.state.val() {
            CommandState::Decide => {
                self.scan_start.next = self.kind.val().create | self.kind.val().find;
            }
            CommandState::Scan => {
                self.scan_stop.next = self.refused.val();
            }
            CommandState::Reserve => {
                // The tail of a row that grows is guarded beside it, and a shared block stays as it is.
                self.order.d.next.enable = !self.refused.val() & !self.kind.val().resize;
                self.order.d.next.held = true;
                self.order.d.next.guarded = !self.kind.val().share;
                self.guarding.d.next = !self.refused.val() & self.kind.val().resize;
            }
            // SEC_CM: STORE.ATOMIC
            CommandState::Update => {
                self.order.d.next.enable = !self.refused.val() & !self.exposes.val();
                self.order.d.next.valid = true;
                self.order.d.next.held = true;
                self.order.d.next.guarded = self.isolated.val();
                self.guarding.d.next = false;
            }
            CommandState::Revoke => {
                self.order.d.next.enable = !self.refused.val();
                self.order.d.next.held = true;
                // A shared block stays open for the rows that still use the block.
                self.was_shared.d.next = self.dynamic.val() & self.shared.val();
                self.order.d.next.guarded = !(self.dynamic.val() & self.shared.val());
            }
            CommandState::Free => {
                self.order.d.next.enable = !self.kind.val().resize;
                self.order.d.next.guarded = false;
                self.guarding.d.next = false;
            }
            CommandState::Record => {
                self.recording.d.next = !self.no_room.val() & !self.record_taken.val();
                self.audit_refused.next = self.no_room.val();
                if self.record_taken.val() | self.no_room.val() {
                    self.shows.d.next = self.names_slot.val() & (self.kind.val().query | self.kind.val().find);
                }
            }
            CommandState::Done => {
                self.done.next = true;
            }
            CommandState::Measure => {
                self.was_shared.d.next = self.dynamic.val() & self.shared.val();
            }
            CommandState::Probe => {
                // The allocator starts early, as in Decide, and is called back when the command is refused.
                self.scan_start.next = self.kind.val().share | self.grows.val();
            }
            // The end moves in, and the tail is guarded, at the same edge.
            CommandState::Shrink => {
                self.order.d.next.enable = true;
                self.order.d.next.valid = true;
                self.order.d.next.held = true;
                self.order.d.next.guarded = self.isolated.val();
                self.guarding.d.next = true;
            }
            _ => {}
        }
        self.table_order.next = self.order.q.val();
        self.tail_guarded.next = self.guarding.q.val();
        self.block_shared.next = self.was_shared.q.val();
        self.mapped.next = self.kind.val().create | self.kind.val().share | (self.kind.val().resize & self.grows.val());
        self.record_valid.next = self.recording.q.val();
        self.show.next = self.shows.q.val();
    }
    when(flawed) {
        if self.flawed[0].val() {
            self.order.d.next.enable = false;
            self.scan_start.next = false;
            self.scan_stop.next = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::command_decoder::tests::kind_of;
    use super::CommandState::*;
    use super::*;
    use pm_interface::Command::{self, Create, Destroy, Find, Lock, Protect, Query, Resize, Share};
    use pm_interface::Geometry;

    const NONE: TableOrder = TableOrder { enable: false, valid: false, held: false, guarded: true };
    /// The row is not valid, and its block is taken and guarded.
    const HOLD: TableOrder = TableOrder { enable: true, valid: false, held: true, guarded: true };
    /// The row is not valid, and its block is taken and open.
    const HOLD_OPEN: TableOrder = TableOrder { guarded: false, ..HOLD };
    const VALID: TableOrder = TableOrder { enable: true, valid: true, held: true, guarded: false };
    const ISOLATED: TableOrder = TableOrder { guarded: true, ..VALID };
    const FREE: TableOrder = TableOrder { enable: true, valid: false, held: false, guarded: false };

    fn at(step: CommandState, command: Command) -> CommandDriver {
        let mut driver = CommandDriver::new(&Geometry::preset("tiny+dynamic+integrity").unwrap());
        driver.connect_all();
        driver.state.next = step;
        driver.kind.next = kind_of(command);
        driver
    }

    /// Checks the write a cycle after a step.
    #[track_caller]
    fn check(step: CommandState, command: Command, stimulus: fn(&mut CommandDriver), expected: TableOrder) {
        let mut driver = at(step, command);
        stimulus(&mut driver);
        tick!(driver);
        let (table, held) = (driver.table_order.val(), expected.enable);
        // Without `enable` the remaining fields do not matter.
        assert_eq!(table.enable, held, "{command:?} at {step:?}");
        assert!(!held || table == expected, "{command:?} at {step:?}: {table:?}");
    }

    fn fine(_: &mut CommandDriver) {}

    fn refused(driver: &mut CommandDriver) {
        driver.refused.next = true;
    }

    #[test]
    fn what_is_written() {
        check(Reserve, Create, fine, HOLD);
        check(Reserve, Share, fine, HOLD_OPEN);
        check(Reserve, Resize, fine, NONE);
        for command in [Create, Share, Protect, Lock, Resize] {
            check(Update, command, fine, VALID);
            check(Update, command, |driver| driver.isolated.next = true, ISOLATED);
        }
        check(Update, Protect, |driver| driver.exposes.next = true, NONE);
        check(Revoke, Destroy, fine, HOLD);
        check(Revoke, Destroy, |driver| driver.shared.next = true, HOLD_OPEN);
        check(Free, Destroy, fine, FREE);
        check(Free, Resize, fine, NONE);
        check(Shrink, Resize, fine, VALID);
        check(Shrink, Resize, |driver| driver.isolated.next = true, ISOLATED);
        for step in [Idle, Decide, Scan, Choose, Settle, Scrub, Map, Unmap, Fetch, Read, Record, Done] {
            check(step, Create, fine, NONE);
        }
        for step in [Measure, Compare, Weigh, Probe] {
            check(step, Resize, fine, NONE);
        }
    }

    #[test]
    fn a_refused_command_writes_nothing() {
        check(Reserve, Create, refused, NONE);
        check(Reserve, Share, refused, NONE);
        check(Revoke, Destroy, refused, NONE);
        for command in [Create, Share, Protect, Lock, Resize] {
            check(Update, command, refused, NONE);
        }
        // A command that rests on a row with a wrong bit writes no row either.
        for (step, command) in [(Reserve, Create), (Update, Protect), (Revoke, Destroy), (Free, Destroy), (Shrink, Resize)] {
            check(step, command, |driver| driver.flawed[0].next = true, NONE);
        }
    }

    #[test]
    fn what_is_driven_at_a_step() {
        // The allocator begins, the allocator stops, a refusal without a record is counted, the command ends.
        let check = |step, command, stimulus: fn(&mut CommandDriver), expected: [bool; 4]| {
            let mut driver = at(step, command);
            stimulus(&mut driver);
            simulate(&mut driver, 100);
            let driven = [driver.scan_start.val(), driver.scan_stop.val(), driver.audit_refused.val(), driver.done.val()];
            assert_eq!(driven, expected, "{command:?} at {step:?}");
        };
        let none = [false; 4];
        check(Decide, Create, fine, [true, false, false, false]);
        check(Decide, Find, fine, [true, false, false, false]);
        check(Decide, Destroy, fine, none);
        check(Decide, Share, fine, none);
        check(Probe, Share, fine, [true, false, false, false]);
        check(Probe, Resize, fine, none);
        check(Probe, Resize, |driver| driver.grows.next = true, [true, false, false, false]);
        check(Scan, Create, fine, none);
        check(Scan, Create, refused, [false, true, false, false]);
        check(Scan, Create, |driver| driver.flawed[0].next = true, [false, true, false, false]);
        check(Record, Create, fine, none);
        check(Record, Create, |driver| driver.no_room.next = true, [false, false, true, false]);
        check(Done, Create, fine, [false, false, false, true]);
        check(Idle, Create, fine, none);
    }

    #[test]
    fn what_is_told_after_a_step() {
        // The tail is guarded, the record is offered, the operand registers are loaded.
        let check = |step, command, stimulus: fn(&mut CommandDriver), expected: [bool; 3]| {
            let mut driver = at(step, command);
            stimulus(&mut driver);
            tick!(driver);
            let told = [driver.tail_guarded.val(), driver.record_valid.val(), driver.show.val()];
            assert_eq!(told, expected, "{command:?} at {step:?}");
        };
        check(Reserve, Resize, fine, [true, false, false]);
        check(Reserve, Resize, refused, [false, false, false]);
        check(Reserve, Create, fine, [false, false, false]);
        check(Shrink, Resize, fine, [true, false, false]);
        check(Record, Query, fine, [false, true, false]);
        fn taken(driver: &mut CommandDriver) {
            driver.record_taken.next = true;
            driver.names_slot.next = true;
        }
        check(Record, Query, taken, [false, false, true]);
        check(Record, Find, taken, [false, false, true]);
        check(Record, Create, taken, [false, false, false]);
        check(Record, Query, |driver| driver.record_taken.next = true, [false, false, false]);
        check(Record, Query, |driver| driver.no_room.next = true, [false, false, false]);
    }

    #[test]
    fn a_tail_is_guarded_until_it_is_scrubbed() {
        let mut driver = at(Shrink, Resize);
        tick!(driver);
        for step in [Unmap, Scrub, Free] {
            driver.state.next = step;
            simulate(&mut driver, 100);
            assert!(driver.tail_guarded.val(), "{step:?}");
            tick!(driver);
        }
        assert!(!driver.tail_guarded.val());
    }
}

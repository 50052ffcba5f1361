//! The command's outcome: what do software and the log read of the command?
//!
//! ```text
//!   judge --status, refuses--[edge]--> status, refused --+--> record --> log
//!   SEAL, Done --[edge]--> sealed                        '--[edge, Done]--> result --> RESULT
//! ```
//!
//! A command that is refused stays refused until the next one. The block must never lose a refusal, because `refused` keeps every
//! later step from writing.

use super::{
    audit::AuditEntry,
    command_bank::{CommandResult, Operands},
    command_decoder::CommandKind,
    command_sequencer::CommandState,
};
use crate::constants::Statuses;
use pm_interface::Event;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Keeps the status of the command, and makes its record and its result.
    pub struct CommandOutcome<ADDRESS, TENANT, SLOT> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: not sealed, and the last result is zero.
        pub reset: Signal<In, Bit>,
        /// Step that the command is at.
        pub state: Signal<In, CommandState>,
        /// Code of the command.
        pub code: Signal<In, Bits<4>>,
        /// Command that runs.
        pub kind: Signal<In, CommandKind>,
        /// Operands of the command, steady while it runs.
        pub operands: Signal<In, Operands<ADDRESS>>,
        /// Status that the judge gives; taken in Decide, Weigh and Choose.
        pub judged: Signal<In, Bits<4>>,
        /// High: that status is not `Ok`.
        pub refuses: Signal<In, Bit>,
        /// High: PROTECT would isolate a shared block; taken in Update.
        pub exposes: Signal<In, Bit>,
        /// High while the log has room for the command's record; taken in Decide.
        pub audit_room: Signal<In, Bit>,
        /// High while the boot gate is open and no alarm has closed it.
        pub active: Signal<In, Bit>,
        /// High: the slot exists, and its row is valid; read in Decide.
        pub slot_live: Signal<In, Bit>,
        /// Tenant of the row that the command works on.
        pub tenant: Signal<In, Bits<TENANT>>,
        /// Slot of that row.
        pub slot: Signal<In, Bits<SLOT>>,
        /// First logical byte of that row.
        pub logical: Signal<In, Bits<ADDRESS>>,
        /// First physical byte of that row.
        pub physical: Signal<In, Bits<ADDRESS>>,
        /// High: the command is refused; valid from the step after Decide to Done.
        pub refused: Signal<Out, Bit>,
        /// High: the log had no room, and the command leaves no record.
        pub no_room: Signal<Out, Bit>,
        /// High: the command ends with `Ok` and is about a row.
        pub names_slot: Signal<Out, Bit>,
        /// High from SEAL to reset: no row may change.
        pub sealed: Signal<Out, Bit>,
        /// Result of the last command that ended.
        pub result: Signal<Out, CommandResult<ADDRESS>>,
        /// Record of the command; valid in Record.
        pub record: Signal<Out, AuditEntry<ADDRESS>>,
        status: Register<Bits<4>> where guarded,
        finished: Register<CommandResult<ADDRESS>>,
        seal: Register<Bit> where guarded,
        found: Register<Bit>,
        stopped: Register<Bit> where guarded,
        unlogged: Register<Bit> where guarded,
        statuses: Statuses,
        event: Constant<Bits<4>> = Constant::new(Event::Command.code().to_bits()),
        /// High while no register of this block has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
        /// High: the command rests on a row with a wrong bit.
        pub flawed: Signal<In, Bit> where integrity,
        /// High: an alarm has closed everything until reset.
        pub tripped: Signal<In, Bit> where integrity,
        finished_check: Register<Bit> where integrity,
    }
}

kernel! {
    CommandOutcome<ADDRESS, TENANT, SLOT>
    #[hdl_gen]
    fn update(&mut self) registers(finished, found) guarded(status, seal, stopped, unlogged) {
        self.names_slot.next = (self.status.q.val() == self.statuses.ok.val()) & !self.kind.val().seal;
        match self.state.val() {
            CommandState::Idle => {
                self.found.d.next = false;
                self.status.d.next = self.statuses.ok.val();
            }
            CommandState::Decide => {
                self.found.d.next = self.kind.val().uses_slot
                    & !self.kind.val().share
                    & self.audit_room.val()
                    & self.active.val()
                    & (!self.seal.q.val() | self.kind.val().query)
                    & self.slot_live.val();
                self.status.d.next = self.judged.val();
                self.stopped.d.next = self.refuses.val();
                self.unlogged.d.next = !self.audit_room.val();
            }
            CommandState::Weigh => {
                self.status.d.next = self.judged.val();
                self.stopped.d.next = self.refuses.val();
            }
            CommandState::Choose => {
                self.status.d.next = self.judged.val();
                self.stopped.d.next = self.refuses.val();
            }
            CommandState::Update => {
                if self.exposes.val() & !self.stopped.q.val() {
                    self.status.d.next = self.judged.val();
                    self.stopped.d.next = true;
                }
            }
            CommandState::Done => {
                if self.kind.val().seal & !self.stopped.q.val() {
                    self.seal.d.next = true;
                }
                self.finished.d.next.status = self.status.q.val();
                self.finished.d.next.slot = 0.into();
                self.finished.d.next.physical = 0.into();
                if self.names_slot.val() {
                    self.finished.d.next.slot = bit_cast::<8, SLOT>(self.slot.val());
                    self.finished.d.next.physical = self.physical.val();
                }
            }
            _ => {}
        }
        self.refused.next = self.stopped.q.val();
        self.no_room.next = self.unlogged.q.val();
        self.sealed.next = self.seal.q.val();
        self.result.next = self.finished.q.val();

        self.record.next.event = self.event.val();
        self.record.next.tenant = self.operands.val().tenant;
        self.record.next.slot = 0.into();
        self.record.next.kind = self.code.val();
        self.record.next.reason = self.status.q.val();
        self.record.next.address = 0.into();
        if self.kind.val().create | self.kind.val().find | self.kind.val().share {
            self.record.next.address = self.operands.val().logical;
        }
        if self.kind.val().uses_slot {
            self.record.next.slot = self.operands.val().slot;
        }
        // SHARE names the row whose block it is about.
        if self.names_slot.val() & !self.kind.val().share {
            self.record.next.slot = bit_cast::<8, SLOT>(self.slot.val());
        }
        if self.found.q.val() {
            self.record.next.tenant = bit_cast::<8, TENANT>(self.tenant.val());
            self.record.next.address = self.logical.val();
        }
    }
    // A command that read a row with a wrong bit has changed nothing, and ends with `Integrity`.
    when(flawed) {
        if self.tripped[0].val() & (self.state.val() == CommandState::Decide) & self.audit_room.val() {
            self.status.d.next = self.statuses.integrity.val();
        }
        if self.flawed[0].val() {
            self.found.d.next = false;
            self.stopped.d.next = true;
            self.status.d.next = self.statuses.integrity.val();
        }
    }
    // The parity of the result, made of what the result is made of.
    when(intact) registers(finished_check) {
        if self.state.val() == CommandState::Done {
            self.finished_check[0].d.next = self.status.q.val().xor();
            if self.names_slot.val() {
                self.finished_check[0].d.next =
                    self.status.q.val().xor() ^ self.slot.val().xor() ^ self.physical.val().xor();
            }
        }
        self.intact[0].next = self.intact[0].val()
            & !(self.finished_check[0].q.val()
                ^ self.finished.q.val().status.xor()
                ^ self.finished.q.val().slot.xor()
                ^ self.finished.q.val().physical.xor());
    }
}

#[cfg(test)]
mod tests {
    use super::super::command_decoder::tests::kind_of;
    use super::CommandState::*;
    use super::*;
    use pm_interface::{Command, Geometry, Status};

    type Small = CommandOutcome<16, 2, 2>;

    /// Operands of tenant 1 and slot 2 at 0x40; the row is slot 3 of tenant 2, at 0x80 and at 0x1000.
    fn given(command: Command) -> Small {
        let mut outcome = Small::new(&Geometry::preset("tiny+dynamic+integrity").unwrap());
        outcome.connect_all();
        outcome.code.next = u64::from(command.code()).into();
        outcome.kind.next = kind_of(command);
        outcome.operands.next = Operands { tenant: 1.into(), slot: 2.into(), logical: 0x40.into(), ..Operands::default() };
        outcome.audit_room.next = true;
        outcome.active.next = true;
        outcome.slot_live.next = true;
        outcome.tenant.next = 2.into();
        outcome.slot.next = 3.into();
        outcome.logical.next = 0x80.into();
        outcome.physical.next = 0x1000.into();
        judged(&mut outcome, Status::Ok);
        outcome
    }

    fn judged(outcome: &mut Small, status: Status) {
        outcome.judged.next = u64::from(status.code()).into();
        outcome.refuses.next = status != Status::Ok;
    }

    fn step(outcome: &mut Small, steps: &[CommandState]) {
        for step in steps {
            outcome.state.next = *step;
            tick!(*outcome);
        }
    }

    #[test]
    fn a_judgement_is_taken_where_the_judge_is_asked() {
        let check = |at: CommandState, expected: bool| {
            let mut outcome = given(Command::Create);
            step(&mut outcome, &[Idle, Decide]);
            assert!(!outcome.refused.val());
            judged(&mut outcome, Status::Overlap);
            step(&mut outcome, &[at]);
            assert_eq!(outcome.refused.val(), expected, "{at:?}");
            // A refusal stays, whatever is judged afterwards.
            judged(&mut outcome, Status::Ok);
            step(&mut outcome, &[Reserve, Update, Record, Done]);
            assert_eq!(outcome.refused.val(), expected, "{at:?}");
            let status = if expected { Status::Overlap } else { Status::Ok };
            assert_eq!(outcome.result.val().status.to_u64(), u64::from(status.code()), "{at:?}");
        };
        for at in [Decide, Weigh, Choose] {
            check(at, true);
        }
        for at in [Scan, Reserve, Settle, Scrub, Map, Revoke, Unmap, Free, Fetch, Read, Record, Measure, Compare, Probe, Shrink] {
            check(at, false);
        }
    }

    #[test]
    fn update_refuses_what_would_be_exposed() {
        let mut outcome = given(Command::Protect);
        step(&mut outcome, &[Idle, Decide]);
        judged(&mut outcome, Status::Overlap);
        outcome.exposes.next = true;
        step(&mut outcome, &[Update, Record, Done]);
        assert!(outcome.refused.val());
        assert_eq!(outcome.result.val().status.to_u64(), u64::from(Status::Overlap.code()));
        // A refusal of Decide has its own status.
        let mut outcome = given(Command::Protect);
        judged(&mut outcome, Status::Locked);
        step(&mut outcome, &[Idle, Decide]);
        judged(&mut outcome, Status::Overlap);
        outcome.exposes.next = true;
        step(&mut outcome, &[Update, Record, Done]);
        assert_eq!(outcome.result.val().status.to_u64(), u64::from(Status::Locked.code()));
    }

    #[test]
    fn what_the_log_and_software_read() {
        // Expected: tenant, slot and address of the record; slot and physical address of the result.
        let check = |command, status, expected: [u64; 5]| {
            let mut outcome = given(command);
            judged(&mut outcome, status);
            step(&mut outcome, &[Idle, Decide, Record]);
            let record = outcome.record.val();
            step(&mut outcome, &[Done]);
            let result = outcome.result.val();
            let found = [
                record.tenant.to_u64(),
                record.slot.to_u64(),
                record.address.to_u64(),
                result.slot.to_u64(),
                result.physical.to_u64(),
            ];
            assert_eq!(found, expected, "{command:?} {status:?}");
            assert_eq!(record.reason.to_u64(), u64::from(status.code()));
            assert_eq!(record.kind.to_u64(), u64::from(command.code()));
            assert_eq!(outcome.sealed.val(), command == Command::Seal && status == Status::Ok);
        };
        check(Command::Create, Status::Ok, [1, 3, 0x40, 3, 0x1000]);
        check(Command::Create, Status::NoSpace, [1, 0, 0x40, 0, 0]);
        check(Command::Find, Status::Ok, [1, 3, 0x40, 3, 0x1000]);
        check(Command::Find, Status::BadSlot, [1, 0, 0x40, 0, 0]);
        check(Command::Share, Status::Ok, [1, 2, 0x40, 3, 0x1000]);
        check(Command::Share, Status::Overlap, [1, 2, 0x40, 0, 0]);
        check(Command::Seal, Status::Ok, [1, 0, 0, 0, 0]);
        check(Command::Seal, Status::Sealed, [1, 0, 0, 0, 0]);
        // A command that finds the row of its slot names the row's tenant and address, refused or not.
        for command in [Command::Destroy, Command::Protect, Command::Lock, Command::Query, Command::Resize] {
            check(command, Status::Ok, [2, 3, 0x80, 3, 0x1000]);
            check(command, Status::Locked, [2, 2, 0x80, 0, 0]);
        }
    }

    #[test]
    fn a_command_that_rests_on_a_wrong_bit_ends_with_integrity() {
        let mut outcome = given(Command::Destroy);
        step(&mut outcome, &[Idle, Decide]);
        outcome.flawed[0].next = true;
        step(&mut outcome, &[Revoke]);
        outcome.flawed[0].next = false;
        step(&mut outcome, &[Record, Done]);
        assert!(outcome.refused.val());
        assert!(outcome.intact[0].val());
        assert_eq!(outcome.result.val().status.to_u64(), u64::from(Status::Integrity.code()));
        // The row's contents are not believed.
        assert_eq!(outcome.record.val().tenant.to_u64(), 1);
    }
}

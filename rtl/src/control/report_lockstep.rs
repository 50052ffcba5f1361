//! Lockstep of the reports: a second [`Reporting`], a cycle behind, and the comparison of both.
//!
//! ```text
//!   register requests, outcomes, --+--> Reporting ---------------> response, irq, alert, room --+--> ports
//!   records to write               |                                                            v
//!                                  '--[edge]--> twin: Reporting ----------------------------> differ? --> intact
//! ```
//!
//! The block exists with `integrity` and `lockstep` together. Parity guards the registers that decide; this block checks the
//! reports that software reads afterwards, and where the reports differ the [`super::IntegrityGuard`] closes the ports as for a
//! lost bit. As in [`crate::datapath::LockstepDataPath`] all inputs of the twin are a cycle old, so that synthesis finds nothing
//! to merge.
//!
//! The answers of the identity, boot and command banks have no twin: these answers are delayed by a cycle. The digest has no twin
//! either.

use super::{AuditEntry, BankAnswer, PortOutcome, RegisterQuery, Reporting};
use crate::{datapath::Access, ports::RegisterRequest};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// Inputs of log and event bank that are one bit each.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct ReportEvents {
    /// High: the command engine refuses a command for want of room in the log.
    pub command_refused: Signal<In, Bit>,
    /// High while the command engine has a record.
    pub command_valid: Signal<In, Bit>,
    /// High while the boot gate, the manifest loader or the patrol has a record.
    pub boot_valid: Signal<In, Bit>,
    /// High for one cycle: a command ended.
    pub command_done: Signal<In, Bit>,
    /// High once rows are frozen.
    pub sealed: Signal<In, Bit>,
    /// High: the patrol repairs a row in this cycle.
    pub repaired: Signal<In, Bit>,
    /// High: the digest takes a word in this cycle.
    pub record_ready: Signal<In, Bit>,
    /// High while the digest is at work.
    pub digest_busy: Signal<In, Bit>,
    /// High for one cycle: the digest is complete.
    pub digest_done: Signal<In, Bit>,
}

/// Outputs of register port, log and event bank.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct ReportOutputs {
    /// High while the register port answers.
    pub valid: Signal<In, Bit>,
    /// High when the register port answers with an error.
    pub error: Signal<In, Bit>,
    /// Data of the answer.
    pub data: Signal<In, Bits<32>>,
    /// Interrupt request of the event bank.
    pub irq: Signal<In, Bit>,
    /// Alert of the event bank.
    pub alert: Signal<In, Bit>,
    /// High: the log has room for a command.
    pub command_room: Signal<In, Bit>,
    /// High: the log has room for a record of the boot or of the patrol.
    pub boot_room: Signal<In, Bit>,
    /// High: the last word of a command's record is written.
    pub command_taken: Signal<In, Bit>,
    /// High: the last word of a record of the boot or of the patrol is written.
    pub boot_taken: Signal<In, Bit>,
    /// High: the digest takes in a further record.
    pub digest_start: Signal<In, Bit>,
    /// High while a word for the digest is offered.
    pub record_valid: Signal<In, Bit>,
    /// Word for the digest.
    pub record_word: Signal<In, Bits<32>>,
}

/// [`ReportEvents`] as held for a cycle.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct ReportOrder {
    /// High: the command engine refuses a command for want of room in the log.
    pub command_refused: Bit,
    /// High while the command engine has a record.
    pub command_valid: Bit,
    /// High while the boot gate, the manifest loader or the patrol has a record.
    pub boot_valid: Bit,
    /// High for one cycle: a command ended.
    pub command_done: Bit,
    /// High once rows are frozen.
    pub sealed: Bit,
    /// High: the patrol repairs a row in this cycle.
    pub repaired: Bit,
    /// High: the digest takes a word in this cycle.
    pub record_ready: Bit,
    /// High while the digest is at work.
    pub digest_busy: Bit,
    /// High for one cycle: the digest is complete.
    pub digest_done: Bit,
}

/// [`ReportOutputs`] as held for a cycle.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct Report {
    /// High while the register port answers.
    pub valid: Bit,
    /// High when the register port answers with an error.
    pub error: Bit,
    /// Data of the answer.
    pub data: Bits<32>,
    /// Interrupt request of the event bank.
    pub irq: Bit,
    /// Alert of the event bank.
    pub alert: Bit,
    /// High: the log has room for a command.
    pub command_room: Bit,
    /// High: the log has room for a record of the boot or of the patrol.
    pub boot_room: Bit,
    /// High: the last word of a command's record is written.
    pub command_taken: Bit,
    /// High: the last word of a record of the boot or of the patrol is written.
    pub boot_taken: Bit,
    /// High: the digest takes in a further record.
    pub digest_start: Bit,
    /// High while a word for the digest is offered.
    pub record_valid: Bit,
    /// Word for the digest.
    pub record_word: Bits<32>,
}

/// Parts of two reports that differ.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct ReportDifference {
    /// High when the register port's strobes differ.
    pub answer: Bit,
    /// High when the data of the answer differs.
    pub data: Bit,
    /// High when interrupt or alert differs.
    pub wires: Bit,
    /// High when room in the log, or the end of a record, differs.
    pub log: Bit,
    /// High when an input of the digest differs.
    pub digest: Bit,
}

block! {
    /// The second copies and the comparison. Inputs are those of the first copies, and the first copies' outputs.
    pub struct ReportLockstep<ADDRESS, LENGTH> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the log is empty, nothing has happened.
        pub reset: Signal<In, Bit>,
        /// Register access that the register port is offered.
        pub request: RegisterRequest,
        /// Answer of the identity bank.
        pub identity: Signal<In, BankAnswer>,
        /// Answer of the boot gate, or of the manifest loader.
        pub boot: Signal<In, BankAnswer>,
        /// Answer of the command bank.
        pub command: Signal<In, BankAnswer>,
        /// One-bit inputs of log and event bank.
        pub events: ReportEvents,
        /// Record of the command engine.
        pub command_entry: Signal<In, AuditEntry<ADDRESS>>,
        /// Record of the boot gate, the manifest loader or the patrol.
        pub boot_entry: Signal<In, AuditEntry<ADDRESS>>,
        /// Access of the second data path's translate port, as admitted: a cycle behind the first data path.
        pub translate_admitted: Signal<In, Access<ADDRESS, LENGTH>>,
        /// Access of the second data path's physical port, as admitted: a cycle behind the first data path.
        pub physical_admitted: Signal<In, Access<ADDRESS, LENGTH>>,
        /// Outcome of the first data path's translate port.
        pub translate: Signal<In, PortOutcome>,
        /// Outcome of the first data path's physical port.
        pub physical: Signal<In, PortOutcome>,
        /// Outputs of the first copies.
        pub outputs: ReportOutputs,
        /// High while the outputs of the first copies, three cycles ago, were those of the second copies.
        pub intact: Signal<Out, Bit>,
        restart: Register<Bit>,
        asked: Register<RegisterQuery>,
        identity_held: Register<BankAnswer>,
        boot_held: Register<BankAnswer>,
        command_held: Register<BankAnswer>,
        ordered: Register<ReportOrder>,
        command_record: Register<AuditEntry<ADDRESS>>,
        boot_record: Register<AuditEntry<ADDRESS>>,
        translate_outcome: Register<PortOutcome>,
        physical_outcome: Register<PortOutcome>,
        said: Register<Report>,
        difference: Register<ReportDifference>,
        differs: Register<Bit>,
        twin: Reporting<ADDRESS, LENGTH> = Reporting::new(geometry, true),
        /// Word of the digest that is shown.
        pub digest: Signal<In, Bits<32>> where chain,
        digest_held: Register<Bits<32>> where chain,
    }
}

kernel! {
    ReportLockstep<ADDRESS, LENGTH>
    #[hdl_gen]
    fn update(&mut self) registers(difference, differs)
        // The registers of the cycle between have no reset: see `Lockstep`.
        lasting(
            restart, asked, identity_held, boot_held, command_held, ordered, command_record, boot_record, translate_outcome,
            physical_outcome, said
        )
        clocked(twin)
    {
        self.restart.d.next = self.reset.val();
        self.asked.d.next.read = self.request.read.val();
        self.asked.d.next.write = self.request.write.val();
        self.asked.d.next.offset = self.request.address.val();
        self.asked.d.next.data = self.request.write_data.val();
        self.identity_held.d.next = self.identity.val();
        self.boot_held.d.next = self.boot.val();
        self.command_held.d.next = self.command.val();
        self.ordered.d.next.command_refused = self.events.command_refused.val();
        self.ordered.d.next.command_valid = self.events.command_valid.val();
        self.ordered.d.next.boot_valid = self.events.boot_valid.val();
        self.ordered.d.next.command_done = self.events.command_done.val();
        self.ordered.d.next.sealed = self.events.sealed.val();
        self.ordered.d.next.repaired = self.events.repaired.val();
        self.ordered.d.next.record_ready = self.events.record_ready.val();
        self.ordered.d.next.digest_busy = self.events.digest_busy.val();
        self.ordered.d.next.digest_done = self.events.digest_done.val();
        self.command_record.d.next = self.command_entry.val();
        self.boot_record.d.next = self.boot_entry.val();
        self.translate_outcome.d.next = self.translate.val();
        self.physical_outcome.d.next = self.physical.val();
        self.said.d.next.valid = self.outputs.valid.val();
        self.said.d.next.error = self.outputs.error.val();
        self.said.d.next.data = self.outputs.data.val();
        self.said.d.next.irq = self.outputs.irq.val();
        self.said.d.next.alert = self.outputs.alert.val();
        self.said.d.next.command_room = self.outputs.command_room.val();
        self.said.d.next.boot_room = self.outputs.boot_room.val();
        self.said.d.next.command_taken = self.outputs.command_taken.val();
        self.said.d.next.boot_taken = self.outputs.boot_taken.val();
        self.said.d.next.digest_start = self.outputs.digest_start.val();
        self.said.d.next.record_valid = self.outputs.record_valid.val();
        self.said.d.next.record_word = self.outputs.record_word.val();

        self.twin.reset.next = self.restart.q.val();
        self.twin.request.read.next = self.asked.q.val().read;
        self.twin.request.write.next = self.asked.q.val().write;
        self.twin.request.address.next = self.asked.q.val().offset;
        self.twin.request.write_data.next = self.asked.q.val().data;
        self.twin.identity.next = self.identity_held.q.val();
        self.twin.boot.next = self.boot_held.q.val();
        self.twin.command.next = self.command_held.q.val();
        self.twin.command_refused.next = self.ordered.q.val().command_refused;
        self.twin.command_valid.next = self.ordered.q.val().command_valid;
        self.twin.command_entry.next = self.command_record.q.val();
        self.twin.boot_valid.next = self.ordered.q.val().boot_valid;
        self.twin.boot_entry.next = self.boot_record.q.val();
        self.twin.translate_admitted.next = self.translate_admitted.val();
        self.twin.translate.next = self.translate_outcome.q.val();
        self.twin.physical_admitted.next = self.physical_admitted.val();
        self.twin.physical.next = self.physical_outcome.q.val();
        self.twin.command_done.next = self.ordered.q.val().command_done;
        self.twin.sealed.next = self.ordered.q.val().sealed;
        for i in 0..self.twin.repaired.len() {
            self.twin.repaired[i].next = self.ordered.q.val().repaired;
        }

        // SEC_CM: LOCKSTEP.REPORT
        self.difference.d.next.answer = (self.said.q.val().valid ^ self.twin.response.valid.val())
            | (self.said.q.val().error ^ self.twin.response.error.val());
        self.difference.d.next.data = self.said.q.val().data != self.twin.response.read_data.val();
        self.difference.d.next.wires = (self.said.q.val().irq ^ self.twin.irq.val())
            | (self.said.q.val().alert ^ self.twin.alert.val());
        self.difference.d.next.log = (self.said.q.val().command_room ^ self.twin.command_room.val())
            | (self.said.q.val().boot_room ^ self.twin.boot_room.val())
            | (self.said.q.val().command_taken ^ self.twin.command_taken.val())
            | (self.said.q.val().boot_taken ^ self.twin.boot_taken.val());
        self.difference.d.next.digest = false;
        // In the cycle after a reset the twin has yet to restart, and what was said before is of no device that was reset.
        if self.restart.q.val() {
            self.difference.d.next.answer = false;
            self.difference.d.next.data = false;
            self.difference.d.next.wires = false;
            self.difference.d.next.log = false;
        }
        self.differs.d.next = self.difference.q.val().answer
            | self.difference.q.val().data
            | self.difference.q.val().wires
            | self.difference.q.val().log
            | self.difference.q.val().digest;
        self.intact.next = !self.differs.q.val();
    }
    when(digest) {
        self.digest_held[0].clock.next = self.clock.val();
        self.digest_held[0].reset.next = false;
        self.digest_held[0].d.next = self.digest[0].val();
        self.twin.digest[0].ready.next = self.ordered.q.val().record_ready;
        self.twin.digest[0].busy.next = self.ordered.q.val().digest_busy;
        self.twin.digest[0].done.next = self.ordered.q.val().digest_done;
        self.twin.digest[0].shown.next = self.digest_held[0].q.val();
        self.difference.d.next.digest = (self.said.q.val().digest_start ^ self.twin.digest[0].start.val())
            | (self.said.q.val().record_valid ^ self.twin.digest[0].valid.val())
            | (self.said.q.val().record_word != self.twin.digest[0].word.val());
        if self.restart.q.val() {
            self.difference.d.next.digest = false;
        }
    }
}

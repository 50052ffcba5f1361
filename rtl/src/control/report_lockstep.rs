//! Lockstep of what is reported: a second log, event bank and register port, a cycle behind, and the comparison of what both say.
//!
//! ```text
//!   register requests, verdicts, --+--> register port, audit, event bank ---> response, irq, alert, room --+--> ports
//!   records to write               |                                                                       v
//!                                  '--[edge]--> the same once more -----------------------------------> differ? --> intact
//! ```
//!
//! With `integrity` and `lockstep` together. What parity guards is what decides; what software reads of it afterwards is
//! checked here, and where it differs the [`super::IntegrityGuard`] closes as for a bit that was lost. As in
//! [`crate::datapath::Lockstep`] everything that the twin knows is a cycle old, so that synthesis finds nothing to merge.
//!
//! The answers of the other banks have no twin: they are held for a cycle as they come. Nor has the digest.

use super::{Audit, AuditEntry, BankAnswer, EventBank, History, PortOutcome, RegisterPort, RegisterQuery};
use crate::{datapath::Access, ports::RegisterRequest};
use pm_interface::{Event, Features, Geometry};
use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// What is to be reported, and what the digest does.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct ReportEvents {
    /// A command was refused for want of room.
    pub command_refused: Signal<In, Bit>,
    /// The command engine has a record.
    pub command_valid: Signal<In, Bit>,
    /// The boot gate, the manifest loader or the patrol has one.
    pub boot_valid: Signal<In, Bit>,
    /// A command ended.
    pub command_done: Signal<In, Bit>,
    /// Rows are frozen.
    pub sealed: Signal<In, Bit>,
    /// The patrol repaired a row.
    pub repaired: Signal<In, Bit>,
    /// The digest takes a word.
    pub record_ready: Signal<In, Bit>,
    /// The digest is at work.
    pub digest_busy: Signal<In, Bit>,
    /// The digest is there.
    pub digest_done: Signal<In, Bit>,
}

/// What the first copies say.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct ReportOutputs {
    /// The register port answers.
    pub valid: Signal<In, Bit>,
    /// With an error.
    pub error: Signal<In, Bit>,
    /// What was read.
    pub data: Signal<In, Bits<32>>,
    /// The interrupt request.
    pub irq: Signal<In, Bit>,
    /// A critical cause waits.
    pub alert: Signal<In, Bit>,
    /// The log has room for a command.
    pub command_room: Signal<In, Bit>,
    /// The log has room for an activation.
    pub boot_room: Signal<In, Bit>,
    /// A command's record is written.
    pub command_taken: Signal<In, Bit>,
    /// The boot gate's is.
    pub boot_taken: Signal<In, Bit>,
    /// The digest is to begin anew.
    pub digest_start: Signal<In, Bit>,
    /// There is a word for the digest.
    pub record_valid: Signal<In, Bit>,
    /// It.
    pub record_word: Signal<In, Bits<32>>,
}

/// [`ReportEvents`] as held for a cycle.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct ReportOrder {
    /// A command was refused for want of room.
    pub command_refused: Bit,
    /// The command engine has a record.
    pub command_valid: Bit,
    /// The boot gate, the manifest loader or the patrol has one.
    pub boot_valid: Bit,
    /// A command ended.
    pub command_done: Bit,
    /// Rows are frozen.
    pub sealed: Bit,
    /// The patrol repaired a row.
    pub repaired: Bit,
    /// The digest takes a word.
    pub record_ready: Bit,
    /// The digest is at work.
    pub digest_busy: Bit,
    /// The digest is there.
    pub digest_done: Bit,
}

/// [`ReportOutputs`] as held for a cycle.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct Report {
    /// The register port answers.
    pub valid: Bit,
    /// With an error.
    pub error: Bit,
    /// What was read.
    pub data: Bits<32>,
    /// The interrupt request.
    pub irq: Bit,
    /// A critical cause waits.
    pub alert: Bit,
    /// The log has room for a command.
    pub command_room: Bit,
    /// The log has room for an activation.
    pub boot_room: Bit,
    /// A command's record is written.
    pub command_taken: Bit,
    /// The boot gate's is.
    pub boot_taken: Bit,
    /// The digest is to begin anew.
    pub digest_start: Bit,
    /// There is a word for the digest.
    pub record_valid: Bit,
    /// It.
    pub record_word: Bits<32>,
}

/// Where two reports differ.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct ReportDifference {
    /// What the register port answers.
    pub answer: Bit,
    /// What was read.
    pub data: Bit,
    /// Interrupt and alert.
    pub wires: Bit,
    /// Room in the log, and records that it took.
    pub log: Bit,
    /// What the digest is given.
    pub digest: Bit,
}

/// The second copies and the comparison. Inputs are those of the first, and what they say.
#[derive(Clone, Debug, LogicBlock)]
pub struct ReportLockstep<const ADDRESS: usize, const LENGTH: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: nothing is logged, nothing has happened.
    pub reset: Signal<In, Bit>,
    /// The register access that is offered.
    pub request: RegisterRequest,
    /// The identity bank's answer.
    pub identity: Signal<In, BankAnswer>,
    /// The boot bank's answer.
    pub boot: Signal<In, BankAnswer>,
    /// The command bank's answer.
    pub command: Signal<In, BankAnswer>,
    /// What is to be reported.
    pub events: ReportEvents,
    /// The command engine's record.
    pub command_entry: Signal<In, AuditEntry<ADDRESS>>,
    /// The boot gate's record.
    pub boot_entry: Signal<In, AuditEntry<ADDRESS>>,
    /// The word of the digest that is shown.
    pub digest: Signal<In, Bits<32>>,
    /// The second data path's access to the translate port, as admitted: a cycle old as it comes.
    pub translate_admitted: Signal<In, Access<ADDRESS, LENGTH>>,
    /// The second data path's access to the physical port.
    pub physical_admitted: Signal<In, Access<ADDRESS, LENGTH>>,
    /// A response of the translate port.
    pub translate: Signal<In, PortOutcome>,
    /// A response of the physical port.
    pub physical: Signal<In, PortOutcome>,
    /// What the first copies say.
    pub outputs: ReportOutputs,
    /// What they said three cycles ago was right.
    pub intact: Signal<Out, Bit>,
    restart: Register<Bit>,
    asked: Register<RegisterQuery>,
    identity_held: Register<BankAnswer>,
    boot_held: Register<BankAnswer>,
    command_held: Register<BankAnswer>,
    ordered: Register<ReportOrder>,
    command_record: Register<AuditEntry<ADDRESS>>,
    boot_record: Register<AuditEntry<ADDRESS>>,
    digest_held: Register<Bits<32>>,
    translate_outcome: Register<PortOutcome>,
    physical_outcome: Register<PortOutcome>,
    said: Register<Report>,
    difference: Register<ReportDifference>,
    differs: Register<Bit>,
    register_port: RegisterPort,
    audit: Audit<ADDRESS>,
    event_bank: EventBank<ADDRESS>,
    translate_history: History<ADDRESS, LENGTH>,
    physical_history: History<ADDRESS, LENGTH>,
    translate_event: Constant<Bits<4>>,
    physical_event: Constant<Bits<4>>,
    _guards: usize,
}

impl<const ADDRESS: usize, const LENGTH: usize> ReportLockstep<ADDRESS, LENGTH> {
    /// For the sizes of `geometry`.
    pub fn new(geometry: &Geometry) -> Self {
        // The twin guards no register of its own: whatever it loses, it differs.
        let features = Features { integrity: false, ..geometry.features };
        let unguarded = Geometry { features, ..geometry.clone() };
        Self {
            clock: Default::default(),
            reset: Default::default(),
            request: Default::default(),
            identity: Default::default(),
            boot: Default::default(),
            command: Default::default(),
            events: Default::default(),
            command_entry: Default::default(),
            boot_entry: Default::default(),
            digest: Default::default(),
            translate_admitted: Default::default(),
            physical_admitted: Default::default(),
            translate: Default::default(),
            physical: Default::default(),
            outputs: Default::default(),
            intact: Default::default(),
            restart: Default::default(),
            asked: Default::default(),
            identity_held: Default::default(),
            boot_held: Default::default(),
            command_held: Default::default(),
            ordered: Default::default(),
            command_record: Default::default(),
            boot_record: Default::default(),
            digest_held: Default::default(),
            translate_outcome: Default::default(),
            physical_outcome: Default::default(),
            said: Default::default(),
            difference: Default::default(),
            differs: Default::default(),
            register_port: RegisterPort::new(&unguarded),
            audit: Audit::new(&unguarded),
            event_bank: EventBank::new(geometry),
            translate_history: History::new(geometry),
            physical_history: History::new(geometry),
            translate_event: Constant::new(Event::TranslateDenied.code().to_bits()),
            physical_event: Constant::new(Event::PhysicalDenied.code().to_bits()),
            _guards: usize::from(geometry.features.integrity),
        }
    }
}

impl<const ADDRESS: usize, const LENGTH: usize> Logic for ReportLockstep<ADDRESS, LENGTH> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(
            restart, asked, identity_held, boot_held, command_held, ordered, command_record, boot_record, digest_held,
            translate_outcome, physical_outcome, said, difference, differs
        ) {
            // The registers of the cycle between have no reset: see `Lockstep`.
            self.restart.reset.next = false;
            self.asked.reset.next = false;
            self.identity_held.reset.next = false;
            self.boot_held.reset.next = false;
            self.command_held.reset.next = false;
            self.ordered.reset.next = false;
            self.command_record.reset.next = false;
            self.boot_record.reset.next = false;
            self.digest_held.reset.next = false;
            self.translate_outcome.reset.next = false;
            self.physical_outcome.reset.next = false;
            self.said.reset.next = false;
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
            self.digest_held.d.next = self.digest.val();
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

            self.register_port.clock.next = self.clock.val();
            self.register_port.reset.next = self.restart.q.val();
            self.register_port.request.read.next = self.asked.q.val().read;
            self.register_port.request.write.next = self.asked.q.val().write;
            self.register_port.request.address.next = self.asked.q.val().offset;
            self.register_port.request.write_data.next = self.asked.q.val().data;
            self.register_port.identity.next = self.identity_held.q.val();
            self.register_port.boot.next = self.boot_held.q.val();
            self.register_port.command.next = self.command_held.q.val();
            self.register_port.audit.next = self.audit.answer.val();
            self.register_port.events.next = self.event_bank.answer.val();

            self.translate_history.clock.next = self.clock.val();
            self.translate_history.reset.next = self.restart.q.val();
            self.translate_history.admitted.next = self.translate_admitted.val();
            self.physical_history.clock.next = self.clock.val();
            self.physical_history.reset.next = self.restart.q.val();
            self.physical_history.admitted.next = self.physical_admitted.val();

            self.audit.clock.next = self.clock.val();
            self.audit.reset.next = self.restart.q.val();
            self.audit.access.next = self.register_port.access.val();
            self.audit.forecast.next = self.register_port.forecast.val();
            self.audit.command_refused.next = self.ordered.q.val().command_refused;
            self.audit.command_valid.next = self.ordered.q.val().command_valid;
            self.audit.command.next = self.command_record.q.val();
            self.audit.boot_valid.next = self.ordered.q.val().boot_valid;
            self.audit.boot.next = self.boot_record.q.val();
            self.audit.translate_denied.next = self.translate_outcome.q.val().denied;
            self.audit.translate.next.event = self.translate_event.val();
            self.audit.translate.next.tenant = self.translate_history.origin.val().tenant;
            self.audit.translate.next.slot = self.translate_outcome.q.val().slot;
            self.audit.translate.next.kind = bit_cast::<4, 2>(self.translate_history.origin.val().kind);
            self.audit.translate.next.reason = self.translate_outcome.q.val().reason;
            self.audit.translate.next.address = self.translate_history.origin.val().address;
            self.audit.physical_denied.next = self.physical_outcome.q.val().denied;
            self.audit.physical.next.event = self.physical_event.val();
            self.audit.physical.next.tenant = self.physical_history.origin.val().tenant;
            self.audit.physical.next.slot = self.physical_outcome.q.val().slot;
            self.audit.physical.next.kind = bit_cast::<4, 2>(self.physical_history.origin.val().kind);
            self.audit.physical.next.reason = self.physical_outcome.q.val().reason;
            self.audit.physical.next.address = self.physical_history.origin.val().address;
            self.audit.record_ready.next = self.ordered.q.val().record_ready;
            self.audit.digest_busy.next = self.ordered.q.val().digest_busy;
            self.audit.digest_done.next = self.ordered.q.val().digest_done;
            self.audit.digest.next = self.digest_held.q.val();

            self.event_bank.clock.next = self.clock.val();
            self.event_bank.reset.next = self.restart.q.val();
            self.event_bank.access.next = self.register_port.access.val();
            self.event_bank.command_done.next = self.ordered.q.val().command_done;
            self.event_bank.sealed.next = self.ordered.q.val().sealed;
            self.event_bank.lost.next = self.audit.lost.val();
            self.event_bank.translate.next = self.translate_outcome.q.val();
            self.event_bank.translate_origin.next = self.translate_history.origin.val();
            self.event_bank.physical.next = self.physical_outcome.q.val();
            self.event_bank.physical_origin.next = self.physical_history.origin.val();
            for i in 0..self._guards {
                self.event_bank.repaired[i].next = self.ordered.q.val().repaired;
            }

            // SEC_CM: LOCKSTEP.REPORT
            self.difference.d.next.answer = (self.said.q.val().valid ^ self.register_port.response.valid.val())
                | (self.said.q.val().error ^ self.register_port.response.error.val());
            self.difference.d.next.data = self.said.q.val().data != self.register_port.response.read_data.val();
            self.difference.d.next.wires = (self.said.q.val().irq ^ self.event_bank.irq.val())
                | (self.said.q.val().alert ^ self.event_bank.alert.val());
            self.difference.d.next.log = (self.said.q.val().command_room ^ self.audit.command_room.val())
                | (self.said.q.val().boot_room ^ self.audit.boot_room.val())
                | (self.said.q.val().command_taken ^ self.audit.command_taken.val())
                | (self.said.q.val().boot_taken ^ self.audit.boot_taken.val());
            self.difference.d.next.digest = (self.said.q.val().digest_start ^ self.audit.digest_start.val())
                | (self.said.q.val().record_valid ^ self.audit.record_valid.val())
                | (self.said.q.val().record_word != self.audit.record_word.val());
            self.differs.d.next = self.difference.q.val().answer
                | self.difference.q.val().data
                | self.difference.q.val().wires
                | self.difference.q.val().log
                | self.difference.q.val().digest;
            self.intact.next = !self.differs.q.val();
        }
    }
}

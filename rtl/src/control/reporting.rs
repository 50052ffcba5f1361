//! The reporting: what does software read? Register port, audit log and event bank, with the outcomes of both ports.
//!
//! ```text
//!   request ------------------> RegisterPort <-- answers of the other banks
//!   response <--------------------'  '-- access --> Audit, EventBank
//!   outcome, admitted access --> PortWitness --denial--> Audit, EventBank --> irq, alert
//!   Audit --readable--> RecordAnnouncer --causes of records that wait--> EventBank
//!   records of commands and boot ---------------------> Audit
//! ```
//!
//! No grant rests on this block; with `integrity` and `lockstep` there are two, see [`super::ReportLockstep`].

use super::{
    audit::{Audit, DigestDrive},
    audit_entry::AuditEntry,
    event_bank::EventBank,
    port_verdict::PortOutcome,
    port_witness::PortWitness,
    record_announcer::RecordAnnouncer,
    register_bank::{BankAnswer, RegisterAccess},
    register_port::{RegisterForecast, RegisterPort},
};
use crate::{
    datapath::Access,
    ports::{RegisterRequest, RegisterResponse},
};
use pm_interface::{Features, Geometry};
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Tells software what happened. A block that is a twin guards no register of its own: whatever it loses, it differs.
    pub struct Reporting<ADDRESS, LENGTH> for geometry, twin: bool {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the log is empty, nothing has happened.
        pub reset: Signal<In, Bit>,
        /// Register access of the host, or of the manifest loader.
        pub request: RegisterRequest,
        /// Response to it, four edges later.
        pub response: RegisterResponse,
        /// Register access for every bank.
        pub access: Signal<Out, RegisterAccess>,
        /// Register access of the next cycle.
        pub forecast: Signal<Out, RegisterForecast>,
        /// Answer of the identity bank.
        pub identity: Signal<In, BankAnswer>,
        /// Answer of the boot.
        pub boot: Signal<In, BankAnswer>,
        /// Answer of the command bank.
        pub command: Signal<In, BankAnswer>,
        /// High: a command may begin, and its record has a place.
        pub command_room: Signal<Out, Bit>,
        /// High: the command engine refuses a command for want of room.
        pub command_refused: Signal<In, Bit>,
        /// High while the command engine has a record; held until taken.
        pub command_valid: Signal<In, Bit>,
        /// Record of the command engine.
        pub command_entry: Signal<In, AuditEntry<ADDRESS>>,
        /// High: the last word of the command's record is written in this cycle.
        pub command_taken: Signal<Out, Bit>,
        /// High: a record of the boot or of the patrol may begin.
        pub boot_room: Signal<Out, Bit>,
        /// High while the boot or the patrol has a record; held until taken.
        pub boot_valid: Signal<In, Bit>,
        /// Record of the boot or of the patrol.
        pub boot_entry: Signal<In, AuditEntry<ADDRESS>>,
        /// High: the last word of that record is written in this cycle.
        pub boot_taken: Signal<Out, Bit>,
        /// Access of the translate port, one edge after it was offered.
        pub translate_admitted: Signal<In, Access<ADDRESS, LENGTH>>,
        /// Outcome of the translate port in this cycle.
        pub translate: Signal<In, PortOutcome>,
        /// Access of the physical port, one edge after it was offered.
        pub physical_admitted: Signal<In, Access<ADDRESS, LENGTH>>,
        /// Outcome of the physical port in this cycle.
        pub physical: Signal<In, PortOutcome>,
        /// High for one cycle: a command ended.
        pub command_done: Signal<In, Bit>,
        /// High once rows are frozen.
        pub sealed: Signal<In, Bit>,
        /// High while an interrupt is requested.
        pub irq: Signal<Out, Bit>,
        /// High while a critical cause waits for its acknowledgement.
        pub alert: Signal<Out, Bit>,
        register_port: RegisterPort = RegisterPort::new(&guarded(geometry, twin)),
        audit: Audit<ADDRESS> = Audit::new(&guarded(geometry, twin)),
        announcer: RecordAnnouncer = RecordAnnouncer::new(geometry),
        event_bank: EventBank<ADDRESS> = EventBank::new(geometry),
        translate_witness: PortWitness<ADDRESS, LENGTH> = PortWitness::new(geometry),
        physical_witness: PortWitness<ADDRESS, LENGTH> = PortWitness::new(geometry),
        /// The digest over the log's records.
        pub digest: DigestDrive where chain,
        /// High: the patrol repairs a row in this cycle.
        pub repaired: Signal<In, Bit> where integrity,
        /// Parity of the register port's request, and of the log; absent in a twin.
        pub parity: Vec<ReportParity> =
            vec![ReportParity::default(); usize::from(geometry.features.integrity && !twin)],
    }
}

/// Parity of the reporting.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct ReportParity {
    /// Parity of the request: of its strobes (at most one is high), its address and its data.
    pub request_odd: Signal<In, Bit>,
    /// High while no register of the register port that an access rests on has lost a bit.
    pub port_intact: Signal<Out, Bit>,
    /// High while the number of places that are taken in the log has lost no bit.
    pub audit_intact: Signal<Out, Bit>,
}

/// The geometry of the parts that a twin has without parity.
fn guarded(geometry: &Geometry, twin: bool) -> Geometry {
    let features = Features { integrity: geometry.features.integrity && !twin, ..geometry.features };
    Geometry { features, ..geometry.clone() }
}

kernel! {
    Reporting<ADDRESS, LENGTH>
    #[hdl_gen]
    fn update(&mut self) blocks(register_port, audit, announcer, event_bank, translate_witness, physical_witness) {
        RegisterRequest::link(&mut self.request, &mut self.register_port.request);
        RegisterResponse::link(&mut self.response, &mut self.register_port.response);
        self.register_port.identity.next = self.identity.val();
        self.register_port.boot.next = self.boot.val();
        self.register_port.command.next = self.command.val();
        self.register_port.audit.next = self.audit.answer.val();
        self.register_port.events.next = self.event_bank.answer.val();
        self.access.next = self.register_port.access.val();
        self.forecast.next = self.register_port.forecast.val();

        self.translate_witness.admitted.next = self.translate_admitted.val();
        self.translate_witness.outcome.next = self.translate.val();
        self.physical_witness.admitted.next = self.physical_admitted.val();
        self.physical_witness.outcome.next = self.physical.val();

        self.audit.access.next = self.register_port.access.val();
        self.audit.forecast.next = self.register_port.forecast.val();
        self.audit.command_refused.next = self.command_refused.val();
        self.audit.command_valid.next = self.command_valid.val();
        self.audit.command.next = self.command_entry.val();
        self.audit.boot_valid.next = self.boot_valid.val();
        self.audit.boot.next = self.boot_entry.val();
        self.audit.translate.next = self.translate_witness.denial.val();
        self.audit.physical.next = self.physical_witness.denial.val();
        self.command_room.next = self.audit.command_room.val();
        self.command_taken.next = self.audit.command_taken.val();
        self.boot_room.next = self.audit.boot_room.val();
        self.boot_taken.next = self.audit.boot_taken.val();

        self.announcer.readable.next = self.audit.readable.val();

        self.event_bank.access.next = self.register_port.access.val();
        self.event_bank.translate.next = self.translate_witness.denial.val();
        self.event_bank.physical.next = self.physical_witness.denial.val();
        self.event_bank.command_done.next = self.command_done.val();
        self.event_bank.lost.next = self.audit.lost.val();
        self.event_bank.announced.next = self.announcer.causes.val();
        self.event_bank.sealed.next = self.sealed.val();
        self.irq.next = self.event_bank.irq.val();
        self.alert.next = self.event_bank.alert.val();
    }
    when(digest) {
        DigestDrive::link(&mut self.digest[0], &mut self.audit.digest[0]);
    }
    when(repaired) {
        self.event_bank.repaired[0].next = self.repaired[0].val() | self.announcer.repaired[0].val();
    }
    when(parity) {
        self.register_port.request_odd[0].next = self.parity[0].request_odd.val();
        self.parity[0].port_intact.next = self.register_port.intact[0].val();
        self.parity[0].audit_intact.next = self.audit.intact[0].val();
    }
}

//! The reporting as it is built: one, or with `integrity` and `lockstep` two that must tell the same.
//!
//! ```text
//!   requests, outcomes, records --+--> first: Reporting ------> response, irq, alert, room
//!                                 '--> ReportLockstep <-----------'  '--> intact
//! ```

use super::{
    audit::DigestDrive,
    audit_entry::AuditEntry,
    port_verdict::PortOutcome,
    register_bank::{BankAnswer, RegisterAccess},
    register_port::RegisterForecast,
    report_lockstep::ReportLockstep,
    reporting::{ReportParity, Reporting},
};
use crate::{
    datapath::Access,
    ports::{RegisterRequest, RegisterResponse},
};
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

/// The accesses of the twin of the data path, for the twin of the reporting.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct TwinAccesses<const ADDRESS: usize, const LENGTH: usize> {
    /// Access of the second translate port, as admitted: a cycle behind the first.
    pub translate: Signal<In, Access<ADDRESS, LENGTH>>,
    /// Access of the second physical port, as admitted: a cycle behind the first.
    pub physical: Signal<In, Access<ADDRESS, LENGTH>>,
    /// High while the outputs of the first reporting, three cycles ago, were those of the second reporting.
    pub intact: Signal<Out, Bit>,
}

block! {
    /// Tells software what happened, and whether that is right.
    pub struct LockstepReporting<ADDRESS, LENGTH> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the log is empty, and no cause waits.
        pub reset: Signal<In, Bit>,
        /// Register access of the host, or of the manifest loader.
        pub request: RegisterRequest,
        /// Response to the register request, four edges later.
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
        first: Reporting<ADDRESS, LENGTH> = Reporting::new(geometry, false),
        /// The digest over the log's records.
        pub digest: DigestDrive where chain,
        /// High: the patrol repairs a row in this cycle.
        pub repaired: Signal<In, Bit> where integrity,
        /// Parity of the reporting.
        pub parity: ReportParity where integrity,
        /// The data path's twin.
        pub twins: TwinAccesses<ADDRESS, LENGTH> where reports,
        lockstep: ReportLockstep<ADDRESS, LENGTH> where reports = ReportLockstep::new(geometry),
    }
}

kernel! {
    LockstepReporting<ADDRESS, LENGTH>
    #[hdl_gen]
    fn update(&mut self) blocks(first) {
        RegisterRequest::link(&mut self.request, &mut self.first.request);
        RegisterResponse::link(&mut self.response, &mut self.first.response);
        self.access.next = self.first.access.val();
        self.forecast.next = self.first.forecast.val();
        self.first.identity.next = self.identity.val();
        self.first.boot.next = self.boot.val();
        self.first.command.next = self.command.val();
        self.command_room.next = self.first.command_room.val();
        self.first.command_refused.next = self.command_refused.val();
        self.first.command_valid.next = self.command_valid.val();
        self.first.command_entry.next = self.command_entry.val();
        self.command_taken.next = self.first.command_taken.val();
        self.boot_room.next = self.first.boot_room.val();
        self.first.boot_valid.next = self.boot_valid.val();
        self.first.boot_entry.next = self.boot_entry.val();
        self.boot_taken.next = self.first.boot_taken.val();
        self.first.translate_admitted.next = self.translate_admitted.val();
        self.first.translate.next = self.translate.val();
        self.first.physical_admitted.next = self.physical_admitted.val();
        self.first.physical.next = self.physical.val();
        self.first.command_done.next = self.command_done.val();
        self.first.sealed.next = self.sealed.val();
        self.irq.next = self.first.irq.val();
        self.alert.next = self.first.alert.val();
    }
    when(digest) {
        DigestDrive::link(&mut self.digest[0], &mut self.first.digest[0]);
    }
    when(parity) {
        ReportParity::link(&mut self.parity[0], &mut self.first.parity[0]);
        self.first.repaired[0].next = self.repaired[0].val();
    }
    when(lockstep) blocks(lockstep) {
        self.lockstep[0].request.read.next = self.request.read.val();
        self.lockstep[0].request.write.next = self.request.write.val();
        self.lockstep[0].request.address.next = self.request.address.val();
        self.lockstep[0].request.write_data.next = self.request.write_data.val();
        self.lockstep[0].identity.next = self.identity.val();
        self.lockstep[0].boot.next = self.boot.val();
        self.lockstep[0].command.next = self.command.val();
        self.lockstep[0].events.command_refused.next = self.command_refused.val();
        self.lockstep[0].events.command_valid.next = self.command_valid.val();
        self.lockstep[0].events.boot_valid.next = self.boot_valid.val();
        self.lockstep[0].events.command_done.next = self.command_done.val();
        self.lockstep[0].events.sealed.next = self.sealed.val();
        self.lockstep[0].events.repaired.next = self.repaired[0].val();
        self.lockstep[0].events.record_ready.next = false;
        self.lockstep[0].events.digest_busy.next = false;
        self.lockstep[0].events.digest_done.next = false;
        self.lockstep[0].command_entry.next = self.command_entry.val();
        self.lockstep[0].boot_entry.next = self.boot_entry.val();
        self.lockstep[0].translate_admitted.next = self.twins[0].translate.val();
        self.lockstep[0].physical_admitted.next = self.twins[0].physical.val();
        self.lockstep[0].translate.next = self.translate.val();
        self.lockstep[0].physical.next = self.physical.val();
        self.lockstep[0].outputs.valid.next = self.first.response.valid.val();
        self.lockstep[0].outputs.error.next = self.first.response.error.val();
        self.lockstep[0].outputs.data.next = self.first.response.read_data.val();
        self.lockstep[0].outputs.irq.next = self.first.irq.val();
        self.lockstep[0].outputs.alert.next = self.first.alert.val();
        self.lockstep[0].outputs.command_room.next = self.first.command_room.val();
        self.lockstep[0].outputs.boot_room.next = self.first.boot_room.val();
        self.lockstep[0].outputs.command_taken.next = self.first.command_taken.val();
        self.lockstep[0].outputs.boot_taken.next = self.first.boot_taken.val();
        self.lockstep[0].outputs.digest_start.next = false;
        self.lockstep[0].outputs.record_valid.next = false;
        self.lockstep[0].outputs.record_word.next = 0.into();
        self.twins[0].intact.next = self.lockstep[0].intact.val();
        for i in 0..self.digest.len() {
            self.lockstep[0].events.record_ready.next = self.digest[i].ready.val();
            self.lockstep[0].events.digest_busy.next = self.digest[i].busy.val();
            self.lockstep[0].events.digest_done.next = self.digest[i].done.val();
            self.lockstep[0].digest[i].next = self.digest[i].shown.val();
            self.lockstep[0].outputs.digest_start.next = self.first.digest[i].start.val();
            self.lockstep[0].outputs.record_valid.next = self.first.digest[i].valid.val();
            self.lockstep[0].outputs.record_word.next = self.first.digest[i].word.val();
        }
    }
}

//! Commands, and everything that remembers what happened.

/// One cycle of a block under test: it settles, sees a rising edge, and settles again.
#[cfg(test)]
macro_rules! tick {
    ($block:expr) => {
        for level in [false, true, false] {
            $block.clock.next = level.into();
            simulate(&mut $block, 100);
        }
    };
}

mod alert_bank;
mod allocator;
mod audit;
mod audit_chain;
mod boot_gate;
mod command_bank;
mod command_decoder;
mod command_driver;
mod command_engine;
mod command_judge;
mod command_operands;
mod command_outcome;
mod command_sequencer;
mod event_bank;
mod history;
mod identity_bank;
mod integrity_guard;
mod manifest_buffer;
mod manifest_loader;
mod patrol;
mod quota_gate;
mod register_bank;
mod register_merge;
mod register_port;
mod report_lockstep;
mod row_builder;
mod row_view;
mod scrubber;
mod shadow_writer;

pub use alert_bank::AlertBank;
pub use allocator::{Allocator, Candidate, Survey};
pub use audit::{Audit, AuditEntry, AuditWriter, DenialSlot, LossTally, Source};
pub use audit_chain::{AuditChain, CHAIN_CYCLES};
pub use boot_gate::{BootGate, BootState};
pub use command_bank::{CommandBank, CommandResult, Commands, Operands};
pub use command_decoder::{CommandDecoder, CommandKind};
pub use command_driver::{CommandDriver, TableOrder};
pub use command_engine::{CommandEngine, TableDrive};
pub use command_judge::CommandJudge;
pub use command_operands::{CommandOperands, Verdicts};
pub use command_outcome::CommandOutcome;
pub use command_sequencer::{CommandSequencer, CommandState};
pub use event_bank::{EventBank, EventCounter, PortOutcome};
pub use history::{History, Origin};
pub use identity_bank::IdentityBank;
pub use integrity_guard::IntegrityGuard;
pub use manifest_buffer::{ManifestBuffer, WordFacts};
pub use manifest_loader::{LoaderOrder, LoaderState, ManifestLoader};
pub use patrol::{Condition, Patrol, PatrolState};
pub use quota_gate::QuotaGate;
pub use register_bank::{BankAnswer, RegisterAccess, WideRegister, WideView};
pub use register_merge::RegisterMerge;
pub use register_port::{RegisterForecast, RegisterPort, RegisterQuery, REGISTER_LATENCY};
pub use report_lockstep::{Report, ReportDifference, ReportEvents, ReportLockstep, ReportOrder, ReportOutputs};
pub use row_builder::{RowBuilder, Tail};
pub use row_view::RowView;
pub use scrubber::Scrubber;
pub use shadow_writer::{ShadowDrive, ShadowWriter};

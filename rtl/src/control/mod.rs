//! Commands, and everything that remembers what happened.

mod alert_bank;
mod allocator;
mod audit;
mod audit_chain;
mod boot_gate;
mod command_bank;
mod command_engine;
mod event_bank;
mod history;
mod identity_bank;
mod manifest_buffer;
mod manifest_loader;
mod quota_gate;
mod register_bank;
mod register_merge;
mod register_port;
mod scrubber;
mod shadow_writer;

pub use alert_bank::AlertBank;
pub use allocator::{Allocator, Candidate, Survey};
pub use audit::{Audit, AuditEntry, AuditWriter, DenialSlot, LossTally, Source};
pub use audit_chain::{AuditChain, CHAIN_CYCLES};
pub use boot_gate::{BootGate, BootState};
pub use command_bank::{CommandBank, CommandResult, Commands, Operands};
pub use command_engine::{CommandEngine, CommandState, TableDrive, TableOrder};
pub use event_bank::{EventBank, EventCounter, PortOutcome};
pub use history::{History, Origin};
pub use identity_bank::IdentityBank;
pub use manifest_buffer::{ManifestBuffer, WordFacts};
pub use manifest_loader::{LoaderOrder, LoaderState, ManifestLoader};
pub use quota_gate::QuotaGate;
pub use register_bank::{BankAnswer, RegisterAccess, WideRegister, WideView};
pub use register_merge::RegisterMerge;
pub use register_port::{RegisterForecast, RegisterPort, RegisterQuery, REGISTER_LATENCY};
pub use scrubber::Scrubber;
pub use shadow_writer::{ShadowDrive, ShadowWriter};

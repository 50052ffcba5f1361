//! Commands, and everything that remembers what happened.

mod allocator;
mod audit;
mod audit_chain;
mod boot_gate;
mod command_bank;
mod command_engine;
mod event_bank;
mod history;
mod identity_bank;
mod integrity_guard;
mod register_bank;
mod register_port;
mod scrubber;
mod shadow_writer;

pub use allocator::{Allocator, Candidate, Survey};
pub use audit::{Audit, AuditEntry, AuditWriter, DenialSlot, LossTally, Source};
pub use audit_chain::{AuditChain, CHAIN_CYCLES};
pub use boot_gate::{BootGate, BootState};
pub use command_bank::{CommandBank, CommandResult, Commands, Operands};
pub use command_engine::{CommandEngine, CommandState, TableDrive, TableOrder};
pub use event_bank::{EventBank, EventCounter, PortOutcome};
pub use history::{History, Origin};
pub use identity_bank::IdentityBank;
pub use integrity_guard::IntegrityGuard;
pub use register_bank::{BankAnswer, RegisterAccess, WideRegister, WideView};
pub use register_port::{RegisterForecast, RegisterPort, RegisterQuery, REGISTER_LATENCY};
pub use scrubber::Scrubber;
pub use shadow_writer::{ShadowDrive, ShadowWriter};

//! The decisions, in the order in which an access meets them.

mod admit;
mod answer_check;
mod data_path;
mod extent;
mod fault_trail;
mod isolation;
mod lockstep;
mod lookup;
mod permission;
mod respond;
mod translate;

pub use admit::{Access, Admit};
pub use answer_check::{Answer, AnswerCheck, Difference};
pub use data_path::{DataPath, LATENCY};
pub use extent::{Examined, Extent};
pub use fault_trail::FaultTrail;
pub use isolation::{Isolation, PhysicalVerdict, Placed};
pub use lockstep::{EntryOrder, GateState, Lockstep, RowOrder, TailState};
pub use lookup::{Finding, Lookup};
pub use permission::{Permission, Permit};
pub use respond::{Claim, Respond, Verdict};
pub use translate::Translate;

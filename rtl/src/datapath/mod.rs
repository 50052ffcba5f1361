//! The decisions, in the order in which an access meets them.

mod admit;
mod answer_check;
mod candidates;
mod comparators;
mod data_path;
mod delayed_data_path;
mod extent;
mod fault_trail;
mod isolation;
mod lockstep_data_path;
mod lookup;
mod permission;
mod physical_respond;
mod place;
mod respond;
mod translate;
mod witness;

pub use admit::{Access, Admit};
pub use answer_check::{Answer, AnswerCheck, Difference};
pub use candidates::Candidates;
pub use comparators::Comparators;
pub use data_path::{DataPath, DataPathGuard, LATENCY};
pub use delayed_data_path::{DelayedDataPath, EntryOrder, GateState, RowOrder, TailState};
pub use extent::{Examined, Extent};
pub use fault_trail::{FaultTrail, TrailSink, TrailVerdict};
pub use isolation::{Isolation, IsolationGuard};
pub use lockstep_data_path::LockstepDataPath;
pub use lookup::{Finding, Lookup};
pub use permission::{Permission, Permit};
pub use physical_respond::{PhysicalClaim, PhysicalRespond, PhysicalVerdict};
pub use place::{Place, Placed};
pub use respond::{Claim, Respond, Verdict};
pub use translate::Translate;
pub use witness::{MapPort, Witness};

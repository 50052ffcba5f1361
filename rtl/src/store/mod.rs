//! The store of the Partition Manager: rows, their comparators, and the shadow page tables.

mod candidate_entry;
mod end_table;
mod isolation_entry;
mod less_than;
mod lookup_entry;
mod ownership_map;
mod partition_table;
mod row;
mod shadow_table;

pub use candidate_entry::CandidateEntry;
pub use end_table::{EndTable, RowEnd};
pub use isolation_entry::IsolationEntry;
pub use less_than::LessThan;
pub use lookup_entry::LookupEntry;
pub use ownership_map::{OwnedGranule, OwnershipMap, Walk};
pub use partition_table::PartitionTable;
pub use row::{Row, TableWrite};
pub use shadow_table::{ShadowEntry, ShadowTable, ShadowWrite};

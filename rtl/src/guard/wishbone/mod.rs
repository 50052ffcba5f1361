//! The Partition Manager between Wishbone masters and a Wishbone memory.

mod beat_match;
mod beat_question;
mod beat_step;
mod ports;
mod wishbone_control;
mod wishbone_guard;
mod wishbone_merge;
mod wishbone_partition_manager;

pub use beat_match::{BeatMatch, OfferedBeat};
pub use beat_question::BeatQuestion;
pub use beat_step::BeatStep;
pub use ports::{BeatSink, BeatSource, WishboneControlSlave, WishboneMaster, WishboneSlave};
pub use wishbone_control::WishboneControl;
pub use wishbone_guard::WishboneGuard;
pub use wishbone_merge::WishboneMerge;
pub use wishbone_partition_manager::{WishboneOptions, WishbonePartitionManager};

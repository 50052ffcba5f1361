//! The Partition Manager between an AXI4 interconnect and an AXI4 memory.

mod answer_select;
mod axi4_partition_manager;
mod burst_entry;
mod burst_intake;
mod burst_queue;
mod burst_shape;
mod decider;
mod fence;
mod fifo;
mod options;
mod ports;
mod question;
mod read_guard;
mod ring_step;
mod slice;
mod stall_report;
mod walker;
mod wrapper;
mod write_guard;
mod write_limiter;

pub use answer_select::AnswerSelect;
pub use axi4_partition_manager::{Axi4PartitionManager, AXI4_ID, AXI4_LATENCY, AXI4_USER};
pub use burst_entry::{BurstEntry, BurstState};
pub use burst_intake::BurstIntake;
pub use burst_queue::{BurstQueue, MAX_BURSTS};
pub use burst_shape::BurstShape;
pub use decider::Decider;
pub use fence::Fence;
pub use fifo::Fifo;
pub use options::{Axi4Options, AXI4_DATA};
pub use ports::{Attributes, Axi4Master, Axi4Slave, ReadBeat, WriteAnswer, WriteBeat};
pub use question::{Asker, Decision, Question};
pub use read_guard::ReadGuard;
pub use ring_step::RingStep;
pub use slice::Slice;
pub use stall_report::StallReport;
pub use walker::Walker;
pub use wrapper::{inner, parameter, parametrised};
pub use write_guard::WriteGuard;
pub use write_limiter::{OrderedBurst, WriteLimiter};

/// The error that the guard answers: the subordinate refuses.
const SLVERR: u64 = 2;

//! The leaf cells: the only blocks whose Verilog is written by hand, and so the only places where a simulation
//! and its Verilog could part ways. There are two, both clocked: [`Register`] and [`BlockRam`].

mod activity;
mod block;
mod block_ram;
mod bundle;
mod code;
mod kernel;
mod optional;
mod register;
mod shell;

pub use activity::{plainly, wake, Activity, Outcome, Sleeper};
#[doc(hidden)]
pub use activity::{
    settle, settle_cell, tick, tick_cell, BlockMember, Clocked, Member, NumberMember, Settles, ShownMember, SleeperMember,
};
pub use block_ram::BlockRam;
pub use bundle::{Pack, Widest};
pub use optional::Optional;
pub use register::Register;
pub use shell::{Shell, Shelled};

use rust_hdl::prelude::Verilog;

/// First characters of the text of a cell; the backend refuses any other custom Verilog.
pub(crate) const CELL_MARK: &str = "// cell ";

/// The [`Verilog`] of a cell: `name` becomes the module's name, `body` its contents between ports and `endmodule`.
///
/// Ports are declared by the backend: inputs as `wire`, outputs as `reg`.
pub(crate) fn cell(name: &str, body: &str) -> Verilog {
    Verilog::Custom(format!("{CELL_MARK}{name}\n{body}"))
}

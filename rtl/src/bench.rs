//! Helpers for the truth tables of blocks: a block settles, and its clock rises.

use rust_hdl::prelude::{simulate, Block};

/// Lets what was driven reach the outputs.
pub fn settle<B: Block>(block: &mut B) {
    assert!(simulate(block, 100), "the block does not settle");
}

/// A clock edge of a block with a `clock`: what was driven before is sampled, and the outputs settle.
macro_rules! edge {
    ($block:expr) => {
        $crate::bench::settle(&mut $block);
        for level in [true, false] {
            $block.clock.next = level.into();
            $crate::bench::settle(&mut $block);
        }
    };
}

pub(crate) use edge;

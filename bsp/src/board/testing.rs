//! Helpers of the tests of the board's blocks.

/// Runs one clock cycle of a block: settle, rising edge, settle, falling edge, settle.
macro_rules! step {
    ($block:expr) => {{
        assert!(rust_hdl::prelude::simulate(&mut $block, 1000), "the block does not settle");
        $block.clock.next = true.into();
        assert!(rust_hdl::prelude::simulate(&mut $block, 1000), "the block does not settle");
        $block.clock.next = false.into();
        assert!(rust_hdl::prelude::simulate(&mut $block, 1000), "the block does not settle");
    }};
}
pub(crate) use step;

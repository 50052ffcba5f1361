//! Which bus carries the accesses to the control registers?

/// Bus of the control registers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ControlBus {
    /// The bus of the interface itself: AXI4-Lite beside AXI4, Wishbone beside Wishbone, the register port of the core.
    #[default]
    Own,
    /// APB4, `s_apb_*`.
    Apb4,
}

//! The presets' widths, as types.

/// A slice of what describes a design of each preset's widths: `$short` is a type for accesses shorter than a burst of AXI4, `$long`
/// one for the others, both with seven constants: bits of an address, a length, a tenant, a slot, a page, a block, and of a tenant and
/// a page together.
///
/// This list stands here and nowhere else. Three crates use it, so that each shape is compiled three times and no more: `pm-designs`
/// to emit, `pm-stepper` to simulate, `pm-traced` to look inside. Other widths are compiled in crates that `pm` writes.
#[macro_export]
macro_rules! preset_shapes {
    ($short:ident, $long:ident) => {
        &[
            &$short::<5, 3, 1, 1, 1, 2, 2>,
            &$short::<12, 5, 1, 2, 3, 3, 4>,
            &$long::<32, 13, 3, 4, 8, 5, 11>,
            &$long::<32, 13, 4, 5, 12, 16, 16>,
            &$long::<48, 13, 6, 6, 14, 20, 20>,
        ]
    };
}

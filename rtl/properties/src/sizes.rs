//! A geometry's numbers, for kernels; bytes are counted in words so wide that no sum here can wrap.

use pm_interface::{registers::offset, Geometry};
use rust_hdl::prelude::*;

macro_rules! sizes {
    ($($(#[$meta:meta])* $field:ident: $bits:tt = |$geometry:ident| $value:expr;)*) => {
        /// Constants of a geometry. `Default` has zeros, to be replaced.
        #[derive(Clone, Debug)]
        pub struct Sizes<const WIDE: usize> { $($(#[$meta])* pub $field: Constant<Bits<$bits>>,)* }

        impl<const WIDE: usize> Default for Sizes<WIDE> {
            fn default() -> Self {
                Self { $($field: Constant::new(0u64.to_bits()),)* }
            }
        }

        impl<const WIDE: usize> Sizes<WIDE> {
            /// Sizes of `geometry`.
            pub fn of(geometry: &Geometry) -> Self {
                Self { $($field: Constant::new({ let $geometry = geometry; let value: u64 = $value; value }.to_bits()),)* }
            }
        }

        impl<const WIDE: usize> Logic for Sizes<WIDE> {
            fn update(&mut self) {}
        }

        impl<const WIDE: usize> Block for Sizes<WIDE> {
            fn connect_all(&mut self) {}
            fn update_all(&mut self) {}
            fn has_changed(&self) -> bool {
                false
            }
            fn accept(&self, name: &str, probe: &mut dyn Probe) {
                probe.visit_start_namespace(name, self);
                $(self.$field.accept(stringify!($field), probe);)*
                probe.visit_end_namespace(name, self);
            }
        }
    };
}

sizes! {
    /// log2 of a granule in bytes.
    granule_bits: 6 = |geometry| geometry.granule_bits as u64;
    /// Bits of a page.
    page_bits: 6 = |geometry| geometry.shape.page as u64;
    /// Bytes of a granule, less one.
    granule_less_one: WIDE = |geometry| geometry.granule() - 1;
    /// Bytes of a window, less one.
    window_less_one: WIDE = |geometry| geometry.window() - 1;
    /// Bytes of a frame, less one.
    frame_less_one: WIDE = |geometry| geometry.frame() - 1;
    /// The last byte of the address space.
    last_address: WIDE = |geometry| (1u64 << geometry.shape.address) - 1;
    /// Bytes of the longest access.
    max_length: WIDE = |geometry| geometry.max_length();
    /// Tenants.
    tenants: 8 = |geometry| geometry.tenants as u64;
    /// Offset of `CONTROL`.
    control: 8 = |_geometry| u64::from(offset::CONTROL);
    /// Offset of `CMD`.
    command: 8 = |_geometry| u64::from(offset::CMD);
    /// The most cycles in which a command is busy, not counting those in which memory is not ready.
    command_bound: 16 = |geometry| {
        let granules = (geometry.pool as u64).min(1 << geometry.shape.page);
        let words = granules << (geometry.granule_bits - 2);
        geometry.slots as u64 + words + granules + 19 + 12
    };
    /// The most cycles from the strobe of CREATE to the allocator's verdict.
    allocator_bound: 16 = |geometry| geometry.slots as u64 + 16;
}

//! Records of bits whose widths are const generics, which rust-hdl's `LogicStruct` cannot express.

use rust_hdl::prelude::{Bit, Bits, Clock, Synth, ToBits};

/// A field of a [`crate::bundle!`]: bits that can be read as a number and made from one. At most 128 bits.
pub trait Pack: Synth {
    /// The bits, least significant first.
    fn pack(self) -> u128;

    /// The value of the low bits of a number; the others are ignored.
    fn unpack(bits: u128) -> Self;
}

impl Pack for Bit {
    fn pack(self) -> u128 {
        u128::from(self)
    }

    fn unpack(bits: u128) -> Self {
        bits & 1 != 0
    }
}

/// For testbenches that drive every port alike; a record has no use for a clock.
impl Pack for Clock {
    fn pack(self) -> u128 {
        u128::from(self.clk)
    }

    fn unpack(bits: u128) -> Self {
        Clock { clk: bits & 1 != 0 }
    }
}

impl<const N: usize> Pack for Bits<N> {
    fn pack(self) -> u128 {
        self.to_u128()
    }

    fn unpack(bits: u128) -> Self {
        (bits & (u128::MAX >> (128 - N.clamp(1, 128)))).to_bits()
    }
}

/// Declares a record of `Bit` and `Bits<N>` fields, first field in the least significant bits.
///
/// In a kernel a field is read as `self.row.q.val().tenant` and set as `self.row.d.next.tenant = ...`.
///
/// ```ignore
/// bundle! {
///     /// A range of pages.
///     pub struct Range<PAGE> {
///         /// First page, inclusive.
///         pub first: Bits<PAGE>,
///         /// Last page, inclusive.
///         pub last: Bits<PAGE>,
///     }
/// }
/// ```
#[macro_export]
macro_rules! bundle {
    (
        $(#[$meta:meta])*
        pub struct $name:ident<$($generic:ident),*> {
            $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub struct $name<$(const $generic: usize),*> {
            $($(#[$field_meta])* pub $field: $type,)*
        }

        impl<$(const $generic: usize),*> $name<$($generic),*> {
            /// Name and width of each field, least significant first.
            pub const FIELDS: &'static [(&'static str, usize)] =
                &[$((stringify!($field), <$type as ::rust_hdl::prelude::Synth>::BITS),)*];

            /// The lowest bit of the field called `name`.
            fn offset_of(name: &str) -> usize {
                Self::FIELDS.iter().take_while(|(field, _)| *field != name).map(|(_, width)| width).sum()
            }

            /// A bit for each of the bits of these fields.
            #[allow(dead_code)]
            pub fn bits_of(names: &[&str]) -> u128 {
                Self::FIELDS
                    .iter()
                    .filter(|(field, _)| names.contains(field))
                    .fold(0, |bits, (field, width)| bits | (u128::MAX >> (128 - width)) << Self::offset_of(field))
            }

            $crate::pastey::paste! {
                $(
                    #[doc(hidden)]
                    pub fn [<get_my_width_ $field>](&self) -> usize {
                        <$type as ::rust_hdl::prelude::Synth>::BITS
                    }
                    #[doc(hidden)]
                    pub fn [<get_my_offset_ $field>](&self) -> usize {
                        Self::offset_of(stringify!($field))
                    }
                )*
            }
        }

        impl<$(const $generic: usize),*> $crate::cells::Pack for $name<$($generic),*> {
            fn pack(self) -> u128 {
                0 $(| $crate::cells::Pack::pack(self.$field) << Self::offset_of(stringify!($field)))*
            }

            fn unpack(bits: u128) -> Self {
                Self { $($field: $crate::cells::Pack::unpack(bits >> Self::offset_of(stringify!($field))),)* }
            }
        }

        impl<$(const $generic: usize),*> ::rust_hdl::prelude::Synth for $name<$($generic),*> {
            const BITS: usize = 0 $(+ <$type as ::rust_hdl::prelude::Synth>::BITS)*;

            fn descriptor() -> ::rust_hdl::core::type_descriptor::TypeDescriptor {
                use ::rust_hdl::core::type_descriptor::{TypeDescriptor, TypeField, TypeKind};
                TypeDescriptor {
                    name: stringify!($name).into(),
                    kind: TypeKind::Composite(vec![$(Box::new(TypeField {
                        fieldname: stringify!($field).into(),
                        kind: <$type as ::rust_hdl::prelude::Synth>::descriptor(),
                    })),*]),
                }
            }

            fn vcd(self) -> ::rust_hdl::core::synth::VCDValue {
                ::rust_hdl::core::synth::VCDValue::Composite(vec![$(Box::new(self.$field.vcd())),*])
            }

            fn verilog(self) -> ::rust_hdl::prelude::VerilogLiteral {
                // The literal is 128 bits wide whatever the record: the backend takes its width from the declaration.
                $crate::cells::Pack::pack(self).into()
            }
        }
    };
}

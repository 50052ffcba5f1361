//! Records of bits whose widths are const generics, which rust-hdl's `LogicStruct` cannot express.

use rust_hdl::prelude::{Bit, Bits, Clock, Synth, ToBits};

/// A field of a [`crate::bundle!`]: bits that can be read as a number and made from one.
///
/// A number has 128 bits: a wider record, such as a beat of a wide bus, is read bit by bit.
pub trait Pack: Synth {
    /// Whether this bit is set.
    fn bit(self, place: usize) -> bool {
        self.pack() >> place & 1 != 0
    }

    /// The bits, least significant first.
    fn pack(self) -> u128;

    /// The value of the low bits of a number; the others are ignored.
    fn unpack(bits: u128) -> Self;
}

/// As many bits as the widest record has.
#[doc(hidden)]
pub type Widest = Bits<1024>;

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
    fn bit(self, place: usize) -> bool {
        self.get_bit(place)
    }

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
                    #[allow(dead_code)] // A record that is in no kernel asks for no width.
                    pub fn [<get_my_width_ $field>](&self) -> usize {
                        <$type as ::rust_hdl::prelude::Synth>::BITS
                    }
                    #[doc(hidden)]
                    #[allow(dead_code)] // As above.
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
                // The literal has a width of its own whatever the record: the backend takes the width from the declaration.
                if <Self as ::rust_hdl::prelude::Synth>::BITS <= 128 {
                    return $crate::cells::Pack::pack(self).into();
                }
                let mut whole = $crate::cells::Widest::default();
                $(
                    for place in 0..<$type as ::rust_hdl::prelude::Synth>::BITS {
                        let bit = $crate::cells::Pack::bit(self.$field, place);
                        whole = whole.replace_bit(Self::offset_of(stringify!($field)) + place, bit);
                    }
                )*
                whole.into()
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    bundle! {
        /// A beat of a wide bus.
        pub struct Beat<DATA> {
            /// Data of the beat.
            pub data: Bits<DATA>,
            /// The beat is the last one.
            pub last: Bit,
        }
    }

    #[test]
    fn a_record_of_any_width_has_a_literal() {
        let literal = |beat: Beat<512>| beat.verilog().to_string();
        assert_eq!(literal(Beat::default()), "1024'h0");
        let high = Bits::<512>::default().replace_bit(511, true);
        assert_eq!(literal(Beat { data: high, last: false }), format!("1024'h8{}", "0".repeat(127)));
        assert_eq!(literal(Beat { data: 5.into(), last: true }), format!("1024'h1{}5", "0".repeat(127)));
        assert_eq!(Beat::<7> { data: 5.into(), last: true }.verilog().to_string(), "128'h85");
    }
}

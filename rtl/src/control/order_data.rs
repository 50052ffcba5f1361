//! The data of a boot's order: what is written to the register?
//!
//! ```text
//!   coded --> code    tenant --> word 7:0    rights --> word 12:8    else --> word
//! ```

use super::word_judge::LoaderOrder;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Takes the register's part of a word; combinational.
    pub struct OrderData for geometry {
        /// Order to write a register.
        pub order: Signal<In, LoaderOrder>,
        /// Word of the manifest, for orders that are not coded.
        pub word: Signal<In, Bits<32>>,
        /// Data for the register.
        pub data: Signal<Out, Bits<32>>,
        /// Parity of each byte of `word`, which has been read long before it is written.
        pub word_odd: Signal<In, Bits<4>> where integrity,
        /// Parity of the bits of `word` that can be rights.
        pub rights_odd: Signal<In, Bit> where integrity,
        /// Parity of `data`.
        pub odd: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    OrderData
    #[hdl_gen]
    fn update(&mut self) {
        self.data.next = self.word.val();
        if self.order.val().coded {
            self.data.next = bit_cast::<32, 3>(self.order.val().code);
        } else if self.order.val().tenant {
            self.data.next = bit_cast::<32, 8>(self.word.val().get_bits::<8>(0));
        } else if self.order.val().rights {
            self.data.next = bit_cast::<32, 5>(self.word.val().get_bits::<5>(8));
        }
    }
    when(odd) {
        self.odd[0].next = self.word_odd[0].val().xor();
        if self.order.val().coded {
            self.odd[0].next = self.order.val().code.xor();
        } else if self.order.val().tenant {
            self.odd[0].next = self.word_odd[0].val().get_bit(0);
        } else if self.order.val().rights {
            self.odd[0].next = self.rights_odd[0].val();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::Geometry;

    #[test]
    fn the_parity_is_that_of_the_data() {
        let check = |order: LoaderOrder, word: u32, expected: u64| {
            let mut block = OrderData::new(&Geometry::preset("tiny+integrity").unwrap());
            block.connect_all();
            block.order.next = order;
            block.word.next = u64::from(word).to_bits();
            let bytes = word.to_le_bytes();
            let odd = bytes.iter().enumerate().fold(0, |odd, (at, byte)| odd | u64::from(byte.count_ones() & 1) << at);
            block.word_odd[0].next = odd.to_bits();
            block.rights_odd[0].next = (word >> 8 & 0x1F).count_ones() % 2 == 1;
            simulate(&mut block, 100);
            assert_eq!(block.data.val().to_u64(), expected, "{order:?} {word:#x}");
            assert_eq!(block.odd[0].val(), expected.count_ones() % 2 == 1, "{order:?} {word:#x}");
        };
        for word in [0, 1, 0x80, 0x1234_5678, 0xFFFF_FFFF, 0xFFFF_FFFE, 0x0000_1F01, 0x0000_0F03] {
            let (whole, byte, rights) = (u64::from(word), u64::from(word & 0xFF), u64::from(word >> 8 & 0x1F));
            check(LoaderOrder::default(), word, whole);
            check(LoaderOrder { tenant: true, ..Default::default() }, word, byte);
            check(LoaderOrder { rights: true, ..Default::default() }, word, rights);
            for code in 0..8 {
                check(LoaderOrder { coded: true, code: code.to_bits(), ..Default::default() }, word, code);
            }
        }
    }
}

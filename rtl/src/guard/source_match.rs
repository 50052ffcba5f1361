//! The source map: whose access is this?
//!
//! ```text
//!   source --> each entry: valid, and alike where the mask is high? --> exactly one --> its tenant
//!                                                                  '--> none, or two --> nobody: tenant 255, which no design has
//! ```

use super::source_bank::SourceEntry;
use pm_interface::registers::NO_SOURCE;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Finds the tenant of a source; combinational.
    pub struct SourceMatch<WIDTH, SIDEBAND> with entries: usize {
        /// Source of the access: the sideband, and above it the identifier.
        pub source: Signal<In, Bits<WIDTH>>,
        /// Entries of the map.
        pub entry: Vec<Signal<In, SourceEntry<WIDTH>>> = vec![Default::default(); entries],
        /// Sideband with the access's tenant in bits 7:0: 255 where no entry, or more than one, names the source.
        pub sideband: Signal<Out, Bits<SIDEBAND>>,
        tenant: Signal<Local, Bits<8>>,
        named: Signal<Local, SourceEntry<WIDTH>>,
        hit: Signal<Local, Bit>,
        found: Signal<Local, Bit>,
        twice: Signal<Local, Bit>,
        whose: Signal<Local, Bits<8>>,
        nobody: Constant<Bits<8>> = Constant::new(u64::from(NO_SOURCE).to_bits()),
    }
}

kernel! {
    SourceMatch<WIDTH, SIDEBAND>
    #[hdl_gen]
    fn update(&mut self) {
        self.found.next = false;
        self.twice.next = false;
        self.whose.next = 0.into();
        for i in 0..self.entry.len() {
            self.named.next = self.entry[i].val();
            self.hit.next =
                self.named.val().valid & (((self.source.val() ^ self.named.val().value) & self.named.val().mask) == 0);
            self.twice.next = self.twice.val() | (self.found.val() & self.hit.val());
            self.found.next = self.found.val() | self.hit.val();
            if self.hit.val() {
                self.whose.next = self.whose.val() | self.named.val().tenant;
            }
        }
        // SEC_CM: SOURCE.ONE
        self.tenant.next = self.nobody.val();
        if self.found.val() & !self.twice.val() {
            self.tenant.next = self.whose.val();
        }
        self.sideband.next = ((bit_cast::<SIDEBAND, WIDTH>(self.source.val()) >> 8) << 8)
            | bit_cast::<SIDEBAND, 8>(self.tenant.val());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::settle;

    #[test]
    fn exactly_one_entry_names_the_tenant() {
        // Entries: valid, value, mask, tenant.
        let check = |entries: &[(bool, u64, u64, u64)], source: u64, expected: u64| {
            let mut map = SourceMatch::<12, 10>::new(entries.len());
            map.connect_all();
            for (port, (valid, value, mask, tenant)) in map.entry.iter_mut().zip(entries) {
                port.next = SourceEntry {
                    valid: *valid,
                    locked: false,
                    value: value.to_bits(),
                    mask: mask.to_bits(),
                    tenant: tenant.to_bits(),
                };
            }
            map.source.next = source.to_bits();
            settle(&mut map);
            assert_eq!(map.sideband.val().to_u64(), source & 0x300 | expected, "{entries:x?} {source:#x}");
        };
        let nobody = u64::from(NO_SOURCE);
        check(&[(false, 0, 0, 0)], 0, nobody);
        check(&[(true, 0, 0, 7)], 0xFFF, 7);
        let map = [(true, 0x100, 0xF00, 1), (true, 0x200, 0xF00, 2), (false, 0x300, 0xF00, 3), (true, 0x2FF, 0xFFF, 4)];
        check(&map, 0x1AB, 1);
        check(&map, 0x2AB, 2);
        check(&map, 0x3AB, nobody);
        check(&map, 0x000, nobody);
        // Two entries name it, also where they name one tenant.
        check(&map, 0x2FF, nobody);
        check(&[(true, 5, 0xFFF, 6), (true, 5, 0xFFF, 6)], 5, nobody);
    }
}

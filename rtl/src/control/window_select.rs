//! One window of many: where does the window of this tenant begin?
//!
//! ```text
//!   tenant --> = 0? = 1? ... --> union of the base that is selected --> base
//! ```
//!
//! Combinational. A tenant that does not exist has base 0.

use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Selects a tenant's base.
    pub struct WindowSelect<ADDRESS> with tenants: usize {
        /// Number of the tenant.
        pub tenant: Signal<In, Bits<8>>,
        /// First byte of each tenant's window, tenant 0 first.
        pub bases: Vec<Signal<In, Bits<ADDRESS>>> = vec![Default::default(); tenants],
        /// First byte of the tenant's window.
        pub base: Signal<Out, Bits<ADDRESS>>,
        /// High: the tenant exists.
        pub known: Signal<Out, Bit>,
        numbers: Vec<Constant<Bits<8>>> = (0..tenants).map(|tenant| Constant::new(tenant.to_bits())).collect(),
    }
}

kernel! {
    WindowSelect<ADDRESS>
    #[hdl_gen]
    fn update(&mut self) {
        self.base.next = 0.into();
        self.known.next = false;
        // At most one tenant is selected: a union, and no chain of choices.
        for i in 0..self.bases.len() {
            if self.tenant.val() == self.numbers[i].val() {
                self.base.next = self.base.val() | self.bases[i].val();
                self.known.next = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::settle;

    #[test]
    fn each_tenant_has_its_own_base() {
        let check = |tenant: u64, expected: (u64, bool)| {
            let mut select = WindowSelect::<5>::new(3);
            select.connect_all();
            for (place, base) in [8u64, 24, 8].into_iter().enumerate() {
                select.bases[place].next = base.into();
            }
            select.tenant.next = tenant.into();
            settle(&mut select);
            assert_eq!((select.base.val().to_u64(), select.known.val()), expected, "tenant {tenant}");
        };
        check(0, (8, true));
        check(1, (24, true));
        check(2, (8, true));
        check(3, (0, false));
        check(128, (0, false));
        check(255, (0, false));
    }
}

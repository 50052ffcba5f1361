//! The tenants' windows: where does the window begin of the tenant in `CMD_TENANT`, of a row's tenant, and of the tenant that makes
//! an access?
//!
//! ```text
//!   first (tenant 0) -------+
//!   WINDOW_BASE, operand -->| further: a register pair for each other tenant
//!                           +--> bases --> WindowSelect of operand -----------> operand_base, low, high
//!                                     +--> WindowSelect of row ---------------> row_base
//!                                     +--> WindowSelect of arriving --[edge]--> access_base
//!            arriving --[edge]--------'--> WindowSelect, with `lockstep` -----> twin_base
//! ```
//!
//! A base is selected before the edge that admits the access, so that the data path compares with the base as early as where all
//! tenants have one. With `lockstep` the second data path's base does not come from the first one's register.
//!
//! Bases must be steady while the gate is open: the boot gate makes no write then.

use super::register_bank::{WideRegister, WideView, WideWrites};
use super::window_select::WindowSelect;
use pm_interface::Geometry;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// Ports that windows per tenant need.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct WindowPort<const ADDRESS: usize> {
    /// Tenant in `CMD_TENANT`.
    pub operand: Signal<In, Bits<8>>,
    /// Tenant of the row that a command works on.
    pub row: Signal<In, Bits<8>>,
    /// Tenant of the access that the translate port is offered.
    pub arriving: Signal<In, Bits<8>>,
    /// First byte of the window of `operand`; steady while the gate is open and `operand` is.
    pub operand_base: Signal<Out, Bits<ADDRESS>>,
    /// First byte of the window of `row`; steady while the gate is open and `row` is.
    pub row_base: Signal<Out, Bits<ADDRESS>>,
    /// First byte of the window of `arriving`, one edge later.
    pub access_base: Signal<Out, Bits<ADDRESS>>,
}

block! {
    /// Bases of the windows of all tenants but the first, and the selection of a base.
    pub struct TenantWindows<ADDRESS> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: every base is zero.
        pub reset: Signal<In, Bit>,
        /// First byte of the window of tenant 0.
        pub first: Signal<In, Bits<ADDRESS>>,
        /// Writes of `WINDOW_BASE`, for the tenant in `CMD_TENANT`.
        pub writes: Signal<In, WideWrites>,
        /// Data to write; valid with `writes`.
        pub data: Signal<In, Bits<32>>,
        /// Tenants, and the bases of their windows.
        pub port: WindowPort<ADDRESS>,
        /// High: the tenant in `CMD_TENANT` exists.
        pub known: Signal<Out, Bit>,
        /// High: the tenant in `CMD_TENANT` is tenant 0, whose base is not in this block.
        pub names_first: Signal<Out, Bit>,
        /// Bits 31:0 of the base of the tenant in `CMD_TENANT`.
        pub low: Signal<Out, Bits<32>>,
        /// Bits 63:32 of the base of the tenant in `CMD_TENANT`.
        pub high: Signal<Out, Bits<32>>,
        /// Union of all bases, that of tenant 0 too: aligned when each of them is.
        pub any_base: Signal<Out, Bits<ADDRESS>>,
        /// First byte of the window of the tenant that arrived two edges before the second data path admits its access.
        pub twin_base: Signal<Out, Bits<ADDRESS>> where lockstep,
        further: Vec<WideRegister<ADDRESS>> = further(geometry),
        numbers: Vec<Constant<Bits<8>>> = (1..geometry.tenants).map(|tenant| Constant::new(tenant.to_bits())).collect(),
        of_operand: WindowSelect<ADDRESS> = WindowSelect::new(geometry.tenants),
        of_row: WindowSelect<ADDRESS> = WindowSelect::new(geometry.tenants),
        of_access: WindowSelect<ADDRESS> = WindowSelect::new(geometry.tenants),
        of_twin: WindowSelect<ADDRESS> where lockstep = WindowSelect::new(geometry.tenants),
        view: WideView<ADDRESS>,
        admitted: Register<Bits<ADDRESS>> where guarded,
        twin_tenant: Register<Bits<8>> where lockstep,
        /// High while no base has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

/// The registers of the tenants from 1 on.
fn further<const ADDRESS: usize>(geometry: &Geometry) -> Vec<WideRegister<ADDRESS>> {
    vec![WideRegister::guarded(usize::from(geometry.features.integrity)); geometry.tenants - 1]
}

kernel! {
    TenantWindows<ADDRESS>
    #[hdl_gen]
    fn update(&mut self) guarded(admitted) each(further) each_intact(further) {
        self.of_operand.tenant.next = self.port.operand.val();
        self.of_operand.bases[0].next = self.first.val();
        self.of_row.tenant.next = self.port.row.val();
        self.of_row.bases[0].next = self.first.val();
        self.of_access.tenant.next = self.port.arriving.val();
        self.of_access.bases[0].next = self.first.val();
        self.any_base.next = self.first.val();
        for i in 0..self.further.len() {
            self.further[i].write_low.next = self.writes.val().low & (self.port.operand.val() == self.numbers[i].val());
            self.further[i].write_high.next = self.writes.val().high & (self.port.operand.val() == self.numbers[i].val());
            self.further[i].data.next = self.data.val();
            self.further[i].load.next = false;
            self.further[i].loaded.next = 0.into();
            self.of_operand.bases[i + 1].next = self.further[i].value.val();
            self.of_row.bases[i + 1].next = self.further[i].value.val();
            self.of_access.bases[i + 1].next = self.further[i].value.val();
            self.any_base.next = self.any_base.val() | self.further[i].value.val();
        }
        self.known.next = self.of_operand.known.val();
        self.names_first.next = self.port.operand.val() == 0;
        self.view.value.next = self.of_operand.base.val();
        self.low.next = self.view.low.val();
        self.high.next = self.view.high.val();
        self.port.operand_base.next = self.of_operand.base.val();
        self.port.row_base.next = self.of_row.base.val();
        self.admitted.d.next = self.of_access.base.val();
        self.port.access_base.next = self.admitted.q.val();
    }
    when(of_twin) registers(twin_tenant) {
        // The delayed data path holds the tenant in a register without reset, too.
        self.twin_tenant[0].reset.next = false;
        self.twin_tenant[0].d.next = self.port.arriving.val();
        self.of_twin[0].tenant.next = self.twin_tenant[0].q.val();
        self.of_twin[0].bases[0].next = self.first.val();
        for i in 0..self.further.len() {
            self.of_twin[0].bases[i + 1].next = self.further[i].value.val();
        }
        self.twin_base[0].next = self.of_twin[0].base.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Windows of 8 bytes, two tenants of tiny and a third.
    fn windows(geometry: &str) -> TenantWindows<5> {
        let mut windows = TenantWindows::new(&Geometry::preset(geometry).unwrap());
        windows.connect_all();
        windows.first.next = 8.into();
        write(&mut windows, 0, 31);
        write(&mut windows, 1, 16);
        write(&mut windows, 2, 31);
        write(&mut windows, 255, 31);
        windows
    }

    fn write(windows: &mut TenantWindows<5>, tenant: u64, base: u64) {
        windows.port.operand.next = tenant.into();
        windows.writes.next = WideWrites { low: true, high: false };
        windows.data.next = base.into();
        tick!(*windows);
        windows.writes.next = WideWrites::default();
    }

    #[test]
    fn a_base_is_written_and_shown_for_the_tenant_that_is_named() {
        let check = |tenant: u64, base: u64, known: bool| {
            let mut windows = windows("tiny+windows=per-tenant");
            windows.port.operand.next = tenant.into();
            windows.port.row.next = tenant.into();
            simulate(&mut windows, 100);
            let shown = (windows.port.operand_base.val().to_u64(), windows.low.val().to_u64(), windows.known.val());
            assert_eq!(shown, (base, base, known), "tenant {tenant}");
            assert_eq!(windows.port.row_base.val().to_u64(), base, "tenant {tenant}");
            assert_eq!((windows.names_first.val(), windows.any_base.val().to_u64()), (tenant == 0, 8 | 16));
        };
        check(0, 8, true);
        check(1, 16, true);
        check(2, 0, false);
        check(255, 0, false);
    }

    #[test]
    fn an_access_meets_its_tenants_base_as_it_is_admitted() {
        for geometry in ["tiny+windows=per-tenant", "tiny+windows=per-tenant+integrity+lockstep"] {
            let mut windows = windows(geometry);
            // Base of the first data path a cycle after the tenant came; the second data path has a register of its own behind it.
            for (tenant, base) in [(0u64, 8), (1, 16), (1, 16), (0, 8), (9, 0)] {
                windows.port.arriving.next = tenant.into();
                tick!(windows);
                assert_eq!(windows.port.access_base.val().to_u64(), base, "{geometry}, tenant {tenant}");
                assert!(windows.twin_base.iter().all(|twin| twin.val().to_u64() == base), "{geometry}, tenant {tenant}");
                assert!(windows.intact.iter().all(|intact| intact.val()), "{geometry}");
            }
        }
    }
}

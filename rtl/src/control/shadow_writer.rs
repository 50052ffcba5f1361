//! The shadow writer: the only one that writes shadow page tables, one page a cycle.
//!
//! ```text
//!   clear_all ----------> every page of every tenant := not mapped
//!   start, first, last -> those pages of that tenant := {mapped, slot}
//! ```

use crate::store::{ShadowEntry, ShadowWrite};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// The writing side of [`crate::store::ShadowWrite`].
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "ShadowWrite"]
pub struct ShadowDrive<const TENANT: usize, const SLOT: usize, const PAGE: usize> {
    /// High: the entry is written at the next edge.
    pub enable: Signal<Out, Bit>,
    /// Tenant whose table is written; valid with `enable`.
    pub tenant: Signal<Out, Bits<TENANT>>,
    /// Page whose entry is written; valid with `enable`.
    pub page: Signal<Out, Bits<PAGE>>,
    /// New contents of the entry; valid with `enable`.
    pub entry: Signal<Out, ShadowEntry<SLOT>>,
}

block! {
    /// Walks a range of pages. The CAM is a second witness of an entry that is written wrong. With `integrity` the registers are
    /// guarded nevertheless, so that a page that is left out, or a walk that does not end, is reported.
    pub struct ShadowWriter<TENANT, SLOT, PAGE> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: ends a walk at once, and everything is to be cleared again.
        pub reset: Signal<In, Bit>,
        /// High: every page of every tenant is cleared; held until `cleared`.
        pub clear_all: Signal<In, Bit>,
        /// High once every entry has been cleared since reset.
        pub cleared: Signal<Out, Bit>,
        /// Begins a walk; ignored while `busy`.
        pub start: Signal<In, Bit>,
        /// Tenant whose pages are walked; sampled with `start`.
        pub tenant: Signal<In, Bits<TENANT>>,
        /// First page of the walk; sampled with `start`.
        pub first_page: Signal<In, Bits<PAGE>>,
        /// Last page of the walk; sampled with `start`.
        pub last_page: Signal<In, Bits<PAGE>>,
        /// New contents of the walk's entries; steady while `busy`.
        pub entry: Signal<In, ShadowEntry<SLOT>>,
        /// High while pages of the walk remain.
        pub busy: Signal<Out, Bit>,
        /// Writes to the shadow page tables.
        pub shadow_write: ShadowDrive<TENANT, SLOT, PAGE>,
        running: Register<Bit> where guarded,
        all_clear: Register<Bit> where guarded,
        current_tenant: Register<Bits<TENANT>> where guarded,
        current_page: Register<Bits<PAGE>> where guarded,
        final_page: Register<Bits<PAGE>> where guarded,
        sweeping: Signal<Local, Bit>,
        /// High while no register of this block has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    ShadowWriter<TENANT, SLOT, PAGE>
    #[hdl_gen]
    fn update(&mut self) guarded(running, all_clear, current_tenant, current_page, final_page) {
        self.sweeping.next = self.clear_all.val() & !self.all_clear.q.val();
        if self.sweeping.val() {
            self.current_page.d.next = self.current_page.q.val() + 1;
            if self.current_page.q.val().all() {
                self.current_tenant.d.next = self.current_tenant.q.val() + 1;
                if self.current_tenant.q.val().all() {
                    self.all_clear.d.next = true;
                }
            }
        } else if self.running.q.val() {
            self.current_page.d.next = self.current_page.q.val() + 1;
            if self.current_page.q.val() == self.final_page.q.val() {
                self.running.d.next = false;
            }
        } else if self.start.val() {
            self.running.d.next = true;
            self.current_tenant.d.next = self.tenant.val();
            self.current_page.d.next = self.first_page.val();
            self.final_page.d.next = self.last_page.val();
        }
        self.cleared.next = self.all_clear.q.val();
        self.busy.next = self.running.q.val();
        self.shadow_write.enable.next = self.sweeping.val() | self.running.q.val();
        self.shadow_write.tenant.next = self.current_tenant.q.val();
        self.shadow_write.page.next = self.current_page.q.val();
        self.shadow_write.entry.next.mapped = self.entry.val().mapped & self.running.q.val();
        self.shadow_write.entry.next.slot = self.entry.val().slot;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::Geometry;

    type Small = ShadowWriter<1, 2, 2>;

    /// The writes (tenant, page, mapped, slot) of some cycles.
    fn writes(writer: &mut Small, cycles: usize) -> Vec<(u64, u64, bool, u64)> {
        let mut seen = Vec::new();
        for _ in 0..cycles {
            tick!(*writer);
            writer.start.next = false;
            simulate(writer, 100);
            if writer.shadow_write.enable.val() {
                let (tenant, page) = (writer.shadow_write.tenant.val().to_u64(), writer.shadow_write.page.val().to_u64());
                let entry = writer.shadow_write.entry.val();
                seen.push((tenant, page, entry.mapped, entry.slot.to_u64()));
            }
        }
        seen
    }

    fn writer() -> Small {
        let mut writer = Small::new(&Geometry::preset("tiny").unwrap());
        writer.connect_all();
        writer.entry.next = ShadowEntry { mapped: true, slot: 3.into() };
        writer.tenant.next = 1.into();
        writer
    }

    #[test]
    fn which_pages_are_written() {
        let check = |first: u64, last: u64, expected: &[u64]| {
            let mut writer = writer();
            writer.first_page.next = first.into();
            writer.last_page.next = last.into();
            writer.start.next = true;
            let expected: Vec<_> = expected.iter().map(|page| (1, *page, true, 3)).collect();
            assert_eq!(writes(&mut writer, 8), expected, "{first} to {last}");
            assert!(!writer.busy.val());
        };
        check(0, 0, &[0]);
        check(3, 3, &[3]);
        check(1, 2, &[1, 2]);
        check(0, 3, &[0, 1, 2, 3]);
    }

    #[test]
    fn a_sweep_unmaps_every_page_of_every_tenant_once() {
        let mut writer = writer();
        writer.clear_all.next = true;
        simulate(&mut writer, 100);
        let first = (writer.shadow_write.tenant.val().to_u64(), writer.shadow_write.page.val().to_u64());
        assert!(writer.shadow_write.enable.val() && first == (0, 0) && !writer.shadow_write.entry.val().mapped);
        let swept: Vec<_> = writes(&mut writer, 20).into_iter().map(|(tenant, page, mapped, _)| (tenant, page, mapped)).collect();
        let rest = [(0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (1, 2), (1, 3)];
        assert_eq!(swept, rest.map(|(tenant, page)| (tenant, page, false)));
        assert!(writer.cleared.val());
    }
}

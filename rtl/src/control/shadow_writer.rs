//! The shadow writer: the only one that writes shadow page tables, one page a cycle.
//!
//! ```text
//!   clear_all ----------> every page of every tenant := not mapped
//!   start, first, last -> those pages of that tenant := {mapped, slot}
//! ```

use crate::store::{ShadowEntry, ShadowWrite};
use pm_interface::Geometry;
use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// The writing side of [`crate::store::ShadowWrite`].
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "ShadowWrite"]
pub struct ShadowDrive<const TENANT: usize, const SLOT: usize, const PAGE: usize> {
    /// Write at the next edge.
    pub enable: Signal<Out, Bit>,
    /// Whose table.
    pub tenant: Signal<Out, Bits<TENANT>>,
    /// Which page.
    pub page: Signal<Out, Bits<PAGE>>,
    /// What it says from now on.
    pub entry: Signal<Out, ShadowEntry<SLOT>>,
}

/// Walks a range of pages. An entry that is written wrong has the CAM for a second witness; with `integrity` registers are guarded
/// nevertheless, so that a page that is left out, or a walk that does not end, is told.
#[derive(Clone, Debug, LogicBlock)]
pub struct ShadowWriter<const TENANT: usize, const SLOT: usize, const PAGE: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: stops at once.
    pub reset: Signal<In, Bit>,
    /// Clear everything; held until `cleared`.
    pub clear_all: Signal<In, Bit>,
    /// Everything has been cleared since reset.
    pub cleared: Signal<Out, Bit>,
    /// Begin; ignored while busy.
    pub start: Signal<In, Bit>,
    /// Whose pages.
    pub tenant: Signal<In, Bits<TENANT>>,
    /// First page.
    pub first_page: Signal<In, Bits<PAGE>>,
    /// Last page.
    pub last_page: Signal<In, Bits<PAGE>>,
    /// What they say from now on; held while busy.
    pub entry: Signal<In, ShadowEntry<SLOT>>,
    /// Working.
    pub busy: Signal<Out, Bit>,
    /// The shadow page tables.
    pub shadow_write: ShadowDrive<TENANT, SLOT, PAGE>,
    running: Register<Bit>,
    all_clear: Register<Bit>,
    current_tenant: Register<Bits<TENANT>>,
    current_page: Register<Bits<PAGE>>,
    final_page: Register<Bits<PAGE>>,
    sweeping: Signal<Local, Bit>,
    /// With `integrity`: no register here has lost a bit.
    pub intact: Vec<Signal<Out, Bit>>,
    _guards: usize,
}

impl<const TENANT: usize, const SLOT: usize, const PAGE: usize> ShadowWriter<TENANT, SLOT, PAGE> {
    /// For the features of `geometry`.
    pub fn new(geometry: &Geometry) -> Self {
        let guards = usize::from(geometry.features.integrity);
        Self {
            clock: Default::default(),
            reset: Default::default(),
            clear_all: Default::default(),
            cleared: Default::default(),
            start: Default::default(),
            tenant: Default::default(),
            first_page: Default::default(),
            last_page: Default::default(),
            entry: Default::default(),
            busy: Default::default(),
            shadow_write: Default::default(),
            running: Register::guarded(guards),
            all_clear: Register::guarded(guards),
            current_tenant: Register::guarded(guards),
            current_page: Register::guarded(guards),
            final_page: Register::guarded(guards),
            sweeping: Default::default(),
            intact: vec![Default::default(); guards],
            _guards: guards,
        }
    }
}

impl<const TENANT: usize, const SLOT: usize, const PAGE: usize> Logic for ShadowWriter<TENANT, SLOT, PAGE> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(running, all_clear, current_tenant, current_page, final_page) {
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
            for i in 0..self._guards {
                self.intact[i].next = self.running.intact[i].val()
                    & self.all_clear.intact[i].val()
                    & self.current_tenant.intact[i].val()
                    & self.current_page.intact[i].val()
                    & self.final_page.intact[i].val();
            }
        }
    }
}

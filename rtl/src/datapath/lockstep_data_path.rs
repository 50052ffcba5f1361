//! The lockstep data path: two data paths that must answer alike, or no access is granted any more.
//!
//! ```text
//!   requests, writes --+--> first: DataPath ------------------------> answers --+--> ports, closed once tripped
//!   gate, reset -------+                                                        v
//!                      '--> twin: DelayedDataPath, a cycle later --> answers --> AnswerCheck --> tripped, closes
//! ```
//!
//! Latency and ports are those of the data path. Without the feature `lockstep` the block is only its first data path: see
//! [`Shell`].

use super::{Access, AnswerCheck, DataPath, DataPathGuard, DelayedDataPath, MapPort};
use crate::{
    constants::Reasons,
    ports::{AccessRequest, PhysicalResponse, PhysicalSink, TranslateResponse, TranslateSink},
    store::{Row, ShadowWrite, TableWrite},
};
use pm_verilog::{block, cells::Shell, kernel};
use rust_hdl::prelude::*;

block! {
    /// Two data paths and the check of their answers, behind the ports of one.
    pub struct LockstepDataPath<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no row is valid, no access is under way.
        pub reset: Signal<In, Bit>,
        /// High while the boot gate is open.
        pub active: Signal<In, Bit>,
        /// High: an address in the window that no partition has is refused; steady while `active`.
        pub strict: Signal<In, Bit>,
        /// First byte of every tenant's window, a multiple of the window's size.
        pub window_base: Signal<In, Bits<ADDRESS>>,
        /// First byte of the pool's frame, a multiple of the frame's size, set at least one cycle before `active`.
        pub frame_base: Signal<In, Bits<ADDRESS>>,
        /// Write port of the rows and their comparators.
        pub table_write: TableWrite<TENANT, SLOT, PAGE, BLOCK>,
        /// Write port of the shadow page tables.
        pub shadow_write: ShadowWrite<TENANT, SLOT, PAGE>,
        /// Slot of the row that the control side reads.
        pub control_slot: Signal<In, Bits<SLOT>>,
        /// Row `control_slot`, one edge later.
        pub control_row: Signal<Out, Row<TENANT, PAGE, BLOCK>>,
        /// High when row `control_slot` is valid, one edge later.
        pub control_live: Signal<Out, Bit>,
        /// High when the block of row `control_slot` is taken, one edge later.
        pub control_held: Signal<Out, Bit>,
        /// First granule of a block that the allocator might take, in every cycle.
        pub candidate_first: Signal<In, Bits<BLOCK>>,
        /// Last granule of that block, in every cycle.
        pub candidate_last: Signal<In, Bits<BLOCK>>,
        /// High when the candidate touches a held block, one edge later.
        pub candidate_blocked: Signal<Out, Bit>,
        /// High when the candidate touches the block of another row than `control_slot`, two edges later.
        pub candidate_shared: Signal<Out, Bit>,
        /// High: the granules from `tail_first` to `tail_last` are guarded from the next edge on, whatever the rows say.
        pub tail_guarded: Signal<In, Bit>,
        /// Row that the tail belongs to; valid with `tail_guarded`.
        pub tail_slot: Signal<In, Bits<SLOT>>,
        /// First granule of the tail; valid with `tail_guarded`.
        pub tail_first: Signal<In, Bits<BLOCK>>,
        /// Last granule of the tail; valid with `tail_guarded`.
        pub tail_last: Signal<In, Bits<BLOCK>>,
        /// Request of the translate port: one access a cycle.
        pub translate_request: AccessRequest<ADDRESS, LENGTH>,
        /// Response of the translate port, four edges after the request.
        pub translate_response: TranslateResponse<ADDRESS>,
        /// Request of the translate port one edge later, for the log.
        pub translate_admitted: Signal<Out, Access<ADDRESS, LENGTH>>,
        /// Request of the physical port: one access a cycle.
        pub physical_request: AccessRequest<ADDRESS, LENGTH>,
        /// Response of the physical port, four edges after the request.
        pub physical_response: PhysicalResponse,
        /// Request of the physical port one edge later, for the log.
        pub physical_admitted: Signal<Out, Access<ADDRESS, LENGTH>>,
        first: DataPath<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW> = DataPath::new(geometry),
        /// Optional interface of the feature `integrity`.
        pub guard: DataPathGuard<TENANT, PAGE, BLOCK> where integrity,
        /// The ownership map's way to the control side.
        pub map: MapPort<SLOT, BLOCK> where integrity,
        /// High from two cycles after the first answer that was not the twin's, until reset. One edge later both ports refuse.
        pub tripped: Signal<Out, Bit> where lockstep,
        /// `translate_admitted` of the twin, one cycle after that of the first data path.
        pub twin_translate_admitted: Signal<Out, Access<ADDRESS, LENGTH>> where reports,
        /// `physical_admitted` of the twin, one cycle after that of the first data path.
        pub twin_physical_admitted: Signal<Out, Access<ADDRESS, LENGTH>> where reports,
        twin: DelayedDataPath<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW> where lockstep
            = DelayedDataPath::new(geometry),
        /// With windows per tenant: `window_base` for the twin, an edge before the twin admits the access.
        pub twin_window: Vec<Signal<In, Bits<ADDRESS>>> = vec![Default::default(); geometry.twin_windows()],
        check: AnswerCheck<ADDRESS> where lockstep,
        reasons: Reasons where lockstep,
    }
}

kernel! {
    LockstepDataPath<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
    #[hdl_gen]
    fn update(&mut self) blocks(first) {
        self.first.active.next = self.active.val();
        self.first.strict.next = self.strict.val();
        self.first.window_base.next = self.window_base.val();
        self.first.frame_base.next = self.frame_base.val();
        TableWrite::<TENANT, SLOT, PAGE, BLOCK>::link(&mut self.table_write, &mut self.first.table_write);
        ShadowWrite::<TENANT, SLOT, PAGE>::link(&mut self.shadow_write, &mut self.first.shadow_write);
        self.first.control_slot.next = self.control_slot.val();
        self.control_row.next = self.first.control_row.val();
        self.control_live.next = self.first.control_live.val();
        self.control_held.next = self.first.control_held.val();
        self.first.candidate_first.next = self.candidate_first.val();
        self.first.candidate_last.next = self.candidate_last.val();
        self.candidate_blocked.next = self.first.candidate_blocked.val();
        self.candidate_shared.next = self.first.candidate_shared.val();
        self.first.tail_guarded.next = self.tail_guarded.val();
        self.first.tail_slot.next = self.tail_slot.val();
        self.first.tail_first.next = self.tail_first.val();
        self.first.tail_last.next = self.tail_last.val();
        AccessRequest::<ADDRESS, LENGTH>::link(&mut self.translate_request, &mut self.first.translate_request);
        TranslateResponse::<ADDRESS>::link(&mut self.translate_response, &mut self.first.translate_response);
        self.translate_admitted.next = self.first.translate_admitted.val();
        AccessRequest::<ADDRESS, LENGTH>::link(&mut self.physical_request, &mut self.first.physical_request);
        PhysicalResponse::link(&mut self.physical_response, &mut self.first.physical_response);
        self.physical_admitted.next = self.first.physical_admitted.val();
    }
    when(guard) {
        DataPathGuard::<TENANT, PAGE, BLOCK>::link(&mut self.guard[0], &mut self.first.guard[0]);
        MapPort::<SLOT, BLOCK>::link(&mut self.map[0], &mut self.first.map[0]);
    }
    when(twin) blocks(twin) {
        self.twin[0].active.next = self.active.val();
        self.twin[0].strict.next = self.strict.val();
        self.twin[0].window_base.next = self.window_base.val();
        self.twin[0].frame_base.next = self.frame_base.val();
        TableWrite::<TENANT, SLOT, PAGE, BLOCK>::link(&mut self.table_write, &mut self.twin[0].table_write);
        ShadowWrite::<TENANT, SLOT, PAGE>::link(&mut self.shadow_write, &mut self.twin[0].shadow_write);
        self.twin[0].tail_guarded.next = self.tail_guarded.val();
        self.twin[0].tail_slot.next = self.tail_slot.val();
        self.twin[0].tail_first.next = self.tail_first.val();
        self.twin[0].tail_last.next = self.tail_last.val();
        AccessRequest::<ADDRESS, LENGTH>::link(&mut self.translate_request, &mut self.twin[0].translate_request);
        AccessRequest::<ADDRESS, LENGTH>::link(&mut self.physical_request, &mut self.twin[0].physical_request);
    }
    when(check) blocks(check) {
        // SEC_CM: LOCKSTEP.CLOSE
        if self.check[0].closes.val() {
            self.translate_response.granted.next = false;
            self.translate_response.not_mine.next = false;
            self.translate_response.physical.next = 0.into();
            self.translate_response.reason.next = self.reasons[0].integrity.val();
            self.physical_response.allowed.next = false;
            self.physical_response.reason.next = self.reasons[0].integrity.val();
        }
        // The check compares the values that leave the ports.
        self.check[0].translate.valid.next = self.translate_response.valid.val();
        self.check[0].translate.granted.next = self.translate_response.granted.val();
        self.check[0].translate.not_mine.next = self.translate_response.not_mine.val();
        self.check[0].translate.reason.next = self.translate_response.reason.val();
        self.check[0].translate.slot.next = self.translate_response.slot.val();
        self.check[0].translate.physical.next = self.translate_response.physical.val();
        self.check[0].physical.valid.next = self.physical_response.valid.val();
        self.check[0].physical.allowed.next = self.physical_response.allowed.val();
        self.check[0].physical.reason.next = self.physical_response.reason.val();
        self.check[0].physical.slot.next = self.physical_response.slot.val();
        TranslateSink::<ADDRESS>::join(&mut self.check[0].twin_translate, &mut self.twin[0].translate_response);
        PhysicalSink::join(&mut self.check[0].twin_physical, &mut self.twin[0].physical_response);
        self.tripped[0].next = self.check[0].tripped.val();
    }
    when(twin_window) {
        self.twin[0].window_base.next = self.twin_window[0].val();
    }
    when(twin_translate_admitted) {
        self.twin_translate_admitted[0].next = self.twin[0].translate_admitted.val();
        self.twin_physical_admitted[0].next = self.twin[0].physical_admitted.val();
        self.guard[0].intact.next = self.first.guard[0].intact.val() & !self.check[0].tripped.val();
        // The patrol's repetition of an entry stays away from the twin while accesses come: one may read the entry.
        if self.guard[0].renews_place.val() & self.translate_request.valid.val() {
            self.twin[0].shadow_write.enable.next = false;
        }
    }
}

impl<
        const ADDRESS: usize,
        const LENGTH: usize,
        const TENANT: usize,
        const SLOT: usize,
        const PAGE: usize,
        const BLOCK: usize,
        const SHADOW: usize,
    > Shell for LockstepDataPath<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
{
    type Core = DataPath<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>;

    fn core(&mut self) -> &mut Self::Core {
        &mut self.first
    }

    fn bare(&self) -> Option<&Self::Core> {
        self.twin.is_empty().then_some(&self.first)
    }
}

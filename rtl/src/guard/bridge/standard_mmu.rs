//! The standard MMU: the translation that exists without the Partition Manager. A page table per tenant, filled by software.
//!
//! ```text
//!   fill ------------------------v
//!   request --> {tenant, page} --> RAM --> present? permitted? whole in the page? --> {frame, offset} --> response
//! ```
//!
//! A response comes two edges after its request was taken. After a reset no request is taken until every entry is cleared (one an
//! edge). The MMU must never show a physical address with a fault.

use super::ports::{MmuFill, MmuRequest, MmuResponse};
use pm_verilog::{block, bundle, cells::BlockRam, cells::Register, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// Entry of a page table.
    pub struct MmuEntry<FRAME> {
        /// The page is mapped.
        pub present: Bit,
        /// The page may be read.
        pub read: Bit,
        /// The page may be written.
        pub write: Bit,
        /// Instructions may be fetched from the page.
        pub execute: Bit,
        /// Number of the physical page.
        pub frame: Bits<FRAME>,
    }
}

/// State of the MMU.
#[derive(Clone, Copy, Debug, PartialEq, LogicState)]
enum MmuState {
    Clearing,
    Idle,
    Looking,
    Answering,
}

/// A number of so many ones.
fn ones(bits: usize) -> u64 {
    if bits >= 64 {
        u64::MAX
    } else {
        (1u64 << bits) - 1
    }
}

block! {
    /// A single-level page table of `2^INDEX` pages for each of up to `2^TENANT` tenants. `ENTRIES` is `TENANT + INDEX`.
    pub struct StandardMmu<ADDRESS, LENGTH, TENANT, INDEX, ENTRIES, FRAME> with tenants: usize, page_bits: usize {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: forgets every translation.
        pub reset: Signal<In, Bit>,
        /// Page table entries that software writes.
        pub fill: MmuFill<INDEX, FRAME>,
        /// Accesses to translate.
        pub request: MmuRequest<ADDRESS, LENGTH>,
        /// Translations or faults, in the order of the requests.
        pub response: MmuResponse<ADDRESS>,
        state: Register<MmuState>,
        cleared: Register<Bits<ENTRIES>>,
        table_of_tenants: BlockRam<MmuEntry<FRAME>, ENTRIES> = BlockRam::without_collisions(),
        // About the request under way.
        plausible: Register<Bit>,
        kind: Register<Bits<2>>,
        offset: Register<Bits<ADDRESS>>,
        // The answer.
        translated: Register<Bit>,
        physical: Register<Bits<ADDRESS>>,
        // Results of the first cycle.
        tenant_exists: Signal<Local, Bit>,
        covered: Signal<Local, Bit>,
        whole: Signal<Local, Bit>,
        extent: Signal<Local, Bits<ADDRESS>>,
        last_offset: Signal<Local, Bits<ADDRESS>>,
        // Results of the second cycle.
        kind_permitted: Signal<Local, Bit>,
        last_tenant: Constant<Bits<8>> = Constant::new((tenants as u64 - 1).into()),
        page_bits: Constant<Bits<8>> = Constant::new((page_bits as u64).into()),
        index_bits: Constant<Bits<8>> = Constant::new((INDEX as u64).into()),
        offset_mask: Constant<Bits<ADDRESS>> = Constant::new(ones(page_bits).into()),
        uncovered_mask: Constant<Bits<ADDRESS>> = Constant::new((ones(ADDRESS) & !ones(page_bits + INDEX)).into()),
    }
    requires {
        assert!((1..=1usize << TENANT).contains(&tenants) && TENANT <= 8, "{tenants} tenants do not fit {TENANT} bits");
        assert_eq!(ENTRIES, TENANT + INDEX, "StandardMmu: ENTRIES must be TENANT + INDEX");
        assert!(
            page_bits + INDEX <= ADDRESS && page_bits + FRAME <= ADDRESS && page_bits < ADDRESS && LENGTH < ADDRESS,
            "StandardMmu: pages of 2^{page_bits} bytes do not fit {ADDRESS} address bits"
        );
    }
}

kernel! {
    StandardMmu<ADDRESS, LENGTH, TENANT, INDEX, ENTRIES, FRAME>
    #[hdl_gen]
    fn update(&mut self) registers(state, cleared, plausible, kind, offset, translated, physical) clocked(table_of_tenants) {
        self.request.ready.next = false;
        self.response.valid.next = false;
        self.response.fault.next = !self.translated.q.val();
        self.response.physical.next = self.physical.q.val();

        // Software's side, and the clearing that goes before it.
        self.fill.ready.next = false;
        self.fill.refused.next = self.fill.tenant.val() > self.last_tenant.val();
        self.table_of_tenants.write_enable.next = false;
        self.table_of_tenants.write_address.next = (bit_cast::<ENTRIES, 8>(self.fill.tenant.val())
            << self.index_bits.val())
            | bit_cast::<ENTRIES, INDEX>(self.fill.index.val());
        self.table_of_tenants.write_data.next.present = self.fill.rights.val().get_bit(0);
        self.table_of_tenants.write_data.next.read = self.fill.rights.val().get_bit(1);
        self.table_of_tenants.write_data.next.write = self.fill.rights.val().get_bit(2);
        self.table_of_tenants.write_data.next.execute = self.fill.rights.val().get_bit(3);
        self.table_of_tenants.write_data.next.frame = self.fill.frame.val();
        if self.state.q.val() == MmuState::Clearing {
            self.table_of_tenants.write_enable.next = true;
            self.table_of_tenants.write_address.next = self.cleared.q.val();
            self.table_of_tenants.write_data.next.present = false;
            self.table_of_tenants.write_data.next.read = false;
            self.table_of_tenants.write_data.next.write = false;
            self.table_of_tenants.write_data.next.execute = false;
            self.table_of_tenants.write_data.next.frame = 0.into();
        } else {
            // No entry is written in the cycle in which a request reads one.
            self.fill.ready.next = !((self.state.q.val() == MmuState::Idle) & self.request.valid.val());
            self.table_of_tenants.write_enable.next = self.fill.valid.val()
                & self.fill.ready.val()
                & (self.fill.tenant.val() <= self.last_tenant.val());
        }

        // Checks that need the request only.
        self.tenant_exists.next = self.request.tenant.val() <= self.last_tenant.val();
        self.covered.next = (self.request.address.val() & self.uncovered_mask.val()) == 0;
        self.extent.next = bit_cast::<ADDRESS, LENGTH>(self.request.length.val()) - 1;
        self.last_offset.next = (self.request.address.val() & self.offset_mask.val()) + self.extent.val();
        self.whole.next = (self.request.length.val() != 0)
            & ((self.last_offset.val() & !self.offset_mask.val()) == 0);
        self.table_of_tenants.read_address.next = (bit_cast::<ENTRIES, 8>(self.request.tenant.val())
            << self.index_bits.val())
            | bit_cast::<ENTRIES, INDEX>(
                self.request.address.val().get_bits::<INDEX>(self.page_bits.val().index()),
            );

        self.kind_permitted.next = false;
        if self.kind.q.val() == 0 {
            self.kind_permitted.next = self.table_of_tenants.read_data.val().read;
        } else if self.kind.q.val() == 1 {
            self.kind_permitted.next = self.table_of_tenants.read_data.val().write;
        } else if self.kind.q.val() == 2 {
            self.kind_permitted.next = self.table_of_tenants.read_data.val().execute;
        }

        match self.state.q.val() {
            MmuState::Idle => {
                self.request.ready.next = true;
                self.kind.d.next = self.request.kind.val();
                self.offset.d.next = self.request.address.val() & self.offset_mask.val();
                self.plausible.d.next = self.tenant_exists.val() & self.covered.val() & self.whole.val();
                if self.request.valid.val() {
                    self.state.d.next = MmuState::Looking;
                }
            }
            MmuState::Looking => {
                self.translated.d.next = false;
                self.physical.d.next = 0.into();
                if self.plausible.q.val()
                    & self.table_of_tenants.read_data.val().present
                    & self.kind_permitted.val()
                {
                    self.translated.d.next = true;
                    self.physical.d.next = self.offset.q.val()
                        | (bit_cast::<ADDRESS, FRAME>(self.table_of_tenants.read_data.val().frame)
                            << self.page_bits.val());
                }
                self.state.d.next = MmuState::Answering;
            }
            MmuState::Answering => {
                self.response.valid.next = true;
                if self.response.ready.val() {
                    self.state.d.next = MmuState::Idle;
                }
            }
            _ => {
                self.cleared.d.next = self.cleared.q.val() + 1;
                if self.cleared.q.val().all() {
                    self.state.d.next = MmuState::Idle;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2 tenants (of the 4 that fit), pages of 16 bytes, 8 pages covered, 16 frames.
    type Small = StandardMmu<12, 7, 2, 3, 5, 4>;

    fn step(mmu: &mut Small) {
        simulate(mmu, 100);
        mmu.clock.next = true.into();
        simulate(mmu, 100);
        mmu.clock.next = false.into();
        simulate(mmu, 100);
    }

    fn new() -> Small {
        let mut mmu = Small::new(2, 4);
        mmu.connect_all();
        check_all(&mmu).unwrap();
        mmu
    }

    /// Steps until the table is cleared; returns how many edges that took.
    fn until_ready(mmu: &mut Small) -> usize {
        for edges in 0..100 {
            simulate(mmu, 100);
            if mmu.request.ready.val() {
                return edges;
            }
            step(mmu);
        }
        panic!("never ready");
    }

    fn fill(mmu: &mut Small, tenant: u64, index: u64, rights: u64, frame: u64) -> bool {
        mmu.fill.valid.next = true;
        mmu.fill.tenant.next = tenant.into();
        mmu.fill.index.next = index.into();
        mmu.fill.rights.next = rights.into();
        mmu.fill.frame.next = frame.into();
        simulate(mmu, 100);
        let taken = mmu.fill.ready.val() & !mmu.fill.refused.val();
        step(mmu);
        mmu.fill.valid.next = false;
        simulate(mmu, 100);
        taken
    }

    /// The physical address, or `None` for a fault.
    fn ask(mmu: &mut Small, (tenant, address, length, kind): (u64, u64, u64, u64)) -> Option<u64> {
        mmu.request.valid.next = true;
        mmu.request.tenant.next = tenant.into();
        mmu.request.address.next = address.into();
        mmu.request.length.next = length.into();
        mmu.request.kind.next = kind.into();
        simulate(mmu, 100);
        assert!(mmu.request.ready.val());
        step(mmu);
        mmu.request.valid.next = false;
        // No field of the request is read after the request was taken.
        mmu.request.tenant.next = 0xFF.into();
        mmu.request.address.next = 0xFFF.into();
        mmu.request.kind.next = 3.into();
        step(mmu);
        for _ in 0..3 {
            assert!(mmu.response.valid.val() && !mmu.request.ready.val(), "the answer comes after two edges and stays");
            step(mmu);
        }
        let (fault, physical) = (mmu.response.fault.val(), mmu.response.physical.val().to_u64());
        assert!(!fault || physical == 0, "an address with a fault: {physical:#x}");
        mmu.response.ready.next = true;
        step(mmu);
        mmu.response.ready.next = false;
        simulate(mmu, 100);
        assert!(!mmu.response.valid.val());
        (!fault).then_some(physical)
    }

    const READ: u64 = 0b0011;
    const WRITE: u64 = 0b0101;
    const EXECUTE: u64 = 0b1001;

    #[test]
    fn translates_what_is_filled_and_nothing_else() {
        let mut mmu = new();
        assert_eq!(until_ready(&mut mmu), 32);
        assert!(fill(&mut mmu, 0, 2, READ, 0xA));
        assert!(fill(&mut mmu, 1, 2, WRITE, 0xB));
        assert!(fill(&mut mmu, 1, 7, EXECUTE, 0xF));
        assert!(fill(&mut mmu, 1, 3, 0b1110, 0xC)); // every right, but not present
        assert!(!fill(&mut mmu, 2, 2, 0xF, 0x1), "tenant 2 does not exist");
        let check = |mmu: &mut Small, access, expected: Option<u64>| assert_eq!(ask(mmu, access), expected, "{access:x?}");
        // (tenant, address, length, kind)
        check(&mut mmu, (0, 0x20, 1, 0), Some(0xA0));
        check(&mut mmu, (0, 0x2F, 1, 0), Some(0xAF));
        check(&mut mmu, (0, 0x20, 16, 0), Some(0xA0));
        check(&mut mmu, (0, 0x20, 17, 0), None); // leaves the page
        check(&mut mmu, (0, 0x2F, 2, 0), None);
        check(&mut mmu, (0, 0x20, 64, 0), None);
        check(&mut mmu, (0, 0x2F, 127, 0), None);
        check(&mut mmu, (0, 0x24, 0, 0), None); // no length
        check(&mut mmu, (0, 0x20, 0, 0), None);
        check(&mut mmu, (0, 0x24, 4, 1), None); // kinds
        check(&mut mmu, (0, 0x24, 4, 2), None);
        check(&mut mmu, (0, 0x24, 4, 3), None);
        check(&mut mmu, (1, 0x24, 4, 1), Some(0xB4));
        check(&mut mmu, (1, 0x24, 4, 0), None);
        check(&mut mmu, (1, 0x74, 4, 2), Some(0xF4));
        check(&mut mmu, (1, 0x74, 4, 1), None);
        check(&mut mmu, (1, 0x74, 4, 3), None);
        check(&mut mmu, (1, 0x34, 4, 0), None); // not present
        check(&mut mmu, (0, 0x34, 4, 0), None); // never filled
        check(&mut mmu, (2, 0x24, 4, 0), None); // no such tenant
        check(&mut mmu, (0x80, 0x24, 4, 0), None);
        check(&mut mmu, (0, 0xA0, 4, 0), None); // beyond the covered range, same index
        check(&mut mmu, (0, 0x820, 4, 0), None);
        // An entry can be taken away.
        assert!(fill(&mut mmu, 0, 2, 0, 0));
        check(&mut mmu, (0, 0x20, 1, 0), None);
    }

    #[test]
    fn a_reset_at_any_moment_forgets_everything() {
        for moment in 0..4 {
            let mut mmu = new();
            until_ready(&mut mmu);
            fill(&mut mmu, 0, 2, READ, 0xA);
            mmu.request.valid.next = true;
            mmu.request.address.next = 0x20.into();
            mmu.request.length.next = 1.into();
            for _ in 0..moment {
                step(&mut mmu);
            }
            mmu.reset.next = true;
            mmu.request.valid.next = false;
            step(&mut mmu);
            mmu.reset.next = false;
            simulate(&mut mmu, 100);
            assert!(!mmu.response.valid.val() && !mmu.fill.ready.val() && !mmu.request.ready.val());
            assert_eq!(until_ready(&mut mmu), 32, "moment {moment}");
            assert_eq!(ask(&mut mmu, (0, 0x20, 1, 0)), None);
        }
    }

    #[test]
    fn a_fill_during_the_clearing_waits() {
        let mut mmu = new();
        assert!(!fill(&mut mmu, 0, 0, READ, 1));
        until_ready(&mut mmu);
        assert_eq!(ask(&mut mmu, (0, 0, 1, 0)), None);
    }
}

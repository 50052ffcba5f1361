//! The shadow page tables: which slot does this tenant's page belong to?
//!
//! ```text
//!   read {tenant, page} ---->|           |----> {mapped, slot}   one edge later
//!   write {tenant, page} --->| block RAM |
//! ```

use pm_interface::Geometry;
use pm_verilog::{
    block, bundle,
    cells::{BlockRam, Register},
    kernel,
};
use rust_hdl::prelude::*;

bundle! {
    /// Entry of a shadow page table, for one page.
    pub struct ShadowEntry<SLOT> {
        /// High: the page belongs to a partition.
        pub mapped: Bit,
        /// Slot of that partition; valid with `mapped`.
        pub slot: Bits<SLOT>,
    }
}

/// Writes one entry of a shadow page table.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct ShadowWrite<const TENANT: usize, const SLOT: usize, const PAGE: usize> {
    /// High: the entry is replaced at the next edge.
    pub enable: Signal<In, Bit>,
    /// Tenant whose table is written; valid with `enable`.
    pub tenant: Signal<In, Bits<TENANT>>,
    /// Page whose entry is replaced; valid with `enable`.
    pub page: Signal<In, Bits<PAGE>>,
    /// New entry of the page; valid with `enable`.
    pub entry: Signal<In, ShadowEntry<SLOT>>,
}

block! {
    /// All tenants' shadow page tables in one block RAM, with a parity beside each entry with `integrity`.
    ///
    /// A tenant that does not exist shares the entries of one that does; whatever the entry says, Respond refuses that tenant.
    pub struct ShadowTable<TENANT, SLOT, PAGE, SHADOW> for geometry {
        /// Rising edge writes and reads the memory.
        pub clock: Signal<In, Clock>,
        /// Write port of the tables.
        pub shadow_write: ShadowWrite<TENANT, SLOT, PAGE>,
        /// Tenant whose table is read, in every cycle.
        pub tenant: Signal<In, Bits<TENANT>>,
        /// Page whose entry is read, in every cycle.
        pub page: Signal<In, Bits<PAGE>>,
        /// Entry of the page, one edge later.
        pub entry: Signal<Out, ShadowEntry<SLOT>>,
        read_index: Signal<Local, Bits<SHADOW>>,
        write_index: Signal<Local, Bits<SHADOW>>,
        // An entry changes only while no row is valid for its page, so a word that is read at that time grants no access.
        memory: BlockRam<ShadowEntry<SLOT>, SHADOW> = BlockRam::without_collisions()
            .sized(words::<TENANT, PAGE, SHADOW>(geometry))
            .guarded(usize::from(geometry.features.integrity)),
        page_bits: Constant<Bits<6>> = Constant::new(PAGE.to_bits()),
        /// High when `entry` has the parity with which it was written.
        pub intact: Signal<Out, Bit> where integrity,
        /// High: the write repeats the stored entry. The table leaves out the write where an access reads the same word.
        pub renews: Signal<In, Bit> where integrity,
        /// High: an access reads the entry of `tenant` and `page`.
        pub asked: Signal<In, Bit> where integrity,
        collides: Signal<Local, Bit> where integrity,
        there: Constant<Bits<SHADOW>> where integrity
            = Constant::new((words::<TENANT, PAGE, SHADOW>(geometry) - 1).to_bits()),
        written: Register<Bit> where integrity,
    }
}

/// The entries of the tenants that exist, up to a power of two.
fn words<const TENANT: usize, const PAGE: usize, const SHADOW: usize>(geometry: &Geometry) -> usize {
    assert_eq!(SHADOW, TENANT + PAGE, "the index of a shadow entry is {{tenant, page}}");
    geometry.tenants.next_power_of_two() << PAGE
}

kernel! {
    ShadowTable<TENANT, SLOT, PAGE, SHADOW>
    #[hdl_gen]
    fn update(&mut self) clocked(memory) {
        self.read_index.next =
            (bit_cast::<SHADOW, TENANT>(self.tenant.val()) << self.page_bits.val()) | bit_cast::<SHADOW, PAGE>(self.page.val());
        self.memory.read_address.next = self.read_index.val();
        self.entry.next = self.memory.read_data.val();
        self.write_index.next = (bit_cast::<SHADOW, TENANT>(self.shadow_write.tenant.val()) << self.page_bits.val())
            | bit_cast::<SHADOW, PAGE>(self.shadow_write.page.val());
        self.memory.write_address.next = self.write_index.val();
        self.memory.write_data.next = self.shadow_write.entry.val();
        self.memory.write_enable.next = self.shadow_write.enable.val();
    }
    when(intact) clocked(written) {
        self.collides[0].next =
            (self.write_index.val() & self.there[0].val()) == (self.read_index.val() & self.there[0].val());
        if self.renews[0].val() & self.asked[0].val() & self.collides[0].val() {
            self.memory.write_enable.next = false;
        }
        // A word that was read in the cycle in which it was written may be anything, and no block uses it.
        self.written[0].reset.next = false;
        self.written[0].d.next = self.shadow_write.enable.val() & self.collides[0].val();
        self.intact[0].next = self.memory.intact[0].val() | self.written[0].q.val();
    }
}

impl<const TENANT: usize, const SLOT: usize, const PAGE: usize, const SHADOW: usize> ShadowTable<TENANT, SLOT, PAGE, SHADOW> {
    /// Overwrites an entry: fault injection.
    pub fn poke(&mut self, tenant: usize, page: usize, mapped: bool, slot: u64) {
        self.memory.poke(tenant << PAGE | page, ShadowEntry { mapped, slot: slot.into() });
    }

    /// Flips a bit of an entry, its parity above the others: fault injection.
    pub fn flip(&mut self, tenant: usize, page: usize, bit: usize) {
        self.memory.flip(tenant << PAGE | page, bit);
    }

    /// Entry of a page, for tests.
    pub fn peek(&self, tenant: usize, page: usize) -> ShadowEntry<SLOT> {
        self.memory.peek(tenant << PAGE | page)
    }
}

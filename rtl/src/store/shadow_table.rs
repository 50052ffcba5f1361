//! The shadow page tables: which slot does this tenant's page belong to?
//!
//! ```text
//!   read {tenant, page} ---->|           |----> {mapped, slot}   one edge later
//!   write {tenant, page} --->| block RAM |
//! ```

use pm_interface::Geometry;
use pm_verilog::{
    bundle,
    cells::{BlockRam, Register},
};
use rust_hdl::prelude::*;

bundle! {
    /// What a shadow page table says of one page.
    pub struct ShadowEntry<SLOT> {
        /// The page belongs to a partition.
        pub mapped: Bit,
        /// Which one.
        pub slot: Bits<SLOT>,
    }
}

/// Writes one entry of a shadow page table.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct ShadowWrite<const TENANT: usize, const SLOT: usize, const PAGE: usize> {
    /// Write at the next edge.
    pub enable: Signal<In, Bit>,
    /// Whose table.
    pub tenant: Signal<In, Bits<TENANT>>,
    /// Which page.
    pub page: Signal<In, Bits<PAGE>>,
    /// What it says from now on.
    pub entry: Signal<In, ShadowEntry<SLOT>>,
}

/// All tenants' shadow page tables in one block RAM.
#[derive(Clone, Debug, LogicBlock)]
pub struct ShadowTable<const TENANT: usize, const SLOT: usize, const PAGE: usize, const SHADOW: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// The write port.
    pub shadow_write: ShadowWrite<TENANT, SLOT, PAGE>,
    /// Whose table is read.
    pub tenant: Signal<In, Bits<TENANT>>,
    /// Which page is read.
    pub page: Signal<In, Bits<PAGE>>,
    /// What the table says, one edge later.
    pub entry: Signal<Out, ShadowEntry<SLOT>>,
    read_index: Signal<Local, Bits<SHADOW>>,
    write_index: Signal<Local, Bits<SHADOW>>,
    memory: BlockRam<ShadowEntry<SLOT>, SHADOW>,
    page_bits: Constant<Bits<6>>,
    /// With `integrity`: `entry` has the parity with which it was written.
    pub intact: Vec<Signal<Out, Bit>>,
    /// With `integrity`: the write repeats what stands there. It is left out where an access reads the word.
    pub renews: Vec<Signal<In, Bit>>,
    /// With `integrity`: an access reads.
    pub asked: Vec<Signal<In, Bit>>,
    collides: Vec<Signal<Local, Bit>>,
    there: Vec<Constant<Bits<SHADOW>>>,
    written: Vec<Register<Bit>>,
    _guards: usize,
}

impl<const TENANT: usize, const SLOT: usize, const PAGE: usize, const SHADOW: usize> Default
    for ShadowTable<TENANT, SLOT, PAGE, SHADOW>
{
    fn default() -> Self {
        assert_eq!(SHADOW, TENANT + PAGE, "the index of a shadow entry is {{tenant, page}}");
        Self {
            clock: Default::default(),
            shadow_write: Default::default(),
            tenant: Default::default(),
            page: Default::default(),
            entry: Default::default(),
            read_index: Default::default(),
            write_index: Default::default(),
            // Entries change only while no row is valid for their page: whatever is read meanwhile, nothing is granted.
            memory: BlockRam::without_collisions(),
            page_bits: Constant::new(PAGE.to_bits()),
            intact: Vec::new(),
            renews: Vec::new(),
            asked: Vec::new(),
            collides: Vec::new(),
            there: Vec::new(),
            written: Vec::new(),
            _guards: 0,
        }
    }
}

impl<const TENANT: usize, const SLOT: usize, const PAGE: usize, const SHADOW: usize> Logic
    for ShadowTable<TENANT, SLOT, PAGE, SHADOW>
{
    #[hdl_gen]
    fn update(&mut self) {
        self.memory.clock.next = self.clock.val();
        self.read_index.next =
            (bit_cast::<SHADOW, TENANT>(self.tenant.val()) << self.page_bits.val()) | bit_cast::<SHADOW, PAGE>(self.page.val());
        self.memory.read_address.next = self.read_index.val();
        self.entry.next = self.memory.read_data.val();
        self.write_index.next = (bit_cast::<SHADOW, TENANT>(self.shadow_write.tenant.val()) << self.page_bits.val())
            | bit_cast::<SHADOW, PAGE>(self.shadow_write.page.val());
        self.memory.write_address.next = self.write_index.val();
        self.memory.write_data.next = self.shadow_write.entry.val();
        self.memory.write_enable.next = self.shadow_write.enable.val();
        // A word that was read in the cycle in which it was written may be anything, and nobody looks at it.
        for i in 0..self._guards {
            self.written[i].clock.next = self.clock.val();
            self.written[i].reset.next = false;
            self.collides[i].next =
                (self.write_index.val() & self.there[i].val()) == (self.read_index.val() & self.there[i].val());
            if self.renews[i].val() & self.asked[i].val() & self.collides[i].val() {
                self.memory.write_enable.next = false;
            }
            self.written[i].d.next = self.shadow_write.enable.val() & self.collides[i].val();
            self.intact[i].next = self.memory.intact[i].val() | self.written[i].q.val();
        }
    }
}

impl<const TENANT: usize, const SLOT: usize, const PAGE: usize, const SHADOW: usize> ShadowTable<TENANT, SLOT, PAGE, SHADOW> {
    /// For the tenants of `geometry`; with `integrity` there is a parity bit beside each entry.
    ///
    /// A tenant that does not exist shares the entries of one that does; whatever it is told, Respond refuses it.
    pub fn new(geometry: &Geometry) -> Self {
        let guards = usize::from(geometry.features.integrity);
        let words = geometry.tenants.next_power_of_two() << PAGE;
        Self {
            memory: BlockRam::without_collisions().sized(words).guarded(guards),
            intact: vec![Default::default(); guards],
            renews: vec![Default::default(); guards],
            asked: vec![Default::default(); guards],
            collides: vec![Default::default(); guards],
            there: vec![Constant::new((words - 1).to_bits()); guards],
            written: vec![Default::default(); guards],
            _guards: guards,
            ..Default::default()
        }
    }

    /// Overwrites an entry: fault injection.
    pub fn poke(&mut self, tenant: usize, page: usize, mapped: bool, slot: u64) {
        self.memory.poke(tenant << PAGE | page, ShadowEntry { mapped, slot: slot.into() });
    }

    /// Flips a bit of an entry, its parity above the others: fault injection.
    pub fn flip(&mut self, tenant: usize, page: usize, bit: usize) {
        self.memory.flip(tenant << PAGE | page, bit);
    }

    /// What the table says of a page.
    pub fn peek(&self, tenant: usize, page: usize) -> ShadowEntry<SLOT> {
        self.memory.peek(tenant << PAGE | page)
    }
}

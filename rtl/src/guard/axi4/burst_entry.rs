//! One burst under way, from the moment the Partition Manager is asked about it until its last answer is taken.
//!
//! ```text
//!   Free --taken--> Asked --granted-----------------> Granted --at the head, taken by the memory--> Forwarded --+
//!     ^              | | '--crosses 4 KiB in memory--> Reporting --at the head, logged--+                       |
//!     |              | '----refused------------------> Refused ---at the head-----------+--> Denied ------------+
//!     |              '------not mine--> Checking --allowed--> Granted, else Refused                             |
//!     '---------------------------------------------- last answer taken ----------------------------------------'
//! ```
//!
//! A read whose master takes no data is given up (`gives_up`): the memory's answer is dropped, and the burst goes from Forwarded
//! to Denied, so that the master gets an error for each beat that is left.
//!
//! `behind` names the earlier bursts of the same identifier, so that answers of one identifier keep their order. A burst that is
//! not granted never reaches Forwarded.

use super::ports::Attributes;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// State of a burst.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum BurstState {
    /// The entry holds no burst.
    Free,
    /// The translate port has been asked.
    Asked,
    /// The standard MMU or the physical port has been asked.
    Checking,
    /// The burst is refused, and the refusal is not logged yet.
    Reporting,
    /// The burst is refused, and earlier addresses have not left yet.
    Refused,
    /// The burst is to be answered with an error.
    Denied,
    /// The burst is granted, and its address goes to the memory next in order.
    Granted,
    /// The memory has taken the address.
    Forwarded,
}

block! {
    /// One place of a queue of bursts: the state and the address of a burst. `bytes`: those of a beat of the bus, 16 of which are the
    /// largest container that a WRAP wraps in. No granule may be smaller.
    pub struct BurstEntry<ADDRESS, ID, USER> with bytes: usize {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the entry is free.
        pub reset: Signal<In, Bit>,
        /// Number of this entry, a constant.
        pub index: Signal<In, Bits<4>>,
        /// Bit of this entry in the masks of entries, a constant.
        pub own: Signal<In, Bits<16>>,
        /// The entry at `tail` takes a burst in this cycle.
        pub take: Signal<In, Bit>,
        /// Number of the entry that takes the burst; valid with `take`.
        pub tail: Signal<In, Bits<4>>,
        /// Address of the new burst: logical of a tenant, physical of the scrubber; valid with `take`.
        pub new_address: Signal<In, Bits<ADDRESS>>,
        /// Attributes of the address channel of the new burst; valid with `take`.
        pub new_attributes: Signal<In, Attributes<ID, USER>>,
        /// The new burst is a word of the scrubber and needs no verdict; valid with `take`.
        pub new_scrub: Signal<In, Bit>,
        /// The new burst has no write data to wait for; valid with `take`.
        pub new_drained: Signal<In, Bit>,
        /// Mask of the entries with a burst of the identifier of `new_attributes`.
        pub alike: Signal<In, Bits<16>>,
        /// The translate port has decided about the entry at `translated_index`.
        pub translated: Signal<In, Bit>,
        /// Number of the entry that the translate port decided about; valid with `translated`.
        pub translated_index: Signal<In, Bits<4>>,
        /// The translate port granted the burst; valid with `translated`.
        pub translated_granted: Signal<In, Bit>,
        /// The translate port called the burst not mine; valid with `translated`.
        pub translated_elsewhere: Signal<In, Bit>,
        /// The burst crosses a boundary of 4 KiB in memory; valid with `translated_granted`.
        pub translated_crosses: Signal<In, Bit>,
        /// Physical address of the lowest byte; valid with `translated_granted`.
        pub translated_physical: Signal<In, Bits<ADDRESS>>,
        /// The physical port has decided about the entry at `checked_index`.
        pub checked: Signal<In, Bit>,
        /// Number of the entry that the physical port decided about; valid with `checked`.
        pub checked_index: Signal<In, Bits<4>>,
        /// The physical port allowed the burst; valid with `checked`.
        pub checked_allowed: Signal<In, Bit>,
        /// Physical address of the lowest byte; valid with `checked_allowed`.
        pub checked_physical: Signal<In, Bits<ADDRESS>>,
        /// Number of the entry whose address is next for the memory.
        pub head: Signal<In, Bits<4>>,
        /// The burst at the head leaves: the memory took its address, the report was logged, or the burst was refused.
        pub advance: Signal<In, Bit>,
        /// Write data no longer match their addresses: no further burst is granted.
        pub astray: Signal<In, Bit>,
        /// Number of the entry whose write data are moving.
        pub mover: Signal<In, Bits<4>>,
        /// The last of the data of the burst at `mover` moves in this cycle.
        pub moved: Signal<In, Bit>,
        /// The data that moved were not those that the address announced; valid with `moved`.
        pub moved_badly: Signal<In, Bit>,
        /// Identifier of the answer that the memory offers.
        pub answered_id: Signal<In, Bits<ID>>,
        /// A beat of the answer of the burst that answers is taken in this cycle.
        pub beat_answered: Signal<In, Bit>,
        /// A burst at the memory, or granted now, is given up: the memory's answer to the burst is dropped.
        pub gives_up: Signal<In, Bit>,
        /// The last beat of the answer of the burst that drops is taken in this cycle.
        pub dropped: Signal<In, Bit>,
        /// Mask of the entries whose bursts are at the memory.
        pub others_at_memory: Signal<In, Bits<16>>,
        /// Mask of the entries whose last answer is taken in this cycle.
        pub ends: Signal<In, Bits<16>>,
        /// The entry remembers whether its burst is under way now.
        pub fence: Signal<In, Bit>,
        /// The entry holds a burst.
        pub alive: Signal<Out, Bit>,
        /// The burst was under way at the fence, and may still touch memory.
        pub fenced: Signal<Out, Bit>,
        /// The burst is at the head, and granted.
        pub head_granted: Signal<Out, Bit>,
        /// The burst is at the head, and refused.
        pub head_refused: Signal<Out, Bit>,
        /// The burst is at the head, and its refusal is to be logged.
        pub head_reports: Signal<Out, Bit>,
        /// The data of the burst are next, and go to the memory.
        pub data_passes: Signal<Out, Bit>,
        /// The data of the burst are next, and are dropped.
        pub data_drains: Signal<Out, Bit>,
        /// The burst awaits an answer of the memory with `answered_id`.
        pub expects: Signal<Out, Bit>,
        /// The answer with `answered_id` belongs to this burst and may be given now.
        pub answers: Signal<Out, Bit>,
        /// The answer with `answered_id` belongs to this burst, which is given up.
        pub drops: Signal<Out, Bit>,
        /// Bit of this entry, if its burst is at the memory; else zero.
        pub at_memory: Signal<Out, Bits<16>>,
        /// Beats of the answer that the master has got.
        pub given: Signal<Out, Bits<8>>,
        /// The burst was under way at the last fence.
        pub marked: Signal<Out, Bit>,
        /// The burst may be answered with an error now.
        pub deniable: Signal<Out, Bit>,
        /// The data of the burst were not those that its address announced.
        pub broken: Signal<Out, Bit>,
        /// The burst is a word of the scrubber.
        pub scrub: Signal<Out, Bit>,
        /// Address of the burst: as the tenant sees it until granted, then physical.
        pub address: Signal<Out, Bits<ADDRESS>>,
        /// Attributes of the address channel of the burst.
        pub attributes: Signal<Out, Attributes<ID, USER>>,
        /// Beats of the burst, less one.
        pub len: Signal<Out, Bits<8>>,
        /// Tenant that asked for the burst.
        pub tenant: Signal<Out, Bits<8>>,
        /// Bit of this entry, if the entry holds a burst of the identifier of `new_attributes`; else zero.
        pub likeness: Signal<Out, Bits<16>>,
        state: Register<BurstState>,
        place: Register<Bits<ADDRESS>>,
        channel: Register<Attributes<ID, USER>>,
        behind: Register<Bits<16>>,
        drained: Register<Bit>,
        garbled: Register<Bit>,
        scrubs: Register<Bit>,
        caught: Register<Bit>,
        /// Beats of the answer that the master has got, for reads.
        beats: Register<Bits<8>>,
        /// The memory's answer is dropped.
        lost: Register<Bit>,
        is_head: Signal<Local, Bit>,
        is_mover: Signal<Local, Bit>,
        low: Constant<Bits<ADDRESS>> = Constant::new((16 * bytes - 1).to_bits()),
    }
}

kernel! {
    BurstEntry<ADDRESS, ID, USER>
    #[hdl_gen]
    fn update(&mut self) registers(state, place, channel, behind, drained, garbled, scrubs, caught, beats, lost) {
        self.is_head.next = self.head.val() == self.index.val();
        self.is_mover.next = self.mover.val() == self.index.val();

        // The memory's answer: is it this burst's?
        self.expects.next = (self.state.q.val() == BurstState::Forwarded)
            & (self.channel.q.val().id == self.answered_id.val());
        self.answers.next =
            self.expects.val() & self.drained.q.val() & (self.behind.q.val() == 0) & !self.lost.q.val();
        // Answers of one identifier come in order: this one's turn is when no earlier one is at the memory.
        self.drops.next =
            self.expects.val() & self.lost.q.val() & ((self.behind.q.val() & self.others_at_memory.val()) == 0);

        self.behind.d.next = self.behind.q.val() & !self.ends.val();
        if self.fence.val() {
            self.caught.d.next = self.state.q.val() != BurstState::Free;
        }

        // The verdict of the Partition Manager. Translation keeps the lowest byte's place in the granule. So the first beat keeps
        // its place too, within the container that a WRAP wraps in.
        match self.state.q.val() {
            BurstState::Asked => {
                if self.translated.val() & (self.translated_index.val() == self.index.val()) {
                    self.state.d.next = BurstState::Refused;
                    if self.astray.val() {
                        self.state.d.next = BurstState::Refused;
                    } else if self.translated_granted.val() & self.translated_crosses.val() {
                        self.state.d.next = BurstState::Reporting;
                    } else if self.translated_granted.val() {
                        self.state.d.next = BurstState::Granted;
                        self.place.d.next = (self.translated_physical.val() & !self.low.val())
                            | (self.place.q.val() & self.low.val());
                    } else if self.translated_elsewhere.val() {
                        self.state.d.next = BurstState::Checking;
                    }
                }
            }
            BurstState::Checking => {
                if self.checked.val() & (self.checked_index.val() == self.index.val()) {
                    self.state.d.next = BurstState::Refused;
                    if self.checked_allowed.val() & !self.astray.val() {
                        self.state.d.next = BurstState::Granted;
                        self.place.d.next = (self.checked_physical.val() & !self.low.val())
                            | (self.place.q.val() & self.low.val());
                    }
                }
            }
            BurstState::Granted => {
                if self.is_head.val() & self.advance.val() {
                    self.state.d.next = BurstState::Forwarded;
                } else if self.astray.val() & !self.is_head.val() & !self.scrubs.q.val() {
                    // The address at the head has been offered, and an offer must stay until taken.
                    self.state.d.next = BurstState::Refused;
                }
            }
            BurstState::Reporting => {
                if self.is_head.val() & self.advance.val() {
                    self.state.d.next = BurstState::Denied;
                }
            }
            BurstState::Refused => {
                if self.is_head.val() & self.advance.val() {
                    self.state.d.next = BurstState::Denied;
                }
            }
            // Forwarded and denied bursts wait for their answers; a free entry waits for a burst.
            _ => {
                self.state.d.next = self.state.q.val();
            }
        }
        if self.gives_up.val()
            & ((self.state.q.val() == BurstState::Granted) | (self.state.q.val() == BurstState::Forwarded))
        {
            self.lost.d.next = true;
        }
        if self.answers.val() & self.beat_answered.val() {
            self.beats.d.next = self.beats.q.val() + 1;
        }
        if self.drops.val() & self.dropped.val() {
            self.state.d.next = BurstState::Denied;
        }
        if self.is_mover.val() & self.moved.val() {
            self.drained.d.next = true;
            self.garbled.d.next = self.moved_badly.val();
        }

        // Comes and goes.
        if (self.ends.val() & self.own.val()) != 0 {
            self.state.d.next = BurstState::Free;
            self.caught.d.next = false;
        }
        if self.take.val() & (self.tail.val() == self.index.val()) {
            self.state.d.next = BurstState::Asked;
            if self.new_scrub.val() {
                self.state.d.next = BurstState::Granted;
            }
            self.place.d.next = self.new_address.val();
            self.channel.d.next = self.new_attributes.val();
            self.behind.d.next = self.alike.val() & !self.ends.val();
            self.drained.d.next = self.new_drained.val();
            self.garbled.d.next = false;
            self.scrubs.d.next = self.new_scrub.val();
            self.beats.d.next = 0.into();
            self.lost.d.next = false;
            self.caught.d.next = false;
        }

        self.alive.next = self.state.q.val() != BurstState::Free;
        self.fenced.next = self.caught.q.val()
            & (self.state.q.val() != BurstState::Refused)
            & (self.state.q.val() != BurstState::Reporting)
            & (self.state.q.val() != BurstState::Denied);
        self.head_granted.next = self.is_head.val() & (self.state.q.val() == BurstState::Granted);
        self.head_refused.next = self.is_head.val() & (self.state.q.val() == BurstState::Refused);
        self.head_reports.next = self.is_head.val() & (self.state.q.val() == BurstState::Reporting);
        self.data_passes.next = self.is_mover.val()
            & !self.drained.q.val()
            & ((self.state.q.val() == BurstState::Forwarded) | self.head_granted.val());
        self.data_drains.next = self.is_mover.val()
            & !self.drained.q.val()
            & ((self.state.q.val() == BurstState::Refused)
                | (self.state.q.val() == BurstState::Reporting)
                | (self.state.q.val() == BurstState::Denied));
        self.at_memory.next = 0.into();
        if self.state.q.val() == BurstState::Forwarded {
            self.at_memory.next = self.own.val();
        }
        self.given.next = self.beats.q.val();
        self.marked.next = self.caught.q.val();
        self.deniable.next = (self.state.q.val() == BurstState::Denied)
            & self.drained.q.val()
            & (self.behind.q.val() == 0);
        self.broken.next = self.garbled.q.val();
        self.scrub.next = self.scrubs.q.val();
        self.address.next = self.place.q.val();
        self.attributes.next = self.channel.q.val();
        self.len.next = self.channel.q.val().len;
        self.tenant.next = self.channel.q.val().user.get_bits::<8>(0);
        self.likeness.next = 0.into();
        if (self.state.q.val() != BurstState::Free) & (self.channel.q.val().id == self.new_attributes.val().id) {
            self.likeness.next = self.own.val();
        }
    }
}

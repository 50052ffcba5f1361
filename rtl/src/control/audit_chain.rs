//! The log's hash chain: which records has the digest taken in? No other block waits for the chain.
//!
//! ```text
//!   stored --> waiting --> start --> ChainDigest --done--> chained, count
//!                                        ^
//!   log's RAM --[edge]--> word ----------+    in cycles before which no register read was due
//! ```
//!
//! Latency: a record is `chained` [`CHAIN_CYCLES`] cycles after the one before, or after it was stored if nothing waits;
//! later by the cycles in which the reader has the RAM. The chain must never call a record chained that the digest has not
//! taken in, nor read a word that is not yet written.

use pm_interface::AUDIT_WORDS;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// Cycles from one record to the next, while records wait and no register is read.
pub const CHAIN_CYCLES: u64 = crate::crypto::RECORD_CYCLES + 2;

block! {
    /// Feeds the records of the log to the digest, one after the other.
    pub struct AuditChain<WORD_BITS> {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no record is chained.
        pub reset: Signal<In, Bit>,
        /// High: after this cycle a further record is whole in the log's RAM.
        pub stored: Signal<In, Bit>,
        /// High: the reader has the RAM's read port in this cycle.
        pub taken: Signal<In, Bit>,
        /// Address of the word to read in the other cycles.
        pub address: Signal<Out, Bits<WORD_BITS>>,
        /// Word of the log at the address of the cycle before.
        pub read_data: Signal<In, Bits<32>>,
        /// High: the digest takes in a further record; see [`crate::crypto::ChainDigest::start`].
        pub start: Signal<Out, Bit>,
        /// High while `word` is offered; it stays until taken.
        pub word_valid: Signal<Out, Bit>,
        /// High: the digest takes the word in this cycle.
        pub word_ready: Signal<In, Bit>,
        /// Word for the digest.
        pub word: Signal<Out, Bits<32>>,
        /// High while the digest is at work; see [`crate::crypto::ChainDigest::busy`].
        pub digest_busy: Signal<In, Bit>,
        /// High for one cycle: the record is in the digest; see [`crate::crypto::ChainDigest::done`].
        pub digest_done: Signal<In, Bit>,
        /// High for one cycle: the oldest record that was not readable is readable now.
        pub chained: Signal<Out, Bit>,
        /// Code of the `Event` of that record; valid with `chained`.
        pub told_event: Signal<Out, Bits<4>>,
        /// Kind of that record; valid with `chained`.
        pub told_kind: Signal<Out, Bits<4>>,
        /// Number of records stored and not yet chained.
        pub waiting: Signal<Out, Bits<32>>,
        /// Number of records chained since reset, wrapping.
        pub count: Signal<Out, Bits<32>>,
        /// High once the digest has been zeroed and a record chained; before, the digest reads zero.
        pub begun: Signal<Out, Bit>,
        pending: Register<Bits<6>>,
        some: Register<Bit>,
        running: Register<Bit>,
        finished: Register<Bit>,
        total: Register<Bits<32>>,
        any: Register<Bit>,
        pointer: Register<Bits<WORD_BITS>>,
        index: Register<Bits<3>>,
        fetched: Register<Bit>,
        full: Register<Bit>,
        held: Register<Bits<32>>,
        event_held: Register<Bits<4>>,
        kind_held: Register<Bits<4>>,
        starts: Signal<Local, Bit>,
        loads: Signal<Local, Bit>,
        labels: Constant<Bits<3>> = Constant::new(2u64.to_bits()),
        words: Constant<Bits<3>> = Constant::new(AUDIT_WORDS.to_bits()),
    }
}

kernel! {
    AuditChain<WORD_BITS>
    #[hdl_gen]
    fn update(&mut self) registers(
        pending, some, running, finished, total, any, pointer, index, fetched, full, held, event_held, kind_held
    ) {
        if self.stored.val() & !self.finished.q.val() {
            self.pending.d.next = self.pending.q.val() + 1;
            self.some.d.next = true;
        } else if self.finished.q.val() & !self.stored.val() {
            self.pending.d.next = self.pending.q.val() - 1;
            self.some.d.next = self.pending.q.val() != 1;
        }

        self.starts.next = self.some.q.val()
            & !(self.running.q.val() | self.finished.q.val() | self.digest_busy.val());
        self.finished.d.next = self.digest_done.val();
        if self.digest_done.val() {
            self.running.d.next = false;
        }

        // The next word is fetched ahead, again and again until there is a place for it, and not before the record is whole.
        self.loads.next = self.fetched.q.val() & !self.full.q.val();
        self.fetched.d.next = self.running.q.val()
            & (self.index.q.val() != self.words.val())
            & !self.loads.val()
            & !self.taken.val();
        if self.starts.val() {
            self.running.d.next = true;
            self.index.d.next = 0.into();
        }
        if self.word_ready.val() {
            self.full.d.next = false;
        }
        if self.loads.val() {
            self.full.d.next = true;
            self.held.d.next = self.read_data.val();
            self.pointer.d.next = self.pointer.q.val() + 1;
            self.index.d.next = self.index.q.val() + 1;
            // Word 2 says of which kind the record is.
            if self.index.q.val() == self.labels.val() {
                self.event_held.d.next = bit_cast::<4, 32>(self.read_data.val() >> 28);
                self.kind_held.d.next = bit_cast::<4, 32>(self.read_data.val() >> 20);
            }
        }

        if self.finished.q.val() {
            self.total.d.next = self.total.q.val() + 1;
            self.any.d.next = true;
        }

        self.address.next = self.pointer.q.val();
        self.start.next = self.starts.val();
        self.word_valid.next = self.full.q.val();
        self.word.next = self.held.q.val();
        self.chained.next = self.finished.q.val();
        self.told_event.next = self.event_held.q.val();
        self.told_kind.next = self.kind_held.q.val();
        self.waiting.next = bit_cast::<32, 6>(self.pending.q.val());
        self.count.next = self.total.q.val();
        self.begun.next = self.any.q.val();
    }
}

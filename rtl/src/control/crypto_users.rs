//! The users of the crypto core: the digest over the log, and the tag of the manifest.
//!
//! ```text
//!   reporting --digest--> CryptoCore <--tag-- boot       with `chain`, with `boot`
//! ```

use super::{audit::DigestDrive, register_port::RegisterForecast};
use crate::crypto::CryptoCore;
use pm_interface::registers::offset;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

// The offset of a digest word gives the number of the word, a cycle ahead.
const _: () = {
    assert!(matches!(offset::AUDIT_DIGEST / 4 % 4, 3) && matches!(offset::AUDIT_DIGEST_1 / 4 % 4, 0));
    assert!(matches!(offset::AUDIT_DIGEST_2 / 4 % 4, 1) && matches!(offset::AUDIT_DIGEST_3 / 4 % 4, 2));
};

/// The digest's side of [`DigestDrive`].
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "DigestDrive"]
pub struct DigestSink {
    /// High: the digest takes in a further record.
    pub start: Signal<In, Bit>,
    /// High while `word` is offered; it stays until taken.
    pub valid: Signal<In, Bit>,
    /// Word of the record.
    pub word: Signal<In, Bits<32>>,
    /// High: the digest takes the word in this cycle.
    pub ready: Signal<Out, Bit>,
    /// High while the digest is at work.
    pub busy: Signal<Out, Bit>,
    /// High for one cycle: the record is in the digest.
    pub done: Signal<Out, Bit>,
    /// Word of the digest that the forecast of the cycle before named.
    pub shown: Signal<Out, Bits<32>>,
}

/// The tag's side of an authenticated boot.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct TagPort {
    /// High: the tag begins, with `word` for its nonce.
    pub start: Signal<In, Bit>,
    /// High: the tag forgets its words.
    pub cancel: Signal<In, Bit>,
    /// High while `word` is offered; it stays until taken.
    pub valid: Signal<In, Bit>,
    /// High when `word` is the last one before the tag's own.
    pub last: Signal<In, Bit>,
    /// Word of the manifest.
    pub word: Signal<In, Bits<32>>,
    /// High: the tag takes the word in this cycle.
    pub ready: Signal<Out, Bit>,
    /// High for one cycle: the tag has been compared.
    pub done: Signal<Out, Bit>,
    /// High with `done`: the tag is right.
    pub matches: Signal<Out, Bit>,
    /// Bytes 3:0 of the device's key.
    pub key_0: Signal<In, Bits<32>>,
    /// Bytes 7:4 of the device's key.
    pub key_1: Signal<In, Bits<32>>,
    /// Bytes 11:8 of the device's key.
    pub key_2: Signal<In, Bits<32>>,
    /// Bytes 15:12 of the device's key.
    pub key_3: Signal<In, Bits<32>>,
}

block! {
    /// The crypto core with the users that this design has.
    pub struct CryptoUsers for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the chain restarts, no tag matches, no bit of a key is left.
        pub reset: Signal<In, Bit>,
        /// Register access of the next cycle.
        pub forecast: Signal<In, RegisterForecast>,
        core: CryptoCore = CryptoCore::new(geometry),
        /// The log's digest.
        pub digest: DigestSink where chain,
        /// The manifest's tag.
        pub tag: TagPort where boot,
        /// High while no register that the tag's verdict rests on has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    CryptoUsers
    #[hdl_gen]
    fn update(&mut self) blocks(core) intact(core) {
        self.core.digest_asked.next = self.forecast.val().read;
        // AUDIT_DIGEST is at place 3, AUDIT_DIGEST_1 at place 0.
        self.core.digest_index.next = self.forecast.val().place + 1;
        self.core.digest_start.next = false;
        self.core.record.valid.next = false;
        self.core.record.payload.next = 0.into();
        self.core.manifest_start.next = false;
        self.core.manifest_cancel.next = false;
        self.core.version.next = 0.into();
        self.core.key.word_0.next = 0.into();
        self.core.key.word_1.next = 0.into();
        self.core.key.word_2.next = 0.into();
        self.core.key.word_3.next = 0.into();
        self.core.manifest.valid.next = false;
        self.core.manifest.payload.next = 0.into();
        self.core.manifest.last.next = false;
    }
    when(digest) {
        self.core.digest_start.next = self.digest[0].start.val();
        self.core.record.valid.next = self.digest[0].valid.val();
        self.core.record.payload.next = self.digest[0].word.val();
        self.digest[0].ready.next = self.core.record.ready.val();
        self.digest[0].busy.next = self.core.digest_busy.val();
        self.digest[0].done.next = self.core.digest_done.val();
        self.digest[0].shown.next = self.core.digest.val();
    }
    when(tag) {
        self.core.manifest_start.next = self.tag[0].start.val();
        self.core.manifest_cancel.next = self.tag[0].cancel.val();
        self.core.version.next = self.tag[0].word.val();
        self.core.key.word_0.next = self.tag[0].key_0.val();
        self.core.key.word_1.next = self.tag[0].key_1.val();
        self.core.key.word_2.next = self.tag[0].key_2.val();
        self.core.key.word_3.next = self.tag[0].key_3.val();
        self.core.manifest.valid.next = self.tag[0].valid.val();
        self.core.manifest.payload.next = self.tag[0].word.val();
        self.core.manifest.last.next = self.tag[0].last.val();
        self.tag[0].ready.next = self.core.manifest.ready.val();
        self.tag[0].done.next = self.core.manifest_done.val();
        self.tag[0].matches.next = self.core.tag_matches.val();
    }
}

//! The manifest loader: authenticated boot, with the feature `boot`. May this device open, and with which configuration?
//!
//! ```text
//!   host's access --> BootRegisters --push--> ManifestBuffer --word, facts--> LoaderSteps <--> ManifestPlace
//!        answer <--'        ^ state                                             |    '-- WordJudge, OrderPlan
//!                           |                          order --> OrderData --> register writes, commands
//!   tag, gate's verdict ----+--> BootTrust --> active, commands_run
//! ```
//!
//! Pool, window and partitions go through the same registers, the same checks and the same commands as without the feature; the
//! host cannot write those registers during the boot. The state of the gate says that the configuration is right, but only the
//! loader opens the device. A word that comes after the end of the manifest, also the first word of a second manifest, closes the
//! device until reset.
//!
//! The loader must never open the device, nor use any word, before the tag of all words has been verified. The loader must never
//! open the device after a write or a command was refused.

use super::{
    audit_entry::AuditEntry,
    boot_registers::BootRegisters,
    boot_trust::BootTrust,
    loader_steps::LoaderSteps,
    manifest_place::ManifestPlace,
    order_data::OrderData,
    register_bank::{BankAnswer, RegisterAccess},
    word_examiner::WordFacts,
};
use pm_interface::Event;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Boots with a manifest, or stays closed.
    pub struct ManifestLoader<ADDRESS> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: closed, no manifest.
        pub reset: Signal<In, Bit>,
        /// Register access of this cycle.
        pub access: Signal<In, RegisterAccess>,
        /// High when the access is the loader's own.
        pub inner_access: Signal<In, Bit>,
        /// Answer of the gate's registers.
        pub gate_answer: Signal<In, BankAnswer>,
        /// Answer for the register port: the gate's answer, except for `BOOT_STATE` and for writes that the loader accepts.
        pub answer: Signal<Out, BankAnswer>,
        /// Access for the gate, which takes writes from the loader only.
        pub gate_access: Signal<Out, RegisterAccess>,
        /// Access for the command registers, which take writes from the loader only while it boots.
        pub command_access: Signal<Out, RegisterAccess>,
        /// High: the data of the access is a word of the manifest.
        pub push: Signal<Out, Bit>,
        /// High when the manifest buffer has words.
        pub some: Signal<In, Bit>,
        /// High when the manifest buffer holds at least the words of a header and a tag.
        pub enough: Signal<In, Bit>,
        /// High when the manifest buffer has no room for a further word.
        pub full: Signal<In, Bit>,
        /// Number of the word to read.
        pub address: Signal<Out, Bits<8>>,
        /// Word at `address`, one edge later.
        pub word: Signal<In, Bits<32>>,
        /// Properties of the word at `address`, two edges later.
        pub facts: Signal<In, WordFacts>,
        /// High: the tag begins; see [`crate::crypto::ManifestTag::start`].
        pub tag_start: Signal<Out, Bit>,
        /// High: the tag forgets its words; see [`crate::crypto::ManifestTag::cancel`].
        pub tag_cancel: Signal<Out, Bit>,
        /// High while the word is offered to the tag; it stays until taken.
        pub tag_valid: Signal<Out, Bit>,
        /// High: the tag takes the word in this cycle.
        pub tag_ready: Signal<In, Bit>,
        /// High when the word is the last one before the tag's own.
        pub tag_last: Signal<Out, Bit>,
        /// High for one cycle: the tag has been compared.
        pub tag_done: Signal<In, Bit>,
        /// High with `tag_done`: the tag is right.
        pub tag_matches: Signal<In, Bit>,
        /// High while a register is to be written; it stays until taken.
        pub write: Signal<Out, Bit>,
        /// Word offset of the register to write.
        pub write_place: Signal<Out, Bits<6>>,
        /// Data for the register.
        pub write_data: Signal<Out, Bits<32>>,
        /// High: the write was taken at the last edge, and is no longer offered.
        pub write_ready: Signal<In, Bit>,
        /// High: the answer to the write comes in this cycle.
        pub answered: Signal<In, Bit>,
        /// High with `answered`: the write was refused.
        pub answer_error: Signal<In, Bit>,
        /// High while the shadow page tables are being cleared.
        pub clearing: Signal<In, Bit>,
        /// High for one cycle: the gate has judged pool and window.
        pub configured: Signal<In, Bit>,
        /// High: the loader takes the gate's judgement in this cycle.
        pub hears_verdict: Signal<Out, Bit>,
        /// Status of the gate's judgement.
        pub gate_status: Signal<In, Bits<4>>,
        /// High while the gate holds pool and window for right.
        pub gate_active: Signal<In, Bit>,
        /// High for one cycle: the scrubber begins, with the whole pool.
        pub scrub_start: Signal<Out, Bit>,
        /// High while the scrubber's blocks are the pool.
        pub scrubs_pool: Signal<Out, Bit>,
        /// High while the scrubber works.
        pub scrub_busy: Signal<In, Bit>,
        /// High while a command runs.
        pub command_busy: Signal<In, Bit>,
        /// Status of the last command.
        pub command_status: Signal<In, Bits<4>>,
        /// High while commands may run: the loader's own, or all once the device is open.
        pub commands_run: Signal<Out, Bit>,
        /// High while the device is open.
        pub active: Signal<Out, Bit>,
        /// High once the manifest has set quotas.
        pub limited: Signal<Out, Bit>,
        /// High for one cycle: the device is closed until reset.
        pub alarm: Signal<Out, Bit>,
        /// High when the log has room for a record, and a place is left beside it.
        pub audit_room: Signal<In, Bit>,
        /// High while a record of the boot is offered; stays high until taken.
        pub record_valid: Signal<Out, Bit>,
        /// Record of the boot.
        pub record: Signal<Out, AuditEntry<ADDRESS>>,
        /// First byte of the pool, for the record.
        pub pool_base: Signal<In, Bits<ADDRESS>>,
        /// High: the record is in the log.
        pub record_taken: Signal<In, Bit>,
        registers: BootRegisters,
        steps: LoaderSteps = LoaderSteps::new(geometry),
        place: ManifestPlace = ManifestPlace::new(geometry),
        trust: BootTrust = BootTrust::new(geometry),
        data: OrderData = OrderData::new(geometry),
        event: Constant<Bits<4>> = Constant::new(Event::Boot.code().to_bits()),
        /// High while no register that a grant rests on has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
        /// Parity of each byte of `word`, two edges after its address.
        pub word_odd: Signal<In, Bits<4>> where integrity,
        /// Parity of the bits of `word` that can be rights, two edges after its address.
        pub rights_odd: Signal<In, Bit> where integrity,
        /// Parity of `write_data`.
        pub write_odd: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    ManifestLoader<ADDRESS>
    #[hdl_gen]
    fn update(&mut self) blocks(registers, steps, place, trust) intact(steps, place, trust) {
        self.registers.access.next = self.access.val();
        self.registers.inner_access.next = self.inner_access.val();
        self.registers.gate_answer.next = self.gate_answer.val();
        self.registers.clearing.next = self.clearing.val();
        self.registers.state.next = self.steps.state.val();
        self.registers.booting.next = self.steps.booting.val();
        self.registers.status.next = self.trust.status.val();
        self.registers.some.next = self.some.val();
        self.registers.full.next = self.full.val();
        self.answer.next = self.registers.answer.val();
        self.gate_access.next = self.registers.gate_access.val();
        self.command_access.next = self.registers.command_access.val();
        self.push.next = self.registers.push.val();

        self.place.order.next = self.steps.moves.val();
        self.place.word.next = self.word.val();
        self.address.next = self.place.position.val().pointer;

        self.steps.asks.next = self.registers.asks.val();
        self.steps.enough.next = self.enough.val();
        self.steps.position.next = self.place.position.val();
        self.steps.word.next = self.word.val();
        self.steps.facts.next = self.facts.val();
        self.steps.tag_ready.next = self.tag_ready.val();
        self.steps.judged.next = self.trust.judged.val();
        self.steps.genuine.next = self.trust.genuine.val();
        self.steps.write_ready.next = self.write_ready.val();
        self.steps.answered.next = self.answered.val();
        self.steps.answer_error.next = self.answer_error.val();
        self.steps.configured.next = self.configured.val();
        self.steps.gate_status.next = self.gate_status.val();
        self.steps.scrub_busy.next = self.scrub_busy.val();
        self.steps.command_busy.next = self.command_busy.val();
        self.steps.command_status.next = self.command_status.val();
        self.steps.audit_room.next = self.audit_room.val();
        self.steps.record_taken.next = self.record_taken.val();
        self.steps.late.next = self.trust.late.val();
        self.steps.gives_up.next = self.trust.gives_up.val();
        self.tag_start.next = self.steps.tag_start.val();
        self.tag_valid.next = self.steps.tag_valid.val();
        self.tag_last.next = self.facts.val().last;
        self.hears_verdict.next = self.steps.hears_verdict.val();
        self.scrub_start.next = self.steps.scrub_start.val();
        self.scrubs_pool.next = self.steps.scrubs_pool.val();
        self.limited.next = self.steps.limited.val();

        self.trust.state.next = self.steps.state.val();
        self.trust.words.next = self.registers.words.val();
        self.trust.full.next = self.full.val();
        self.trust.begun.next = self.registers.begun.val();
        self.trust.fails.next = self.steps.fails.val();
        self.trust.why.next = self.steps.why.val();
        self.trust.tag_done.next = self.tag_done.val();
        self.trust.tag_matches.next = self.tag_matches.val();
        self.trust.configured.next = self.configured.val();
        self.trust.gate_status.next = self.gate_status.val();
        self.trust.gate_active.next = self.gate_active.val();
        self.trust.record_taken.next = self.record_taken.val();
        self.tag_cancel.next = self.trust.alarm.val();
        self.alarm.next = self.trust.alarm.val();
        self.commands_run.next = self.trust.commands_run.val();
        self.active.next = self.trust.active.val();

        self.data.order.next = self.steps.order.val();
        self.data.word.next = self.word.val();
        self.write.next = self.steps.write.val();
        self.write_place.next = self.steps.order.val().place;
        self.write_data.next = self.data.data.val();

        self.record_valid.next = self.steps.record_valid.val();
        self.record.next.event = self.event.val();
        self.record.next.tenant = 0.into();
        self.record.next.slot = 0.into();
        self.record.next.kind = 0.into();
        self.record.next.reason = self.trust.status.val();
        self.record.next.address = self.pool_base.val();
    }
    when(write_odd) {
        self.data.word_odd[0].next = self.word_odd[0].val();
        self.data.rights_odd[0].next = self.rights_odd[0].val();
        self.write_odd[0].next = self.data.odd[0].val();
    }
}

//! Faults seeded into the RTL's source, one after the other: every one must be noticed.
//!
//! ```text
//!   copy of the project --edit--> emit --> Verilog --Verilator--> lockstep, load, every request --> somebody objects
//!                           '---> RustHDL --> upsets injected at run time ----------------------> somebody objects
//! ```
//!
//! Faults of what a feature adds are emitted with it. `PM_FAULTS=digest` runs those with the word in their name, or
//! in the name of what they are emitted for; `PM_FAULTS==tiny` those that are emitted for just that.
//!
//! A quick test makes sure that each edit still fits its file. The suite itself is slow; it prints who noticed what.

use crate::bench::{open, preset};
use crate::boot::meddling;
use crate::chain::holds;
use crate::cocotb::axi4_objects;
use crate::conformance::{disagreement, replay_kept};
use crate::exhaustive::{ask, some_contents};
use crate::scrub::scrub;
use crate::tidy::{project, sources};
use pm_interface::{Geometry, Status};
use pm_sim::load::{load, resizing_load};
use pm_sim::scenario::default_setup;
use pm_sim::upset::{Campaign, Plan};
use pm_sim::{Device, Scenario, Verilated};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// An edit of one file that makes the hardware wrong.
pub struct Mutant {
    /// What is wrong then.
    pub name: &'static str,
    /// File below `rtl/src`.
    pub file: &'static str,
    find: &'static str,
    replace: &'static str,
    /// The tag of the defence that it removes.
    pub tag: Option<&'static str>,
    /// What it is emitted for.
    geometry: &'static str,
}

macro_rules! mutants {
    ($($name:literal $file:literal $(($tag:literal))? $([$geometry:literal])? $find:literal => $replace:literal;)*) => {
        /// Every seeded fault.
        pub const MUTANTS: &[Mutant] = &[$(Mutant {
            name: $name, file: $file, find: $find, replace: $replace, tag: [$(Some($tag),)? None][0],
            geometry: [$($geometry,)? "tiny"][0],
        },)*];
    };
}

mutants! {
    "one witness is enough" "datapath/respond.rs" ("LOOKUP.AGREE")
        " & self.finding.val().agreed;" => ";";
    "the physical address is not looked at again" "datapath/translate.rs" ("TRANSLATE.RECHECK")
        "self.confirmed.next =\n                (" => "self.confirmed.next = true | (";
    "a row is valid before its block is clean" "control/command_engine.rs" ("STORE.ATOMIC")
        "CommandState::Reserve => {" => "CommandState::Reserve => {\n                    self.order.d.next.valid = true;";
    "CREATE overlaps" "control/command_engine.rs"
        "} else if self.survey.val().overlaps {" => "} else if self.survey.val().overlaps & self.seal.q.val() {";
    "DESTROY does not scrub" "control/command_engine.rs"
        "CommandState::Scrub;\n                        if self.is_destroy" => "CommandState::Free;\n                        if self.is_destroy";
    "DESTROY opens the block before it is scrubbed" "control/command_engine.rs"
        "self.order.d.next.guarded = !(self.dynamic.val() & self.shared.val());" => "self.order.d.next.guarded = false;";
    "LOCK is ignored" "control/command_engine.rs"
        "} else if self.row.val().locked & !self.is_query.val() {" => "} else if self.row.val().locked & self.is_seal.val() {";
    "SEAL is ignored" "control/command_engine.rs"
        "self.seal.d.next = true;" => "self.seal.d.next = false;";
    "the isolation flag is ignored" "control/command_engine.rs"
        "self.order.d.next.guarded = self.target.q.val().isolated;\n                    self.guarding.d.next = false;"
        => "self.order.d.next.guarded = false;\n                    self.guarding.d.next = false;";
    "shadow pages stay mapped" "control/command_engine.rs"
        "self.is_create.val() | self.is_share.val() | (self.is_resize.val() & self.grows.q.val());" => "true;";
    "a full log refuses no command" "control/command_engine.rs"
        "if !self.audit_room.val() {" => "if !self.audit_room.val() & self.is_seal.val() {";
    "the allocator overlaps" "control/allocator.rs"
        " & !self.blocked.val()" => "";
    "the pool's last granule is never used" "control/allocator.rs"
        "(self.extent_of.q.val().last <= self.pool_last.val())" => "(self.extent_of.q.val().last < self.pool_last.val())";
    "only the first granule is scrubbed" "control/scrubber.rs"
        "(bit_cast::<ADDRESS, BLOCK>(self.last_block.val())" => "(bit_cast::<ADDRESS, BLOCK>(self.first_block.val())";
    "a reset leaves shadow pages mapped" "control/shadow_writer.rs"
        "self.shadow_write.enable.next = self.sweeping.val() | self.running.q.val();"
        => "self.shadow_write.enable.next = self.running.q.val();";
    "a command is not logged" "control/audit.rs"
        "if self.readable.val() & !self.frees.val() {"
        => "if self.readable.val() & !self.frees.val() & (self.writer.writing.val() != Source::Command) {";
    "a physical denial is not counted" "control/event_bank.rs"
        "self.denied_count.second.next = self.physical.val().denied;" => "self.denied_count.second.next = false;";
    "the alert is not raised" "control/event_bank.rs"
        "self.alert.next = self.causes.q.val().get_bit(2);" => "self.alert.next = self.causes.q.val().get_bit(3);";
    "the threshold is one too high" "control/alert_bank.rs" ["tiny+alerts"]
        "(self.count.q.val() >= self.threshold.q.val())" => "(self.count.q.val() > self.threshold.q.val())";
    "the deny counter counts one port only" "control/alert_bank.rs" ["tiny+alerts"]
        "self.increment.d.next = bit_cast::<2, 1>(self.translate_denied.val().into())\n                + bit_cast::<2, 1>(self.physical_denied.val().into());"
        => "self.increment.d.next = bit_cast::<2, 1>(self.translate_denied.val().into());";
    "the threshold moves after SEAL" "control/alert_bank.rs" ["tiny+alerts"]
        "if self.access.val().fits_16 & !self.sealed.val() {" => "if self.access.val().fits_16 {";
    "the alert test skips the alert" "control/alert_bank.rs" ["tiny+alerts"]
        "self.tested.next = bit_cast::<6, 32>(self.access.val().data);" => "self.tested.next = bit_cast::<6, 32>(self.access.val().data & 0x3B);";
    "a fault that was missed is not told" "control/alert_bank.rs" ["tiny+alerts"]
        "self.overrun.next = self.overran.q.val();" => "self.overrun.next = false;";
    "a threshold is no reason for an alert" "control/event_bank.rs" ["tiny+alerts"]
        "self.alert.next = self.alerts[i].critical.val();" => "self.alert.next = self.causes.q.val().get_bit(2);";
    "the gate opens with any configuration" "control/boot_gate.rs"
        "} else if !self.fits.val() {" => "} else if !self.fits.val() & !self.audit_room.val() {";
    "tenants are not told apart" "store/lookup_entry.rs"
        "self.owner_matches.d.next = self.tenant.val() == self.owner.q.val();" => "self.owner_matches.d.next = true;";
    "every held block is guarded" "store/isolation_entry.rs"
        "self.guarded.d.next = self.new_guarded.val();" => "self.guarded.d.next = self.new_held.val();";
    "reads need the right to write" "datapath/permission.rs"
        "self.kind_permitted.next = self.row.val().read;" => "self.kind_permitted.next = self.row.val().write;";
    "a revoked page is left to the standard MMU" "datapath/respond.rs"
        "(!self.finding.val().mapped & !self.finding.val().found)" => "!self.finding.val().found";
    "grants while closed" "datapath/respond.rs"
        "self.open.next = self.active.val() & self.claim.q.val().valid;" => "self.open.next = self.claim.q.val().valid;";
    "length 0 is granted" "datapath/extent.rs"
        "(self.length.val() != 0) & " => "";
    "the longest access is refused" "datapath/extent.rs"
        "(self.length.val() <= self.max_length.val())" => "(self.length.val() < self.max_length.val())";
    "the digest begins anew with each record" "crypto/chain_digest.rs" ["tiny+chain"]
        "1 => { self.from_memory.d.next = true; }" => "1 => { self.from_memory.d.next = false; }";
    "the digest skips a word" "crypto/chain_digest.rs" ["tiny+chain"]
        "4 => { self.from_record.d.next = true; }" => "4 => { self.from_record.d.next = !self.odd.val(); }";
    "the digest takes words in the wrong order" "control/audit_chain.rs" ["tiny+chain"]
        "self.address.next = self.pointer.q.val();" => "self.address.next = self.pointer.q.val() ^ 1;";
    "a record is readable before it is in the digest" "control/audit_chain.rs" ["tiny+chain"]
        "self.chained.next = self.finished.q.val();" => "self.chained.next = self.stored.val();";
    "a reset leaves the digest" "crypto/chain_digest.rs" ["tiny+chain"]
        "self.memory.write_enable.next = self.permutation.granted.val();" => "self.memory.write_enable.next = false;";
    "the digest's count is one too many" "control/audit_chain.rs" ["tiny+chain"]
        "self.count.next = self.total.q.val();" => "self.count.next = self.total.q.val() + 1;";
    "the digest is shown half replaced" "crypto/chain_digest.rs" ["tiny+chain"]
        "self.other_half.next = !self.half.q.val();" => "self.other_half.next = self.half.q.val();";
    "the digest takes its reader's word for its own" "crypto/chain_digest.rs" ["tiny+chain"]
        "\n                & !(self.from_memory.q.val() & self.deprived.q.val());" => ";";
    "the log shows the digest's word to its reader" "control/audit.rs" ["tiny+chain"]
        "if !self.forecast.val().read {" => "if !self.forecast.val().read | self.some.q.val() {";
    "a digest that was never zeroed is shown" "control/audit_chain.rs" ["tiny+chain"]
        "self.begun.next = self.any.q.val();" => "self.begun.next = true;";
    "growth does not scrub" "control/command_engine.rs" ["cu+dynamic"]
        "if self.is_share.val() {\n                        self.state.d.next = CommandState::Map;"
        => "if self.is_share.val() | self.is_resize.val() {\n                        self.state.d.next = CommandState::Map;";
    "shrinking does not scrub" "control/command_engine.rs" ["cu+dynamic"]
        "if self.is_destroy.val() & self.block_shared.q.val() {"
        => "if (self.is_destroy.val() & self.block_shared.q.val()) | self.is_resize.val() {";
    "the last granule of a tail is not scrubbed" "control/command_engine.rs" ["cu+dynamic"]
        "self.current.next.last_block = self.extent.q.val().last_block;"
        => "self.current.next.last_block = self.extent.q.val().last_block - 1;";
    "a tail is free before it is scrubbed" "control/command_engine.rs" ["cu+dynamic"]
        "self.guarding.d.next = true;" => "self.guarding.d.next = false;";
    "a tail that comes is not guarded" "control/command_engine.rs" ["cu+dynamic"]
        "self.guarding.d.next = !self.refused.q.val() & self.is_resize.val();" => "self.guarding.d.next = false;";
    "growth takes blocks that are held" "control/command_engine.rs" ["cu+dynamic"]
        "!self.survey.val().fits & !self.is_share.val() {" => "!self.survey.val().fits & !self.is_share.val() & !self.is_resize.val() {";
    "growth takes pages that are another row's" "control/command_engine.rs" ["cu+dynamic"]
        "} else if self.survey.val().overlaps {" => "} else if self.survey.val().overlaps & !self.is_resize.val() {";
    "growth goes around the end of the frame" "control/allocator.rs" ["cu+dynamic"]
        "self.start_of.d.next.valid = self.probe_first.val() != 0;" => "self.start_of.d.next.valid = true;";
    "DESTROY scrubs and frees a block that is shared" "control/command_engine.rs" ["cu+dynamic"]
        "self.block_shared.d.next = self.dynamic.val() & self.shared.val();\n                    self.order"
        => "self.block_shared.d.next = false;\n                    self.order";
    "a shared block may be isolated" "control/command_engine.rs" ["cu+dynamic"]
        "& self.shared.val()\n                        & !self.refused" => "& self.seal.q.val()\n                        & !self.refused";
    "an isolated block may be shared" "control/command_engine.rs" ["cu+dynamic"]
        "self.is_share.val() & (self.isolates.val() | self.target.q.val().isolated)" => "self.is_share.val() & self.isolates.val()";
    "a locked row is resized" "control/command_engine.rs" ["cu+dynamic"]
        "self.row.val().locked & !self.is_query.val() {" => "self.row.val().locked & !self.is_query.val() & !self.is_resize.val() {";
    "a shared block is resized" "control/command_engine.rs" ["cu+dynamic"]
        "} else if (self.block_shared.q.val() & (" => "} else if (self.seal.q.val() & (";
    "SHARE guards the block" "control/command_engine.rs" ["cu+dynamic"]
        "self.order.d.next.guarded = !self.is_share.val();" => "self.order.d.next.guarded = true;";
    "a boot takes any tag" "control/manifest_loader.rs" ("BOOT.TAG") ["cu+boot"]
        "self.verified.d.next = self.genuine.q.val();\n                self.fails.next = !self.genuine.q.val();"
        => "self.verified.d.next = true;\n                self.fails.next = false;";
    "a boot compares a quarter of the tag" "crypto/manifest_tag.rs" ["cu+boot"]
        "(self.permutation.word.val() != 0)" => "(self.permutation.word.val().get_bits::<8>(0) != 0)";
    "a boot does not ask for a tag" "control/manifest_loader.rs" ["cu+boot"]
        "self.resume.d.next = LoaderState::Nonce;"
        => "self.resume.d.next = LoaderState::Fetch; self.verified.d.next = true; self.header.d.next = true; self.pointer.d.next = 0.into();";
    "a boot takes older versions" "control/manifest_loader.rs" ("BOOT.ROLLBACK") ["cu+boot"]
        "self.fails.next = self.facts.val().old;" => "self.fails.next = false;";
    "a boot refuses the oldest version that it should take" "control/manifest_buffer.rs" ["cu+boot"]
        "self.memory.read_data.val() < self.minimum_version.val();" => "self.memory.read_data.val() <= self.minimum_version.val();";
    "a boot compares half of the version" "control/manifest_buffer.rs" ["cu+boot"]
        "self.memory.read_data.val() < self.minimum_version.val();"
        => "self.memory.read_data.val().get_bits::<16>(0) < self.minimum_version.val().get_bits::<16>(0);";
    "a second boot manifest is taken no notice of" "control/manifest_loader.rs" ("BOOT.ONCE") ["cu+boot"]
        "self.late.d.next = self.words.val() & ((self.state.q.val() != LoaderState::Waiting)"
        => "self.late.d.next = self.words.val() & ((self.state.q.val() == LoaderState::Room)";
    "a boot opens before its partitions exist" "control/manifest_loader.rs" ["cu+boot"]
        "self.active.next = self.opened.q.val() & self.verified.q.val() & self.gate_active.val();"
        => "self.active.next = self.gate_active.val();";
    "a boot begins with too few words" "control/manifest_loader.rs" ["cu+boot"]
        "self.fails.next = !self.enough.val();" => "self.fails.next = false;";
    "a boot does not hold the words against their number" "control/manifest_buffer.rs" ["cu+boot"]
        "(self.memory.read_data.val().get_bits::<16>(16) == bit_cast::<16, 9>(self.body.q.val()))" => "true";
    "a boot goes on when a partition is refused" "control/manifest_loader.rs" ["cu+boot"]
        "self.fails.next = self.command_status.val() != self.statuses.ok.val();" => "self.fails.next = false;";
    "a boot does not seal" "control/manifest_loader.rs" ["cu+boot"]
        "self.seals.d.next = self.word.val().get_bit(0);" => "self.seals.d.next = false;";
    "a boot does not zero the pool" "control/manifest_loader.rs" ["cu+boot"]
        "self.scrubs.d.next = !self.scrubbing.q.val();" => "self.scrubs.d.next = false;";
    "a boot takes quotas for some tenants only" "control/manifest_loader.rs" ["cu+boot"]
        "\n                            | !(self.facts.val().no_quotas | self.facts.val().all_quotas);" => ";";
    "quotas are not enforced" "control/quota_gate.rs" ("QUOTA.LIMIT") ["cu+boot"]
        "self.exceeded.next = self.too_much.q.val();" => "self.exceeded.next = false;";
    "the quota of granules is one too high" "control/quota_gate.rs" ["cu+boot"]
        "bit_cast::<16, PAGE>(self.span.val()) + 1;" => "bit_cast::<16, PAGE>(self.span.val());";
    "the quota of slots is one too low" "control/quota_gate.rs" ["cu+boot"]
        "self.slots.q.val() > self.word.val().get_bits::<8>(24)" => "self.slots.q.val() >= self.word.val().get_bits::<8>(24)";
    "quotas count what other tenants own" "control/quota_gate.rs" ["cu+boot"]
        "self.live.val() & (self.row.val().tenant == self.tenant.val());" => "self.live.val();";
    "a tenant has its neighbour's quota" "control/quota_gate.rs" ["cu+boot"]
        "self.first_word.val() + bit_cast::<8, TENANT>(self.tenant.val());"
        => "self.first_word.val() + (bit_cast::<8, TENANT>(self.tenant.val()) ^ 1);";
    "the host works on a boot's operands" "control/manifest_loader.rs" ["cu+boot"]
        "(self.inner_access.val() | !self.booting.q.val())" => "true";
    "registers configure in place of a boot" "control/manifest_loader.rs" ["cu+boot"]
        "self.gate_access.next.write = self.access.val().write & self.inner_access.val();"
        => "self.gate_access.next.write = self.access.val().write;";
    "a failed boot raises no alert" "control/manifest_loader.rs" ["cu+boot"]
        "self.alarm.next = self.alarming.q.val();" => "self.alarm.next = false;";
    "the table keeps the old end" "store/partition_table.rs" ["cu+dynamic"]
        "self.ends[i].write.next = self.table_write.enable.val();"
        => "self.ends[i].write.next = self.table_write.enable.val() & !self.table_write.valid.val();";
    "the parity of an access is not looked at" "datapath/data_path.rs" ["tiny+integrity"]
        "!self.physical_admit.intact[i].val() | !self.isolation" => "!self.isolation";
    "a row's parity is not looked at" "datapath/data_path.rs" ("ROW.PARITY") ["tiny+integrity"]
        "!self.partition_table.row_intact[i].val();" => "false;";
    "a verdict's parity is not looked at" "datapath/respond.rs" ("DATA.PARITY") ["tiny+integrity"]
        "if self.poisoned[i].val()\n                    | !self.verdict.intact[i].val()" => "if self.poisoned[i].val()";
    "a physical verdict's parity is not looked at" "datapath/isolation.rs" ("DATA.PARITY") ["tiny+integrity"]
        "if self.poisoned[i].val()\n                    | !self.verdict.intact[i].val()" => "if self.poisoned[i].val()";
    "the ownership map is not asked" "datapath/isolation.rs" ("PHYSICAL.WITNESS") ["tiny+integrity"]
        "self.differs[i].next = self.quiet[i].val()" => "self.differs[i].next = self.poisoned[i].val()";
    "the gate's state may be anything" "control/boot_gate.rs" ("CONTROL.PARITY") ["tiny+integrity"]
        "self.intact[i].next = self.state.intact[i].val()" => "self.intact[i].next = true";
    "a lost bit closes nothing" "control/integrity_guard.rs" ("CONTROL.CLOSE") ["tiny+integrity"]
        "self.closes.next = self.broken.q.val();" => "self.closes.next = false;";
    "operands that lost a bit close nothing" "control/integrity_guard.rs" ["tiny+integrity"]
        "self.operands_broken.d.next = !self.operands_intact.val();"
        => "self.operands_broken.d.next = self.operands_broken.q.val() & !self.operands_intact.val();";
    "commands believe a row that lost a bit" "control/command_engine.rs" ["tiny+integrity"]
        "self.rests_on_row[i].q.val() & !self.row_intact[i].val();" => "self.rests_on_row[i].q.val() & self.tripped[i].val();";
    "a row is repaired in the wrong place" "control/patrol.rs" ["tiny+integrity"]
        "self.copy.d.next = self.row.val();"
        => "self.copy.d.next = self.row.val();\n                    self.copy.d.next.read = self.row.val().read ^ !self.sound.val();";
    "two wrong bits count as one" "control/patrol.rs" ("ROW.SECDED") ["tiny+integrity"]
        "& !self.condition.q.val().single\n" => "& self.tripped.val()\n";
    "the patrol skips the last slot" "control/patrol.rs" ["tiny+integrity"]
        "(geometry.slots - 1).to_bits()" => "(geometry.slots - 2).to_bits()";
    "the patrol skips the last page" "control/patrol.rs" ["tiny+integrity"]
        "self.shadow_write.enable.next = self.state.q.val() == PatrolState::Place;"
        => "self.shadow_write.enable.next = (self.state.q.val() == PatrolState::Place) & !self.page.q.val().all();";
    "the patrol makes free rows valid" "control/patrol.rs" ["tiny+integrity"]
        "self.writes.next = self.valid.q.val() & (" => "self.writes.next = (";
    "the patrol does not look at the code" "partition_manager.rs" ["tiny+integrity"]
        "self.patrol[i].sound.next = self.data_path.control_intact[i].val();" => "self.patrol[i].sound.next = true;";
    "a repair leaves no record" "control/patrol.rs" ("PATROL.REPAIR") ["tiny+integrity"]
        "self.repaired.next = !self.condition.q.val().sound;" => "self.repaired.next = false;";
    "a trip leaves no record" "control/patrol.rs" ["tiny+integrity"]
        "if self.tripped.val() & !self.told.q.val()" => "if self.tripped.val() & self.told.q.val()";
    "the scrubber runs on after a bit was lost" "control/scrubber.rs" ("SCRUB.HALT") ["tiny+integrity"]
        "if self.halt[i].val() {\n                    self.running.d.next = false;\n                }\n                self.memory_write.valid.next = self.running.q.val()\n                    & !self.halt[i].val()\n"
        => "self.memory_write.valid.next = self.running.q.val()\n";
    "a row that is lost looks revoked" "datapath/respond.rs" ["tiny+integrity"]
        "if self.quiet[i].val() & (self.reason" => "if self.poisoned[i].val() & (self.reason";
    "the twin is not heard" "datapath/answer_check.rs" ("LOCKSTEP.COMPARE") ["tiny+lockstep"]
        "self.differs.val() | self.physical_differs.val() | self.broken.q.val();" => "self.broken.q.val();";
    "a difference is forgotten" "datapath/answer_check.rs" ["tiny+lockstep"]
        "self.broken.d.next = self.tripped.val();" => "self.broken.d.next = self.differs.val() | self.physical_differs.val();";
    "the translate port stays open" "datapath/respond.rs" ("LOCKSTEP.CLOSE") ["tiny+lockstep"]
        "if self.closed[i].val() {" => "if self.closed[i].val() & !self.granted.val() {";
    "the physical port stays open" "datapath/isolation.rs" ("LOCKSTEP.CLOSE") ["tiny+lockstep"]
        "if self.closed[i].val() {" => "if self.closed[i].val() & !self.verdict.q.val().allowed {";
    "commands go on after a difference" "partition_manager.rs" ["tiny+lockstep"]
        "if self.data_path.tripped[i].val() {\n                self.command_engine.active.next = false;" => "if self.data_path.tripped[i].val() {";
    "the twin's rows are written out of step" "datapath/lockstep.rs" ["tiny+lockstep"]
        "self.twin.table_write.enable.next = self.order.q.val().enable;" => "self.twin.table_write.enable.next = self.table_write.enable.val();";
    "the twin of the reports is not heard" "control/report_lockstep.rs" ("LOCKSTEP.REPORT") ["tiny+integrity+lockstep"]
        "self.intact.next = !self.differs.q.val();" => "self.intact.next = true;";
    "what was read is not compared" "control/report_lockstep.rs" ["tiny+integrity+lockstep"]
        "self.said.q.val().data != self.register_port.response.read_data.val();" => "false;";
    "the log's answers are not compared" "control/report_lockstep.rs" ["tiny+integrity+lockstep"]
        "| self.difference.q.val().log\n" => "";
    "the reports' twin sees the first's accesses" "partition_manager.rs" ["tiny+integrity+lockstep"]
        "self.data_path.twin_translate_admitted[i].val();" => "self.data_path.translate_admitted.val();";
    "a record that nobody wrote is believed" "control/command_engine.rs" ["tiny+integrity+lockstep"]
        "& self.recording.intact[i].val()\n" => "";
    "a trip of a moment is forgotten" "control/integrity_guard.rs" ["tiny+integrity+lockstep"]
        "\n                | (self.broken_before.q.val() & !self.broken.q.val());" => ";";
    "a grant outlives the fence" "guard/wishbone/wishbone_guard.rs" ("WISHBONE.FENCE") ["cu wishbone"]
        "self.closing.next = self.fence.val() & !self.clear.q.val();" => "self.closing.next = false;";
    "the fence settles at once" "guard/wishbone/wishbone_guard.rs" ["cu wishbone"]
        "(self.clear.q.val() | (self.state.q.val() == GuardState::Idle))" => "true";
    "a malformed beat is not logged as one" "guard/wishbone/wishbone_guard.rs" ("WISHBONE.FORM") ["cu wishbone"]
        "if !self.well_formed.val() {" => "if !self.well_formed.val() & self.fence.val() {";
    "a malformed beat is passed on" "guard/wishbone/wishbone_guard.rs" ["cu wishbone"]
        "self.malformed.d.next = !self.well_formed.val();" => "self.malformed.d.next = false;";
    "any beat of a burst is passed on" "guard/wishbone/wishbone_guard.rs" ("WISHBONE.BEAT") ["cu wishbone"]
        "& self.announced.val()" => "& self.presents.val()";
    "a burst leaves what it was asked for" "guard/wishbone/wishbone_guard.rs" ("WISHBONE.UNIT") ["cu wishbone"]
        "\n                    | ((self.cycle_type.q.val() == 2) & (self.burst_type.q.val() == 0) & self.index.val().all());" => ";";
    "a burst may last for ever" "guard/wishbone/wishbone_guard.rs" ["cu wishbone"]
        "\n                    | self.beats.q.val().all()" => "";
    "another beat gets the answer" "guard/wishbone/wishbone_guard.rs" ("WISHBONE.ANSWER") ["cu wishbone"]
        "self.speaks.next = self.same.val() & !self.abandoned.q.val();" => "self.speaks.next = self.presents.val();";
    "a beat that comes back gets the old answer" "guard/wishbone/wishbone_guard.rs" ["cu wishbone"]
        "self.abandoned.d.next = !self.speaks.val();" => "self.abandoned.d.next = false;";
    "a burst is asked for a word" "guard/wishbone/wishbone_guard.rs" ["cu wishbone"]
        "self.request.length.next = self.burst_length.val();" => "self.request.length.next = self.word_length.val();";
    "a beat changes while the memory works" "guard/wishbone/wishbone_guard.rs" ["cu wishbone"]
        "self.beat.select.next = self.select.q.val();" => "self.beat.select.next = self.wbs.sel_i.val();";
    "a scrub word that failed has landed" "guard/wishbone/wishbone_merge.rs" ("WISHBONE.SCRUB") ["cu wishbone"]
        "self.scrubbing.q.val() & self.wbm.ack_i.val() & !self.wbm.err_i.val();" => "self.scrubbing.q.val() & self.wbm.ack_i.val();";
    "scrub words starve the masters" "guard/wishbone/wishbone_merge.rs" ["cu wishbone"]
        "self.scrubbing.d.next = self.scrub.valid.val() & !self.beat.wants.val();" => "self.scrubbing.d.next = self.scrub.valid.val();";
    "the masters starve the scrubber" "guard/wishbone/wishbone_merge.rs" ["cu wishbone"]
        "& !(self.pending.q.val() & self.scrub_turn.q.val());" => ";";
    "a part of a word is written to a register" "guard/wishbone/wishbone_control.rs" ["cu wishbone"]
        "if self.wbc.sel_i.val().all() {" => "if self.wbc.sel_i.val().any() {";
    "an access that was withdrawn is answered" "guard/wishbone/wishbone_control.rs" ["cu wishbone"]
        "self.abandoned.q.val() | !self.same.val();" => "self.abandoned.q.val();";
    "AXI4-Lite writes part of a word" "guard/axi_lite_control.rs" ["cu wishbone"]
        "if self.write_strobes.q.val().all() {" => "if self.write_strobes.q.val().any() {";
    "AXI4-Lite shows data with an error" "guard/axi_lite_control.rs" ["cu wishbone"]
        "if !self.response.error.val() {" => "if self.response.valid.val() {";
    "a command is acknowledged while what it forbids goes on" "partition_manager.rs" ("BUS.FENCE") ["cu axi4"]
        "self.command_engine.record_valid.val() & self.settled[i].val();" => "self.command_engine.record_valid.val();";
    "the fence does not wait" "guard/axi4/fence.rs" ["cu axi4"]
        "if !self.pending.val() {" => "if self.pending.val() | !self.pending.val() {";
    "data that nobody can place go on" "guard/axi4/write_guard.rs" ("BUS.ASTRAY") ["cu axi4"]
        "                self.astray.d.next = true;\n                self.reporting" => "                self.reporting";
    "the master's wlast is passed on" "guard/axi4/write_guard.rs" ["cu axi4"]
        "self.memory_beat.next.last = self.last_beat.val();" => "self.memory_beat.next.last = self.data.sink_payload.val().last;";
    "a scrub word that failed counts as written" "guard/axi4/write_guard.rs" ("BUS.SCRUB") ["cu axi4"]
        "self.scrub_failed.d.next = true;" => "self.scrub_failed.d.next = false;";
    "the end of a burst is not asked about" "guard/axi4/burst_shape.rs" ["cu axi4"]
        "(self.reach.val() - self.misalignment.val()) + 1;" => "1.into();";
    "a WRAP is asked about from its first beat on" "guard/axi4/burst_shape.rs" ["cu axi4"]
        "self.first.next = self.address.val() & !self.container.val();" => "self.first.next = self.address.val();";
    "a burst may cross 4 KiB" "guard/axi4/burst_shape.rs" ["cu axi4"]
        "self.malformed.next = self.last.val().get_bit(12);" => "self.malformed.next = false;";
    "a burst may cross 4 KiB in memory" "guard/axi4/decider.rs" ["cu axi4"]
        "self.verdict.next.crosses = self.fragments.val() & (self.span.val() > 4096);" => "self.verdict.next.crosses = false;";
    "answers of one identifier overtake each other" "guard/axi4/burst_entry.rs" ["cu axi4"]
        "self.behind.d.next = self.alike.val() & !self.ends.val();" => "self.behind.d.next = 0.into();";
    "what is refused is forwarded" "guard/axi4/burst_entry.rs" ["cu axi4"]
        "self.is_head.val() & (self.state.q.val() == BurstState::Granted);"
            => "self.is_head.val() & ((self.state.q.val() == BurstState::Granted) | (self.state.q.val() == BurstState::Refused));";
    "a denied read shows what was read before" "guard/axi4/read_guard.rs" ["cu axi4"]
        "self.beat.next.data = 0.into();" => "";
    "a tenant's number is cut" "guard/axi4/burst_queue.rs" ["cu axi4"]
        "self.question.next.tenant = self.channel.q.val().user.get_bits::<8>(0);"
            => "self.question.next.tenant = self.channel.q.val().user.get_bits::<8>(0) & 3;";
}

/// Cycles that a device gets; one that hangs gets no further.
const LIMIT: u64 = 1 << 20;

#[test]
fn every_edit_fits_its_file() {
    for Mutant { name, file, find, .. } in MUTANTS {
        let text = fs::read_to_string(project("rtl/src").join(file)).unwrap();
        assert_eq!(text.matches(find).count(), 1, "{name}: {file} does not hold this exactly once:\n{find}");
    }
    assert!(MUTANTS.len() >= 122);
}

/// The first column of the datasheet's table of defences.
fn datasheet() -> BTreeSet<String> {
    let text = fs::read_to_string(project("rtl/README.md")).expect("the datasheet is there");
    let chapter = text.split("\n## Defences\n").nth(1).expect("it has a chapter of defences");
    let table = chapter.lines().skip_while(|line| !line.starts_with("| tag")).take_while(|line| line.starts_with('|'));
    table.filter_map(|row| row.strip_prefix("| `")?.split('`').next().map(String::from)).collect()
}

#[test]
fn every_defence_is_in_the_datasheet_and_has_its_fault() {
    let mut tags = BTreeSet::new();
    for (path, text) in sources("rtl/src") {
        for tag in text.lines().filter_map(|line| line.trim().strip_prefix("// SEC_CM: ")) {
            let fits = |mutant: &&Mutant| mutant.tag == Some(tag) && path.ends_with(mutant.file);
            assert!(MUTANTS.iter().any(|mutant| fits(&mutant)), "{}: nothing removes {tag}", path.display());
            tags.insert(tag.to_string());
        }
    }
    for mutant in MUTANTS {
        assert!(mutant.tag.is_none_or(|tag| tags.contains(tag)), "{}: no such tag", mutant.name);
    }
    assert_eq!(tags, datasheet(), "tags in the RTL, and defences in rtl/README.md");
}

/// A copy of the project, to be spoilt.
struct Copy(PathBuf);

impl Copy {
    fn make() -> Copy {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults");
        let listed = Command::new("git").arg("-C").arg(project("")).args(["ls-files", "-z"]).output().expect("git runs");
        for file in String::from_utf8(listed.stdout).expect("names are text").split_terminator('\0') {
            let place = root.join(file);
            fs::create_dir_all(place.parent().expect("it lies in a folder")).unwrap();
            // Equal files keep their time, so that cargo builds no more than it must.
            let text = fs::read(project(file)).unwrap_or_default();
            if fs::read(&place).ok().as_ref() != Some(&text) {
                fs::write(place, text).unwrap();
            }
        }
        Copy(root)
    }

    /// Cargo in the copy; what it printed, or what went wrong. Unoptimised, which compiles in seconds.
    fn cargo(&self, arguments: &[&str]) -> Result<String, String> {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(&self.0).args(arguments).env("CARGO_TARGET_DIR", self.0.join("target"));
        cargo.env("CARGO_PROFILE_DEV_OPT_LEVEL", "0").env("CARGO_PROFILE_DEV_DEBUG", "0");
        let output = cargo.output().expect("cargo starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            Ok(text(&output.stdout))
        } else {
            Err(text(&output.stderr) + &text(&output.stdout))
        }
    }

    /// The Verilog of a preset, or of one with an interface.
    fn emit(&self, preset: &str) -> Result<String, String> {
        let name: Vec<&str> = preset.split(' ').collect();
        self.cargo(&[&["run", "--quiet", "-p", "pm-designs", "--example", "emit", "--"], &name[..]].concat())
    }

    /// Whether the bus blocks' own tests find something.
    fn bus_objects(&self) -> bool {
        let failed = self.cargo(&["test", "--quiet", "-p", "pm-rtl", "--lib", "guard::"]).err();
        failed.is_some_and(|text| text.contains("test result: FAILED"))
    }

    /// Does something with one file edited.
    fn with<R>(&self, mutant: &Mutant, act: impl FnOnce() -> R) -> R {
        let path = self.0.join("rtl/src").join(mutant.file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace(mutant.find, mutant.replace)).unwrap();
        let result = act();
        fs::write(&path, text).unwrap();
        result
    }
}

/// Makes devices of this text, each open.
fn opener(geometry: &Geometry, verilog: &str) -> impl Fn() -> Box<Verilated> {
    let fresh = Verilated::of(geometry, verilog).expect("Verilator compiles it");
    move || {
        let mut device = fresh.again().expect("it starts again").limited(LIMIT);
        device.reset().expect("it resets");
        open(&mut device);
        Box::new(device)
    }
}

/// A check that objects by a panic has returned: nothing to object to.
fn held<T>(check: impl FnOnce() -> T) -> bool {
    check();
    false
}

/// A check objects by returning true, or by a panic.
type Check<'a> = (&'a str, Box<dyn Fn() -> bool + 'a>);

/// Whether the gate stays closed for a pool of no bytes, which random steps may not ask for.
fn refuses_an_empty_pool(device: &mut dyn Device) -> bool {
    let (pool_base, _, window_base) = default_setup(device.geometry());
    device.reset().is_ok() && device.activate(pool_base, 0, window_base) == Ok(Status::BadSize)
}

/// What fails first on this text of a preset: the checks of its features, or those of the plain design.
fn objection(name: &str, verilog: &str) -> Option<String> {
    let geometry = preset(name);
    let opened = opener(&geometry, verilog);
    let (geometry, opened) = (&geometry, &opened);
    let checks: Vec<Check> = if geometry.features.integrity {
        let campaign = move |seed| {
            let plan = Plan { geometry: name.into(), moments: 4, seed, shard: 1, shards: 1, only: String::new() };
            let mut campaign = Campaign::of(&plan, verilog).expect("the run without a flip is as it should be");
            while campaign.step().expect("the simulator runs on") {}
            campaign.results().shortcomings().iter().for_each(|what| eprintln!("    {what}"));
            !campaign.results().shortcomings().is_empty()
        };
        vec![
            ("lockstep", Box::new(move || disagreement(geometry, 25, || opened()).is_some())),
            ("campaign", Box::new(move || campaign(1))),
            // At the moments of one seed alone no grant may be in a register.
            ("another campaign", Box::new(move || campaign(3))),
            ("a third campaign", Box::new(move || campaign(4))),
        ]
    } else if geometry.features.dynamic {
        let scenario = Scenario::load(&project("tests/scenarios/dynamic.toml")).expect("it is a scenario");
        vec![
            ("scrubbing", Box::new(move || held(|| scrub(opened().as_mut())))),
            ("scenario", Box::new(move || !scenario.run(opened().as_mut(), &mut |_| ()).passed)),
            ("load", Box::new(move || held(|| resizing_load(opened(), 12)))),
            ("lockstep", Box::new(move || disagreement(geometry, 60, || opened()).is_some())),
        ]
    } else if geometry.features.boot {
        let scenario = |name| Scenario::load(&project(name)).expect("it is a scenario");
        let (boot, quota) = (scenario("tests/scenarios/boot.toml"), scenario("tests/scenarios/quota.toml"));
        vec![
            ("boot", Box::new(move || !boot.run(opened().as_mut(), &mut |_| ()).passed)),
            ("quota", Box::new(move || !quota.run(opened().as_mut(), &mut |_| ()).passed)),
            ("meddling", Box::new(move || held(|| meddling(opened().as_mut())))),
            ("lockstep", Box::new(move || disagreement(geometry, 60, || opened()).is_some())),
        ]
    } else if geometry.features.chain {
        vec![
            ("chain", Box::new(move || held(|| holds(opened().as_mut())))),
            // What a record costs elsewhere, a chain pays 401 cycles for.
            ("lockstep", Box::new(move || disagreement(geometry, 25, || opened()).is_some())),
            ("load", Box::new(move || held(|| load(opened(), 40)))),
        ]
    } else {
        let scenario = Scenario::load(&project("tests/scenarios/alerts.toml")).expect("it is a scenario");
        let alerts = geometry.features.alerts;
        vec![
            ("scenario", Box::new(move || alerts && !scenario.run(opened().as_mut(), &mut |_| ()).passed)),
            ("gate", Box::new(move || !refuses_an_empty_pool(opened().as_mut()))),
            ("lockstep", Box::new(move || disagreement(geometry, 250, || opened()).is_some())),
            ("found once", Box::new(move || held(|| replay_kept(|_| opened())))),
            ("load", Box::new(move || held(|| load(opened(), 40)))),
            ("every request", Box::new(move || held(|| ask(opened().as_mut(), &some_contents(geometry, 20, 1))))),
        ]
    };
    let fails = |check: &dyn Fn() -> bool| catch_unwind(AssertUnwindSafe(check)).unwrap_or(true);
    checks.iter().find(|(_, check)| fails(check)).map(|(name, _)| name.to_string())
}

/// The AXI4 guard is judged by others' drivers, the other bus blocks by their own tests.
fn bus_objects(copy: &Copy, preset: &str, verilog: &str) -> bool {
    if preset.ends_with("axi4") {
        axi4_objects(verilog)
    } else {
        copy.bus_objects()
    }
}

/// A preset with an interface: its faults are the bus blocks', which have tests of their own.
fn is_bus(preset: &str) -> bool {
    preset.contains(' ')
}

#[test]
#[ignore = "slow: a build for each fault"]
fn every_seeded_fault_is_noticed() {
    let start = Instant::now();
    let copy = Copy::make();
    let wanted = std::env::var("PM_FAULTS").unwrap_or_default();
    let is_chosen = |mutant: &&Mutant| match wanted.strip_prefix('=') {
        Some(geometry) => mutant.geometry == geometry,
        None => mutant.name.contains(&wanted) || mutant.geometry.contains(&wanted),
    };
    let chosen: Vec<&Mutant> = MUTANTS.iter().filter(is_chosen).collect();
    assert!(!chosen.is_empty(), "no fault has `{wanted}` in its name or geometry");
    let presets: BTreeSet<&str> = chosen.iter().map(|mutant| mutant.geometry).collect();
    let emit = |preset: &str| copy.emit(preset).unwrap_or_else(|error| panic!("{error}"));
    let sound: BTreeMap<&str, String> = presets.into_iter().map(|preset| (preset, emit(preset))).collect();
    for (preset, verilog) in &sound {
        let objects = match is_bus(preset) {
            true => bus_objects(&copy, preset, verilog).then(|| "bus".into()),
            false => objection(preset, verilog),
        };
        assert_eq!(objects, None, "without any fault, {preset}");
    }
    let upsets = ["test", "--quiet", "-p", "pm-sim", "--test", "upsets"];
    let mut unnoticed = Vec::new();
    for mutant in &chosen {
        copy.with(mutant, || {
            let verilog = emit(mutant.geometry);
            if is_bus(mutant.geometry) {
                let noticed = bus_objects(&copy, mutant.geometry, &verilog);
                eprintln!(
                    "{:<56} {:<12} {:<18} {}",
                    mutant.name,
                    mutant.geometry,
                    mutant.tag.unwrap_or(""),
                    if noticed { "bus" } else { "NOT NOTICED" }
                );
                unnoticed.extend((!noticed).then_some(mutant.name));
                return;
            }
            assert_ne!(verilog, sound[mutant.geometry], "{} changes nothing", mutant.name);
            let by = objection(mutant.geometry, &verilog).or_else(|| {
                let failed = copy.cargo(&upsets).err();
                failed.filter(|text| text.contains("test result: FAILED")).map(|_| "upsets".into())
            });
            let noticed = by.as_deref().unwrap_or("NOT NOTICED");
            eprintln!("{:<56} {:<12} {:<18} {noticed}", mutant.name, mutant.geometry, mutant.tag.unwrap_or(""));
            if by.is_none() {
                unnoticed.push(mutant.name);
            }
        });
    }
    eprintln!("{} faults, {} s", chosen.len(), start.elapsed().as_secs());
    assert_eq!(unnoticed, [""; 0]);
}

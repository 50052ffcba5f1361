//! The seeded faults: what is wrong then, the tag of the defence that is removed, what is emitted, and what is changed.
//!
//! A change is written as `pm_verilog::change` says. Where a block was cut or renamed, `every_fault_fits_its_design` names the faults
//! that no longer fit.

/// A change of the design that makes the hardware wrong.
pub struct Fault {
    /// What is wrong then.
    pub name: &'static str,
    /// The tag of the defence that it removes.
    pub tag: Option<&'static str>,
    /// What is emitted: a preset, or a preset and its interface, or `axi_lite` or `apb`.
    pub design: &'static str,
    /// What is changed.
    pub change: &'static str,
}

macro_rules! faults {
    ($($name:literal $(($tag:literal))? $([$design:literal])? $change:literal;)*) => {
        /// Every seeded fault.
        pub const FAULTS: &[Fault] = &[$(Fault {
            name: $name, tag: [$(Some($tag),)? None][0], design: [$($design,)? "tiny"][0], change: $change,
        },)*];
    };
}

faults! {
    "one witness is enough" ("LOOKUP.AGREE") "respond: mine drops finding.agreed";
    "the physical address is not looked at again" ("TRANSLATE.RECHECK") "translate: confirmed is true";
    "a row is valid before its block is clean" ("STORE.ATOMIC")
        "driver: order.d.valid is true when state == CommandState::Reserve";
    "CREATE overlaps" "command_engine.judge: if survey.overlaps else kind.find is it & sealed";
    "DESTROY does not scrub" "sequencer: step.d in Unmap from CommandState::Scrub is CommandState::Free";
    "DESTROY opens the block before it is scrubbed" "driver: order.d.guarded in Revoke is false";
    "LOCK is ignored" "command_engine.judge: if locked is locked & kind.seal";
    "SEAL is ignored" "command_engine.outcome: seal.d in Done is false";
    "the isolation flag is ignored" "driver: order.d.guarded in Update is false";
    "shadow pages stay mapped" "driver: mapped is true";
    "a record that waits does not raise its cause again" "event_bank: raised drops announced";
    "a full log refuses no command" "command_engine.judge: if audit_room is it & kind.seal";
    "the allocator overlaps" "allocator: approved.d.valid drops blocked";
    "the pool's last granule is never used" "allocator: in_pool.d from pool_last takes < for <=";
    "only the first granule is scrubbed" "scrubber: last_place.d from last_block reads first_block for last_block";
    "a reset leaves shadow pages mapped" "shadow_writer: shadow_write.enable drops sweeping";
    "a command is not logged"
        "audit: places.readable from writer.stored is it & (writer.writing != Source::Command)";
    "a physical denial is not counted" "event_bank: denied_count.second is false";
    "the alert is not raised" "event_bank: alert from causes.q is causes.q.get_bit(3)";
    "the threshold is one too high" ["tiny+alerts"] "alerts: reached takes > for >=";
    "the deny counter counts one port only" ["tiny+alerts"] "alerts: increment.d from physical_denied drops physical_denied";
    "the threshold moves after SEAL" ["tiny+alerts"] "alerts: if access.fits_16 drops sealed";
    "the alert test skips the alert" ["tiny+alerts"] "alerts: tested is access.data.get_bits::<6>(0) & 0x3B when tests & access.fits_6";
    "a fault that was missed is not told" ["tiny+alerts"] "alerts: overrun is false";
    "a threshold is no reason for an alert" ["tiny+alerts"] "event_bank: alert from alerts.critical is causes.q.get_bit(2)";
    "the gate opens with any configuration" "gate_judge: if fits is it & !audit_room";
    "tenants are not told apart" "lookup.entries: owner_matches.d from tenant is true";
    "every held block is guarded" "comparators.entries: guarded.d from new_guarded reads new_held for new_guarded";
    "reads need the right to write" "permission: kind_permitted from row.read reads row.write for row.read";
    "a revoked page is left to the standard MMU" "respond: outside drops finding.mapped";
    "a strict window hands on what nobody has" ("WINDOW.STRICT") "respond: outside drops strict";
    "grants while closed" "respond: open drops active";
    "length 0 is granted" "extent: outcome.d.sized from max_length is length <= max_length";
    "the longest access is refused" "extent: outcome.d.sized takes < for <=";
    "the digest begins anew with each record" ["tiny+chain"] "core.chain: from_memory.d in 1 is false";
    "the digest skips a word" ["tiny+chain"] "core.chain: from_record.d in 4 is !odd";
    "the digest takes words in the wrong order" ["tiny+chain"] "audit.chain: address is it ^ 1";
    "a record is readable before it is in the digest" ["tiny+chain"] "audit.chain: chained is stored";
    "a reset leaves the digest" ["tiny+chain"] "core.chain: memory.write_enable in Clearing is false";
    "the digest's count is one too many" ["tiny+chain"] "audit.chain: count is it + 1";
    "the digest is shown half replaced" ["tiny+chain"] "core.chain: other_half is half.q";
    "the digest takes its reader's word for its own" ["tiny+chain"] "core.chain: moves drops from_memory.q, deprived.q";
    "the log shows the digest's word to its reader" ["tiny+chain"] "audit: if forecast.read is it | places.some";
    "a digest that was never zeroed is shown" ["tiny+chain"] "audit.chain: begun is true";
    "growth does not scrub" ["cu+dynamic"] "sequencer: if kind.share in Settle is it | kind.resize";
    "shrinking does not scrub" ["cu+dynamic"] "sequencer: if kind.destroy in Unmap is it | kind.resize";
    "the last granule of a tail is not scrubbed" ["cu+dynamic"] "row_builder: current.last_block is it - 1";
    "a tail is free before it is scrubbed" ["cu+dynamic"] "driver: guarding.d in Shrink is false";
    "a tail that comes is not guarded" ["cu+dynamic"] "driver: guarding.d in Reserve is false";
    "growth takes blocks that are held" ["cu+dynamic"] "command_engine.judge: if survey.fits is it & !kind.resize";
    "growth takes pages that are another row's" ["cu+dynamic"]
        "command_engine.judge: if survey.overlaps else kind.find is it & !kind.resize";
    "growth goes around the end of the frame" ["cu+dynamic"] "allocator: start_of.d.valid from probe_first is true";
    "DESTROY scrubs and frees a block that is shared" ["cu+dynamic"] "driver: was_shared.d in Revoke is false";
    "a shared block may be isolated" ["cu+dynamic"] "command_engine.judge: exposes reads sealed for shared";
    "an isolated block may be shared" ["cu+dynamic"] "command_engine.judge: if isolated in Weigh drops isolated";
    "a locked row is resized" ["cu+dynamic"] "command_engine.judge: if locked is it & !kind.resize";
    "a shared block is resized" ["cu+dynamic"] "command_engine.judge: if block_shared in Weigh reads sealed for block_shared";
    "SHARE guards the block" ["cu+dynamic"] "driver: order.d.guarded in Reserve is true";
    "a boot takes any tag" ("BOOT.TAG") ["cu+boot"]
        "loader.trust: verified.d from genuine_held.q is true; loader.steps.findings: found.fails from genuine is false";
    "a boot compares a quarter of the tag" ["cu+boot"]
        "core.tag: if permutation.word is moves & feed.back & (permutation.word.get_bits::<8>(0) != 0)";
    "a boot does not ask for a tag" ["cu+boot"]
        "loader.steps.next_state: resume in Waiting is LoaderState::Fetch; loader.steps: moves.begins is true when now == LoaderState::Waiting; \
         loader.trust: verified.d is true when state == LoaderState::Waiting";
    "a boot takes older versions" ("BOOT.ROLLBACK") ["cu+boot"] "loader.steps.judge: fails from facts.old is false";
    "a boot refuses the oldest version that it should take" ["cu+boot"] "buffer.examiner: facts.old takes <= for <";
    "a boot compares half of the version" ["cu+boot"]
        "buffer.examiner: facts.old is word.get_bits::<16>(0) < minimum_version.get_bits::<16>(0)";
    "a second boot manifest is taken no notice of" ("BOOT.ONCE") ["cu+boot"]
        "loader.trust: late_held.d from words is words & ((state == LoaderState::Room) | full)";
    "a boot opens before its partitions exist" ["cu+boot"] "loader.trust: active from gate_active is gate_active";
    "a boot begins with too few words" ["cu+boot"] "loader.steps.findings: found.fails from enough is false";
    "a boot does not hold the words against their number" ["cu+boot"] "buffer.examiner: facts.shaped drops body";
    "a boot goes on when a partition is refused" ["cu+boot"] "loader.steps.findings: found.fails from command_status is false";
    "a boot does not seal" ["cu+boot"] "loader.steps: seals.d from word is false";
    "a boot does not zero the pool" ["cu+boot"] "loader.steps: scrubs.d in Scrub is false";
    "a boot takes quotas for some tenants only" ["cu+boot"]
        "loader.steps.judge: fails from facts.all_quotas drops facts.no_quotas, facts.all_quotas";
    "quotas are not enforced" ("QUOTA.LIMIT") ["cu+boot"] "quotas: exceeded is false";
    "the quota of granules is one too high" ["cu+boot"] "quotas: granules.d from span is it - 1";
    "the quota of slots is one too low" ["cu+boot"] "quotas: many_slots.d from slots.q takes >= for >";
    "quotas count what other tenants own" ["cu+boot"] "quotas: counted.d from row.tenant drops row.tenant";
    "a tenant has its neighbour's quota" ["cu+boot"] "quotas: address is it ^ 1";
    "the host works on a boot's operands" ["cu+boot"] "loader.registers: command_access.write drops inner_access, booting";
    "registers configure in place of a boot" ["cu+boot"] "loader.registers: gate_access.write drops inner_access";
    "a failed boot raises no alert" ["cu+boot"] "loader.trust: alarm is false";
    "the table keeps the old end" ["cu+dynamic"] "partition_table: ends.write is it & !table_write.valid";
    "the parity of an access is not looked at" ["tiny+integrity"] "isolation: trail.first drops guard.admitted_intact";
    "a row's parity is not looked at" ("ROW.PARITY") ["tiny+integrity"] "data_path: row_fault.d from partition_table.row_intact is false";
    "a verdict's parity is not looked at" ("DATA.PARITY") ["tiny+integrity"] "respond: if verdict.intact drops verdict.intact";
    "a physical verdict's parity is not looked at" ("DATA.PARITY") ["tiny+integrity"]
        "physical_respond: if verdict.intact drops verdict.intact";
    "the ownership map is not asked" ("PHYSICAL.WITNESS") ["tiny+integrity"] "isolation: trail.third drops witness.differs";
    "the gate's state may be anything" ("CONTROL.PARITY") ["tiny+integrity"]
        "boot_gate: intact from state.intact drops state.intact";
    "a lost bit closes nothing" ("CONTROL.CLOSE") ["tiny+integrity"] "protection.guard: closes is false";
    "operands that lost a bit close nothing" ["tiny+integrity"]
        "protection.guard: operands_broken.d from operands_intact is operands_broken.q & !operands_intact";
    "commands believe a row that lost a bit" ["tiny+integrity"] "sequencer: flawed is false";
    "a row is repaired in the wrong place" ["tiny+integrity"]
        "patrol: copy.d.read is row.read ^ !sound when state.q == PatrolState::Take";
    "two wrong bits count as one" ("ROW.SECDED") ["tiny+integrity"]
        "patrol.judge: lost is false";
    "the patrol skips the last slot" ["tiny+integrity"] "patrol: at_last is index.q == (last_index - 1)";
    "the patrol skips the last page" ["tiny+integrity"] "patrol: shadow_write.enable is it & !page.q.all()";
    "the patrol makes free rows valid" ["tiny+integrity"] "patrol.judge: writes drops valid";
    "the patrol does not look at the code" ["tiny+integrity"] "protection: patrol.sound is true";
    "a repair leaves no record" ("PATROL.REPAIR") ["tiny+integrity"] "patrol: repaired from condition.q.sound is false";
    "a trip leaves no record" ["tiny+integrity"] "patrol: if told.q is tripped & told.q & (state.q == PatrolState::Ask)";
    "the scrubber runs on after a bit was lost" ("SCRUB.HALT") ["tiny+integrity"]
        "scrubber: if halt is false; \
         memory_write.valid from halt drops halt";
    "a row that is lost looks revoked" ["tiny+integrity"] "respond: if quiet is false";
    "the twin is not heard" ("LOCKSTEP.COMPARE") ["tiny+lockstep"] "check: tripped is broken.q";
    "a difference is forgotten" ["tiny+lockstep"] "check: broken.d from tripped is differs | physical_differs";
    "the translate port stays open" ("LOCKSTEP.CLOSE") ["tiny+lockstep"] "data_path: translate_response.granted under check.closes is skipped";
    "the physical port stays open" ("LOCKSTEP.CLOSE") ["tiny+lockstep"]
        "data_path: physical_response.allowed under check.closes is skipped";
    "commands go on after a difference" ["tiny+lockstep"] "protection: runs under differs is skipped";
    "the twin's rows are written out of step" ["tiny+lockstep"] "data_path.twin: twin.table_write.enable is table_write.enable";
    "the twin of the reports is not heard" ("LOCKSTEP.REPORT") ["tiny+integrity+lockstep"] "reporting.lockstep: intact is true";
    "what was read is not compared" ["tiny+integrity+lockstep"] "reporting.lockstep: difference.d.data from said.q is false";
    "the log's answers are not compared" ["tiny+integrity+lockstep"]
        "reporting.lockstep: differs.d from difference.q.log drops difference.q.log";
    "the reports' twin sees the first's accesses" ["tiny+integrity+lockstep"]
        "reporting: lockstep.translate_admitted is translate_admitted";
    "a record that nobody wrote is believed" ["tiny+integrity+lockstep"] "driver: intact from recording.intact drops recording.intact";
    "a trip of a moment is forgotten" ["tiny+integrity+lockstep"]
        "protection.guard: commands_broken.d from broken_before.q drops broken_before.q, broken.q";
    "a grant outlives the fence" ("WISHBONE.FENCE") ["cu wishbone"] "guard: closing is false";
    "the fence settles at once" ["cu wishbone"] "guard: clear.d from state.q is fence";
    "a malformed beat is not logged as one" ("WISHBONE.FORM") ["cu wishbone"] "guard.question: if well_formed is false";
    "a malformed beat is passed on" ["cu wishbone"] "guard: malformed.d from matching.well_formed is false";
    "any beat of a burst is passed on" ("WISHBONE.BEAT") ["cu wishbone"] "guard: passes reads presents for matching.announced";
    "a burst leaves what it was asked for" ("WISHBONE.UNIT") ["cu wishbone"] "guard: last from beats.q drops step.leaves";
    "a burst may last for ever" ["cu wishbone"] "guard: last from beats.q drops beats.q";
    "another beat gets the answer" ("WISHBONE.ANSWER") ["cu wishbone"] "guard: speaks is presents";
    "a beat that comes back gets the old answer" ["cu wishbone"] "guard: abandoned.d in Open from speaks is false";
    "a burst is asked for a word" ["cu wishbone"] "guard.question: length from burst_length is word_length";
    "a beat changes while the memory works" ["cu wishbone"] "guard: beat.select from select.q is wbs.sel_i";
    "a scrub word that failed has landed" ("WISHBONE.SCRUB") ["cu wishbone"] "merge: landed drops wbm.err_i";
    "scrub words starve the masters" ["cu wishbone"] "merge: scrubbing.d from scrub.valid, beat.wants drops beat.wants";
    "the masters starve the scrubber" ["cu wishbone"] "merge: beat.may_open drops pending.q, scrub_turn.q";
    "a part of a word is written to a register" ["cu wishbone"] "control: if wbc.sel_i is wbc.sel_i.any()";
    "an access that was withdrawn is answered" ["cu wishbone"] "control: abandoned.d from same drops same";
    "AXI4-Lite writes part of a word" ["axi_lite"] "top: if write_strobes.q is write_strobes.q.any()";
    "AXI4-Lite shows data with an error" ["axi_lite"] "top: if response.error is response.valid";
    "APB4 writes part of a word" ["apb"] "top: whole is !bus.pwrite | bus.pstrb.any()";
    "APB4 refuses a write without strobes" ["apb"] "top: failed.d from bus.pstrb is true";
    "APB4 answers a refusal with no error" ["apb"] "top: failed.d from response.error is false";
    "APB4 answers the setup phase" ["apb"] "top: bus.pready is it | bus.psel";
    "a command is acknowledged while what it forbids goes on" ("BUS.FENCE") ["cu axi4"]
        "command_fence: record_settled from guard.settled drops guard.settled";
    "the fence does not wait" ["cu axi4"] "fence: if pending in Waiting is true";
    "a fence that was open once stays open" ["cu axi4"] "fence: fresh.d under changed is true";
    "withheld data are waited for" ("BUS.STALL") ["cu axi4"] "write_limiter: if expired is false";
    "a beat that waits keeps the memory's data waiting" ["cu axi4"] "read_guard: arrivals.sink_ready drops queue.drops";
    "waits are not summed while a command waits" ["cu axi4"] "top: write_timer.holds is false";
    "late data of another length are believed" ["cu axi4"] "write_limiter: misled is false";
    "a memory that stalls is not told" ["cu axi4"] "top: memory_stalled is false";
    "an entry that matches after another wins" ("SOURCE.ONE") ["cu axi4_sources"] "source_map.second: if twice is false";
    "a locked entry can be written" ("SOURCE.STEADY") ["cu axi4_sources"] "source_map.bank: open drops chosen.locked";
    "SEAL leaves the source map open" ["cu axi4_sources"] "source_map.bank: open drops sealed";
    "the identifier is no part of a source" ["cu axi4_sources"] "top: source_map.second_source drops s_axi.arid";
    "a tag's mask is not looked at" ["cu wishbone_sources"] "source_map.first: hit drops named.mask";
    "a burst has no end at the memory" ("WISHBONE.END") ["cu wishbone"] "guard: if owes.q is false";
    "data that nobody can place go on" ("BUS.ASTRAY") ["cu axi4"] "write_guard: astray.d under mismatch is skipped";
    "the master's wlast is passed on" ["cu axi4"] "write_guard: memory_beat.last is data.sink_payload.last";
    "a scrub word that failed counts as written" ("BUS.SCRUB") ["cu axi4"]
        "write_guard: scrub_failed.d under arrivals.sink_payload.response is false";
    "the end of a burst is not asked about" ["cu axi4"] "shape: bytes from reach is 1";
    "a WRAP is asked about from its first beat on" ["cu axi4"] "shape: first from container drops container";
    "a burst may cross 4 KiB" ["cu axi4"] "shape: malformed from last is false";
    "a burst may cross 4 KiB in memory" ["cu axi4"] "decider: verdict.crosses is false";
    "answers of one identifier overtake each other" ["cu axi4"] "queue.entries: behind.d from alike is 0";
    "what is refused is forwarded" ["cu axi4"]
        "queue.entries: head_granted is is_head & ((state.q == BurstState::Granted) | (state.q == BurstState::Refused))";
    "a denied read shows what was read before" ["cu axi4"] "read_guard: beat.data under denying.q is skipped";
    "a tenant's number is cut" ["cu axi4"] "queue.intake: question.tenant is it & 3";
}

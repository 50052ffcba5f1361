//! The fence of commands: when is a change acknowledged, and when does a scrub end?
//!
//! ```text
//!   a record to write --> fence --> the bus guard --settled--> the log takes the record
//!   scrubber busy, or its words are still landing -----------> scrub_busy
//! ```
//!
//! Without a bus guard both pass at once.

use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

/// The bus guard's side of the fence.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct FencePort {
    /// High while a command waits to be recorded; its changes bind accesses that are asked from now on.
    pub fence: Signal<Out, Bit>,
    /// High with `fence`: all accesses that were asked before it have ended at the memory.
    pub settled: Signal<In, Bit>,
    /// High while words that `memory_write` took are not in the memory yet.
    pub landing: Signal<In, Bit>,
}

block! {
    /// Holds up records and the end of scrubs until the memory has caught up; combinational.
    pub struct CommandFence for geometry, fences: usize {
        /// High while the command engine has a record.
        pub record_valid: Signal<In, Bit>,
        /// High while the log may take the record.
        pub record_settled: Signal<Out, Bit>,
        /// High while the scrubber works.
        pub scrubbing: Signal<In, Bit>,
        /// High while words of the scrubber are not in the memory.
        pub scrub_busy: Signal<Out, Bit>,
        /// Interface of the bus guard, where the design has a bus guard.
        pub guard: Vec<FencePort> = vec![FencePort::default(); fences],
    }
}

kernel! {
    CommandFence
    #[hdl_gen]
    fn update(&mut self) {
        self.record_settled.next = self.record_valid.val();
        self.scrub_busy.next = self.scrubbing.val();
    }
    // SEC_CM: BUS.FENCE
    when(guard) {
        self.guard[0].fence.next = self.record_valid.val();
        self.record_settled.next = self.record_valid.val() & self.guard[0].settled.val();
        self.scrub_busy.next = self.scrubbing.val() | self.guard[0].landing.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::Geometry;

    #[test]
    fn a_record_waits_until_settled_and_a_scrub_until_landed() {
        let check = |fences: usize, inputs: [bool; 4], expected: (bool, bool, Option<bool>)| {
            let [record_valid, scrubbing, settled, landing] = inputs;
            let mut fence = CommandFence::new(&Geometry::preset("tiny").unwrap(), fences);
            fence.connect_all();
            fence.record_valid.next = record_valid;
            fence.scrubbing.next = scrubbing;
            for guard in &mut fence.guard {
                guard.settled.next = settled;
                guard.landing.next = landing;
            }
            simulate(&mut fence, 100);
            let told = (fence.record_settled.val(), fence.scrub_busy.val(), fence.guard.first().map(|guard| guard.fence.val()));
            assert_eq!(told, expected, "{fences} fences, {inputs:?}");
        };
        for settled in [false, true] {
            for landing in [false, true] {
                check(0, [true, false, settled, landing], (true, false, None));
                check(0, [false, true, settled, landing], (false, true, None));
                check(1, [true, false, settled, landing], (settled, landing, Some(true)));
                check(1, [false, true, settled, landing], (false, true, Some(false)));
                check(1, [false, false, settled, landing], (false, landing, Some(false)));
            }
        }
    }
}

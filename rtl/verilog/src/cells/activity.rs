//! How a design settles: block by block, and only where something changed.
//!
//! ```text
//!   visit of a block:
//!     take over the inputs --> visit the inner blocks that a clock edge woke
//!       --> while anything changed: run the kernel, visit the inner blocks that it drives
//!       --> take over the outputs --> changed?  the parent's kernel runs again
//! ```
//!
//! RustHDL runs every kernel and looks at every signal in every pass, until a pass changes nothing: a change needs a pass for each
//! level of the hierarchy that it crosses. A kernel is a function of the values of its block's signals, and a block's inputs are
//! driven by its parent's kernel alone. So a block can settle before its parent goes on, and a block in which neither has changed
//! need not be visited. The values of a settled design are the same.
//!
//! A clock edge that comes through the kernels reaches every inner block of a block before the kernel runs again with what the edge
//! changed: no data overtakes it. Nor need it come through the kernels: [`Sleeper::tick`] clocks every cell of a settled design at once.

use rust_hdl::prelude::{Block, Probe};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the times that something was changed behind the simulator's back.
static OUTSIDE_CHANGES: AtomicU64 = AtomicU64::new(0);

/// Count of [`OUTSIDE_CHANGES`] that a block holds which has not been visited yet.
const NEVER: u64 = u64::MAX;

thread_local! {
    /// Whether a visit is one of RustHDL's passes.
    static PLAIN: Cell<bool> = const { Cell::new(false) };
}

/// How often a kernel may run in one visit before the block counts as restless: a combinational loop.
const RUNS: usize = 200;

/// Wakes every block: to be called by whoever changes the state inside of a block from outside, such as a testbench that upsets a
/// register.
pub fn wake() {
    OUTSIDE_CHANGES.fetch_add(1, Ordering::Relaxed);
}

/// Has designs settle as RustHDL itself does it, while `run` runs: a pass runs every kernel and looks at every signal once. What is
/// said of the other way, that its answers are the same and that it is faster, is measured against this. A design must be new then,
/// or have been settled so from the beginning.
pub fn plainly<R>(run: impl FnOnce() -> R) -> R {
    PLAIN.set(true);
    let result = run();
    PLAIN.set(false);
    result
}

/// Result of a visit or a tick, which says what the parent has to do. Of several results the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The block has not changed.
    Quiet,
    /// A visit is due, but no port has changed.
    Inside,
    /// A port changed: the parent's kernel is due.
    Changed,
    /// The block does not settle.
    Restless,
}

impl Outcome {
    /// Of a block some of whose ports have changed, or none.
    #[inline]
    fn of(changed: bool) -> Self {
        if changed {
            Outcome::Changed
        } else {
            Outcome::Quiet
        }
    }
}

/// State of a block between two visits: the work that the next visit has to do.
#[derive(Clone, Debug)]
pub struct Activity {
    /// Work since the last visit: [`Outcome::Inside`] asks for visits of inner blocks, all above for the kernel too.
    due: Outcome,
    /// Whether a port changed in the last visit.
    changed: bool,
    outside_changes: u64,
}

impl Default for Activity {
    /// A block of which no value has been computed yet.
    fn default() -> Self {
        Self { due: Outcome::Changed, changed: false, outside_changes: NEVER }
    }
}

impl Activity {
    /// Work that is due: all of it after a change from outside. `None` where designs settle [`plainly`], which keeps no account.
    #[inline]
    fn due(&self) -> Option<Outcome> {
        if self.outside_changes == OUTSIDE_CHANGES.load(Ordering::Relaxed) {
            return Some(self.due);
        }
        (!PLAIN.get()).then_some(Outcome::Changed)
    }

    /// Notes whether anything changed in a pass of RustHDL's.
    fn passed(&mut self, outcome: Outcome) -> Outcome {
        *self = Self { changed: outcome > Outcome::Quiet, ..Self::default() };
        outcome
    }

    /// Notes what a visit came to.
    #[inline]
    fn visited(&mut self, outcome: Outcome) -> Outcome {
        let due = if outcome == Outcome::Restless { outcome } else { Outcome::Quiet };
        *self = Self { due, changed: outcome > Outcome::Quiet, outside_changes: OUTSIDE_CHANGES.load(Ordering::Relaxed) };
        outcome
    }

    /// Whether a port changed in the last visit.
    #[inline]
    pub fn changed(&self) -> bool {
        self.changed
    }
}

/// A block, or a list of blocks, that settles by itself.
pub trait Sleeper: Block {
    /// Settles the block if its parent's kernel has run since the last visit, or something is due.
    fn visit(&mut self, driven: bool) -> Outcome;

    /// Clocks every cell inside, as a rising and a falling edge of `clock` would. The design must have settled, and settles again
    /// afterwards.
    fn tick(&mut self) -> Outcome;
}

/// Access of [`settle`] to a block: made by [`sleeper!`](crate::sleeper).
#[doc(hidden)]
pub trait Settles: Block {
    fn activity(&mut self) -> &mut Activity;
    /// Every signal takes its value; whether one changed.
    fn take_over(&mut self) -> bool;
    fn visit_inner(&mut self, driven: bool) -> Outcome;
    fn tick_inner(&mut self) -> Outcome;
}

/// [`Sleeper::visit`] of a block.
#[doc(hidden)]
pub fn settle<B: Settles>(block: &mut B, driven: bool) -> Outcome {
    let Some(due) = block.activity().due() else { return pass(block) };
    if !driven && due == Outcome::Quiet {
        return Outcome::Quiet;
    }
    let inputs_changed = driven && block.take_over();
    let mut kernel_due = inputs_changed || due > Outcome::Inside;
    // First what a clock edge woke, so that the kernel sees its outcome at once.
    if due > Outcome::Quiet {
        kernel_due |= block.visit_inner(false) > Outcome::Quiet;
    }
    if !kernel_due {
        return block.activity().visited(Outcome::Quiet);
    }
    let mut inner = Outcome::Changed;
    for _ in 0..RUNS {
        block.update();
        inner = block.visit_inner(true);
        if inner != Outcome::Changed {
            break;
        }
    }
    let outputs_changed = block.take_over();
    // A kernel may look at an input of an inner block that it drives, so that inputs count, too.
    let outcome = if inner > Outcome::Quiet { Outcome::Restless } else { Outcome::of(inputs_changed || outputs_changed) };
    block.activity().visited(outcome)
}

/// One of RustHDL's passes.
fn pass<B: Settles>(block: &mut B) -> Outcome {
    block.update();
    let outcome = Outcome::of(block.take_over()).max(block.visit_inner(true));
    block.activity().passed(outcome)
}

/// [`Sleeper::tick`] of a block.
#[doc(hidden)]
pub fn tick<B: Settles>(block: &mut B) -> Outcome {
    let inner = block.tick_inner();
    let activity = block.activity();
    activity.due = activity.due.max(inner);
    inner.min(Outcome::Inside)
}

/// What is special in a cell: it has no inner blocks, and what it shows depends on its state alone.
#[doc(hidden)]
pub trait Clocked: Settles {
    /// Whether the clock has just risen.
    fn rises(&self) -> bool;
    /// Takes the inputs into the state.
    fn sample(&mut self);
    /// Drives the outputs from the state.
    fn show(&mut self);
}

/// [`Sleeper::visit`] of a cell.
#[doc(hidden)]
pub fn settle_cell<C: Clocked>(cell: &mut C, driven: bool) -> Outcome {
    let Some(due) = cell.activity().due() else { return pass(cell) };
    if !driven && due == Outcome::Quiet {
        return Outcome::Quiet;
    }
    let mut changed = driven && cell.take_over();
    if cell.rises() || due > Outcome::Quiet {
        cell.update();
        changed |= cell.take_over();
    }
    cell.activity().visited(Outcome::of(changed))
}

/// [`Sleeper::tick`] of a cell: the outcome shows at once.
#[doc(hidden)]
pub fn tick_cell<C: Clocked>(cell: &mut C) -> Outcome {
    cell.sample();
    cell.show();
    Outcome::of(cell.take_over())
}

/// Lists of blocks: each settles for itself.
macro_rules! list {
    ([$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> Sleeper for $type {
            fn visit(&mut self, driven: bool) -> Outcome {
                self.iter_mut().map(|block| block.visit(driven)).max().unwrap_or(Outcome::Quiet)
            }

            fn tick(&mut self) -> Outcome {
                self.iter_mut().map(Sleeper::tick).max().unwrap_or(Outcome::Quiet)
            }
        }
    };
}

list!([B: Sleeper] Vec<B>);
list!([B: Sleeper, const COUNT: usize] [B; COUNT]);

/// A field of a block, for [`sleeper!`](crate::sleeper). Its methods do what fits the field: how a method is found, first by value
/// and then behind fewer references, tells the kinds apart.
///
/// | kind of field | connected, shown to probes | takes over | visited, ticked |
/// |---|---|---|---|
/// | a [`Sleeper`]: an inner block, a cell | yes | no | yes |
/// | any other [`Block`]: a signal, an interface, a constant | yes | yes | no |
/// | a number, which only the kernel looks at | no | no | no |
#[doc(hidden)]
pub struct Member<R>(pub R);

#[doc(hidden)]
pub trait SleeperMember {
    fn take_over(self) -> bool;
    fn visit(self, driven: bool) -> Outcome;
    fn tick(self) -> Outcome;
}

impl<B: Sleeper> SleeperMember for &mut &mut Member<&mut B> {
    #[inline]
    fn take_over(self) -> bool {
        false
    }

    #[inline]
    fn visit(self, driven: bool) -> Outcome {
        self.0.visit(driven)
    }

    #[inline]
    fn tick(self) -> Outcome {
        self.0.tick()
    }
}

#[doc(hidden)]
pub trait BlockMember {
    fn take_over(self) -> bool;
    fn connect(self);
}

impl<B: Block> BlockMember for &mut Member<&mut B> {
    #[inline]
    fn take_over(self) -> bool {
        self.0.update_all();
        self.0.has_changed()
    }

    fn connect(self) {
        self.0.connect_all();
    }
}

#[doc(hidden)]
pub trait ShownMember {
    fn accept(self, name: &str, probe: &mut dyn Probe);
}

impl<B: Block> ShownMember for &&Member<&B> {
    fn accept(self, name: &str, probe: &mut dyn Probe) {
        self.0.accept(name, probe);
    }
}

#[doc(hidden)]
pub trait NumberMember {
    #[inline]
    fn take_over(&self) -> bool {
        false
    }
    #[inline]
    fn visit(&self, _driven: bool) -> Outcome {
        Outcome::Quiet
    }
    #[inline]
    fn tick(&self) -> Outcome {
        Outcome::Quiet
    }
    fn connect(&self) {}
    fn accept(&self, _name: &str, _probe: &mut dyn Probe) {}
}

impl<R> NumberMember for Member<R> {}

/// Makes a struct a block that settles by itself: what RustHDL's own derive makes, but for that. `fields` are in the order in which
/// the simulator and the backend see them; the struct has a field `_activity` beside them.
#[doc(hidden)]
#[macro_export]
macro_rules! sleeper {
    ([$($generics:tt)*] $type:ty { $($field:ident),* $(,)? }) => {
        $crate::sleeper!(@block [$($generics)*] $type { $($field),* } settle tick);
    };
    // A cell, which is `Clocked`.
    (cell [$($generics:tt)*] $type:ty { $($field:ident),* $(,)? }) => {
        $crate::sleeper!(@block [$($generics)*] $type { $($field),* } settle_cell tick_cell);
    };
    (@block [$($generics:tt)*] $type:ty { $($field:ident),* } $settle:ident $tick:ident) => {
        impl $($generics)* $crate::cells::Sleeper for $type {
            fn visit(&mut self, driven: bool) -> $crate::cells::Outcome {
                $crate::cells::$settle(self, driven)
            }

            fn tick(&mut self) -> $crate::cells::Outcome {
                $crate::cells::$tick(self)
            }
        }

        impl $($generics)* $crate::cells::Settles for $type {
            #[inline]
            fn activity(&mut self) -> &mut $crate::cells::Activity {
                &mut self._activity
            }

            fn take_over(&mut self) -> bool {
                #[allow(unused_imports)]
                use $crate::cells::{BlockMember as _, NumberMember as _, SleeperMember as _};
                let mut changed = false;
                $(changed |= (&mut &mut $crate::cells::Member(&mut self.$field)).take_over();)*
                changed
            }

            fn visit_inner(&mut self, driven: bool) -> $crate::cells::Outcome {
                #[allow(unused_imports)]
                use $crate::cells::{NumberMember as _, SleeperMember as _};
                let mut outcome = $crate::cells::Outcome::Quiet;
                $(outcome = outcome.max((&mut &mut $crate::cells::Member(&mut self.$field)).visit(driven));)*
                outcome
            }

            fn tick_inner(&mut self) -> $crate::cells::Outcome {
                #[allow(unused_imports)]
                use $crate::cells::{NumberMember as _, SleeperMember as _};
                let mut outcome = $crate::cells::Outcome::Quiet;
                $(outcome = outcome.max((&mut &mut $crate::cells::Member(&mut self.$field)).tick());)*
                outcome
            }
        }

        impl $($generics)* ::rust_hdl::prelude::Block for $type {
            fn connect_all(&mut self) {
                #[allow(unused_imports)]
                use $crate::cells::{BlockMember as _, NumberMember as _};
                ::rust_hdl::prelude::Logic::connect(self);
                $((&mut $crate::cells::Member(&mut self.$field)).connect();)*
            }

            fn update_all(&mut self) {
                $crate::cells::Sleeper::visit(self, true);
            }

            fn has_changed(&self) -> bool {
                self._activity.changed()
            }

            fn accept(&self, name: &str, probe: &mut dyn ::rust_hdl::prelude::Probe) {
                #[allow(unused_imports)]
                use $crate::cells::{NumberMember as _, ShownMember as _};
                probe.visit_start_scope(name, self);
                $((&&$crate::cells::Member(&self.$field)).accept(stringify!($field), probe);)*
                probe.visit_end_scope(name, self);
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::{plainly, wake, Sleeper};
    use crate::cells::Register;
    use crate::{block, kernel};
    use rust_hdl::prelude::*;
    use std::cell::Cell;

    thread_local! {
        /// How often the kernel of a [`Stage`] ran.
        static RUNS: Cell<usize> = const { Cell::new(0) };
    }

    block! {
        /// A register behind a gate.
        struct Stage {
            /// Rising edge samples `held`.
            pub clock: Signal<In, Clock>,
            /// Synchronous, high: zero.
            pub reset: Signal<In, Bit>,
            /// Value to take over.
            pub data: Signal<In, Bits<8>>,
            /// High: take it over.
            pub take: Signal<In, Bit>,
            /// Value held.
            pub shown: Signal<Out, Bits<8>>,
            held: Register<Bits<8>>,
        }
    }

    impl Logic for Stage {
        fn update(&mut self) {
            RUNS.set(RUNS.get() + 1);
            self.held.clock.next = self.clock.val();
            self.held.reset.next = self.reset.val();
            self.held.d.next = self.held.q.val();
            if self.take.val() {
                self.held.d.next = self.data.val();
            }
            self.shown.next = self.held.q.val();
        }
    }

    block! {
        /// Two stages in a row.
        struct Pipe {
            /// Rising edge samples every register.
            pub clock: Signal<In, Clock>,
            /// Synchronous, high: zero.
            pub reset: Signal<In, Bit>,
            /// Value that enters.
            pub data: Signal<In, Bits<8>>,
            /// High: a value enters.
            pub take: Signal<In, Bit>,
            /// Value that leaves.
            pub shown: Signal<Out, Bits<8>>,
            first: Stage,
            second: Stage,
        }
    }

    kernel! {
        Pipe
        #[hdl_gen]
        fn update(&mut self) blocks(first, second) {
            self.first.data.next = self.data.val();
            self.first.take.next = self.take.val();
            self.second.data.next = self.first.shown.val();
            self.second.take.next = true;
            self.shown.next = self.second.shown.val();
        }
    }

    fn settled(pipe: &mut Pipe) {
        assert!(simulate(pipe, 50));
    }

    #[test]
    fn a_tick_the_edges_of_the_clock_and_the_passes_of_rust_hdl_agree() {
        let (mut ticked, mut clocked, mut plain) = (Pipe::default(), Pipe::default(), Pipe::default());
        let edges = |pipe: &mut Pipe| {
            for high in [true, false] {
                pipe.clock.next = high.into();
                settled(pipe);
            }
        };
        let mut left = 0;
        for cycle in 0..200u64 {
            for pipe in [&mut ticked, &mut clocked, &mut plain] {
                pipe.data.next = (cycle * 37 % 256).to_bits();
                pipe.take.next = cycle % 3 != 0;
                pipe.reset.next = cycle % 50 == 49;
            }
            settled(&mut ticked);
            ticked.tick();
            settled(&mut ticked);
            settled(&mut clocked);
            edges(&mut clocked);
            plainly(|| {
                settled(&mut plain);
                edges(&mut plain);
            });
            let shown = plain.shown.val();
            assert_eq!((ticked.shown.val(), clocked.shown.val()), (shown, shown), "cycle {cycle}");
            left += u64::from(shown.any());
        }
        assert!(left > 100, "values leave");
    }

    block! {
        /// A ring of two inverters, closed when `closed`.
        struct Ring {
            /// High: the ring oscillates.
            pub closed: Signal<In, Bit>,
            /// Value that goes round.
            pub shown: Signal<Out, Bit>,
            inverter: Inverter,
        }
    }

    impl Logic for Ring {
        fn update(&mut self) {
            self.inverter.value.next = self.inverter.inverse.val() & self.closed.val();
            self.shown.next = self.inverter.inverse.val();
        }
    }

    block! {
        /// An inverter.
        struct Inverter {
            /// Value.
            pub value: Signal<In, Bit>,
            /// Its inverse.
            pub inverse: Signal<Out, Bit>,
        }
    }

    impl Logic for Inverter {
        fn update(&mut self) {
            self.inverse.next = !self.value.val();
        }
    }

    #[test]
    fn a_ring_does_not_settle_until_it_is_opened() {
        let mut ring = Ring::default();
        ring.closed.next = true;
        assert!(!simulate(&mut ring, 5), "it oscillates");
        ring.closed.next = false;
        assert!(simulate(&mut ring, 5), "it rests");
        assert!(ring.shown.val());
    }

    #[test]
    fn a_block_that_nothing_happens_to_is_left_out_until_it_is_woken() {
        let mut pipe = Pipe::default();
        pipe.data.next = 5u64.to_bits();
        settled(&mut pipe);
        // Other tests, on other threads, may wake everything in between, but not each time.
        let rests = (0..1000).any(|_| {
            let runs = RUNS.get();
            pipe.tick();
            settled(&mut pipe);
            RUNS.get() == runs
        });
        assert!(rests, "no kernel of a stage runs");

        // From outside, behind the back of the kernels.
        pipe.second.held.q.next = 9u64.to_bits();
        wake();
        settled(&mut pipe);
        assert_eq!(pipe.shown.val().to_u64(), 9);
    }
}

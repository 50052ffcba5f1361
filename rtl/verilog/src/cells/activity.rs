//! Which blocks a pass of the simulator has to visit: those in which something changed.
//!
//! ```text
//!   pass n:    a signal or an inner block changes -----> the block is awake
//!   pass n+1:  awake:  run the kernel, then visit every inner block
//!              asleep: take over inputs; visit only inner blocks that are awake
//! ```
//!
//! RustHDL runs every kernel and looks at every signal in every pass. A kernel is a function of the values of its block's signals,
//! and a block's inputs are driven by its parent's kernel alone: where neither has run since, a visit changes nothing. Leaving such
//! visits out gives the same values after every pass.
//!
//! Nor is a clock edge sent through every kernel on its way down: [`Sleeper::tick`] clocks every cell of a settled design at once.

use rust_hdl::prelude::{Block, Probe};
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the times that something was changed behind the simulator's back.
static OUTSIDE_CHANGES: AtomicU64 = AtomicU64::new(0);

/// Wakes every block: to be called by whoever changes the state inside of a block from outside, such as a testbench that upsets a
/// register.
pub fn wake() {
    OUTSIDE_CHANGES.fetch_add(1, Ordering::Relaxed);
}

/// Whether a block was awake in its last visit.
#[derive(Clone, Debug)]
pub struct Activity {
    changed: bool,
    outside_changes: u64,
}

impl Default for Activity {
    /// Awake: nothing has been computed yet.
    fn default() -> Self {
        Self { changed: true, outside_changes: 0 }
    }
}

impl Activity {
    /// Whether the kernel has to run in the next visit.
    #[inline]
    pub fn awake(&self) -> bool {
        self.changed || self.outside_changes != OUTSIDE_CHANGES.load(Ordering::Relaxed)
    }

    /// Whether something changed in the last visit.
    #[inline]
    pub fn changed(&self) -> bool {
        self.changed
    }

    /// Wakes the block if something changed.
    #[inline]
    pub fn ticked(&mut self, changed: bool) {
        self.changed |= changed;
    }

    /// Notes a visit that began when the block was awake or not, and in which something changed or not.
    #[inline]
    pub fn visited(&mut self, changed: bool) {
        *self = Self { changed, outside_changes: OUTSIDE_CHANGES.load(Ordering::Relaxed) };
    }
}

/// A block that a visit may leave out.
pub trait Sleeper: Block {
    /// Whether a visit does something although no input changes.
    fn awake(&self) -> bool;

    /// Clocks every cell inside, as a rising and a falling edge of `clock` would; whether something changed. The design must have
    /// settled, and settles again afterwards.
    fn tick(&mut self) -> bool;

    /// Visits the block if its parent's kernel has run in this pass, or it is awake; whether something changed.
    fn visit(&mut self, driven: bool) -> bool {
        if driven || self.awake() {
            self.update_all();
            self.has_changed()
        } else {
            false
        }
    }
}

/// Lists of blocks: each sleeps for itself.
macro_rules! list {
    ([$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> Sleeper for $type {
            fn awake(&self) -> bool {
                self.iter().any(Sleeper::awake)
            }

            fn tick(&mut self) -> bool {
                self.iter_mut().fold(false, |changed, block| block.tick() | changed)
            }

            fn visit(&mut self, driven: bool) -> bool {
                self.iter_mut().fold(false, |changed, block| block.visit(driven) | changed)
            }
        }
    };
}

list!([B: Sleeper] Vec<B>);
list!([B: Sleeper, const COUNT: usize] [B; COUNT]);

/// A field of a block, for [`sleeper!`](crate::sleeper). Its methods do what fits the field: how a method is found, first by value
/// and then behind fewer references, tells the kinds apart.
///
/// | kind of field | connected, shown to probes | visited |
/// |---|---|---|
/// | a [`Sleeper`]: an inner block, a cell | yes | when its parent's kernel has run, or it is awake |
/// | any other [`Block`]: a signal, an interface, a constant | yes | always |
/// | a number, which only the kernel looks at | no | no |
#[doc(hidden)]
pub struct Member<R>(pub R);

#[doc(hidden)]
pub trait SleeperMember {
    fn visit(self, driven: bool) -> bool;
    fn tick(self) -> bool;
}

impl<B: Sleeper> SleeperMember for &mut &mut Member<&mut B> {
    fn visit(self, driven: bool) -> bool {
        self.0.visit(driven)
    }

    fn tick(self) -> bool {
        self.0.tick()
    }
}

#[doc(hidden)]
pub trait BlockMember {
    fn visit(self, driven: bool) -> bool;
    fn connect(self);
}

impl<B: Block> BlockMember for &mut Member<&mut B> {
    fn visit(self, _driven: bool) -> bool {
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
    fn visit(&self, _driven: bool) -> bool {
        false
    }
    fn tick(&self) -> bool {
        false
    }
    fn connect(&self) {}
    fn accept(&self, _name: &str, _probe: &mut dyn Probe) {}
}

impl<R> NumberMember for Member<R> {}

/// Makes a struct a block whose kernel runs when something changed in it: what RustHDL's own derive makes, but for that. `fields`
/// are in the order in which the simulator and the backend see them; the struct has a field `_activity` beside them.
#[doc(hidden)]
#[macro_export]
macro_rules! sleeper {
    ([$($generics:tt)*] $type:ty { $($field:ident),* $(,)? }) => {
        $crate::sleeper!(@block [$($generics)*] $type { $($field),* });
        $crate::sleeper!(@sleeps [$($generics)*] $type, block => {
            #[allow(unused_imports)]
            use $crate::cells::{NumberMember as _, SleeperMember as _};
            let mut changed = false;
            $(changed |= (&mut &mut $crate::cells::Member(&mut block.$field)).tick();)*
            changed
        });
    };
    // A cell: what a tick does to it is its own.
    (cell $generics:tt $type:ty { $($field:ident),* $(,)? } $tick:ident) => {
        $crate::sleeper!(@block $generics $type { $($field),* });
        $crate::sleeper!(@sleeps $generics $type, cell => cell.$tick());
    };
    (@sleeps [$($generics:tt)*] $type:ty, $this:ident => $tick:expr) => {
        impl $($generics)* $crate::cells::Sleeper for $type {
            fn awake(&self) -> bool {
                self._activity.awake()
            }

            fn tick(&mut self) -> bool {
                let $this = self;
                let changed = $tick;
                $this._activity.ticked(changed);
                changed
            }
        }
    };
    (@block [$($generics:tt)*] $type:ty { $($field:ident),* }) => {
        impl $($generics)* ::rust_hdl::prelude::Block for $type {
            fn connect_all(&mut self) {
                #[allow(unused_imports)]
                use $crate::cells::{BlockMember as _, NumberMember as _};
                ::rust_hdl::prelude::Logic::connect(self);
                $((&mut $crate::cells::Member(&mut self.$field)).connect();)*
            }

            fn update_all(&mut self) {
                #[allow(unused_imports)]
                use $crate::cells::{BlockMember as _, NumberMember as _, SleeperMember as _};
                let driven = self._activity.awake();
                if driven {
                    ::rust_hdl::prelude::Logic::update(self);
                }
                let mut changed = false;
                $(changed |= (&mut &mut $crate::cells::Member(&mut self.$field)).visit(driven);)*
                self._activity.visited(changed);
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
    use super::{wake, Sleeper};
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
    fn a_tick_and_the_edges_of_the_clock_agree() {
        let (mut ticked, mut clocked) = (Pipe::default(), Pipe::default());
        let mut left = 0;
        for cycle in 0..200u64 {
            for pipe in [&mut ticked, &mut clocked] {
                pipe.data.next = (cycle * 37 % 256).to_bits();
                pipe.take.next = cycle % 3 != 0;
                pipe.reset.next = cycle % 50 == 49;
                settled(pipe);
            }
            ticked.tick();
            settled(&mut ticked);
            for high in [true, false] {
                clocked.clock.next = high.into();
                settled(&mut clocked);
            }
            assert_eq!(ticked.shown.val(), clocked.shown.val(), "cycle {cycle}");
            left += u64::from(ticked.shown.val().any());
        }
        assert!(left > 100, "values leave");
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

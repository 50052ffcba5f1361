//! A field that some designs have and others have not, under its own name.
//!
//! ```text
//!   there:    top --> field        (its ports are called field_*; the elements of a list would be called field_0_*)
//!   absent:   top                  (nothing is emitted)
//! ```

use super::activity::{Outcome, Sleeper};
use rust_hdl::prelude::{Block, Logic, Probe, Verilog};
use std::ops::{Deref, DerefMut};

/// One block, or none. A kernel drives it in `for _present in 0..self.field.len() { .. }`, by the name of the field alone. A bus is
/// driven signal by signal: RustHDL's `link` wants two buses of one type.
#[derive(Clone, Debug)]
pub struct Optional<B>(Vec<B>);

impl<B: Default> Optional<B> {
    /// The block as it begins, where it is `there`.
    pub fn when(there: bool) -> Self {
        Self((0..usize::from(there)).map(|_| B::default()).collect())
    }
}

impl<B> Optional<B> {
    /// How many there are: one or none.
    #[allow(clippy::len_without_is_empty, reason = "a kernel's loop asks for the length, and nothing asks for more")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The block, where it is there.
    pub fn get_mut(&mut self) -> Option<&mut B> {
        self.0.first_mut()
    }
}

impl<B> Deref for Optional<B> {
    type Target = B;

    fn deref(&self) -> &B {
        &self.0[0]
    }
}

impl<B> DerefMut for Optional<B> {
    fn deref_mut(&mut self) -> &mut B {
        &mut self.0[0]
    }
}

impl<B: Block> Logic for Optional<B> {
    fn update(&mut self) {}

    fn hdl(&self) -> Verilog {
        self.0.first().map_or(Verilog::Empty, |block| block.hdl())
    }
}

impl<B: Sleeper> Sleeper for Optional<B> {
    fn visit(&mut self, driven: bool) -> Outcome {
        self.0.visit(driven)
    }

    fn tick(&mut self) -> Outcome {
        self.0.tick()
    }
}

impl<B: Block> Block for Optional<B> {
    fn connect_all(&mut self) {
        self.0.iter_mut().for_each(Block::connect_all);
    }

    fn update_all(&mut self) {
        self.0.iter_mut().for_each(Block::update_all);
    }

    fn has_changed(&self) -> bool {
        self.0.iter().any(Block::has_changed)
    }

    fn accept(&self, name: &str, probe: &mut dyn Probe) {
        self.0.iter().for_each(|block| block.accept(name, probe));
    }
}

//! A block that an optional feature wraps around another, with the other's ports.
//!
//! ```text
//!   with the feature:     top --> shell --> core, twin, check
//!   without the feature:  top ------------> core              (the shell only passes on: no module is emitted for it)
//! ```

use super::activity::{Outcome, Sleeper};
use rust_hdl::prelude::{Block, Logic, Probe, Verilog};
use std::ops::{Deref, DerefMut};

/// A block around a core that has the same ports under the same names.
pub trait Shell: Block {
    /// The block inside.
    type Core: Block;

    /// The block inside, with the feature or without.
    fn core(&mut self) -> &mut Self::Core;

    /// The block inside, in designs in which the shell adds nothing to it.
    fn bare(&self) -> Option<&Self::Core>;
}

/// A field that holds a shell: the parent drives the shell's ports, with the feature or without, and a probe (the backend, a
/// waveform, a check of connections) finds the core alone where the shell is bare.
#[derive(Clone, Debug, Default)]
pub struct Shelled<S>(S);

impl<S> Shelled<S> {
    /// Around this shell.
    pub fn new(shell: S) -> Self {
        Self(shell)
    }
}

impl<S> Deref for Shelled<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.0
    }
}

impl<S> DerefMut for Shelled<S> {
    fn deref_mut(&mut self) -> &mut S {
        &mut self.0
    }
}

impl<S: Shell> Logic for Shelled<S> {
    fn update(&mut self) {}

    fn hdl(&self) -> Verilog {
        self.bare().map_or_else(|| self.0.hdl(), |core| core.hdl())
    }
}

impl<S: Shell + Sleeper> Sleeper for Shelled<S> {
    fn visit(&mut self, driven: bool) -> Outcome {
        self.0.visit(driven)
    }

    fn tick(&mut self) -> Outcome {
        self.0.tick()
    }
}

impl<S: Shell> Block for Shelled<S> {
    fn connect_all(&mut self) {
        self.0.connect_all();
    }

    fn update_all(&mut self) {
        self.0.update_all();
    }

    fn has_changed(&self) -> bool {
        self.0.has_changed()
    }

    fn accept(&self, name: &str, probe: &mut dyn Probe) {
        match self.bare() {
            Some(core) => core.accept(name, probe),
            None => self.0.accept(name, probe),
        }
    }
}

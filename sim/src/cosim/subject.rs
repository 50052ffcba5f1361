//! The device that is held against the model: with its pins in view, or behind its ports.

use crate::Verilated;
use crate::{Device, Pins};

/// A device under test.
pub enum Subject {
    /// Driven over ports: steps of timing are done without looking at the cycle.
    Device(Box<dyn Device>),
    /// Driven cycle by cycle.
    Pins(Box<dyn Pins>),
}

impl Subject {
    /// Its ports.
    pub fn device(&mut self) -> &mut dyn Device {
        match self {
            Subject::Device(device) => device.as_mut(),
            Subject::Pins(pins) => pins.as_mut(),
        }
    }

    /// Its pins, where they can be seen.
    pub fn pins(&mut self) -> Option<&mut dyn Pins> {
        match self {
            Subject::Device(_) => None,
            Subject::Pins(pins) => Some(pins.as_mut()),
        }
    }
}

impl From<Box<dyn Device>> for Subject {
    fn from(device: Box<dyn Device>) -> Subject {
        Subject::Device(device)
    }
}

impl From<Box<dyn Pins>> for Subject {
    fn from(pins: Box<dyn Pins>) -> Subject {
        Subject::Pins(pins)
    }
}

impl From<Box<Verilated>> for Subject {
    fn from(verilated: Box<Verilated>) -> Subject {
        Subject::Pins(verilated)
    }
}

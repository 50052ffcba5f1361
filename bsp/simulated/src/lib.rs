//! A simulated board behind its serial line: what [`pm_bsp::host::Session`] talks to when there is no cable.
//!
//! ```text
//!   write --> levels on uart_rx --> AlchitryCuTop --> levels on uart_tx --> read
//! ```
//!
//! Only the pins are used. The board runs while bytes are written or awaited, and stands still otherwise. A crate of its own, so
//! that the board is compiled with optimisation here and without where it is emitted.

use pm_bsp::board::{AlchitryCuTop, BoardTiming};
use pm_interface::Geometry;
use pm_verilog::cells::Sleeper;
use rust_hdl::prelude::*;
use std::collections::VecDeque;
use std::io::{Error, ErrorKind, Read, Result, Write};

/// The board with short counters, out of reset.
pub struct SimulatedBoard {
    /// The design: for looking at what has no pin.
    pub top: AlchitryCuTop<4, 12>,
    timing: BoardTiming,
    cycles: u64,
    listener: Listener,
    /// How many cycles to wait for a byte.
    pub patience: u64,
}

impl Default for SimulatedBoard {
    fn default() -> Self {
        Self::new(&Geometry::preset("cu").expect("a preset"))
    }
}

impl SimulatedBoard {
    /// A board of this geometry, out of reset.
    ///
    /// # Panics
    /// When the geometry does not have the shape of the preset `cu`.
    pub fn new(geometry: &Geometry) -> Self {
        let timing = BoardTiming::SIMULATION;
        let mut top = AlchitryCuTop::new(geometry, timing);
        top.connect_all();
        let mut board = Self { top, timing, cycles: 0, listener: Listener::new(timing.divider), patience: 20_000 };
        board.top.uart_rx.next = true;
        board.top.button_n.next = true;
        // Reset, then the longest of the clearings: that of the memory.
        board.run(3000);
        board
    }
}

impl SimulatedBoard {
    /// The LEDs, without the heartbeat.
    pub fn leds(&self) -> u8 {
        self.top.leds.val().to_u8() & 0x7F
    }

    /// Runs with the pins as they are.
    pub fn run(&mut self, cycles: u64) {
        for _ in 0..cycles {
            self.step();
        }
    }

    /// Presses and releases the reset button, and lets the board start.
    pub fn press_reset(&mut self) {
        self.top.button_n.next = false;
        self.run(10);
        self.top.button_n.next = true;
        self.listener = Listener::new(self.timing.divider);
        self.run(3000);
    }

    /// Sends a character whose stop bit is low, and lets the line go high again.
    pub fn send_broken(&mut self, character: u8) {
        self.send(character, false);
        self.top.uart_rx.next = true;
        self.run(2 * self.timing.divider);
    }

    /// Puts one character on the line, with this stop bit.
    fn send(&mut self, character: u8, stop: bool) {
        for level in character_levels(character, stop) {
            self.top.uart_rx.next = level;
            self.run(self.timing.divider);
        }
    }

    fn step(&mut self) {
        assert!(simulate(&mut self.top, 1000), "the board does not settle");
        self.listener.listen(self.top.uart_tx.val());
        self.top.tick();
        assert!(simulate(&mut self.top, 1000), "the board does not settle");
        self.cycles += 1;
    }
}

/// The levels of a character on the line, a bit each: start, eight bits, stop.
pub fn character_levels(character: u8, stop: bool) -> impl Iterator<Item = bool> {
    let bits = (u16::from(character) | u16::from(stop) << 8) << 1;
    (0..10).map(move |bit| bits >> bit & 1 != 0)
}

/// Takes the characters from `uart_tx`, cycle by cycle.
#[derive(Clone, Debug)]
pub struct Listener {
    divider: u64,
    /// Cycles since the falling edge of a start bit, and the bits so far.
    arriving: Option<(u64, u16)>,
    /// What has come.
    pub arrived: VecDeque<u8>,
}

impl Listener {
    /// With so many cycles a bit.
    pub fn new(divider: u64) -> Listener {
        Listener { divider, arriving: None, arrived: VecDeque::new() }
    }

    /// Looks at the level of a cycle; a bit is sampled in its middle.
    ///
    /// # Panics
    /// When a character has no stop bit.
    pub fn listen(&mut self, level: bool) {
        let Some((elapsed, bits)) = self.arriving.as_mut() else {
            if !level {
                self.arriving = Some((0, 0));
            }
            return;
        };
        *elapsed += 1;
        if *elapsed % self.divider == self.divider / 2 {
            let place = *elapsed / self.divider;
            *bits |= u16::from(level) << place;
            if place == 9 {
                assert!(level, "the board sends a character without a stop bit");
                self.arrived.push_back((*bits >> 1) as u8);
                self.arriving = None;
            }
        }
    }

    /// Moves what has come to the front of `bytes`.
    pub fn take(&mut self, bytes: &mut [u8]) -> usize {
        let count = bytes.len().min(self.arrived.len());
        for (place, byte) in bytes.iter_mut().zip(self.arrived.drain(..count)) {
            *place = byte;
        }
        count
    }
}

impl Write for SimulatedBoard {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        bytes.iter().for_each(|byte| self.send(*byte, true));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

impl Read for SimulatedBoard {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        let deadline = self.cycles + self.patience;
        while self.listener.arrived.is_empty() {
            if self.cycles >= deadline {
                return Err(Error::new(ErrorKind::TimedOut, format!("no byte in {} cycles", self.patience)));
            }
            self.step();
        }
        Ok(self.listener.take(bytes))
    }
}

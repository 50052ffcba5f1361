//! Random inputs that reach corners: runs of equal values, boundaries, single bits, neighbours, values seen elsewhere.

use super::{BlockPort, BlockPorts};

/// A small generator (splitmix64): the same seed gives the same stimulus on every machine and in every version.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 uniform bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// 128 uniform bits.
    pub fn wide(&mut self) -> u128 {
        (u128::from(self.bits()) << 64) | u128::from(self.bits())
    }

    /// A number below `bound`; 0 when `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            0
        } else {
            self.bits() % bound
        }
    }

    /// True once in `times` on average.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

/// Cycles over which a one-bit input keeps its bias.
const PHASE: u64 = 64;

/// Draws the inputs of one cycle after the other.
pub(crate) struct Source {
    widths: Vec<usize>,
    resets: Vec<bool>,
    /// How many of 16 cycles a one-bit input is set, in this phase.
    bias: Vec<u64>,
    values: Vec<u128>,
}

impl Source {
    pub fn new(inputs: &[BlockPort]) -> Self {
        Self {
            widths: inputs.iter().map(|port| port.width).collect(),
            resets: inputs.iter().map(|port| port.path == "reset").collect(),
            bias: vec![8; inputs.len()],
            values: vec![0; inputs.len()],
        }
    }

    pub fn values(&self) -> &[u128] {
        &self.values
    }

    pub fn values_mut(&mut self) -> &mut [u128] {
        &mut self.values
    }

    pub fn draw(&mut self, cycle: u64, random: &mut Random) {
        if cycle.is_multiple_of(PHASE) {
            for bias in &mut self.bias {
                *bias = [1, 4, 8, 12, 15][random.below(5) as usize];
            }
        }
        for input in 0..self.values.len() {
            self.values[input] = if self.resets[input] {
                // Pulses, some of several cycles, with long quiet between them.
                let again = if self.values[input] == 1 { 2 } else { 97 };
                u128::from(random.once_in(again))
            } else if self.widths[input] == 1 {
                u128::from(random.below(16) < self.bias[input])
            } else {
                self.word(input, random)
            };
        }
    }

    fn word(&self, input: usize, random: &mut Random) -> u128 {
        let width = self.widths[input];
        let ones = u128::MAX >> (128 - width);
        let before = self.values[input];
        let value = match random.below(16) {
            0..=3 => before,
            4 => before.wrapping_add(1),
            5 => before.wrapping_sub(1),
            6 => random.wide() & random.wide() & random.wide(),
            7 => random.wide() | random.wide() | random.wide(),
            8 => 1 << random.below(width as u64),
            9 => [0, 1, ones, ones - 1, 1 << (width - 1), (1 << (width - 1)) - 1][random.below(6) as usize],
            10 => u128::from(random.below(8)),
            // What another input carries, so that comparisons meet.
            11 | 12 => self.values[random.below(self.values.len() as u64) as usize],
            _ => random.wide(),
        };
        value & ones
    }
}

/// The inputs of one cycle, for a hook to change.
pub struct Stimulus<'a> {
    cycle: u64,
    ports: &'a BlockPorts,
    values: &'a mut [u128],
    previous: &'a [u128],
    random: &'a mut Random,
    unknown: Option<String>,
}

impl<'a> Stimulus<'a> {
    pub(crate) fn new(
        cycle: u64,
        ports: &'a BlockPorts,
        values: &'a mut [u128],
        previous: &'a [u128],
        random: &'a mut Random,
    ) -> Self {
        Self { cycle, ports, values, previous, random, unknown: None }
    }

    /// Number of the cycle, from 0.
    pub fn cycle(&self) -> u64 {
        self.cycle
    }

    /// The generator of this run.
    pub fn random(&mut self) -> &mut Random {
        self.random
    }

    /// Drives the input at `path` with the low bits of `value`.
    pub fn set(&mut self, path: &str, value: u128) {
        match self.ports.inputs.iter().position(|port| port.path == path) {
            Some(input) => self.values[input] = value & (u128::MAX >> (128 - self.ports.inputs[input].width)),
            None => self.unknown = Some(path.into()),
        }
    }

    /// What the input at `path` will be driven with.
    pub fn get(&mut self, path: &str) -> u128 {
        match self.ports.inputs.iter().position(|port| port.path == path) {
            Some(input) => self.values[input],
            None => {
                self.unknown = Some(path.into());
                0
            }
        }
    }

    /// What the output at `path` was in the cycle before, 0 in the first.
    pub fn output(&mut self, path: &str) -> u128 {
        match self.ports.outputs.iter().position(|port| port.path == path) {
            Some(output) => self.previous.get(output).copied().unwrap_or(0),
            None => {
                self.unknown = Some(path.into());
                0
            }
        }
    }

    pub(crate) fn finish(self) -> Result<(), String> {
        match self.unknown {
            None => Ok(()),
            Some(path) => Err(format!("the hook names `{path}`, which is no port of that direction")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_give_equal_stimulus_and_values_stay_within_their_width() {
        let inputs =
            [("reset", 1), ("flag", 1), ("word", 7), ("wide", 128)].map(|(path, width)| BlockPort { path: path.into(), width });
        let draw = |seed| {
            let (mut source, mut random) = (Source::new(&inputs), Random::new(seed));
            let mut all = Vec::new();
            for cycle in 0..2000 {
                source.draw(cycle, &mut random);
                all.push(source.values().to_vec());
            }
            all
        };
        let all = draw(7);
        assert_eq!(all, draw(7));
        assert_ne!(all, draw(8));
        assert!(all.iter().all(|values| values[0] < 2 && values[1] < 2 && values[2] < 128));
        let distinct: std::collections::BTreeSet<u128> = all.iter().map(|values| values[2]).collect();
        assert!(distinct.len() > 100, "{} of 128 values drawn", distinct.len());
        assert!([0, 1, 63, 64, 126, 127].iter().all(|boundary| distinct.contains(boundary)));
        let resets = all.iter().filter(|values| values[0] == 1).count();
        assert!((10..200).contains(&resets), "{resets}");
    }
}

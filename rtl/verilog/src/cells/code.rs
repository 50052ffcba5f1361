//! A Hsiao code: one wrong bit of a word is found and repaired, two are found.
//!
//! ```text
//!             data bits: columns of weight 3        check bits: columns of weight 1
//!   syndrome = check bits ^ XOR of the columns of the data bits that are set
//!     zero: intact          a data bit's column: that bit is wrong      weight 1: a check bit is wrong
//!     even: two are wrong   any other: more are
//! ```
//!
//! Every column is odd, so two of them never add up to a third. All data columns have weight 3: a bit is to be flipped where
//! the three syndrome bits of its column are set, if only the syndrome has no other.

/// The code of a word of a certain width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Code {
    /// The column of each data bit, lowest first.
    pub columns: Vec<u32>,
    /// How many check bits there are.
    pub checks: usize,
}

impl Code {
    /// With as few check bits as there are columns of weight 3 enough; each check bit sees about as many data bits.
    pub fn of(bits: usize) -> Code {
        let columns = |checks: usize| checks * (checks - 1) * (checks - 2) / 6;
        let checks = (3..).find(|checks| columns(*checks) >= bits).expect("some width is enough");
        let mut free: Vec<u32> = (0..1u32 << checks).filter(|column| column.count_ones() == 3).collect();
        let mut seen = vec![0usize; checks];
        let mut taken = Vec::new();
        for _ in 0..bits {
            let load = |column: u32| {
                seen.iter().enumerate().filter(|(row, _)| column >> row & 1 != 0).map(|(_, load)| load).sum::<usize>()
            };
            let place = (0..free.len()).min_by_key(|place| load(free[*place])).expect("there are enough");
            let column = free.remove(place);
            seen.iter_mut().enumerate().for_each(|(row, load)| *load += column as usize >> row & 1);
            taken.push(column);
        }
        Code { columns: taken, checks }
    }

    /// The check bits of a word.
    pub fn check(&self, data: u128) -> u32 {
        self.columns.iter().enumerate().filter(|(bit, _)| data >> bit & 1 != 0).fold(0, |sum, (_, column)| sum ^ column)
    }

    /// Which data bits one check bit sees.
    pub fn row(&self, check: usize) -> u128 {
        self.columns.iter().enumerate().filter(|(_, column)| *column >> check & 1 != 0).fold(0, |mask, (bit, _)| mask | 1 << bit)
    }

    /// The data bits whose columns lie in the syndrome: one, if one was wrong.
    pub fn flips(&self, syndrome: u32) -> u128 {
        let lies = |column: u32| column & syndrome == column;
        self.columns.iter().enumerate().filter(|(_, column)| lies(**column)).fold(0, |mask, (bit, _)| mask | 1 << bit)
    }

    /// One bit is wrong, if not five: the syndrome's weight is 1 or 3.
    pub fn single(&self, syndrome: u32) -> bool {
        matches!(syndrome.count_ones(), 1 | 3)
    }

    /// [`Code::single`] in Verilog: odd, and no two parts of four bits, or of fewer, that make five or more together.
    pub fn single_text(&self, syndrome: &str) -> String {
        let parts: Vec<Vec<usize>> = (0..self.checks).collect::<Vec<_>>().chunks(4).map(<[usize]>::to_vec).collect();
        let choose = |part: &[usize], size: usize| {
            let sets = (1u32..1 << part.len()).filter(|set| set.count_ones() as usize == size);
            let term = |set: u32| {
                let bits = part.iter().enumerate().filter(|(place, _)| set >> place & 1 != 0);
                format!("({})", bits.map(|(_, bit)| format!("{syndrome}[{bit}]")).collect::<Vec<_>>().join(" & "))
            };
            let terms: Vec<String> = sets.map(term).collect();
            if terms.is_empty() {
                "1'b0".into()
            } else {
                format!("({})", terms.join(" | "))
            }
        };
        let mut text = format!("(^{syndrome})");
        for (place, part) in parts.iter().enumerate() {
            for (other_place, other) in parts.iter().enumerate() {
                if place != other_place && part.len() >= 3 {
                    text += &format!("\n        & !({} & {})", choose(part, 3), choose(other, 1));
                }
                if place < other_place && parts.len() > 2 && part.len() >= 2 && other.len() >= 2 {
                    text += &format!("\n        & !({} & {})", choose(part, 2), choose(other, 2));
                }
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every word has the same distances, since the code is linear: so a single word is enough, and several are tried.
    fn syndrome(code: &Code, data: u128, check: u32) -> u32 {
        code.check(data) ^ check
    }

    #[test]
    fn one_wrong_bit_is_repaired_and_two_are_found() {
        for bits in [1, 3, 4, 5, 8, 13, 15, 20, 21, 34, 35, 36, 39, 56, 57, 72, 99] {
            let code = Code::of(bits);
            let mask = u128::MAX >> (128 - bits);
            for data in [0, mask, 0x5A5A_1234_9876_DEAD_BEEF & mask] {
                let check = code.check(data);
                // Data bits, then check bits.
                let wrong = |bit: usize| if bit < bits { (1u128 << bit, 0) } else { (0, 1u32 << (bit - bits)) };
                assert_eq!(syndrome(&code, data, check), 0);
                for first in 0..bits + code.checks {
                    let (data_flip, check_flip) = wrong(first);
                    let found = syndrome(&code, data ^ data_flip, check ^ check_flip);
                    assert!(found != 0 && code.single(found), "{bits}: bit {first}");
                    assert_eq!(data ^ data_flip ^ code.flips(found), data, "{bits}: bit {first}");
                    for second in 0..first {
                        let (more, more_check) = wrong(second);
                        let found = syndrome(&code, data ^ data_flip ^ more, check ^ check_flip ^ more_check);
                        assert!(found != 0 && !code.single(found), "{bits}: bits {first} and {second}");
                    }
                }
            }
        }
    }

    #[test]
    fn check_bits_see_about_as_many_data_bits() {
        for (bits, checks) in [(3, 4), (13, 6), (21, 7), (34, 7), (39, 8), (99, 10)] {
            let code = Code::of(bits);
            assert_eq!(code.checks, checks, "{bits}");
            let loads: Vec<u32> = (0..checks).map(|check| code.row(check).count_ones()).collect();
            let (least, most) = (loads.iter().min().unwrap(), loads.iter().max().unwrap());
            assert!(most - least <= 2, "{bits}: {loads:?}");
        }
    }
}

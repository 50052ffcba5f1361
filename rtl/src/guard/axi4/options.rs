//! Options of the AXI4 guard: what is chosen when its Verilog is emitted.

use super::burst_queue::MAX_BURSTS;
use crate::guard::{check_sources, ControlBus};
use anyhow::{ensure, Result};
use pm_interface::{Geometry, Shape};

/// Options of the AXI4 guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axi4Options {
    /// Data bits: one of [`AXI4_DATA`].
    pub data: usize,
    /// Bursts under way in each direction, at most: 2 to 16.
    pub bursts: usize,
    /// With ports for a standard MMU that translates what is not mine; without, its address is its own translation.
    pub mmu: bool,
    /// Bus of the control registers.
    pub control: ControlBus,
    /// Entries of the source map, at most [`MAX_SOURCES`](crate::guard::MAX_SOURCES); 0: no map, and the sideband is the tenant.
    pub sources: usize,
}

impl Default for Axi4Options {
    fn default() -> Self {
        Self { data: 32, bursts: 8, mmu: false, control: ControlBus::Own, sources: 0 }
    }
}

/// Data bits that a guard can have.
pub const AXI4_DATA: [usize; 5] = [32, 64, 128, 256, 512];

impl Axi4Options {
    /// Checks that a guard of these options exists.
    ///
    /// # Errors
    /// When the options do not fit: says why, and which options exist.
    pub fn check(&self, geometry: &Geometry) -> Result<()> {
        ensure!(
            AXI4_DATA.contains(&self.data),
            "no AXI4 guard with {} data bits: 32, 64, 128, 256 and 512 are supported; the nearest is {}",
            self.data,
            AXI4_DATA.into_iter().min_by_key(|data| data.abs_diff(self.data)).unwrap_or_default()
        );
        ensure!(
            (2..=MAX_BURSTS).contains(&self.bursts),
            "no AXI4 guard with {} bursts under way: 2 to {MAX_BURSTS} are supported",
            self.bursts
        );
        ensure!(
            Axi4Options::reach(geometry.shape),
            "no AXI4 guard for geometry {}: its longest access, {} bytes, is shorter than AXI4's bursts of up to {}; use cu, soc32, \
             soc64, or a geometry with longest_access = \"4 KiB\"",
            geometry.name,
            geometry.max_length(),
            Geometry::LONGEST_ACCESS
        );
        check_sources(self.sources, geometry)?;
        // The container of a WRAP burst lies in one granule, so that the bytes keep their places in memory.
        let container = 2 * self.data as u64;
        ensure!(
            container <= geometry.granule(),
            "no AXI4 guard with {} data bits for geometry {}: its granule, {} bytes, is smaller than the {container} bytes that a WRAP \
             burst of this width may wrap in; {}, or take a granule of {container} bytes",
            self.data,
            geometry.name,
            geometry.granule(),
            match AXI4_DATA.into_iter().rfind(|data| 2 * *data as u64 <= geometry.granule()) {
                Some(data) => format!("take at most {data} data bits"),
                None => "no width fits this granule".into(),
            }
        );
        Ok(())
    }

    /// Whether accesses of these widths are as long as AXI4's bursts.
    pub fn reach(shape: Shape) -> bool {
        1 << (shape.length - 1) >= Geometry::LONGEST_ACCESS
    }

    /// A line for the head of the file.
    pub fn describe(&self) -> String {
        format!(
            "interface axi4: {} data bits, {} bursts under way in each direction, not mine: {}{}",
            self.data,
            self.bursts,
            if self.mmu { "the standard MMU at mmu_request, mmu_response" } else { "the address as it is" },
            if self.sources > 0 { format!(", source map of {} entries", self.sources) } else { String::new() }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guard_has_a_width_whose_wraps_lie_in_a_granule() {
        // Expected: none, or what the refusal says.
        let check = |geometry: &str, data: usize, expected: Option<&str>| {
            let geometry = Geometry::preset(geometry).unwrap();
            let found = Axi4Options { data, ..Axi4Options::default() }.check(&geometry).err().map(|error| error.to_string());
            match expected {
                None => assert_eq!(found, None, "{} {data}", geometry.name),
                Some(part) => {
                    assert!(found.as_ref().is_some_and(|found| found.contains(part)), "{} {data}: {found:?}", geometry.name)
                }
            }
        };
        for data in AXI4_DATA {
            check("soc32", data, None);
            check("soc64", data, None);
            check("cu", data, (data > 128).then_some("take at most 128 data bits, or take a granule of"));
        }
        check("soc32", 16, Some("the nearest is 32"));
        check("soc32", 1024, Some("the nearest is 512"));
        check("soc32", 96, Some("the nearest is 64"));
        check("tiny", 32, Some("longest access"));
        let small = |granule: &str, data: usize| {
            let text = format!(
                "address_bits = 32\ngranule = \"{granule}\"\nwindow = \"4 KiB\"\npool = \"16 KiB\"\ntenants = 2\nslots = 4\n\
                 longest_access = \"4 KiB\"\n"
            );
            let geometry = Geometry::in_file("small.toml", "small.toml", &text).unwrap();
            Axi4Options { data, ..Axi4Options::default() }.check(&geometry).map_err(|error| error.to_string())
        };
        assert!(small("64 B", 32).is_ok() && small("128 B", 64).is_ok());
        assert!(small("64 B", 64).unwrap_err().contains("take at most 32 data bits"));
        assert!(small("32 B", 32).unwrap_err().contains("no width fits this granule"));
    }
}

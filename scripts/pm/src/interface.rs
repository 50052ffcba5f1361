//! What an emitted file connects to, documented: ports from the module's own declarations, latency, and a template.

use crate::design::Design;
use clap::ValueEnum;
use pm_verilog::Port;
use std::fmt::Write;

/// What the Partition Manager connects to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Interface {
    /// Its own ports: two that decide, one for registers, one for the scrubber
    Core,
    /// Wishbone B4: masters, memory and control, with the guard between
    Wishbone,
}

/// Where a port belongs that begins with this: the first that fits.
type Groups = &'static [(&'static str, &'static str)];

const SHARED: Groups = &[
    ("mmu_fill_", "page tables of the standard MMU"),
    ("device_key_", "device key, authenticated boot"),
    ("minimum_version_", "oldest version taken, authenticated boot"),
    ("irq", "interrupt request"),
    ("alert", "isolation or integrity denial"),
    ("active", "the boot gate is open"),
    ("sealed", "nothing may change any more"),
    ("clk_i", "rising edge"),
    ("clock", "rising edge"),
    ("rst_i", "synchronous, high"),
    ("reset", "synchronous, high"),
];

const CORE: Groups = &[
    ("translate_", "translate port"),
    ("physical_", "physical port"),
    ("register_", "control registers"),
    ("memory_write_", "scrubber"),
];

const WISHBONE: Groups = &[
    ("wbs_tga_i", "tenant, trusted"),
    ("wbs_tgc_i", "a read fetches an instruction"),
    ("wbs_", "from the masters"),
    ("wbm_", "to the memory"),
    ("wbc_", "from the control master"),
];

impl Interface {
    /// The design with it; with a standard MMU for what is not managed, where the interface has room for one.
    pub fn design(self, standard_mmu: bool) -> Option<Design> {
        match (self, standard_mmu) {
            (Interface::Core, false) => Some(Design::Core),
            (Interface::Core, true) => None,
            (Interface::Wishbone, false) => Some(Design::Wishbone),
            (Interface::Wishbone, true) => Some(Design::WishboneMmu),
        }
    }

    fn groups(self) -> Groups {
        match self {
            Interface::Core => CORE,
            Interface::Wishbone => WISHBONE,
        }
    }

    fn latency(self) -> &'static str {
        match self {
            Interface::Core => {
                "Both ports and the register port answer four edges after the request, one request a cycle each. \
                 `memory_write` moves a word in every cycle with `valid` and `ready`."
            }
            Interface::Wishbone => {
                "The memory sees the first beat of a transaction 7 cycles after `wbs` offered it when a partition holds it, 14 when \
                 it is not managed and keeps its address, and at most one scrub word later while a block is being cleared. Further beats of a burst pass in \
                 the cycle that offers them, up to the end of the aligned 64 bytes (linear) or 16 beats. `wbs_ack_o` and \
                 `wbs_dat_o` are the memory's in the same cycle. A refusal is answered after 7 or 14 cycles with `wbs_err_o`. \
                 `wbc` answers in the seventh cycle of an access."
            }
        }
    }

    /// The document beside `file`, which holds `text`; `command` made them.
    pub fn document(self, text: &str, top: &str, file: &str, command: &str) -> String {
        let ports = pm_verilog::ports(text, top);
        let about: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("// ")).skip(1).collect();
        let mut out = format!("# {file}\n\nMade by `{command}`. ");
        let _ = writeln!(out, "Top module `{top}`.\n");
        about.iter().for_each(|line| out.push_str(&format!("- {line}\n")));
        out.push_str("\nWhat each port means, and what you owe: chapter 3 of the datasheet, rtl/README.md.\n");
        let _ = writeln!(out, "\n## Ports\n\n| port | direction | bits | belongs to |\n|---|---|---|---|");
        for port in &ports {
            let direction = if port.input { "in" } else { "out" };
            let _ = writeln!(out, "| `{}` | {direction} | {} | {} |", port.name, port.width, self.group(port));
        }
        let _ = writeln!(out, "\n## Latency\n\n{}", self.latency());
        let _ = writeln!(out, "\n## Instantiation\n\n```verilog\n{top} {top} (");
        let longest = ports.iter().map(|port| port.name.len()).max().unwrap_or(0);
        for (position, Port { name, width, .. }) in ports.iter().enumerate() {
            let comma = if position + 1 < ports.len() { "," } else { " " };
            let _ = writeln!(out, "    .{name:longest$} ({name}){comma}{:pad$} // {width}", "", pad = longest - name.len());
        }
        out.push_str(");\n```\n");
        out
    }

    fn group(self, port: &Port) -> &'static str {
        let fits = |(start, _): &&(&str, &str)| port.name.starts_with(start);
        self.groups().iter().chain(SHARED).find(fits).map_or("", |(_, group)| group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::Geometry;

    #[test]
    fn every_port_of_every_interface_is_documented_and_belongs_somewhere() {
        let geometry = Geometry::preset("tiny+boot").unwrap();
        for interface in Interface::value_variants() {
            for mmu in [false, true] {
                let Some(design) = interface.design(mmu) else { continue };
                let text = design.verilog(&geometry).unwrap();
                let document = interface.document(&text, design.top(), "file.v", "pm verilog");
                let ports = pm_verilog::ports(&text, design.top());
                assert!(ports.len() > 20);
                for port in ports {
                    let direction = if port.input { "in" } else { "out" };
                    let row = format!("| `{}` | {direction} | {} | ", port.name, port.width);
                    assert!(document.contains(&row), "{row}");
                    assert!(!interface.group(&port).is_empty(), "{} belongs nowhere", port.name);
                    assert!(document.contains(&format!("({})", port.name)));
                }
            }
        }
    }
}

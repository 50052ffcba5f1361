//! What an emitted file connects to, documented: ports from the module's own declarations, latency, and a template.

use crate::design::Design;
use clap::ValueEnum;
use pm_designs::reset;
use pm_rtl::guard::axi4::{self, Axi4Options};
use pm_rtl::guard::{wishbone::WishboneOptions, ControlBus};
use pm_rtl::port_docs;
use pm_system::input::UsageError;
use pm_verilog::{EmitOptions, Port};
use std::fmt::Write;

/// What the Partition Manager connects to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Interface {
    /// Its own ports: two that decide, one for registers, one for the scrubber
    Core,
    /// Wishbone B4: masters, memory and control, with the guard between
    Wishbone,
    /// AXI4: masters and memory with the guard between, AXI4-Lite for control
    Axi4,
}

/// The bus of the control registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Control {
    /// The register port as it is: of the interface core
    Registers,
    /// AXI4-Lite: of the interface axi4
    Axi4Lite,
    /// Wishbone: of the interface wishbone
    Wishbone,
    /// APB4: of every interface
    Apb4,
}

/// Where a port belongs that begins with this: the first that fits.
type Groups = &'static [(&'static str, &'static str)];

const SHARED: Groups = &[
    ("s_apb_", "from the control master"),
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
    ("wbs_tga_i", "tenant, or with --sources the source; trusted"),
    ("wbs_tgc_i", "a read fetches an instruction"),
    ("wbs_", "from the masters"),
    ("wbm_", "to the memory"),
    ("wbc_", "from the control master"),
];

const AXI4: Groups = &[
    ("s_axi_awuser", "bits 7:0: tenant, or with --sources all: the source; trusted"),
    ("s_axi_aruser", "bits 7:0: tenant, or with --sources all: the source; trusted"),
    ("s_axi_", "from the masters"),
    ("m_axi_", "to the memory"),
    ("s_axil_", "from the control master"),
    ("mmu_request_", "to the standard MMU"),
    ("mmu_response_", "from the standard MMU"),
    ("aclk", "rising edge"),
    ("aresetn", "synchronous, low"),
];

impl Interface {
    /// The design with it; with a standard MMU for what is not managed, where the interface has room for one.
    pub fn design(self, options: Axi4Options) -> Option<Design> {
        match (self, options.mmu) {
            (Interface::Axi4, _) => Some(Design::Axi4(options)),
            (Interface::Core, false) if options.control == ControlBus::Apb4 => Some(Design::Apb),
            (Interface::Core, false) => Some(Design::Core),
            (Interface::Core, true) => None,
            (Interface::Wishbone, mmu) => {
                let Axi4Options { control, sources, .. } = options;
                Some(Design::Wishbone(WishboneOptions { mmu, control, sources }))
            }
        }
    }

    /// The bus of its control registers where none is asked for.
    fn own_control(self) -> Control {
        match self {
            Interface::Core => Control::Registers,
            Interface::Wishbone => Control::Wishbone,
            Interface::Axi4 => Control::Axi4Lite,
        }
    }

    /// The bus of its control registers.
    ///
    /// # Errors
    /// When the interface does not go with that bus.
    pub fn control(self, asked: Option<Control>) -> Result<ControlBus, UsageError> {
        let word = |value: &dyn Fn() -> Option<clap::builder::PossibleValue>| {
            value().map_or_else(String::new, |value| value.get_name().to_string())
        };
        match asked {
            Some(Control::Apb4) => Ok(ControlBus::Apb4),
            Some(other) if other != self.own_control() => Err(UsageError(format!(
                "--control: the interface {} has no {} for its registers; choose {} or apb4",
                word(&|| self.to_possible_value()),
                word(&|| other.to_possible_value()),
                word(&|| self.own_control().to_possible_value()),
            ))),
            _ => Ok(ControlBus::Own),
        }
    }

    fn groups(self) -> Groups {
        match self {
            Interface::Core => CORE,
            Interface::Wishbone => WISHBONE,
            Interface::Axi4 => AXI4,
        }
    }

    /// The latency of every port; `control` is the bus of the registers.
    fn latency(self, control: ControlBus) -> String {
        let registers = match (control, self) {
            (ControlBus::Apb4, _) => {
                "A transfer at `s_apb` takes 7 cycles, its setup phase included, and 2 when it is a write without all strobes."
            }
            (_, Interface::Core) => "The register port answers four edges after the request, one request a cycle.",
            (_, Interface::Wishbone) => "`wbc` answers in the seventh cycle of an access.",
            (_, Interface::Axi4) => "`s_axil` answers 7 cycles after it took the last of an access's channels.",
        };
        format!("{} {registers}", self.data_latency())
    }

    fn data_latency(self) -> &'static str {
        match self {
            Interface::Core => {
                "Both ports answer four edges after the request, one request a cycle each. \
                 `memory_write` moves a word in every cycle with `valid` and `ready`."
            }
            Interface::Wishbone => {
                "The memory sees the first beat of a transaction 7 cycles after `wbs` offered it when a partition holds it, 15 when \
                 it is not managed and keeps its address, and at most one scrub word later while a block is being cleared. Further beats of a burst pass in \
                 the cycle that offers them, up to the end of the aligned 64 bytes (linear) or 16 beats. `wbs_ack_o` and \
                 `wbs_dat_o` are the memory's in the same cycle. A refusal is answered after 7 or 15 cycles with `wbs_err_o`."
            }
            Interface::Axi4 => {
                "The address of a granted burst is offered to the memory 6 cycles after it was taken, 10 when it is not managed and \
                 keeps its address; with the MMU's ports the MMU's own time comes on top. One address a cycle, both directions \
                 together; one beat a cycle in each direction. Write data are a cycle on their way, read data one, responses two. \
                 A denied burst is answered when its data are drained and earlier bursts of its identifier are answered."
            }
        }
    }

    /// The module whose declaration lists the ports of the top with their widths.
    fn declared(self, names: &EmitOptions) -> String {
        match self {
            Interface::Axi4 => axi4::inner(names),
            _ => names.top.clone(),
        }
    }

    /// The document beside `file`, which holds `text`; `command` made them.
    /// `other_reset`: the text has the level of reset that the interface usually has not.
    pub fn document(self, text: &str, names: &EmitOptions, other_reset: bool, file: &str, command: &str) -> String {
        let top = &names.top;
        let mut ports = pm_verilog::ports(text, &self.declared(names));
        for port in ports.iter_mut().filter(|_| other_reset) {
            // A guard's ports are those of the module inside.
            port.name = reset::other(&port.name).unwrap_or(&port.name).into();
        }
        let apb = ports.iter().any(|port| port.name.starts_with("s_apb_"));
        let control = if apb { ControlBus::Apb4 } else { ControlBus::Own };
        let width = |port: &Port| axi4::parameter(port).map_or_else(|| port.width.to_string(), String::from);
        let about: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("// ")).skip(1).collect();
        let mut out = format!("# {file}\n\nMade by `{command}`. ");
        let _ = writeln!(out, "Top module `{top}`.\n");
        about.iter().for_each(|line| out.push_str(&format!("- {line}\n")));
        out.push_str("\nWhat you owe: chapter 3 of the datasheet, rtl/README.md.\n");
        let _ = writeln!(out, "\n## Ports\n\n| port | direction | bits | belongs to | meaning |\n|---|---|---|---|---|");
        for port in &ports {
            let direction = if port.input { "in" } else { "out" };
            let meaning = meaning(&port.name);
            let _ = writeln!(out, "| `{}` | {direction} | {} | {} | {meaning} |", port.name, width(port), self.group(port));
        }
        let parameters = if ports.iter().any(|port| axi4::parameter(port).is_some()) {
            "#(\n    .ID_WIDTH   (4), // 1 to 16\n    .USER_WIDTH (8)  // 8 to 32\n) "
        } else {
            ""
        };
        let _ = writeln!(out, "\n## Latency\n\n{}", self.latency(control));
        let _ = writeln!(out, "\n## Instantiation\n\n```verilog\n{top} {parameters}{top} (");
        let longest = ports.iter().map(|port| port.name.len()).max().unwrap_or(0);
        for (position, port) in ports.iter().enumerate() {
            let (name, width) = (&port.name, width(port));
            let comma = if position + 1 < ports.len() { "," } else { " " };
            let _ = writeln!(out, "    .{name:longest$} ({name}){comma}{:pad$} // {width}", "", pad = longest - name.len());
        }
        out.push_str(");\n```\n");
        out
    }

    /// The bus that a port belongs to.
    fn group(self, port: &Port) -> &'static str {
        let groups = || self.groups().iter().chain(SHARED);
        if let Some(original) = reset::original(&port.name) {
            let group = groups().find(|(start, _)| *start == original).map_or("", |(_, group)| group);
            return if group.ends_with("high") { "synchronous, low" } else { "synchronous, high" };
        }
        groups().find(|(start, _)| port.name.starts_with(start)).map_or("", |(_, group)| group)
    }
}

/// What a port means; a reset of the other level is described by the one that it stands for.
fn meaning(port: &str) -> String {
    let (name, level) = match reset::original(port) {
        Some(original) => (original, true),
        None => (port, false),
    };
    let meaning = port_docs::meaning(name).unwrap_or_default();
    match level {
        true if meaning.contains("high") => meaning.replacen("high", "low", 1),
        true => meaning.replacen("low", "high", 1),
        false => meaning,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::Level;
    use pm_interface::Geometry;

    #[test]
    fn every_port_of_every_interface_is_documented_and_belongs_somewhere() {
        let geometry = Geometry::preset("cu+boot").unwrap();
        for interface in Interface::value_variants() {
            let kinds = [(false, ControlBus::Own, 0), (true, ControlBus::Own, 0), (false, ControlBus::Apb4, 3)];
            for (mmu, control, sources) in kinds {
                let options = Axi4Options { mmu, control, sources, ..Axi4Options::default() };
                let Some(design) = interface.design(options) else { continue };
                let names = EmitOptions { top: "guard".into(), prefix: "guard_".into(), ..EmitOptions::default() };
                let text = design.verilog_as(&geometry, &names).unwrap();
                let document = interface.document(&text, &names, false, "file.v", "pm verilog");
                assert!(document.contains("Top module `guard`.") && document.contains("\nguard "), "{document}");
                let ports = pm_verilog::ports(&text, &interface.declared(&names));
                assert!(ports.len() > 20);
                assert_eq!(document.contains("s_apb_pready"), control == ControlBus::Apb4, "{document}");
                for port in ports {
                    let direction = if port.input { "in" } else { "out" };
                    let width = axi4::parameter(&port).map_or_else(|| port.width.to_string(), String::from);
                    let row = format!("| `{}` | {direction} | {width} | ", port.name);
                    assert!(document.contains(&row), "{row}");
                    assert!(meaning(&port.name).len() > 10, "{} means nothing", port.name);
                    assert!(!interface.group(&port).is_empty(), "{} belongs nowhere", port.name);
                    assert!(document.contains(&format!("({})", port.name)));
                }
            }
        }
    }

    #[test]
    fn the_other_level_of_reset_is_documented_under_its_name() {
        let geometry = Geometry::preset("cu").unwrap();
        let check = |interface: Interface, level: Level, reset: &str, group: &str, says: &str| {
            let design = interface.design(Axi4Options::default()).unwrap();
            let names = EmitOptions::default();
            let text = design.verilog_at(&geometry, &names, Some(level)).unwrap();
            let document = interface.document(&text, &names, design.turns(Some(level)), "file.v", "pm verilog");
            let row = format!("| `{reset}` | in | 1 | {group} | {says}");
            assert!(document.contains(&row), "{row}:\n{document}");
            assert!(document.contains(&format!("({reset})")), "{document}");
            let head = text.split(&format!("module {}", names.top)).last().unwrap();
            let named = |line: &str| line.contains("input") && line.trim_end_matches(',').ends_with(&format!(" {reset}"));
            assert!(head.lines().any(named), "{head}");
        };
        check(Interface::Core, Level::High, "reset", "synchronous, high", "Synchronous, high:");
        check(Interface::Core, Level::Low, "reset_n", "synchronous, low", "Synchronous, low:");
        check(Interface::Wishbone, Level::Low, "rst_n_i", "synchronous, low", "Synchronous, low:");
        check(Interface::Axi4, Level::Low, "aresetn", "synchronous, low", "Synchronous, low:");
        check(Interface::Axi4, Level::High, "areset", "synchronous, high", "Synchronous, high:");
    }
}

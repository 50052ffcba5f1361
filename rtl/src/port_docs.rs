//! What each port of an emitted design means: the docs of the ports in this crate's sources, by the name that the port has in Verilog.
//!
//! ```text
//!   s_axi_awid --> bus s_axi: Axi4Slave, field awid --> its doc comment
//! ```

/// First characters of the ports of a bus, the structure that declares them, and the file with that structure.
const BUSES: &[(&str, &str, &str)] = &[
    ("s_axi_", "Axi4Slave", include_str!("guard/axi4/ports.rs")),
    ("m_axi_", "Axi4Master", include_str!("guard/axi4/ports.rs")),
    ("s_axil_", "AxiLiteSlave", include_str!("guard/axi_lite_control.rs")),
    ("s_apb_", "ApbSlave", include_str!("guard/apb_control.rs")),
    ("wbs_", "WishboneSlave", include_str!("guard/wishbone/ports.rs")),
    ("wbm_", "WishboneMaster", include_str!("guard/wishbone/ports.rs")),
    ("wbc_", "WishboneControlSlave", include_str!("guard/wishbone/ports.rs")),
    ("mmu_fill_0_", "MmuFill", include_str!("guard/bridge/ports.rs")),
    ("mmu_request_0_", "MmuSource", include_str!("guard/bridge/ports.rs")),
    ("mmu_response_0_", "MmuSink", include_str!("guard/bridge/ports.rs")),
    ("translate_request_", "AccessRequest", include_str!("ports.rs")),
    ("translate_response_", "TranslateResponse", include_str!("ports.rs")),
    ("physical_request_", "AccessRequest", include_str!("ports.rs")),
    ("physical_response_", "PhysicalResponse", include_str!("ports.rs")),
    ("register_request_", "RegisterRequest", include_str!("ports.rs")),
    ("register_response_", "RegisterResponse", include_str!("ports.rs")),
    ("memory_write_", "MemoryWrite", include_str!("ports.rs")),
    ("", "PartitionManager", include_str!("partition_manager.rs")),
    ("", "ApbPartitionManager", include_str!("guard/apb_partition_manager.rs")),
    ("", "Axi4PartitionManager", include_str!("guard/axi4/axi4_partition_manager.rs")),
    ("", "WishbonePartitionManager", include_str!("guard/wishbone/wishbone_partition_manager.rs")),
];

/// Meaning of a port of an emitted design; `None` for a name that no design has.
pub fn meaning(port: &str) -> Option<String> {
    BUSES.iter().find_map(|(start, structure, source)| {
        let field = port.strip_prefix(start)?;
        // The ports of a list are numbered.
        let single = field.trim_end_matches(|digit: char| digit.is_ascii_digit()).trim_end_matches('_');
        doc_of(source, structure, field).or_else(|| doc_of(source, structure, single))
    })
}

/// The doc comment of a public field of a structure.
fn doc_of(source: &str, structure: &str, field: &str) -> Option<String> {
    let named = |line: &str| {
        let name = line.trim_start().strip_prefix("pub struct ").unwrap_or_default();
        name.strip_prefix(structure).is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric()))
    };
    let mut doc: Vec<&str> = Vec::new();
    for line in source.lines().skip_while(|line| !named(line)).skip(1) {
        let line = line.trim();
        if let Some(part) = line.strip_prefix("///") {
            doc.push(part.trim());
        } else if let Some(rest) = line.strip_prefix("pub ") {
            if rest.strip_prefix(field).is_some_and(|rest| rest.starts_with(':')) {
                return Some(doc.join(" ").replace(['[', ']'], "")).filter(|doc| !doc.is_empty());
            }
            doc.clear();
        } else if line == "}" {
            return None;
        } else if !line.starts_with("#[") {
            doc.clear();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_means_what_its_declaration_says() {
        let check = |port: &str, expected: Option<&str>| assert_eq!(meaning(port).as_deref(), expected, "{port}");
        check("s_axi_awid", Some("Write address: identifier of the burst; answers of one identifier keep their order."));
        check("m_axi_awid", Some("Write address: identifier, as the tenant sent it; 0 for the words of the scrubber."));
        check("aresetn", Some("Synchronous, low: the boot gate is closed and no burst is under way."));
        check(
            "device_key_3",
            Some("Words of the device's key, bytes 3:0 first, with the feature `boot`. Steady; no register shows the key."),
        );
        check("memory_write_address", Some("Byte address of the word, a multiple of 4; valid with `valid`."));
        check("s_axi_nothing", None);
        check("guard_stall_limit", None);
    }
}

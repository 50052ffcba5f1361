//! Public types of one name in two places of the workspace.

use super::sources;
use std::collections::{BTreeMap, BTreeSet};

/// Where the crates' sources lie. `pm` is a program, whose modules nobody else names.
const FOLDERS: [&str; 6] = ["rtl", "driver", "sim", "proof", "bsp", "scripts/tools"];

/// Names that several public types have, with the reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("Access", "one request: its wires in the data path, its value in the model"),
    ("Boot", "the block that boots, and the monitor of the proofs about it"),
    ("BootState", "the state of the gate: of the register in the RTL, its code in the interface"),
    ("Fault", "the captured denial in the RTL and in the driver; in the model, what is made wrong on purpose"),
    ("Operation", "a command to the Partition Manager; in the board's protocol, a frame's"),
    ("Outcome", "a command's end: as the model and as the driver tell it"),
    ("PartitionManager", "the design, and the driver's handle of it"),
    ("PhysicalVerdict", "an answer of the physical port: its wires in the RTL, its value in the model"),
    ("Register", "a register of the map; in the backend, the cell of every register"),
    ("Rights", "the rights of a row: their wires in the RTL, their value in the interface"),
    ("Row", "a row of the Partition Table: its wires in the RTL, its value in the model and the driver"),
    ("ShadowEntry", "an entry of a shadow page table: its wires in the RTL, its value in the model"),
    ("Sizes", "the numbers of a geometry: constants of the monitors, what the driver reads from the device"),
    ("Tables", "the lookup state: its monitor in the proofs, its value in the model"),
    ("Tail", "the granules that a RESIZE adds or takes: their wires in the RTL, their value in the model"),
];

/// The public types that a source defines: `pub struct`, also within `block!`, `pub enum`, `pub trait`, `pub type`.
fn public_types(text: &str) -> BTreeSet<String> {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let defined = text.lines().filter_map(|line| {
        let rest = line.trim_start().strip_prefix("pub ")?;
        let (kind, rest) = rest.split_once(' ')?;
        let name: String = rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
        (["struct", "enum", "trait", "type", "union"].contains(&kind) && !name.is_empty()).then_some(name)
    });
    defined.collect()
}

/// Names that more than one of the sources defines, each with those.
fn clashes(sources: &[(String, String)]) -> BTreeMap<String, Vec<&str>> {
    let mut places: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (path, text) in sources {
        public_types(text).into_iter().for_each(|name| places.entry(name).or_default().push(path));
    }
    places.retain(|_, places| places.len() > 1);
    places
}

#[test]
fn no_two_public_types_have_one_name() {
    let here = super::project("").display().to_string();
    let mut texts = Vec::new();
    for (path, text) in FOLDERS.iter().flat_map(|folder| sources(folder)) {
        let path = path.display().to_string().trim_start_matches(&here).trim_start_matches('/').to_string();
        if path.contains("/src/") && !path.contains("/tests/") {
            texts.push((path, text));
        }
    }
    let clashes = clashes(&texts);
    let allowed: BTreeSet<&str> = EXCEPTIONS.iter().map(|(name, _)| *name).collect();
    let wrong: Vec<String> = clashes
        .iter()
        .filter(|(name, _)| !allowed.contains(name.as_str()))
        .map(|(name, places)| format!("{name}: {}", places.join(", ")))
        .collect();
    assert!(wrong.is_empty(), "public types of one name; say in the name what each is of:\n{}", wrong.join("\n"));
    let unused: Vec<&&str> = allowed.iter().filter(|name| !clashes.contains_key(**name)).collect();
    assert!(unused.is_empty(), "no two types have these names any more: {unused:?}");
    assert!(EXCEPTIONS.iter().all(|(_, reason)| reason.split(' ').count() > 3), "every exception has a reason");
}

#[test]
fn a_clash_is_found_wherever_a_type_is_defined() {
    let check = |texts: &[&str], expected: &[&str]| {
        let sources: Vec<(String, String)> =
            texts.iter().enumerate().map(|(number, text)| (format!("{number}.rs"), text.to_string())).collect();
        let found: Vec<String> = clashes(&sources).into_keys().collect();
        assert_eq!(found, expected, "{texts:?}");
    };
    check(&["pub struct Row;", "pub enum Row {}"], &["Row"]);
    check(&["block! {\n    pub struct Row<A> {\n", "pub type Row = u8;"], &["Row"]);
    check(&["pub trait Row {}", "pub(crate) struct Row;", "struct Row;"], &[]);
    check(&["pub use other::Row;", "pub struct Row(u8);"], &[]);
    check(&["pub struct Row;\n#[cfg(test)]\nmod tests {\n    pub struct Rows;\n}", "pub struct Rows;"], &[]);
}

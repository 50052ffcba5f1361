//! What must hold of the sources themselves.

mod circles;
mod names;

use pm_verilog::source::check;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A file or folder of the project.
pub fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Every Rust file below a folder, with its text.
pub fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![project(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is there") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("it can be read");
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "no source in {folder}");
    found
}

#[test]
fn kernels_hold_nothing_that_the_macro_loses() {
    for (path, text) in [sources("rtl/src"), sources("rtl/properties/src"), sources("bsp/src")].concat() {
        assert_eq!(check(&text), Ok(vec![]), "{}", path.display());
    }
}

#[test]
fn the_rtl_knows_no_board_no_file_and_no_process() {
    let foreign = ["std::fs", "std::process", "std::env::", "pm_bsp", "pm_sim", "pm_model", "rust_hdl_bsp"];
    for (path, text) in [sources("rtl/src"), sources("rtl/properties/src"), sources("rtl/interface/src")].concat() {
        for name in foreign {
            assert!(!text.contains(name), "{} names {name}", path.display());
        }
    }
}

/// A program that is started elsewhere outlives `pm` when `pm` is killed.
#[test]
fn programs_are_started_in_one_place() {
    for (path, text) in ["bsp/src", "sim/src", "proof/src", "scripts/pm/src", "driver/src"].map(sources).concat() {
        for call in [".spawn()", ".output()", ".status()", "process::Child,", "process::{Child,"] {
            assert!(!text.contains(call), "{} starts a program by {call}; use pm_system", path.display());
        }
    }
}

/// The crates that a manifest names under `[dependencies]`.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(project(manifest)).expect("the manifest is there");
    let section = text.split("[dependencies]\n").nth(1).expect("it has dependencies");
    let lines = section.lines().take_while(|line| !line.starts_with('['));
    lines.filter_map(|line| line.split(['.', ' ', '=']).next()).filter(|name| !name.is_empty()).map(String::from).collect()
}

#[test]
fn crates_depend_on_nothing_that_they_must_not_know() {
    for (manifest, forbidden) in [
        ("rtl/interface/Cargo.toml", &["pm-rtl", "pm-model", "pm-sim", "pm-bsp", "pm-verilog", "rust-hdl"][..]),
        ("rtl/registers/Cargo.toml", &["pm-rtl", "pm-model", "pm-sim", "pm-bsp", "pm-verilog", "rust-hdl"]),
        ("driver/Cargo.toml", &["pm-rtl", "pm-model", "pm-sim", "pm-bsp", "pm-verilog", "pm-registers", "rust-hdl"]),
        ("rtl/verilog/Cargo.toml", &["pm-rtl", "pm-model", "pm-sim", "pm-bsp"]),
        ("rtl/Cargo.toml", &["pm-model", "pm-sim", "pm-bsp", "rust-hdl-bsp-alchitry-cu"]),
        ("rtl/designs/Cargo.toml", &["pm-model", "pm-sim", "pm-bsp", "pm-block-cosim", "pm-stepper"]),
        ("sim/block_cosim/Cargo.toml", &["pm-rtl", "pm-model", "pm-sim", "pm-bsp", "pm-designs"]),
        ("sim/stepper/Cargo.toml", &["pm-sim", "pm-bsp", "pm-designs"]),
        ("rtl/properties/Cargo.toml", &["pm-model", "pm-sim", "pm-bsp", "pm-proof"]),
        ("sim/model/Cargo.toml", &["pm-rtl", "pm-verilog", "pm-sim", "pm-bsp", "rust-hdl"]),
        ("sim/Cargo.toml", &["pm-bsp", "rust-hdl-bsp-alchitry-cu"]),
        ("system/Cargo.toml", &["pm-rtl", "pm-model", "pm-sim", "pm-bsp", "pm-verilog", "rust-hdl"]),
    ] {
        let named = dependencies(manifest);
        assert!(!named.is_empty(), "{manifest}");
        for name in forbidden {
            assert!(!named.contains(*name), "{manifest} depends on {name}");
        }
    }
}

/// Every block of `rtl/src` is co-simulated by itself, in `rtl/tests/blocks.rs`; the whole in `emitted.rs`.
#[test]
fn no_block_is_left_out() {
    let listed = [include_str!("../rtl/tests/blocks.rs"), include_str!("emitted.rs")].concat();
    let mut blocks = 0;
    for (path, text) in sources("rtl/src") {
        for declaration in text.split("LogicBlock)]").skip(1).chain(text.split("\nblock! {").skip(1)) {
            let name = declaration.split("struct ").nth(1).and_then(|rest| rest.split(['<', ' ']).next()).unwrap_or_default();
            let used = ["new(", "default()", "connected("].iter().any(|make| listed.contains(&format!("{name}::{make}")))
                || listed.contains(&format!("{name}::<"))
                || listed.contains(&format!(" = {name}<"));
            assert!(used, "{}: {name} is not co-simulated by itself", path.display());
            blocks += 1;
        }
    }
    assert!(blocks > 30, "only {blocks} blocks were found");
}

/// A shape that another crate names is compiled there once more: minutes.
#[test]
fn shapes_are_compiled_where_they_are_emitted_and_where_they_are_simulated() {
    let allowed = ["rtl/designs/src", "sim/stepper/src", "sim/traced/src"];
    for folder in ["sim/src", "sim/block_cosim/src", "bsp/src", "proof/src", "scripts/pm/src", "rtl/properties/src", "driver/src"]
    {
        for (path, text) in sources(folder) {
            assert!(!text.contains("preset_shapes!"), "{} names shapes", path.display());
        }
    }
    let used = allowed.iter().flat_map(|folder| sources(folder)).filter(|(_, text)| text.contains("preset_shapes!"));
    assert_eq!(used.count(), allowed.len(), "crates that compile shapes");
}

/// A `pub` field of a struct, with the doc above it as one line.
struct Port {
    line: usize,
    name: String,
    doc: String,
}

/// The `pub` fields of a source text, in blocks, bundles and interfaces alike: each stands on a line of its own, indented, with
/// its doc, and perhaps an attribute, on the lines above.
fn ports(text: &str) -> Vec<Port> {
    let (mut found, mut doc) = (Vec::new(), Vec::new());
    for (line, code) in text.lines().map(str::trim).enumerate() {
        let field = code.strip_prefix("pub ").and_then(|rest| rest.split_once(':')).filter(|(name, rest)| {
            let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            !name.is_empty() && name.chars().all(word) && !rest.starts_with(':')
        });
        if let Some(comment) = code.strip_prefix("///") {
            doc.push(comment.trim());
        } else if let Some((name, _)) = field {
            found.push(Port { line: line + 1, name: name.into(), doc: std::mem::take(&mut doc).join(" ") });
        } else if !code.starts_with("#[") {
            doc.clear();
        }
    }
    found
}

/// Words that stand for a noun elsewhere, when a sentence begins with them.
const NOUNLESS: &[&str] = &[
    "It",
    "Its",
    "He",
    "They",
    "Them",
    "Their",
    "This",
    "That",
    "These",
    "Those",
    "Who",
    "Whose",
    "Whom",
    "What",
    "Which",
    "Where",
    "Why",
    "How",
    "Whether",
    "There",
    "Nothing",
    "Nobody",
    "None",
    "Something",
    "Somebody",
    "Anything",
    "Everything",
    "Everybody",
    "Others",
    "Other",
    "Both",
    "Neither",
    "Same",
    "Ditto",
    "And",
    "Or",
    "Of",
    "As",
    "See",
    "To",
];

/// What is wrong with a port's doc, if anything is.
fn flaw(doc: &str) -> Option<String> {
    let words = doc.split_whitespace().filter(|word| word.contains(|letter: char| letter.is_alphanumeric())).count();
    if words <= 2 {
        return Some(format!("has {words} words: name subject, meaning and when it is valid"));
    }
    for sentence in doc.split(". ") {
        let first = sentence.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
        if NOUNLESS.contains(&first) {
            return Some(format!("has a sentence that begins with \"{first}\": begin with the noun"));
        }
    }
    let rest = doc.strip_prefix("From ").or(doc.strip_prefix("The answer"));
    if rest.is_some_and(|rest| rest.split_whitespace().count() <= 4) {
        return Some("says a direction or \"the answer\" only: say of what, and what it means".into());
    }
    doc.contains(": it ").then(|| "says \"it\" after a colon: say the noun".into())
}

#[test]
fn flaws_of_a_doc_are_found() {
    let flawed = [
        "",
        "Granted.",
        "The answer.",
        "Read strobe.",
        "It is the scrubber's: granted.",
        "Its last page.",
        "To the translate port.",
        "From the bridge.",
        "From the translate port.",
        "The answer. In the other.",
        "What else its channel says.",
        "Which row is looked at.",
        "Nothing may change any more.",
        "And its rights.",
        "As word 0: the magic number.",
        "With `boot`: it is the one that the key gives.",
        "See [`Crypto::done`].",
        "High: the patrol writes again. Nothing else is written.",
    ];
    for doc in flawed {
        assert!(flaw(doc).is_some(), "{doc:?} passes");
    }
    for doc in [
        "High while words remain; low again only after the memory took the last word.",
        "First granule of the block to scrub; sampled with `start`.",
        "Response of the first data path.",
        "Rising edge samples every register.",
        "From edge 1 on, the row that the shadow page table named.",
        "No physical access reaches the block.",
    ] {
        assert_eq!(flaw(doc), None, "{doc:?}");
    }
}

#[test]
fn ports_are_found_with_their_docs() {
    let text = "block! {\n    /// A block.\n    pub struct Two<A> for geometry {\n        /// First line\n        /// and second.\n        \
                #[allow(dead_code)]\n        pub one: Signal<In, Bits<A>>,\n        hidden: Register<Bit>,\n        \
                pub bare: Vec<Signal<Out, Bit>> = vec![],\n    }\n}\n\n/// A use.\npub use a::b;\npub fn c(d: e) {}\n";
    let found: Vec<_> = ports(text).into_iter().map(|port| (port.line, port.name, port.doc)).collect();
    assert_eq!(found, [(7, "one".into(), "First line and second.".into()), (9, "bare".into(), String::new())]);
}

/// A port's doc is what a reader of a block, or of the emitted interface, has: subject, meaning, when valid.
#[test]
fn the_doc_of_a_port_has_a_subject() {
    let mut wrong = Vec::new();
    for folder in ["rtl/src", "rtl/properties/src", "bsp/src/board"] {
        let mut seen = 0;
        for (path, text) in sources(folder) {
            for port in ports(&text) {
                seen += 1;
                let Some(flaw) = flaw(&port.doc) else { continue };
                let path = path.strip_prefix(project("")).unwrap_or(&path).display();
                wrong.push(format!("{path}:{}: the doc of `{}` {flaw}\n    /// {}", port.line, port.name, port.doc));
            }
        }
        assert!(seen > 100, "{folder} has {seen} ports: the search for them is broken");
    }
    assert!(wrong.is_empty(), "{} docs to rewrite:\n{}", wrong.len(), wrong.join("\n"));
}

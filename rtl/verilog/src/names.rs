//! Names of emitted modules: which prefix they have, which modules a text defines, and which of them are cells.
//!
//! ```text
//!   field `audit` --> pm_audit        cell register_7 --> pm_register_7        top --> the name that the caller chose
//! ```

use crate::keywords::{is_identifier, is_keyword};

/// First characters of the name of every module but the top, unless [`crate::EmitOptions::prefix`] says otherwise.
pub const PREFIX: &str = "pm_";

/// The prefix for a top that is not called what it usually is: made from its name, so that two designs of different tops define no
/// module twice.
pub fn prefix_of(top: &str) -> String {
    let apart = if top.starts_with(PREFIX) { "" } else { PREFIX };
    format!("{apart}{top}_")
}

/// Whether `word` can be the name of a module: an identifier that is no keyword of Verilog or SystemVerilog.
pub fn is_name(word: &str) -> bool {
    is_identifier(word) && !is_keyword(word)
}

/// The module of the inner block `role` in a text that was emitted with the default prefix.
pub fn inner(role: &str) -> String {
    format!("{PREFIX}{role}")
}

/// What an inner module is for, in a text that was emitted with the default prefix: the inverse of [`inner`]. The name of a top
/// is returned as it is.
pub fn role(module: &str) -> &str {
    module.strip_prefix(PREFIX).unwrap_or(module)
}

/// The name of the module that a line of an emitted text begins.
pub fn begun(line: &str) -> Option<&str> {
    line.strip_prefix("module ")?.split(' ').next()
}

/// Names of the modules that an emitted text defines, in their order.
pub fn modules(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(begun)
}

/// Whether an emitted text defines the module.
pub fn defines(text: &str, module: &str) -> bool {
    modules(text).any(|name| name == module)
}

/// The module that is the block `role` in a text that was emitted with the default prefix: the top, if that is its name.
pub fn of(text: &str, role: &str) -> String {
    if defines(text, role) {
        role.into()
    } else {
        inner(role)
    }
}

/// The words of the memory that a module is, in a text that was emitted with the default prefix; nothing if it is no memory.
pub fn memory_words(module: &str) -> Option<usize> {
    role(module).strip_prefix("block_ram_")?.split('x').next()?.parse().ok()
}

/// Whether a module is a cell, a register or a memory, and no block, in a text that was emitted with the default prefix.
pub fn is_cell(module: &str) -> bool {
    let is_number = |rest: &str| rest.starts_with(|letter: char| letter.is_ascii_digit());
    memory_words(module).is_some() || role(module).strip_prefix("register_").is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_identifiers_and_no_keywords() {
        for name in ["pm_", "a", "_b7"] {
            assert!(is_name(name), "{name}");
        }
        for word in ["", "module", "logic", "7up", "a-b", "a b", "a$b", "é", "a.b", "a\n"] {
            assert!(!is_name(word), "{word}");
        }
    }

    #[test]
    fn cells_and_blocks_are_told_apart() {
        assert_eq!(role(&inner("audit")), "audit");
        assert_eq!(role("partition_manager"), "partition_manager");
        assert_eq!([prefix_of("left"), prefix_of("pm_left")], ["pm_left_", "pm_left_"]);
        assert_eq!(memory_words("pm_block_ram_2048x5_disjoint"), Some(2048));
        assert!(is_cell("pm_register_7") && is_cell("pm_register_9_guarded") && is_cell("pm_block_ram_16x4of7_coded"));
        assert!(!is_cell("pm_register_port") && !is_cell("pm_audit") && !is_cell("partition_manager"));
    }

    #[test]
    fn modules_are_found_in_their_order() {
        let text = "module pm_a (\n);\nendmodule\n\nmodule b #(\n    parameter N = 1\n) (\n);\n// module c (\nendmodule\n";
        assert_eq!(modules(text).collect::<Vec<_>>(), ["pm_a", "b"]);
        assert!(defines(text, "b") && !defines(text, "a") && !defines(text, "c"));
        assert_eq!([of(text, "a"), of(text, "b")], ["pm_a", "b"]);
    }
}

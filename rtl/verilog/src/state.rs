//! Where an emitted design keeps its state: every register and every memory, read from the cells' own text.
//!
//! ```text
//!   tree of modules --> cells --> `output reg` ports and `reg` arrays --> instance path, width, words
//! ```
//!
//! Blocks hold no state: the backend refuses a latch. So what the cells declare is all there is.

use crate::cells::CELL_MARK;
use crate::collect::{collect, Module};
use crate::error::{fault, EmitError};
use crate::keywords::is_keyword;
use rust_hdl::core::ast::Verilog;
use rust_hdl::core::atom::AtomKind;
use rust_hdl::prelude::Block;

/// One register or memory of an emitted design.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateElement {
    /// Instances from the top, which comes first, to the cell; as in the emitted text.
    pub path: Vec<String>,
    /// The cell's module, as in the emitted text.
    pub cell: String,
    /// The variable inside the cell.
    pub variable: String,
    /// Bits of a word.
    pub width: usize,
    /// Words: one, unless it is a memory.
    pub words: usize,
}

/// Every register and memory of `top`, which is emitted under the name `name`, in the order of the tree.
///
/// # Errors
/// As [`crate::emit`], and where a cell declares something that is not understood.
pub fn state<B: Block>(top: &B, name: &str) -> Result<Vec<StateElement>, EmitError> {
    let mut found = Vec::new();
    visit(&collect(top, name)?, &mut vec![name.to_string()], &mut found)?;
    Ok(found)
}

fn visit(module: &Module, path: &mut Vec<String>, found: &mut Vec<StateElement>) -> Result<(), EmitError> {
    if let Verilog::Custom(text) = &module.code {
        let (cell, body) = text
            .strip_prefix(CELL_MARK)
            .and_then(|rest| rest.split_once('\n'))
            .ok_or_else(|| fault("Verilog written by hand", "use a cell of this crate").at(&module.path, ""))?;
        let element = |variable: &str, width, words| StateElement {
            path: path.clone(),
            cell: cell.trim().into(),
            variable: variable.into(),
            width,
            words,
        };
        // Outputs of cells are registers.
        let outputs = module.atoms.iter().filter(|atom| matches!(atom.role, AtomKind::OutputParameter));
        found.extend(outputs.map(|atom| element(&atom.key, atom.width, 1)));
        for line in body.lines().map(str::trim).filter(|line| line.starts_with("reg ")) {
            let (variable, width, words) = array(line).ok_or_else(|| {
                fault(format!("`{line}` is no memory"), "write `reg [WIDTH-1:0] name [0:WORDS-1];`").at(&module.path, "")
            })?;
            found.push(element(variable, width, words));
        }
    }
    for child in &module.children {
        let name = child.field.replace('$', "_");
        path.push(if is_keyword(&name) { name + "_" } else { name });
        visit(child, path, found)?;
        path.pop();
    }
    Ok(())
}

/// Name, width and words of `reg [top:0] name [0:last];`.
fn array(line: &str) -> Option<(&str, usize, usize)> {
    let rest = line.strip_prefix("reg [")?;
    let (top, rest) = rest.split_once(":0] ")?;
    let (name, rest) = rest.split_once(" [0:")?;
    let last = rest.strip_suffix("];")?;
    Some((name, top.parse::<usize>().ok()? + 1, last.parse::<usize>().ok()? + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::{BlockRam, Register};
    use rust_hdl::prelude::*;

    #[derive(Clone, Debug, Default, LogicBlock)]
    struct Holder {
        clock: Signal<In, Clock>,
        flags: [Register<Bits<3>>; 2],
        memory: BlockRam<Bits<7>, 4>,
    }

    impl Logic for Holder {
        fn update(&mut self) {}
    }

    #[test]
    fn registers_and_memories_are_found_and_nothing_else() {
        let elements = state(&Holder::default(), "holder").unwrap();
        let text: Vec<String> = elements
            .iter()
            .map(|StateElement { path, cell, variable, width, words }| {
                format!("{} {cell} {variable} {words}x{width}", path.join("."))
            })
            .collect();
        let expected = [
            "holder.flags_0 register_3 q 1x3",
            "holder.flags_1 register_3 q 1x3",
            "holder.memory block_ram_16x7 read_data 1x7",
            "holder.memory block_ram_16x7 memory 16x7",
        ];
        assert_eq!(text, expected);
        assert_eq!(array("reg [4:0] memory [0:2047];"), Some(("memory", 5, 2048)));
        assert_eq!(array("reg latch;"), None);
    }
}

//! Where an emitted design keeps its state: every register and every memory, read from the cells' own text.
//!
//! ```text
//!   tree of modules --> cells --> what a clock edge assigns --> instance path, width, words
//! ```
//!
//! Blocks hold no state: the backend refuses a latch. So what the cells declare is all there is.

use crate::cells::CELL_MARK;
use crate::collect::{collect, Module};
use crate::error::{fault, EmitError};
use crate::keywords::is_keyword;
use crate::names;
use rust_hdl::core::ast::Verilog;
use rust_hdl::prelude::Block;

/// One register or memory of an emitted design.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateElement {
    /// Instances from the top, which comes first, to the cell; as in the emitted text.
    pub path: Vec<String>,
    /// The cell's module, as in a text that was emitted with the default prefix.
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
pub fn state(top: &dyn Block, name: &str) -> Result<Vec<StateElement>, EmitError> {
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
            cell: names::inner(cell.trim()),
            variable: variable.into(),
            width,
            words,
        };
        // What a clock edge assigns is state, and nothing else is.
        let mut seen: Vec<&str> = Vec::new();
        for (target, _) in body.lines().filter_map(|line| line.split_once(" <= ")) {
            for variable in assigned(target) {
                if seen.contains(&variable) {
                    continue;
                }
                seen.push(variable);
                let port = module.atoms.iter().find(|atom| atom.key == variable).map(|atom| (atom.width, 1));
                let (width, words) = port.or_else(|| declared(body, variable)).ok_or_else(|| {
                    fault(
                        format!("`{variable}` is not declared where it is looked for"),
                        "write `reg name;` or `reg [N:0] name [0:N];`",
                    )
                    .at(&module.path, "")
                })?;
                found.push(element(variable, width, words));
            }
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

/// The variables left of an assignment: `if (reset) q`, `memory[write_address]`, `{parity, data}`.
fn assigned(target: &str) -> Vec<&str> {
    let last = match target.rsplit_once('{') {
        Some((_, list)) => list.trim_end_matches('}'),
        None => target.trim().rsplit(' ').next().unwrap_or(target),
    };
    last.split(',').map(|name| name.trim().split('[').next().unwrap_or(name)).collect()
}

/// Width and words of `reg name;`, `reg [top:0] name;` or `reg [top:0] name [0:last];`.
fn declared(body: &str, variable: &str) -> Option<(usize, usize)> {
    body.lines().map(str::trim).find_map(|line| {
        let rest = line.strip_prefix("reg ")?;
        if rest.strip_suffix(';') == Some(variable) {
            return Some((1, 1));
        }
        let (top, rest) = rest.strip_prefix('[')?.split_once(":0] ")?;
        let top = top.parse::<usize>().ok()?;
        if rest.strip_suffix(';') == Some(variable) {
            return Some((top + 1, 1));
        }
        let last = rest.strip_prefix(variable)?.strip_prefix(" [0:")?.strip_suffix("];")?;
        Some((top + 1, last.parse::<usize>().ok()? + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::{BlockRam, Register};
    use rust_hdl::prelude::*;

    #[derive(Clone, Debug, LogicBlock)]
    struct Holder {
        clock: Signal<In, Clock>,
        flags: [Register<Bits<3>>; 2],
        watched: Register<Bits<9>>,
        memory: BlockRam<Bits<7>, 4>,
        guarded: BlockRam<Bits<7>, 4>,
        coded: BlockRam<Bits<7>, 4>,
        repairing: BlockRam<Bits<7>, 4>,
    }

    impl Logic for Holder {
        fn update(&mut self) {}
    }

    #[test]
    fn registers_and_memories_are_found_and_nothing_else() {
        let holder = Holder {
            clock: Default::default(),
            flags: Default::default(),
            watched: Register::guarded(1),
            memory: BlockRam::default(),
            guarded: BlockRam::without_collisions().guarded(1),
            coded: BlockRam::default().keeping(0x2D).coded(1),
            repairing: BlockRam::default().repairing(1),
        };
        let elements = state(&holder, "holder").unwrap();
        let text: Vec<String> = elements
            .iter()
            .map(|StateElement { path, cell, variable, width, words }| {
                format!("{} {cell} {variable} {words}x{width}", path.join("."))
            })
            .collect();
        let expected = [
            "holder.flags_0 pm_register_3 q 1x3",
            "holder.flags_1 pm_register_3 q 1x3",
            "holder.watched pm_register_9_guarded q 1x9",
            "holder.watched pm_register_9_guarded parity 1x3",
            "holder.memory pm_block_ram_16x7 read_data 1x7",
            "holder.memory pm_block_ram_16x7 memory 16x7",
            "holder.guarded pm_block_ram_16x7_disjoint_guarded read_parity 1x1",
            "holder.guarded pm_block_ram_16x7_disjoint_guarded read_data 1x7",
            "holder.guarded pm_block_ram_16x7_disjoint_guarded memory 16x8",
            "holder.coded pm_block_ram_16x4of7_coded read_check 1x4",
            "holder.coded pm_block_ram_16x4of7_coded read_word 1x4",
            "holder.coded pm_block_ram_16x4of7_coded memory 16x8",
            "holder.repairing pm_block_ram_16x7_repairing syndrome 1x5",
            "holder.repairing pm_block_ram_16x7_repairing read_check 1x5",
            "holder.repairing pm_block_ram_16x7_repairing read_word 1x7",
            "holder.repairing pm_block_ram_16x7_repairing memory 16x12",
        ];
        assert_eq!(text, expected);
        assert_eq!(assigned("    if (write_enable) memory[write_address]"), ["memory"]);
        assert_eq!(declared("reg latch", "latch"), None);
    }

    #[derive(Clone, Debug, LogicBlock)]
    struct Watcher {
        clock: Signal<In, Clock>,
        reset: Signal<In, Bit>,
        asked: Signal<In, Bits<4>>,
        intact: Vec<Signal<Out, Bit>>,
        answer: Signal<Out, Bits<4>>,
        held: Register<Bits<4>>,
        _guards: usize,
    }

    impl Logic for Watcher {
        crate::kernel! {
            #[hdl_gen]
            fn update(&mut self) registers(held) {
                self.held.d.next = self.asked.val();
                self.answer.next = self.held.q.val();
                for i in 0..self._guards {
                    self.intact[i].next = self.held.intact[i].val();
                }
            }
        }
    }

    /// A port that is there only when it is wanted.
    #[test]
    fn a_guard_is_a_port_or_nothing() {
        let text = |guards: usize| {
            let mut watcher = Watcher {
                clock: Default::default(),
                reset: Default::default(),
                asked: Default::default(),
                intact: vec![Default::default(); guards],
                answer: Default::default(),
                held: Register::guarded(guards),
                _guards: guards,
            };
            watcher.connect_all();
            crate::emit(&watcher, &crate::EmitOptions { top: "watcher".into(), ..Default::default() }).unwrap()
        };
        let (bare, guarded) = (text(0), text(1));
        assert!(!bare.contains("intact") && guarded.contains("assign intact_0 = held_intact_0;"), "{guarded}");
    }
}

//! Mutants of emitted Verilog: one small mistake each, at every place where the text can hold one.
//!
//! ```text
//!   if (a & (~b)) begin            if (mutant == 1 ? a | (~b) : mutant == 2 ? a & b : .. : a & (~b)) begin
//!       c = d + 2'h1;      --->        if (mutant != 7) c = mutant == 5 ? d - 2'h1 : mutant == 6 ? d + 2'h0 : d + 2'h1;
//! ```
//!
//! One text holds them all, and is compiled once: `+mutant=N` chooses. Cells, registers and block RAMs, are left as they are.

use pm_verilog::names;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Mutant {
    /// From 1, in the order of the text.
    pub number: usize,
    /// What its module is for: the module's name without the prefix.
    pub module: String,
    /// Line of the text, from 1.
    pub line: usize,
    /// The line as it was, and as it is.
    pub change: [String; 2],
}

/// What replaces an operator.
const OPERATORS: [(&str, &str); 15] = [
    ("&", "|"),
    ("|", "&"),
    ("^", "|"),
    ("&&", "||"),
    ("||", "&&"),
    ("==", "!="),
    ("!=", "=="),
    ("<=", "<"),
    ("<", "<="),
    (">=", ">"),
    (">", ">="),
    ("+", "-"),
    ("-", "+"),
    ("<<", ">>"),
    (">>", "<<"),
];

/// A line that holds an expression: what stands before it, the expression, what stands behind it.
struct Line<'a> {
    head: &'a str,
    expression: &'a str,
    tail: &'a str,
    is_condition: bool,
    /// An assignment that comes after another to the same signal.
    may_go: bool,
}

impl<'a> Line<'a> {
    fn of(line: &'a str) -> Option<Line<'a>> {
        let text = line.trim_start();
        let depth = line.len() - text.len();
        if let Some(start) = line.find("if (").filter(|_| line.ends_with(") begin")) {
            let (head, rest) = line.split_at(start + 4);
            let (expression, tail) = rest.split_at(rest.len() - ") begin".len());
            return Some(Line { head, expression, tail, is_condition: true, may_go: false });
        }
        let start =
            line.find(" = ").filter(|_| line.ends_with(';') && !text.starts_with("localparam") && !text.starts_with("for "))?;
        let (head, rest) = line.split_at(start + 3);
        let (expression, tail) = rest.split_at(rest.len() - 1);
        Some(Line { head, expression, tail, is_condition: false, may_go: depth > 8 })
    }

    /// Every expression that may stand here by mistake.
    fn mistakes(&self) -> Vec<String> {
        let expression = self.expression;
        let mut found = Vec::new();
        let mut replace =
            |start: usize, end: usize, by: &str| found.push(format!("{}{by}{}", &expression[..start], &expression[end..]));
        for (place, found) in expression.match_indices(' ') {
            let rest = &expression[place + found.len()..];
            let word = rest.split(' ').next().unwrap_or_default();
            if let Some((_, by)) = OPERATORS.iter().find(|(operator, _)| *operator == word) {
                replace(place + 1, place + 1 + word.len(), by);
            }
        }
        for (place, _) in expression.match_indices('~') {
            replace(place, place + 1, "");
        }
        for (operator, by) in [("&", "|"), ("|", "&")] {
            let reduces = |place: &usize| {
                let before = expression[..*place].chars().next_back();
                before.is_none_or(|letter| letter == '(') && !expression[place + 1..].starts_with(' ')
            };
            for place in expression.match_indices(operator).map(|(place, _)| place).filter(reduces) {
                replace(place, place + 1, by);
            }
        }
        for (place, _) in expression.match_indices("'h") {
            let digits = expression[place + 2..].chars().take_while(char::is_ascii_hexdigit).count();
            let last = place + 1 + digits;
            if let Some(digit) = expression[last..=last].chars().next().and_then(|digit| digit.to_digit(16)) {
                replace(last, last + 1, &format!("{:x}", digit ^ 1));
            }
        }
        if self.is_condition {
            found.extend([format!("~({expression})"), "1'h0".into(), "1'h1".into()]);
        } else if found.is_empty() {
            found.push(format!("~({expression})"));
        }
        found
    }
}

/// Modules of a text that the backend wrote that are no cells, registers or block RAMs.
pub fn blocks(text: &str) -> BTreeSet<&str> {
    names::modules(text).filter(|name| !names::is_cell(name)).collect()
}

/// Every mutant of a text that the backend wrote.
pub fn mutants(text: &str) -> Vec<Mutant> {
    let blocks = blocks(text);
    let (mut found, mut module) = (Vec::new(), "");
    for (index, line) in text.lines().enumerate() {
        if let Some(name) = names::begun(line) {
            module = name;
        }
        let Some(parts) = Line::of(line).filter(|_| blocks.contains(module)) else { continue };
        let mut push = |changed: String| {
            let change = [line.trim().to_string(), changed.trim().to_string()];
            found.push(Mutant { number: found.len() + 1, module: names::role(module).into(), line: index + 1, change });
        };
        for mistake in parts.mistakes() {
            push(format!("{}{mistake}{}", parts.head, parts.tail));
        }
        if parts.may_go {
            push(";".into());
        }
    }
    found
}

/// The text with one of its mutants.
pub fn mutated(text: &str, mutant: &Mutant) -> String {
    let change = |(index, line): (usize, &str)| match index + 1 == mutant.line {
        true => format!("{}{}\n", &line[..line.len() - line.trim_start().len()], mutant.change[1]),
        false => format!("{line}\n"),
    };
    text.lines().enumerate().map(change).collect()
}

/// The text with all of them, of which `+mutant=N` chooses one; without it there is none.
pub fn schema(text: &str, mutants: &[Mutant], top: &str) -> String {
    let blocks = blocks(text);
    let mut lines: BTreeMap<usize, Vec<&Mutant>> = BTreeMap::new();
    mutants.iter().for_each(|mutant| lines.entry(mutant.line).or_default().push(mutant));
    let (mut out, mut module) = (String::new(), "");
    for (index, line) in text.lines().enumerate() {
        if let Some(name) = names::begun(line) {
            module = name;
        }
        let instance = line.strip_prefix("    ").and_then(|rest| rest.strip_suffix(" (")).and_then(|rest| rest.split_once(' '));
        match (lines.get(&(index + 1)), Line::of(line)) {
            (Some(here), Some(parts)) => out.push_str(&alternatives(&parts, here)),
            _ => out.push_str(line),
        }
        out.push('\n');
        if line.starts_with("module ") && blocks.contains(module) && module != top {
            out.push_str("    input wire [15:0] mutant,\n");
        }
        if line == ");" && module == top {
            out.push_str("    reg [15:0] mutant;\n    initial if (!$value$plusargs(\"mutant=%d\", mutant)) mutant = 16'd0;\n");
        }
        if instance.is_some_and(|(of, _)| blocks.contains(of)) {
            out.push_str("        .mutant(mutant),\n");
        }
    }
    out
}

fn alternatives(parts: &Line<'_>, here: &[&Mutant]) -> String {
    let (gone, changed): (Vec<&&Mutant>, Vec<&&Mutant>) = here.iter().partition(|mutant| mutant.change[1] == ";");
    let guard: String = gone.iter().map(|mutant| format!("if (mutant != 16'd{}) ", mutant.number)).collect();
    let choice: String = changed
        .iter()
        .map(|mutant| {
            let text = &mutant.change[1];
            let expression = &text[parts.head.trim_start().len()..text.len() - parts.tail.len()];
            format!("mutant == 16'd{} ? {expression} : ", mutant.number)
        })
        .collect();
    let (indent, head) = parts.head.split_at(parts.head.len() - parts.head.trim_start().len());
    format!("{indent}{guard}{head}{choice}{}{}", parts.expression, parts.tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "module inner (\n    input  wire a,\n    output reg  b\n);\n    assign c = (~a) & (|d);\n    always @(*) begin\n        \
        b = 2'h3;\n        if (a == 1'h0) begin\n            b = a;\n        end\n    end\nendmodule\n\nmodule register_2 (\n    input  wire a\n);\n    \
        assign e = ~a;\nendmodule\n\nmodule top (\n    input  wire a\n);\n    inner inner (\n        .a(a)\n    );\n    register_2 inside (\n        \
        .a(a)\n    );\nendmodule\n";

    #[test]
    fn every_place_has_its_mistakes_and_cells_have_none() {
        let found: Vec<[String; 2]> = mutants(TEXT).into_iter().map(|mutant| mutant.change).collect();
        let changed: Vec<&str> = found.iter().map(|[_, after]| after.as_str()).collect();
        assert_eq!(
            changed,
            [
                "assign c = (~a) | (|d);",
                "assign c = (a) & (|d);",
                "assign c = (~a) & (&d);",
                "b = 2'h2;",
                "if (a != 1'h0) begin",
                "if (a == 1'h1) begin",
                "if (~(a == 1'h0)) begin",
                "if (1'h0) begin",
                "if (1'h1) begin",
                "b = ~(a);",
                ";",
            ]
        );
        assert_eq!(mutated(TEXT, &mutants(TEXT)[3]), TEXT.replace("2'h3", "2'h2"));
    }

    #[test]
    fn one_text_holds_them_all() {
        let text = schema(TEXT, &mutants(TEXT)[8..], "top");
        assert!(text.contains("if (mutant == 16'd9 ? 1'h1 : a == 1'h0) begin\n"), "{text}");
        assert!(text.contains("            if (mutant != 16'd11) b = mutant == 16'd10 ? ~(a) : a;\n"), "{text}");
        assert!(
            text.contains("module inner (\n    input wire [15:0] mutant,\n")
                && text.contains("module top (\n    input  wire a\n);\n    reg [15:0] mutant;"),
            "{text}"
        );
        assert!(
            text.contains("inner inner (\n        .mutant(mutant),\n") && text.contains("register_2 inside (\n        .a(a)\n"),
            "{text}"
        );
    }
}

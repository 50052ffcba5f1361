//! A counterexample as a table: what the monitor saw, step by step.

use std::collections::BTreeMap;
use std::fmt::Write;

/// Steps of one column block.
const COLUMNS: usize = 24;

/// Values of signals, a value a step.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// How many.
    pub steps: usize,
    /// By name.
    pub signals: BTreeMap<String, Vec<String>>,
}

impl Trace {
    /// From a VCD of yosys-smtbmc: ten time units a step.
    pub fn parse(text: &str) -> Trace {
        let mut names: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut values: BTreeMap<&str, String> = BTreeMap::new();
        let mut scope: Vec<&str> = Vec::new();
        let mut trace = Trace::default();
        let mut time = None;
        let mut keep = |time: Option<u64>, names: &BTreeMap<&str, Vec<String>>, values: &BTreeMap<&str, String>| {
            if time.is_none_or(|time| time % 10 != 0) {
                return;
            }
            trace.steps += 1;
            for (code, names) in names {
                for name in names {
                    let value = values.get(code).cloned().unwrap_or_else(|| "-".into());
                    trace.signals.entry(name.clone()).or_default().push(value);
                }
            }
        };
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["$scope", _, name, ..] => scope.push(name),
                ["$upscope", ..] => drop(scope.pop()),
                ["$var", _, _, code, name, ..] => {
                    let path = scope.iter().skip(1).chain([name]).copied().collect::<Vec<_>>().join(".");
                    names.entry(code).or_default().push(path);
                }
                [stamp] if stamp.starts_with('#') => {
                    keep(time, &names, &values);
                    time = stamp[1..].parse().ok();
                }
                [value, code] if value.starts_with('b') => drop(values.insert(code, hexadecimal(&value[1..]))),
                [change] if change.starts_with(['0', '1', 'x', 'z']) => {
                    values.insert(&change[1..], change[..1].to_string());
                }
                _ => {}
            }
        }
        keep(time, &names, &values);
        // The last stamp only ends the last step.
        if time.is_some_and(|time| time % 10 == 0) && trace.steps > 1 {
            trace.steps -= 1;
            trace.signals.values_mut().for_each(|values| drop(values.pop()));
        }
        trace
    }
}

fn hexadecimal(bits: &str) -> String {
    let digit = |chunk: &[u8]| {
        let text = std::str::from_utf8(chunk).unwrap_or("x");
        u8::from_str_radix(text, 2).map_or_else(|_| "x".into(), |digit| format!("{digit:x}"))
    };
    let padded = format!("{bits:0>width$}", width = bits.len().div_ceil(4) * 4);
    let text: String = padded.as_bytes().chunks(4).map(digit).collect();
    match text.trim_start_matches('0') {
        "" => "0".into(),
        text => text.into(),
    }
}

/// The monitor's inputs and verdicts, or what was compared, for people: a line a signal, a column a cycle. A value that stays
/// is a dot.
pub fn table(trace: &Trace) -> String {
    let shown = |name: &str| {
        let verdict = name.strip_prefix("monitor_").filter(|name| name.starts_with("holds"));
        let compared = || Some(name).filter(|name| ["in_", "gold_", "gate_"].iter().any(|side| name.starts_with(side)));
        let name = name.strip_prefix("probe_").or(verdict).or_else(compared)?;
        (!name.contains('.')).then(|| name.to_string())
    };
    let rows: Vec<(String, &Vec<String>)> =
        trace.signals.iter().filter_map(|(name, values)| Some((shown(name)?, values))).collect();
    let width = rows.iter().flat_map(|(_, values)| values.iter().map(String::len)).max().unwrap_or(1).max(3) + 1;
    let head = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0).max(5) + 1;
    let mut out = String::new();
    let starts: Vec<usize> = (0..trace.steps).step_by(COLUMNS).collect();
    for start in starts {
        let end = (start + COLUMNS).min(trace.steps);
        let numbers: String = (start..end).map(|step| format!("{step:>width$}")).collect();
        let _ = writeln!(out, "{:<head$}{numbers}", "cycle");
        for (name, values) in &rows {
            let cells: String = (start..end)
                .map(|step| match step > start && values[step] == values[step - 1] {
                    true => format!("{:>width$}", "."),
                    false => format!("{:>width$}", values[step]),
                })
                .collect();
            let _ = writeln!(out, "{name:<head$}{cells}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "$var integer 32 t smt_step $end\n$scope module proof $end\n$var wire 1 ! probe_a $end\n\
        $var wire 8 \" probe_b $end\n$var wire 1 # monitor_holds $end\n$var wire 1 $ hidden $end\n$upscope $end\n\
        $enddefinitions $end\n#0\n1!\nb00001111 \"\n1#\n#5\n#10\n0!\nb11111010 \"\n#15\n#20\n0#\n#25\n#30\n";

    #[test]
    fn a_step_is_ten_units_and_values_stay() {
        let trace = Trace::parse(TEXT);
        assert_eq!(trace.steps, 3);
        assert_eq!(trace.signals["probe_b"], ["f", "fa", "fa"]);
        assert_eq!(trace.signals["probe_a"], ["1", "0", "0"]);
        assert_eq!(trace.signals["monitor_holds"], ["1", "1", "0"]);
    }

    #[test]
    fn the_table_shows_what_the_monitor_saw() {
        let text = table(&Trace::parse(TEXT));
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(
            rows,
            [vec!["cycle", "0", "1", "2"], vec!["holds", "1", ".", "0"], vec!["a", "1", "0", "."], vec!["b", "f", "fa", "."]]
        );
    }
}

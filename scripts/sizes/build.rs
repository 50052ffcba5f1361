//! Writes expressions for designs of the widths that `PM_SHAPES` names, such as `a40-l13-t3-s5-p10-b16`, with commas between:
//! what is emitted, what is traced, what is stepped. Without the variable there are none.

use std::path::PathBuf;

/// Longest access of an AXI4 guard: 2^12 bytes, which 13 bits hold.
const LONG: usize = 13;

fn main() {
    println!("cargo::rerun-if-env-changed=PM_SHAPES");
    println!("cargo::rerun-if-changed=../build.rs");
    let words = std::env::var("PM_SHAPES").unwrap_or_default();
    let folder = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo names the folder"));
    let uses = [
        ("emitted", "pm_designs::Short", "pm_designs::Long"),
        ("traced", "pm_traced::InView", "pm_traced::InView"),
        ("stepped", "pm_stepper::Widths", "pm_stepper::Widths"),
    ];
    for (name, short, long) in uses {
        let mut all = Vec::new();
        for word in words.split(',').filter(|word| !word.is_empty()) {
            let bits: Vec<usize> = word.split('-').map(|part| part[1..].parse().expect("a number of bits")).collect();
            let [address, length, tenant, slot, page, block] = bits[..] else { panic!("PM_SHAPES: {word} has not six widths") };
            let kind = if length == LONG { long } else { short };
            let both = tenant + page;
            all.push(format!("&{kind}::<{address}, {length}, {tenant}, {slot}, {page}, {block}, {both}>"));
        }
        let text = format!("vec![{}]\n", all.join(", "));
        std::fs::write(folder.join(format!("{name}.rs")), text).expect("the folder of the build can be written");
    }
}

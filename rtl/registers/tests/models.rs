//! What others make of the SystemRDL: a UVM register model that compiles against UVM itself and can be used, and IP-XACT.
//!
//! The tools come from `./scripts/setup registers`. Where they are missing the names are checked all the same.

use pm_interface::registers::REGISTERS;
use pm_registers::reserved::{KEYWORDS, UVM_REG, UVM_REG_BLOCK};
use pm_registers::{rdl, rdl_field, rdl_register};
use pm_tools::Tool;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn scratch(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).expect("it can be written");
    path
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// What PeakRDL makes of a text, where PeakRDL is here.
fn exported(kind: &str, name: &str, text: &str) -> Option<PathBuf> {
    let peakrdl = match pm_tools::find(Tool::Peakrdl) {
        Ok(program) => program,
        Err(missing) => {
            eprintln!("models: not checked: {missing}");
            return None;
        }
    };
    let source = scratch(&format!("{name}.rdl"), text);
    let out = source.with_file_name(name);
    let output = Command::new(peakrdl).arg(kind).arg(&source).arg("-o").arg(&out).output().expect("peakrdl starts");
    if said(&output).contains("invalid choice: ") {
        eprintln!("models: not checked: PeakRDL has no exporter {kind}; run ./scripts/setup registers");
        return None;
    }
    assert!(output.status.success(), "{}", said(&output));
    Some(out)
}

/// Python that has slang, and the folder of UVM; where both are here.
fn uvm() -> Option<(PathBuf, PathBuf)> {
    let tools = std::path::absolute(pm_tools::private_folder()).expect("there is a current folder");
    let (python, uvm) = (tools.join("venv/bin/python"), tools.join("uvm"));
    let slang = Command::new(&python).args(["-c", "import pyslang"]).output().is_ok_and(|output| output.status.success());
    if !slang || !uvm.join("uvm_pkg.sv").is_file() {
        eprintln!("models: not checked: no UVM or no slang in {}; run ./scripts/setup registers", tools.display());
        return None;
    }
    Some((python, uvm))
}

/// slang over UVM and these files.
fn slang((python, uvm): &(PathBuf, PathBuf), files: &[PathBuf]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/uvm.py");
    Command::new(python).arg(script).arg(uvm).args(files).output().expect("python starts")
}

/// A bench that does with every register and field what tests do.
fn bench(package: &str) -> String {
    let mut text = format!(
        "module bench;\n    import uvm_pkg::*;\n    import {package}::*;\n    initial begin\n        \
         automatic partition_manager model = new(\"model\");\n        automatic uvm_status_e status;\n        \
         automatic uvm_reg_data_t value;\n        model.build();\n        model.lock_model();\n        model.reset();\n"
    );
    for register in REGISTERS {
        let at = format!("model.{}", rdl_register(register));
        let _ = writeln!(
            text,
            "        {at}.write(status, 0);\n        {at}.read(status, value);\n        {at}.mirror(status, UVM_CHECK);"
        );
        let _ = writeln!(text, "        {at}.update(status);\n        {at}.poke(status, 0);\n        {at}.peek(status, value);");
        let _ = writeln!(text, "        {at}.set(0);\n        value = {at}.get();\n        {at}.reset();\n        {at}.print();");
        for field in register.fields() {
            let at = format!("{at}.{}", rdl_field(field));
            let _ = writeln!(text, "        {at}.set(0);\n        value = {at}.get();\n        {at}.read(status, value);");
        }
    }
    text + "    end\nendmodule\n"
}

#[test]
fn no_generated_name_hides_a_member_of_uvm_or_is_a_keyword() {
    let mut checked = 0;
    for register in REGISTERS {
        let name = rdl_register(register);
        assert!(!UVM_REG_BLOCK.contains(&name.as_str()) && !KEYWORDS.contains(&name.as_str()), "{name}");
        let fields: Vec<String> = register.fields().iter().map(rdl_field).collect();
        for field in &fields {
            let hidden =
                [("uvm_reg", UVM_REG), ("the keywords", KEYWORDS)].into_iter().find(|(_, list)| list.contains(&field.as_str()));
            assert!(hidden.is_none(), "{name}.{field} is in the list of {}: pm_registers::reserved", hidden.unwrap().0);
            checked += 1;
        }
        assert_eq!(fields.iter().collect::<BTreeSet<_>>().len(), fields.len(), "two fields of {name} have one name");
    }
    assert!(checked > REGISTERS.len());
    assert!(rdl().contains("} read_field[") && !rdl().contains("} read["), "the right to read hides uvm_reg::read");
}

#[test]
fn every_register_and_field_has_a_name_and_a_description() {
    let text = rdl();
    let names = text.lines().filter(|line| line.trim_start().starts_with("name = ")).count();
    let fields: usize = REGISTERS.iter().map(|register| register.fields().len()).sum();
    // One more is the address map's.
    assert_eq!(names, REGISTERS.len() + fields + 1);
    assert!(!text.contains("name = \"\""));
}

#[test]
fn the_list_of_members_holds_all_that_uvm_has() {
    let Some(uvm) = uvm() else { return };
    let output = slang(&uvm, &[]);
    let text = String::from_utf8_lossy(&output.stdout);
    for (class, list) in [("uvm_reg", UVM_REG), ("uvm_reg_block", UVM_REG_BLOCK)] {
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{class} "))).expect("the class is in the package");
        let members: Vec<&str> = line.split(' ').collect();
        assert!(members.len() > 100 && members.contains(&"print"), "{members:?}");
        let absent: Vec<&&str> = members.iter().filter(|member| !list.contains(*member)).collect();
        assert!(absent.is_empty(), "pm_registers::reserved lacks members of {class}: {absent:?}");
    }
}

#[test]
fn the_uvm_model_compiles_against_uvm_and_can_be_used() {
    let Some(uvm) = uvm() else { return };
    let Some(model) = exported("uvm", "pm_model.sv", &rdl()) else { return };
    let bench = scratch("pm_model_bench.sv", &bench("pm_model"));
    let output = slang(&uvm, &[model, bench]);
    assert!(output.status.success(), "{}", said(&output));
}

/// The test before this one can fail: with the plain names it does.
#[test]
fn a_field_that_hides_a_task_of_uvm_is_seen() {
    let Some(uvm) = uvm() else { return };
    let plain = rdl().replace("} read_field[", "} read[");
    let Some(model) = exported("uvm", "pm_hidden.sv", &plain) else { return };
    let bench = bench("pm_hidden").replace(".read_field", ".read");
    let output = slang(&uvm, &[model, scratch("pm_hidden_bench.sv", &bench)]);
    assert!(!output.status.success() && said(&output).contains("not callable"), "{}", said(&output));
}

/// What stands between these tags of a piece of XML that has no such tag twice.
fn inside<'a>(text: &'a str, tag: &str) -> &'a str {
    let start = text.split_once(&format!("<ipxact:{tag}>")).map_or("", |(_, rest)| rest);
    start.split_once(&format!("</ipxact:{tag}>")).map_or("", |(inside, _)| inside)
}

#[test]
fn ip_xact_is_well_formed_and_says_what_the_map_says() {
    let Some(file) = exported("ip-xact", "partition_manager.xml", &rdl()) else { return };
    let text = fs::read_to_string(&file).expect("it is there");
    let python = pm_tools::private_folder().join("venv/bin/python");
    let parse = "import sys, xml.etree.ElementTree as tree; tree.parse(sys.argv[1])";
    let output = Command::new(python).args(["-c", parse]).arg(&file).output().expect("python starts");
    assert!(output.status.success(), "{}", said(&output));
    let number = |text: &str| u64::from_str_radix(text.trim_start_matches("'h"), 16).expect("a number in hexadecimal");
    let parts: Vec<&str> = text.split("<ipxact:register>").skip(1).collect();
    assert_eq!(parts.len(), REGISTERS.len());
    for (part, register) in parts.iter().zip(REGISTERS) {
        let fields: Vec<&str> = part.split("<ipxact:field>").collect();
        let head = fields[0];
        assert_eq!((inside(head, "name"), number(inside(head, "addressOffset"))), (register.name, register.offset.into()));
        assert!(!inside(head, "displayName").is_empty() && !inside(head, "description").is_empty(), "{head}");
        assert_eq!(fields.len() - 1, register.fields().len(), "{}", register.name);
        for (part, field) in fields[1..].iter().zip(register.fields()) {
            let bits = (field.low.to_string(), (field.high - field.low + 1).to_string());
            assert_eq!(inside(part, "name"), rdl_field(field));
            assert_eq!((inside(part, "bitOffset"), inside(part, "bitWidth")), (bits.0.as_str(), bits.1.as_str()), "{part}");
            assert!(!inside(part, "displayName").is_empty(), "{part}");
        }
    }
}

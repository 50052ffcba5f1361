//! The register map for others: [`rdl`] (SystemRDL 2.0), [`header`] (C99), [`datasheet`] (Markdown).
//!
//! Everything comes from [`REGISTERS`], their fields and [`CODES`]; nothing here knows a register by name. Copies are kept in
//! `rtl/generated` and in the datasheet; `tests/generated.rs` checks them.

pub mod reserved;

use pm_interface::fields::{Field, CODES};
use pm_interface::registers::{Register, RegisterMode, ID_VALUE, REGISTERS, VERSION_VALUE};
use pm_interface::{CodeList, AUDIT_RECORDS, AUDIT_WORDS};
use reserved::{escaped, UVM_REG, UVM_REG_BLOCK};
use std::fmt::Write;

const ORIGIN: &str = "Made by `pm registers` from rtl/interface/src/registers.rs, fields.rs and codes.rs. Do not edit.";

/// SystemRDL 2.0: one `addrmap` of 32-bit registers, with enumerations and what each needs as properties of its own.
pub fn rdl() -> String {
    let mut text = format!("// {ORIGIN}\n\n");
    text.push_str("// The feature without which an access is an error (reg), or the bits read 0 and take no 1 (field).\n");
    text.push_str("property pm_feature { type = string; component = reg | field; };\n");
    text.push_str("// Whether a write is accepted in that state. Where `pm_while_active` is false the gate alone decides.\n");
    for state in ["busy", "active", "sealed"] {
        line(&mut text, format_args!("property pm_while_{state} {{ type = boolean; component = reg; }};"));
    }
    for codes in CODES {
        line(&mut text, format_args!("\nenum {} {{", lower(codes.name)));
        let bits = code_bits(codes);
        for (name, code, doc) in codes.members {
            line(&mut text, format_args!("    {} = {bits}'d{code} {{ desc = \"{}\"; }};", upper(name), plain(doc)));
        }
        text.push_str("};\n");
    }
    text.push_str("\naddrmap partition_manager {\n    name = \"Partition Manager\";\n    littleendian;\n    lsb0;\n");
    text.push_str("    default regwidth = 32;\n    default accesswidth = 32;\n");
    for register in REGISTERS {
        text.push_str("\n    reg {\n");
        line(&mut text, format_args!("        name = \"{}\";", title(register.name)));
        line(&mut text, format_args!("        desc = \"{}\";", register.doc));
        if let Some(feature) = register.feature {
            line(&mut text, format_args!("        pm_feature = \"{feature}\";"));
        }
        if register.writes() {
            let states = [
                ("busy", register.writable_when_busy),
                ("active", register.writable_when_active),
                ("sealed", register.writable_when_sealed),
            ];
            for (state, accepted) in states {
                line(&mut text, format_args!("        pm_while_{state} = {accepted};"));
            }
        }
        for field in register.fields() {
            line(&mut text, format_args!("        field {{"));
            line(&mut text, format_args!("            name = \"{}\";", title(field.name)));
            line(&mut text, format_args!("            desc = \"{}\";", field.doc));
            line(&mut text, format_args!("            {}", rdl_access(register.access)));
            if let Some(feature) = field.feature {
                line(&mut text, format_args!("            pm_feature = \"{feature}\";"));
            }
            if let Some(codes) = field.codes {
                line(&mut text, format_args!("            encode = {};", lower(codes.name)));
            }
            let width = field.high - field.low + 1;
            let reset = field.reset.filter(|_| register.reads()).map_or(String::new(), |value| format!(" = {width}'h{value:X}"));
            line(&mut text, format_args!("        }} {}[{}:{}]{reset};", rdl_field(field), field.high, field.low));
        }
        line(&mut text, format_args!("    }} {} @ 0x{:02X};", rdl_register(register), register.offset));
    }
    text.push_str("};\n");
    text
}

/// The name of a field in SystemRDL and in what is made of it: a field that would hide a member of UVM's class, or that is a
/// keyword, has `_field` behind its name.
pub fn rdl_field(field: &Field) -> String {
    escaped(field.name, UVM_REG, "field")
}

/// The same of a register, with `_register`.
pub fn rdl_register(register: &Register) -> String {
    escaped(register.name, UVM_REG_BLOCK, "register")
}

/// A name in words: `AUDIT_LEVEL` is `Audit level`, `POOL_BASE_LO` is `Pool base, low half`.
fn title(name: &str) -> String {
    let word = |part: &str| match part {
        "ID" | "IRQ" => part.to_string(),
        "CMD" => "command".into(),
        "LO" => "low half".into(),
        "HI" => "high half".into(),
        "GEOMETRY0" => "geometry 0".into(),
        "GEOMETRY1" => "geometry 1".into(),
        "irq" => "IRQ".into(),
        _ => part.to_lowercase(),
    };
    let words = name.split('_').map(word).collect::<Vec<String>>().join(" ");
    let words = words.replace(" low half", ", low half").replace(" high half", ", high half");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn rdl_access(access: RegisterMode) -> &'static str {
    match access {
        RegisterMode::ReadOnly => "sw = r; hw = w;",
        RegisterMode::ReadWrite => "sw = rw; hw = rw;",
        RegisterMode::WriteOnly => "sw = w; hw = r;",
        RegisterMode::WriteOneToClear => "sw = rw; onwrite = woclr; hw = rw; hwset;",
    }
}

/// A C99 header: offsets, masks and shifts, codes, constants. It includes nothing.
pub fn header() -> String {
    let mut text = format!("/* {ORIGIN} */\n\n#ifndef PM_REGISTERS_H\n#define PM_REGISTERS_H\n\n");
    text.push_str("/* What identifies the device and this map. */\n");
    define(&mut text, "PM_ID", format_args!("0x{ID_VALUE:08X}u"));
    define(&mut text, "PM_VERSION", format_args!("0x{VERSION_VALUE:08X}u"));
    text.push_str("\n/* The audit log: words in a record, records that fit. */\n");
    define(&mut text, "PM_AUDIT_WORDS", format_args!("{AUDIT_WORDS}u"));
    define(&mut text, "PM_AUDIT_RECORDS", format_args!("{AUDIT_RECORDS}u"));
    text.push_str("\n/* Byte offsets, masks and shifts. A register that is one value has an offset only. */\n");
    for register in REGISTERS {
        let needs = register.feature.map_or(String::new(), |feature| format!(", with `{feature}`"));
        line(&mut text, format_args!("\n/* {}{needs}: {} */", register.access.name(), register.doc));
        define(&mut text, &format!("PM_{}_OFFSET", register.name), format_args!("0x{:02X}u", register.offset));
        for field in register.fields().iter().filter(|field| !field.is_whole()) {
            let name = format!("PM_{}_{}", register.name, field.name.to_uppercase());
            define(&mut text, &format!("{name}_MASK"), format_args!("0x{:08X}u", field.mask()));
            define(&mut text, &format!("{name}_SHIFT"), format_args!("{}u", field.low));
        }
    }
    for codes in CODES {
        line(&mut text, format_args!("\n/* {} */\nenum pm_{} {{", plain(codes.doc), lower(codes.name)));
        let last = codes.members.len() - 1;
        for (index, (name, code, doc)) in codes.members.iter().enumerate() {
            let comma = if index == last { "" } else { "," };
            line(&mut text, format_args!("    PM_{}_{} = {code}{comma} /* {} */", upper(codes.name), upper(name), plain(doc)));
        }
        text.push_str("};\n");
        list(&mut text, codes);
    }
    text.push_str("\n#endif\n");
    text
}

/// The members as a macro that calls another one with the name, the code and the meaning of each: for texts and tables.
fn list(text: &mut String, codes: &CodeList) {
    let name = upper(codes.name);
    line(text, format_args!("/* X(name, code, meaning) for each of them. */\n#define PM_{name}_LIST(X) \\"));
    let last = codes.members.len() - 1;
    for (index, (member, code, doc)) in codes.members.iter().enumerate() {
        let on = if index == last { "" } else { " \\" };
        let meaning = plain(doc).replace('\\', "\\\\").replace('"', "\\\"");
        line(text, format_args!("    X({}, {code}, \"{meaning}\"){on}", upper(member)));
    }
}

fn define(text: &mut String, name: &str, value: std::fmt::Arguments<'_>) {
    line(text, format_args!("#define {name:<36} {value}"));
}

/// The datasheet's tables: registers, then the fields of those that are more than one value.
pub fn datasheet() -> String {
    let mut text = String::from("| offset | name | access | reset | busy | active | sealed | needs | meaning |\n");
    text.push_str("|---|---|---|---|---|---|---|---|---|\n");
    for register in REGISTERS {
        let [busy, active, sealed] = accepted(register);
        line(
            &mut text,
            format_args!(
                "| 0x{:02X} | `{}` | {} | {} | {busy} | {active} | {sealed} | {} | {} |",
                register.offset,
                register.name,
                register.access.name(),
                reset(register),
                needs(register.feature),
                quoted(register.doc)
            ),
        );
    }
    text.push_str("\n| register | bits | field | needs | meaning |\n|---|---|---|---|---|\n");
    for register in REGISTERS {
        for field in register.fields().iter().filter(|field| !field.is_whole()) {
            let codes = field.codes.map_or(String::new(), |codes| format!(": {}", codes.name));
            line(
                &mut text,
                format_args!(
                    "| `{}` | {} | `{}` | {} | {}{codes} |",
                    register.name,
                    places(field),
                    field.name,
                    needs(field.feature),
                    quoted(field.doc)
                ),
            );
        }
    }
    text
}

/// Whether a write is accepted while a command is busy, once the gate is open, once sealed.
pub fn accepted(register: &Register) -> [&'static str; 3] {
    let word = |accepted| if accepted { "yes" } else { "no" };
    match (register.writes(), register.writable_when_active) {
        (false, _) => [""; 3],
        (true, false) => ["gate", "no", "no"],
        (true, true) => [word(register.writable_when_busy), "yes", word(register.writable_when_sealed)],
    }
}

/// What a register reads after reset, in words.
pub fn reset(register: &Register) -> String {
    match register.reset() {
        _ if !register.reads() => String::new(),
        None => "by geometry".into(),
        Some(0) => "0".into(),
        Some(value) => format!("0x{value:08X}"),
    }
}

/// The bits of a field: `7:0`, `31`.
pub fn places(field: &Field) -> String {
    if field.high == field.low {
        field.high.to_string()
    } else {
        format!("{}:{}", field.high, field.low)
    }
}

fn needs(feature: Option<&str>) -> String {
    feature.map_or(String::new(), |feature| format!("`{feature}`"))
}

/// Register names as code.
fn quoted(text: &str) -> String {
    let named = |word: &str| REGISTERS.iter().any(|register| register.name == word);
    let quote = |word: &str| {
        let bare = word.trim_end_matches([',', ';', ':']);
        if named(bare) {
            format!("`{bare}`{}", &word[bare.len()..])
        } else {
            word.into()
        }
    };
    text.split(' ').map(quote).collect::<Vec<String>>().join(" ")
}

fn code_bits(codes: &CodeList) -> u32 {
    let highest = codes.members.iter().map(|(_, code, _)| *code).max().unwrap_or(0);
    (u8::BITS - highest.leading_zeros()).max(1)
}

/// `NotActive` as `not_active`.
fn lower(name: &str) -> String {
    let mut text = String::new();
    for (place, letter) in name.char_indices() {
        if letter.is_uppercase() && place > 0 {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

fn upper(name: &str) -> String {
    lower(name).to_uppercase()
}

/// Rust's documentation without its links.
fn plain(doc: &str) -> String {
    doc.trim().replace("[`", "`").replace("`]", "`")
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    writeln!(text, "{arguments}").expect("a String takes everything");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_take_the_case_of_their_language() {
        assert_eq!((lower("NotActive").as_str(), upper("Ok").as_str()), ("not_active", "OK"));
        assert_eq!((title("CMD_LOGICAL_LO"), title("read")), ("Command logical, low half".into(), "Read".into()));
        assert_eq!((title("ID"), title("IRQ_STATUS")), ("ID".into(), "IRQ status".into()));
        assert_eq!(quoted("with FAULT_INFO; PM"), "with `FAULT_INFO`; PM");
    }
}

//! Contradictions are refused, messages speak of what a user writes, and what is printed fits a terminal.

use super::{project, Place, SCENARIO, SOURCE};

#[test]
fn contradictions_are_refused() {
    let place = Place::new();
    for (arguments, said) in [
        (&["verilog", "--geometry", "cu", "--data", "64"][..], "--interface"),
        (&["verilog", "--interface", "wishbone", "--data", "64"], "--data is an option of the interface axi4"),
        (&["verilog", "--interface", "core", "--bursts", "4"], "--bursts is an option of the interface axi4"),
        (&["verilog", "--interface", "core", "--mmu"], "no MMU"),
        (&["verilog", "--mmu"], "--interface"),
        (&["verilog", "--interface", "axi4", "--design", "board"], "cannot be used with"),
        (&["verilog", "--interface", "axi4", "--data", "48"], "the nearest is 32"),
        (&["verilog", "--control", "apb4"], "--interface"),
        (
            &["verilog", "--interface", "axi4", "--control", "wishbone"],
            "has no wishbone for its registers; choose axi4-lite or apb4",
        ),
        (&["verilog", "--interface", "core", "--control", "axi4-lite"], "choose registers or apb4"),
        (&["verilog", "--interface", "core", "--control", "apb3"], "apb4"),
        (&["verilog", "--geometry", "cu+slots=4+slots=8"], "says \"slots\" twice"),
        (&["verilog", "--geometry", "cu+boot+boot"], "says \"boot\" twice"),
        (&["verilog", "--geometry", "tiny", "--design", "board"], "cu and mcu"),
        (&["prove", "--list", "--geometry", "nosuch"], "no geometry is called"),
        (&["prove", "--geometry", "nosuch"], "no geometry is called"),
        (&["prove", "--list", "--geometry", "soc64"], "no property is proven for soc64"),
        (&["report", "--geometry", "cu", "--verilog", "x.v"], "cannot be used with"),
        (&["bitstream", "--seed", "1", "--seeds", "2"], "cannot be used with"),
        (&["bitstream", "--geometry", "soc32"], "cu and mcu"),
        (&["registers", "--json", "--format", "c"], "cannot be used with"),
        (&["mutate", "--geometry", "cu+boot"], "without features"),
    ] {
        place.refuses(arguments, said);
    }
    assert!(place.names().iter().all(|name| name == "build"), "{:?}", place.names());
}

#[test]
fn a_name_of_a_scenario_stands_for_one_partition() {
    let place = Place::new();
    let create = |name: &str, base: u32, more: &str| {
        format!("[[step]]\n{more}create = {{ tenant = 0, base = {base}, size = 4, rights = \"r\", name = \"{name}\" }}\n")
    };
    let head = "geometry = \"tiny\"\n[setup]\nwindow_base = 0x10\n";
    let (a, b) = (create("a", 0x10, ""), create("a", 0x14, ""));
    for (text, said) in [
        (format!("{head}{a}{b}"), "s.toml:6: the name \"a\" is that of the partition of line 4"),
        (format!("{head}{}", create("a", 0x10, "repeat = 2\n")), "to several partitions"),
        ("geometry = { preset = \"cu+slots=4\", slots = 8 }\n[[step]]\nseal = {}\n".into(), "both give slots"),
        (format!("{head}{a}{a}").replace("tiny", "tiny+slots=2+slots=2"), "says \"slots\" twice"),
    ] {
        place.write("s.toml", text);
        place.refuses(&["sim", "--model", "s.toml"], said);
    }
    for between in ["destroy = { name = \"a\" }", "destroy = { slot = 0 }"] {
        place.write("s.toml", format!("{head}{a}[[step]]\n{between}\n{b}"));
        place.does(&["sim", "--model", "s.toml"]);
    }
    let refused = a.replace("name =", "expect = \"Overlap\", name =");
    place.write("s.toml", format!("{head}{a}{refused}"));
    place.does(&["sim", "--model", "s.toml"]);
}

#[test]
fn messages_name_what_a_user_writes() {
    let place = Place::new();
    let said = |arguments: &[&str]| {
        let run = place.pm(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.errors);
        for type_of_rust in ["u8", "u16", "u32", "u64", "usize", "i64", "f64", "struct ", "found in string", "target type"] {
            assert!(!run.errors.contains(type_of_rust), "{arguments:?} says {type_of_rust}: {}", run.errors);
        }
        run.errors
    };
    let words = [
        ("register = { offset = 256 }", "a whole number from 0 to 255"),
        ("register = { offset = -1 }", "a whole number from 0 to 255"),
        ("register = { offset = \"x\" }", "a whole number from 0 to 255"),
        ("register = { name = \"ID\", value = 4294967296 }", "a whole number from 0 to 4294967295"),
        ("register = 3", "a table"),
        ("access = { tenant = 0, address = 1.5, kind = \"read\", expect = \"denied\" }", "a whole number"),
        ("alert = 1", "true or false"),
        ("memory = { physical = true }", "an address"),
    ];
    for (step, words) in words {
        place.write("s.toml", format!("{SCENARIO}[[step]]\n{step}\n"));
        let errors = said(&["sim", "--model", "s.toml"]);
        assert!(errors.contains(words) && errors.contains("s.toml:5: "), "{step}: {errors}");
    }
    place.write("m.toml", format!("{SOURCE}[[quota]]\ntenant = 256\nslots = 1\n"));
    assert!(said(&["manifest", "build", "m.toml", "-o", "out"]).contains("m.toml:7: "));
    for (arguments, words) in [
        (&["upset", "--moments", "x"][..], "this is no whole number"),
        (&["upset", "--moments", "99"], "use a whole number from 1 to 64"),
        (&["upset", "--seed", "99999999999999999999999"], "this number is too large"),
        (&["replay", "t", "--limit", "0"], "use a whole number, 1 or more"),
        (&["bitstream", "--freq", "fast"], "this is no number"),
        (&["mutate", "--timeout", "-1"], "unexpected argument"),
        (&["verilog", "--geometry", "cu+slots=many"], "needs a whole number"),
        (&["verilog", "--geometry", "cu+slots=99999999999999999999999"], "too large"),
        (&["verilog", "--interface", "axi4", "--data", "wide"], "this is no whole number"),
    ] {
        let errors = said(arguments);
        assert!(errors.contains(words), "{arguments:?}: {errors}");
    }
}

/// A file of geometries: errors in the user's words, and no name or feature that stands for two things.
#[test]
fn a_file_of_geometries_is_read_strictly() {
    let place = Place::new();
    let own = "address_bits = 5\ngranule = \"4 B\"\nwindow = \"8 B\"\npool = \"16 B\"\ntenants = 2\nslots = 2\nlongest_access = \"4 B\"\n";
    for (from, to, said) in [
        ("slots = 2", "slots = \"x\"", "expected a whole number"),
        ("slots = 2", "slots = -2", "expected a whole number"),
        ("slots = 2", "slots = true", "expected a whole number"),
        ("slots = 2", "slots = 2\nfeatures = \"chain\"", "expected a list"),
        ("slots = 2", "slots = 2\nfeatures = [1]", "expected a text in quotes"),
        ("slots = 2", "slots = 2\nfeatures = [\"chain\", \"chain\"]", "says \"chain\" twice"),
    ] {
        place.write("my.toml", own.replace(from, to));
        place.refuses(&["geometry", "my.toml"], said);
        let errors = place.pm(&["geometry", "my.toml"]).errors;
        assert!(!errors.contains("usize") && !errors.contains("sequence"), "{errors}");
    }
    // Keys where tables are meant.
    place.write("my.toml", own);
    place.refuses(&["geometry", "a", "--geometries", "my.toml"], "expected a table");
    // A table with the name of a preset would stand for another geometry than the preset.
    place.write("all.toml", format!("[mine]\n{own}\n[cu]\n{own}"));
    for name in ["mine", "cu", "tiny", "cu+chain"] {
        place.refuses(&["geometry", name, "--geometries", "all.toml"], "\"cu\" is the name of a preset");
    }
    place.refuses(&["geometry", "tiny", "--geometries", "none.toml"], "none.toml: cannot read the file of geometries");
}

/// Every geometry behind every interface: Verilog, or a refusal that says what to do. Never a panic.
#[test]
fn what_cannot_be_emitted_is_refused() {
    let place = Place::new();
    let interfaces = [
        &["core"][..],
        &["core", "--control", "apb4"],
        &["wishbone"],
        &["wishbone", "--mmu", "--control", "apb4"],
        &["axi4"],
        &["axi4", "--mmu"],
        &["axi4", "--control", "apb4"],
    ];
    for geometry in ["tiny", "mcu", "tiny+pool=1", "mcu+slots=2+tenants=1"] {
        for interface in interfaces {
            let run = place.pm(&[&["verilog", "--geometry", geometry, "--interface"], interface].concat());
            match run.code {
                0 => assert!(run.output.contains("endmodule")),
                2 => assert!(run.errors.contains("use ") && run.output.is_empty(), "{geometry} {interface:?}: {}", run.errors),
                code => panic!("{geometry} {interface:?} ended with {code}: {}", run.errors),
            }
        }
    }
}

#[test]
fn tables_fit_a_terminal_and_their_numbers_can_be_read() {
    let place = Place::new();
    let trace = project("tests/traces/ls.lackey.gz");
    let agreement = project("tests/scenarios/agreement.toml");
    for arguments in [
        &["registers"][..],
        &["prove", "--list"],
        &["report", "--geometry", "tiny", "--cycles"],
        &["replay", "--model", &trace, "--limit", "2000"],
    ] {
        let text = place.does(arguments).output;
        let longest = text.lines().filter(|line| line.contains("  ")).map(|line| line.chars().count()).max().unwrap();
        assert!(longest <= 100, "{arguments:?} prints {longest} columns:\n{text}");
    }
    let replay = place.does(&["replay", "--model", &trace, "--limit", "2000"]).output;
    let row = replay.lines().find(|line| line.starts_with("0 ")).unwrap();
    assert_eq!(row.split_whitespace().nth(2), Some("2000"), "{row}");
    let text = place.pm(&["sim", "--model", &agreement]).output;
    let table = text.lines().skip(1).take_while(|line| !line.contains("steps")).map(|line| line.chars().count()).max();
    assert!(table.unwrap() <= 100, "{text}");
}

//! Hostile and mistaken input: an error with file and line, in bounded memory, with a bounded message.

use super::{project, Place, SCENARIO, SOURCE, TRACE};
use std::io::Write;
use std::process::{Command, Stdio};

/// Writes what a command is to read.
type Feeder = Box<dyn Fn(&mut dyn Write) + Send>;

#[test]
fn no_line_of_a_trace_is_lost() {
    let place = Place::new();
    for (name, line) in [
        ("one blank", "I 0400d7d4,8"),
        ("no blank", "S 7ff0005c8,8"),
        ("three blanks", "   L 04f6b868,8"),
        ("lower case", " l 04f6b868,8"),
        ("tab", "\tL 04f6b868,8"),
        ("another letter", " X 04f6b868,8"),
        ("no kind", "04f6b868,8"),
        ("semicolon", " L 04f6b868;8"),
        ("0x", " L 0x04f6b868,8"),
        ("a comment", "# L 04f6b868,8"),
        ("more behind it", " L 04f6b868,8 "),
        ("the program's output", "hello"),
    ] {
        let file = place.write("t.trace", format!("{TRACE}{line}\n M 1000,4\n"));
        let run = place.pm(&["replay", "--model", file.to_str().unwrap()]);
        if name == "more behind it" {
            // A blank at the end hides nothing.
            assert!(run.code == 0 && run.output.contains("4 of 4 lines"), "{}{}", run.output, run.errors);
            continue;
        }
        assert!(run.code == 2 && run.errors.contains("t.trace:4: "), "{name}: {} {}", run.code, run.errors);
    }
    place.write("t.trace", TRACE);
    let run = place.does(&["replay", "--model", "t.trace"]);
    assert!(run.output.contains("work: 2 of 2 lines with an access replayed, as 2 accesses; 1 more lines"), "{}", run.output);
    place.write("t.trace", "==1== nothing\n");
    place.refuses(&["replay", "--model", "t.trace"], "there is no memory access in it");
}

/// In 600 MB, where 3 GB would be needed.
#[test]
fn sizes_and_lines_without_bound_are_input_errors() {
    let place = Place::new();
    let limited = |arguments: &[&str], input: Feeder| {
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -v 600000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_pm")]).args(arguments);
        shell.current_dir(place.0.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = shell.spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        let output = std::thread::scope(|scope| {
            scope.spawn(move || input(&mut pipe));
            child.wait_with_output().unwrap()
        });
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", &errors[..errors.len().min(2000)]);
        assert!(errors.len() < 2000, "{arguments:?}: a message of {} bytes", errors.len());
        errors
    };
    let nothing = || Box::new(|_: &mut dyn Write| {});
    for size in ["18446744073709551615", "3221225472", "4097"] {
        place.write("huge.trace", format!("{TRACE} L 0,{size}\n"));
        let errors = limited(&["replay", "--model", "huge.trace"], nothing());
        assert!(errors.contains("huge.trace:4: a size above 4096 bytes"), "{errors}");
    }
    // 3 GB from a pipe would be kept; a file of it need not be on the disk.
    let hole = std::fs::File::create(place.path("hole.trace")).unwrap();
    hole.set_len(3 << 30).unwrap();
    for (arguments, said) in [
        (&["replay", "--model", "hole.trace"][..], "hole.trace:1: more than an access takes"),
        (&["sim", "--model", "hole.trace"], "larger than 4 MiB"),
        (&["manifest", "build", "hole.trace", "-o", "out"], "larger than 4 MiB"),
        (&["manifest", "inspect", "hole.trace"], "longer than"),
        (&["audit", "verify", "hole.trace"], "hole.trace:1: "),
    ] {
        let errors = limited(arguments, nothing());
        assert!(errors.contains(said), "{errors}");
    }
    let piped: Feeder = Box::new(|pipe| {
        let _ = pipe.write_all(&vec![b'x'; 3 << 20]);
    });
    let errors = limited(&["replay", "--model", "/dev/stdin"], piped);
    assert!(errors.contains("/dev/stdin:1: more than an access takes in \"xxx"), "{errors}");
}

#[test]
fn a_message_repeats_no_more_than_a_part_of_what_it_is_about() {
    let place = Place::new();
    let long = "x".repeat(3 << 20);
    for (name, text) in [
        ("key", format!("{SCENARIO}{long} = 1\n")),
        ("value", format!("{SCENARIO}[[step]]\nregister = {{ name = \"{long}\" }}\n")),
        ("line", format!("{SCENARIO}{long}\n")),
        ("type", format!("{SCENARIO}[[step]]\nrepeat = \"{long}\"\n")),
        ("geometry", format!("geometry = \"{long}\"\n")),
        ("partition", format!("{SCENARIO}[[step]]\ndestroy = {{ name = \"{long}\" }}\n")),
    ] {
        place.write("s.toml", &text);
        place.refuses(&["sim", "--model", "s.toml"], "s.toml:");
        place.write("m.toml", text.replace(SCENARIO, SOURCE));
        place.refuses(&["manifest", "build", "m.toml", "-o", "out"], "m.toml:");
        assert!(!place.path("out").exists(), "{name}");
    }
    for text in [format!("{{\"{long}\":1}}\n"), format!("{long}\n"), format!("{{\"words\":[0,0,0,0,\"{long}\"]}}")] {
        place.write("a.log", &text);
        place.refuses(&["audit", "verify", "a.log"], "a.log:1: ");
        place.write("results", &text);
        place.refuses(&["report", "--geometry", "tiny", "--cycles", "--upset", "results"], "results");
    }
    place.write("t.trace", format!(" L {long}\n"));
    place.refuses(&["replay", "--model", "t.trace"], "t.trace:1: ");
    // As long as an argument can be.
    let long = "x".repeat(100_000);
    place.refuses(&["verilog", "--geometry", &long], "no geometry is called");
    place.refuses(&["verilog", "--geometry", &format!("cu+{long}")], "no name is longer than");
    place.refuses(&["prove", &long], "no property is called");
    place.refuses(&["replay", "t", "--intrude", &long], "use two trace numbers");
    place.refuses(&[&format!("--{long}")], "unexpected argument");
}

/// A command that shows a file says that there is nothing in it.
#[test]
fn an_empty_file_is_an_input_error() {
    let place = Place::new();
    place.write("e", "");
    place.write("e.toml", "");
    for arguments in [
        &["sim", "e"][..],
        &["replay", "--model", "e"],
        &["manifest", "build", "e", "-o", "out"],
        &["manifest", "inspect", "e"],
        &["audit", "verify", "e"],
        &["audit", "print", "e"],
        &["audit", "print", "e", "--json"],
        &["geometry", "e.toml"],
        &["verilog", "--geometries", "e.toml", "--geometry", "a"],
        &["report", "--geometry", "tiny", "--cycles", "--upset", "e"],
    ] {
        place.refuses(arguments, "pm: e");
    }
}

/// The time to read a scenario grows in proportion to its steps.
#[test]
fn a_long_scenario_is_read_in_time() {
    let place = Place::new();
    place.write(
        "s.toml",
        format!("geometry = \"tiny\"\n{}[[step]]\nreset = 1\n", "[[step]]\nregister = { name = \"ID\" }\n".repeat(90_000)),
    );
    let start = std::time::Instant::now();
    place.refuses(&["sim", "--model", "s.toml"], "s.toml:180003: ");
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    place.write("s.toml", format!("geometry = \"tiny\"\n{}", "[[step]]\nregister = { name = \"ID\" }\n".repeat(60_000)));
    let start = std::time::Instant::now();
    place.does(&["sim", "--model", "--json", "s.toml"]);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn a_trace_may_come_through_a_pipe_and_is_read_whole_both_times() {
    let place = Place::new();
    let mut child = place.command(&["replay", "--model", "/dev/stdin", "--geometry", "cu"]);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let lines: String = (0..20_000).map(|line| format!(" L {:x},4\n", 0x1000 + line % 64)).collect();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("work: 20000 of 20000 lines"), "{text}");
    assert!(text.contains("passed: every access granted at its own place, 20000 of 20000"), "{text}");
}

#[test]
fn counted_denials_are_not_called_logged() {
    let place = Place::new();
    let trace = project("tests/traces/ls.lackey.gz");
    let run = place.does(&["replay", "--model", &trace, &trace, "--intrude", "0:1", "--limit", "1000"]);
    let last = run.output.lines().last().unwrap();
    let numbers: Vec<u64> = last.split(|letter: char| !letter.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect();
    let [logged, counted, denied, intruding, granted, others] = numbers[..] else { panic!("{last}") };
    assert!(last.contains("only counted") && !last.contains("and logged"), "{last}");
    assert!(counted > 0 && logged + counted == denied && denied == intruding && granted == others, "{last}");
    place.write("short.trace", " L 1000,4\n");
    let run = place.does(&["replay", "--model", "short.trace", "short.trace", "--intrude", "0:1"]);
    assert!(run.output.lines().last().unwrap().contains("denied and logged, 1 of 1"), "{}", run.output);
}

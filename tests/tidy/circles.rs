//! Files of a crate that name each other in a circle.
//!
//! ```text
//!   file --use crate::a::B, super::C--> the file that defines B --> ... --> the same file again?
//! ```
//! A name that a parent only passes on (`pub use`) leads to the file that defines it. Tests are left out: they may name
//! anything. What a method of another file does is not seen, only what is named by a path.

use super::{project, sources};
use std::collections::{BTreeMap, BTreeSet};

/// A module's path below its crate.
type Path = Vec<String>;

/// The crates that are looked at.
const CRATES: [&str; 7] =
    ["rtl/src", "rtl/properties/src", "sim/src", "sim/model/src", "sim/block_cosim/src", "proof/src", "bsp/src"];

/// Circles that stay, as "crate: file, file", each with the reason.
const EXCEPTIONS: [(&str, &str); 0] = [];

/// One file: what it defines, what it passes on from where, what it names.
#[derive(Default)]
struct File {
    defines: BTreeSet<String>,
    passes_on: Vec<Path>,
    names: Vec<Path>,
}

/// The text without comments, and without the tests at its end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The words and marks of a text; `::` is one mark.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut word = String::new();
    for letter in text.chars() {
        if letter.is_alphanumeric() || letter == '_' {
            word.push(letter);
            continue;
        }
        if !word.is_empty() {
            tokens.push(std::mem::take(&mut word));
        }
        let second_colon = letter == ':' && tokens.last().is_some_and(|last| last == ":");
        if second_colon {
            tokens.pop();
            tokens.push("::".into());
        } else if !letter.is_whitespace() {
            tokens.push(letter.into());
        }
    }
    tokens
}

/// The paths of a tree such as `a::{b, c::D}`, behind what stands before it; `at` moves behind the tree.
fn tree(tokens: &[String], at: &mut usize, before: &Path, paths: &mut Vec<Path>) {
    let mut path = before.clone();
    while let Some(token) = tokens.get(*at) {
        *at += 1;
        if token == "{" {
            while tokens.get(*at).is_some_and(|token| token != "}") {
                tree(tokens, at, &path, paths);
                if tokens.get(*at).is_some_and(|token| token == ",") {
                    *at += 1;
                }
            }
            *at += 1;
            return;
        }
        path.push(token.clone());
        if tokens.get(*at).is_none_or(|token| token != "::") {
            break;
        }
        *at += 1;
    }
    // Another name for it here is no matter.
    if tokens.get(*at).is_some_and(|token| token == "as") {
        *at += 2;
    }
    paths.push(path);
}

/// The module of a file of a crate: `a/b.rs` and `a/b/mod.rs` are `a::b`, `lib.rs` and `main.rs` are the crate itself.
fn module(file: &std::path::Path, root: &std::path::Path) -> Path {
    let inside = file.strip_prefix(root).expect("it lies below").with_extension("");
    let mut path: Path = inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if path.last().is_some_and(|last| last == "mod") || path == ["lib"] || path == ["main"] {
        path.pop();
    }
    path
}

/// A path from the crate's root, for one that begins with `crate`, `super` or `self`, or with a submodule.
fn from_root(path: &Path, module: &Path, children: &BTreeSet<String>) -> Option<Path> {
    let (first, rest) = path.split_first()?;
    let mut base = match first.as_str() {
        "crate" => vec![],
        "super" => module[..module.len().checked_sub(1)?].to_vec(),
        "self" => module.clone(),
        child if children.contains(child) => [&module[..], &[child.to_string()]].concat(),
        _ => return None,
    };
    let mut rest = rest;
    while rest.first().is_some_and(|part| part == "super") {
        base.pop()?;
        rest = &rest[1..];
    }
    Some([base, rest.to_vec()].concat())
}

const DEFINING: [&str; 9] = ["struct", "enum", "trait", "type", "fn", "const", "static", "union", "macro_rules"];

fn file(text: &str, module: &Path, children: &BTreeSet<String>) -> File {
    let tokens = tokens(&code(text));
    let mut file = File::default();
    let mut at = 0;
    while at < tokens.len() {
        let before = |back: usize| at.checked_sub(back).map_or("", |place| tokens[place].as_str());
        let token = tokens[at].as_str();
        if DEFINING.contains(&token) {
            file.defines.extend(tokens[at + 1..].iter().find(|token| *token != "!").cloned());
        }
        let begins = token == "use" && before(1) != "::";
        let passed_on = begins && matches!(before(1), "pub" | ")");
        // `pub(super)` says who may see a thing, and names nothing.
        let reach = before(1) == "(" && before(2) == "pub" || before(1) == "in";
        let path = ["crate", "super"].contains(&token) && before(1) != "::" && !reach;
        let used = begins.then_some(at + 1).or(path.then_some(at));
        let called = children.contains(token) && before(1) != "::" && before(1) != "mod" && before(1) != ".";
        let called = called && tokens.get(at + 1).is_some_and(|next| next == "::");
        let Some(mut place) = used.or(called.then_some(at)) else {
            at += 1;
            continue;
        };
        let mut paths = Vec::new();
        if tokens.get(place).is_some_and(|token| token == "::") {
            place += 1;
        }
        tree(&tokens, &mut place, &vec![], &mut paths);
        let paths = paths.iter().filter_map(|path| from_root(path, module, children));
        if passed_on {
            file.passes_on.extend(paths);
        } else {
            file.names.extend(paths);
        }
        at = place.max(at + 1);
    }
    file
}

/// The file that a path leads to, through those that only pass the name on.
fn definer(files: &BTreeMap<Path, File>, path: &[String], deep: usize) -> Option<Path> {
    let known = (0..=path.len()).rev().find(|length| files.contains_key(&path[..*length]))?;
    let (module, rest) = path.split_at(known);
    let file = &files[module];
    let Some(name) = rest.first().filter(|name| !file.defines.contains(*name) && deep < 8) else {
        return Some(module.to_vec());
    };
    let passed = file.passes_on.iter().filter_map(|path| match path.last()?.as_str() {
        "*" => Some([&path[..path.len() - 1], std::slice::from_ref(name)].concat()),
        last if last == name => Some(path.clone()),
        _ => None,
    });
    let mut found = passed.filter_map(|path| definer(files, &path, deep + 1));
    let certain = found.find(|module| files[module].defines.contains(name));
    Some(certain.unwrap_or_else(|| module.to_vec()))
}

/// Every file of a crate with the files that it names.
fn edges(texts: &[(Path, String)]) -> BTreeMap<Path, BTreeSet<Path>> {
    let modules: BTreeSet<&Path> = texts.iter().map(|(module, _)| module).collect();
    let children = |module: &Path| -> BTreeSet<String> {
        let below = modules.iter().filter(|path| path.len() == module.len() + 1 && path.starts_with(module));
        below.filter_map(|path| path.last().cloned()).collect()
    };
    let files: BTreeMap<Path, File> =
        texts.iter().map(|(module, text)| (module.clone(), file(text, module, &children(module)))).collect();
    let named = |module: &Path, file: &File| -> BTreeSet<Path> {
        let named = file.names.iter().filter_map(|path| definer(&files, path, 0));
        named.filter(|other| other != module).collect()
    };
    files.iter().map(|(module, file)| (module.clone(), named(module, file))).collect()
}

/// Groups of files of which each leads to each.
fn circles(edges: &BTreeMap<Path, BTreeSet<Path>>) -> Vec<Vec<Path>> {
    let reached = |from: &Path| -> BTreeSet<Path> {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(module) = open.pop() {
            let next = edges.get(&module).into_iter().flatten();
            open.extend(next.filter(|next| seen.insert((*next).clone())).cloned());
        }
        seen
    };
    let reach: BTreeMap<&Path, BTreeSet<Path>> = edges.keys().map(|module| (module, reached(module))).collect();
    let mut found: Vec<Vec<Path>> = Vec::new();
    for module in edges.keys().filter(|module| reach[module].contains(*module)) {
        let circle: Vec<Path> = reach[module].iter().filter(|other| reach[other].contains(module)).cloned().collect();
        if !found.contains(&circle) {
            found.push(circle);
        }
    }
    found
}

fn texts(root: &str) -> Vec<(Path, String)> {
    let inside = |path: &std::path::Path| !path.components().any(|part| part.as_os_str() == "tests");
    let found = sources(root).into_iter().filter(|(path, _)| inside(path.strip_prefix(project(root)).expect("below")));
    found.map(|(path, text)| (module(&path, &project(root)), text)).collect()
}

#[test]
fn no_files_of_a_crate_name_each_other_in_a_circle() {
    let mut unused: BTreeSet<&str> = EXCEPTIONS.iter().map(|(circle, _)| *circle).collect();
    let mut wrong = Vec::new();
    for root in CRATES {
        let edges = edges(&texts(root));
        for circle in circles(&edges) {
            let names: Vec<String> = circle.iter().map(|path| path.join("::")).collect();
            let name = format!("{root}: {}", names.join(", "));
            if !unused.remove(name.as_str()) {
                let lines = circle.iter().map(|path| {
                    let named = edges[path].iter().filter(|other| circle.contains(other)).map(|other| other.join("::"));
                    format!("    {} names {}", path.join("::"), named.collect::<Vec<_>>().join(", "))
                });
                wrong.push(format!("{name}\n{}", lines.collect::<Vec<_>>().join("\n")));
            }
        }
    }
    assert!(wrong.is_empty(), "these files name each other in a circle; move what both need into a third:\n{}", wrong.join("\n"));
    assert!(unused.is_empty(), "no such circles any more: {unused:?}");
}

#[test]
fn a_circle_is_found_wherever_the_names_are_passed_on() {
    let crate_of = |files: &[(&str, &str)]| -> Vec<(Path, String)> {
        let path = |name: &str| name.split("::").filter(|part| !part.is_empty()).map(String::from).collect();
        files.iter().map(|(name, text)| (path(name), text.to_string())).collect()
    };
    let check = |files: &[(&str, &str)], expected: &[&str]| {
        let found = circles(&edges(&crate_of(files)));
        let found: Vec<String> =
            found.iter().map(|circle| circle.iter().map(|path| path.join("::")).collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(found, expected, "{files:?}");
    };
    check(&[("a", "use crate::b::B;\npub struct A;"), ("b", "pub struct B;")], &[]);
    check(&[("a", "use crate::b::B;\npub struct A;"), ("b", "pub struct B(super::a::A);")], &["a b"]);
    let passing = ("", "mod a;\nmod b;\npub use a::A;\npub use b::{B, C};");
    check(&[passing, ("a", "use crate::{B, C};\npub struct A;"), ("b", "pub struct B;\npub struct C;")], &[]);
    check(&[passing, ("a", "use crate::{B, C};\npub struct A;"), ("b", "use crate::A;\npub struct B;")], &["a b"]);
    // A parent that uses what its child makes, and makes what the child uses.
    check(&[("a", "mod b;\npub struct A(b::B);"), ("a::b", "use super::A;\npub struct B;")], &["a a::b"]);
    check(&[("a", "mod b;\npub use b::B;\npub struct A;"), ("a::b", "use super::A;\npub struct B;")], &[]);
    // Comments, tests and visibility name nothing.
    check(&[("a", "mod b;\npub struct A(b::B);"), ("a::b", "pub(super) struct B;\npub(in crate::a) struct C;")], &[]);
    check(&[("a", "// crate::b::B\npub struct A;"), ("b", "use crate::a::A;\npub struct B;")], &[]);
    check(&[("a", "pub struct A;\n#[cfg(test)]\nmod tests { use crate::b::B; }"), ("b", "use crate::a::A;\npub struct B;")], &[]);
    let three = [("a", "use crate::b::B;"), ("b", "use super::c::C;\npub struct B;"), ("c", "const C: u8 = crate::a::D;")];
    check(&three, &["a b c"]);
}

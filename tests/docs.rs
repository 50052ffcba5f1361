//! The pages: their links lead somewhere, they stay short, their sentences too, and what they say can be run is run.
//!
//! A block that begins with ```` ```sh run ```` is executed in bash, in the root of the project. A block ```` ```text output ````
//! after it holds lines of its standard output, in their order; a line `..` stands for any lines.

use crate::pm::{self, scratch};
use crate::tidy::project;
use pm_tools::Tool;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Lines of the README, and of a page in docs/.
const README_LINES: usize = 150;
const PAGE_LINES: usize = 300;
/// Words that stand for a noun of another sentence, when a sentence begins with them.
const NOUNLESS: [&str; 11] = ["It", "Its", "They", "Them", "Their", "He", "That", "Who", "Nobody", "Somebody", "None"];
/// Words of a sentence in docs/: at most, and on the average of a page.
const LONGEST_SENTENCE: usize = 45;
const AVERAGE_SENTENCE: usize = 20;

/// The Markdown files of a folder, as paths from the root of the project.
fn pages_of(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(project(folder)).expect("the folder is there");
    let names = entries.map(|entry| entry.expect("it can be listed").file_name().into_string().expect("its name is text"));
    let mut pages: Vec<String> = names.filter(|name| name.ends_with(".md")).map(|name| format!("{folder}/{name}")).collect();
    pages.sort();
    assert!(!pages.is_empty(), "no page in {folder}");
    pages
}

fn text_of(page: &str) -> String {
    fs::read_to_string(project(page)).unwrap_or_else(|error| panic!("{page}: {error}"))
}

/// A fenced block: what stands behind the backticks, its text, and the line that it begins in.
struct Fenced {
    info: String,
    text: String,
    line: usize,
}

/// The lines outside of fenced blocks, with their numbers, and the blocks.
fn parts(text: &str) -> (Vec<(usize, &str)>, Vec<Fenced>) {
    let (mut prose, mut blocks, mut open) = (Vec::new(), Vec::new(), None::<Fenced>);
    for (number, line) in text.lines().enumerate().map(|(index, line)| (index + 1, line)) {
        match (line.trim_start().strip_prefix("```"), open.take()) {
            (Some(_), Some(block)) => blocks.push(block),
            (Some(info), None) => open = Some(Fenced { info: info.trim().into(), text: String::new(), line: number }),
            (None, Some(mut block)) => {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some(block);
            }
            (None, None) => prose.push((number, line)),
        }
    }
    assert!(open.is_none(), "a block is not closed");
    (prose, blocks)
}

/// The line without what stands between backticks; each such span becomes one word.
fn without_code(line: &str) -> String {
    line.split('`').enumerate().map(|(place, part)| if place % 2 == 0 { part } else { "code" }).collect()
}

/// Targets of the links in a line.
fn targets(line: &str) -> Vec<String> {
    let line = without_code(line);
    let ends = line.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    ends.map(|(target, _)| target.to_string()).collect()
}

/// A line with each link as its text alone.
fn without_links(line: &str) -> String {
    let (mut text, mut rest) = (String::new(), line);
    while let Some((before, after)) = rest.split_once("](") {
        text.push_str(before);
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
    }
    (text + rest).replace(['[', ']'], "")
}

/// The anchor that a forge gives a heading.
fn anchor(heading: &str) -> String {
    let text = without_links(heading).trim().to_lowercase().replace(' ', "-");
    text.chars().filter(|letter| letter.is_alphanumeric() || ['-', '_'].contains(letter)).collect()
}

/// Every anchor of a page.
fn anchors(text: &str) -> Vec<String> {
    let mut seen = BTreeMap::<String, usize>::new();
    let lines = parts(text).0.into_iter();
    let headings = lines.filter(|(_, line)| line.starts_with('#')).map(|(_, line)| anchor(line.trim_start_matches('#')));
    headings
        .map(|anchor| {
            let before = seen.entry(anchor.clone()).or_default();
            *before += 1;
            if *before == 1 {
                anchor
            } else {
                format!("{anchor}-{}", *before - 1)
            }
        })
        .collect()
}

/// The path without `..` in it.
fn straight(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => assert!(plain.pop(), "{} leaves the project", path.display()),
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

/// A message about a link of a page that leads nowhere; `None` for a link that is right.
fn broken(page: &str, target: &str) -> Option<String> {
    if target.starts_with("https://") || target.starts_with("http://") {
        return None;
    }
    let (file, anchor) = target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
    let folder = Path::new(page).parent().expect("a page lies in a folder");
    let path = if file.is_empty() { PathBuf::from(page) } else { straight(&folder.join(file)) };
    let place = project(path.to_str().expect("paths are text"));
    if !place.exists() {
        return Some(format!("there is no {}", path.display()));
    }
    let anchor = anchor?;
    let text = fs::read_to_string(&place).ok().filter(|_| path.extension().is_some_and(|extension| extension == "md"));
    let known = text.is_some_and(|text| anchors(&text).iter().any(|known| known == anchor));
    (!known).then(|| format!("{} has no heading #{anchor}", path.display()))
}

#[test]
fn links_of_the_pages_lead_to_files_and_headings() {
    let (mut wrong, mut links) = (Vec::new(), 0);
    // Pages of the book, wherever they lie.
    let summary = text_of("docs/SUMMARY.md");
    let listed = summary.lines().flat_map(targets).map(|target| straight(&Path::new("docs").join(target)));
    let listed: Vec<String> = listed.map(|path| path.to_str().expect("paths are text").into()).collect();
    let pages: BTreeSet<String> = [listed, pages_of("docs"), pages_of("rtl")].concat().into_iter().collect();
    assert!(pages.contains("README.md"), "the book begins with the README");
    for page in pages {
        let text = text_of(&page);
        for (line, words) in parts(&text).0 {
            for target in targets(words) {
                links += 1;
                wrong.extend(broken(&page, &target).map(|why| format!("{page}:{line}: {target}: {why}")));
            }
        }
    }
    assert!(links > 100, "only {links} links were found");
    assert!(wrong.is_empty(), "links that lead nowhere:\n{}", wrong.join("\n"));
}

#[test]
fn broken_links_are_found() {
    assert_eq!(targets("see [a](b.md#c) and `[d](e)`, ![f](g.svg)"), ["b.md#c", "g.svg"]);
    assert_eq!(anchor(" Admit ([admit.rs](src/admit.rs)), one on `each` port"), "admit-admitrs-one-on-each-port");
    assert_eq!(anchors("# A b\n## A b\n```\n# c\n```\n"), ["a-b", "a-b-1"]);
    assert_eq!(broken("docs/tour.md", "../README.md#two-commands"), None);
    for target in ["nowhere.md", "tour.md#nowhere", "#nowhere", "../Cargo.toml#table", "README.md"] {
        assert!(broken("docs/tour.md", target).is_some(), "{target} passes");
    }
}

#[test]
fn every_page_is_in_the_summary() {
    let summary = text_of("docs/SUMMARY.md");
    let listed: Vec<String> = summary.lines().flat_map(targets).collect();
    for page in pages_of("docs").iter().filter(|page| *page != "docs/SUMMARY.md") {
        let name = page.strip_prefix("docs/").expect("it lies there");
        assert!(listed.iter().any(|target| target == name), "docs/SUMMARY.md does not list {name}");
    }
}

#[test]
fn pages_stay_short() {
    let pages = pages_of("docs").into_iter().map(|page| (page, PAGE_LINES));
    for (page, most) in pages.chain([("README.md".to_string(), README_LINES)]) {
        let lines = text_of(&page).lines().count();
        assert!(lines <= most, "{page} has {lines} lines, of {most}: move a part to another page");
    }
}

/// The sentences of a page's prose: of its paragraphs, items of lists, and cells of tables.
fn sentences(text: &str) -> Vec<String> {
    let (mut pieces, mut paragraph) = (Vec::new(), String::new());
    for (_, line) in parts(text).0.into_iter().chain([(0, "")]) {
        let line = without_links(&without_code(line));
        let item = line.trim_start().split_once(' ').is_some_and(|(mark, _)| {
            mark == "-" || mark.strip_suffix('.').is_some_and(|number| number.chars().all(|digit| digit.is_ascii_digit()))
        });
        if line.trim().is_empty() || line.starts_with(['|', '#']) || line.starts_with("    ") || item {
            pieces.push(std::mem::take(&mut paragraph));
        }
        if line.starts_with('|') {
            pieces.extend(line.split('|').map(String::from));
        } else if !line.starts_with('#') && !line.starts_with("    ") {
            paragraph += &line;
            paragraph.push(' ');
        }
    }
    let ends = |piece: String| piece.replace(['?', '!'], ".").split(". ").map(String::from).collect::<Vec<_>>();
    pieces.into_iter().flat_map(ends).filter(|sentence| words(sentence) > 0).collect()
}

fn words(sentence: &str) -> usize {
    sentence.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count()
}

/// Messages about the sentences of a text that break a rule.
fn flawed_sentences(text: &str) -> Vec<String> {
    let all = sentences(text);
    let long = all.iter().filter(|sentence| words(sentence) > LONGEST_SENTENCE);
    let mut wrong: Vec<String> = long.map(|sentence| format!("{} words: {}", words(sentence), sentence.trim())).collect();
    for sentence in &all {
        let first = sentence.split_whitespace().find(|word| word.contains(char::is_alphabetic)).unwrap_or_default();
        if NOUNLESS.contains(&first.trim_matches(|letter: char| !letter.is_alphabetic())) {
            wrong.push(format!("begins with {first:?}, say the noun: {}", sentence.trim()));
        }
    }
    // Cells and items of a few words are no sentences.
    let full: Vec<usize> = all.iter().map(|sentence| words(sentence)).filter(|count| *count > 4).collect();
    let average = full.iter().sum::<usize>() / full.len().max(1);
    if average > AVERAGE_SENTENCE {
        wrong.push(format!("{average} words on the average, of {AVERAGE_SENTENCE}"));
    }
    wrong
}

#[test]
fn sentences_stay_short_and_begin_with_their_noun() {
    let pages = pages_of("docs").into_iter().chain(["README.md".to_string()]);
    let wrong = pages.flat_map(|page| flawed_sentences(&text_of(&page)).into_iter().map(move |why| format!("{page}: {why}")));
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "sentences to write anew:\n{}", wrong.join("\n"));
}

#[test]
fn flawed_sentences_are_found() {
    let long = "word ".repeat(LONGEST_SENTENCE + 1);
    assert_eq!(sentences("One `a b c` two.\nThree. Four\n\n- five\n- six\n| seven | eight |\n").len(), 7);
    assert_eq!(flawed_sentences(&format!("{}\n", "word ".repeat(AVERAGE_SENTENCE))), Vec::<String>::new());
    assert!(!flawed_sentences("One is right. It is not.\n").is_empty(), "a lone pronoun passes");
    for text in [format!("{long}.\n"), format!("- {long}\n"), format!("| {long} | a |\n"), "word ".repeat(AVERAGE_SENTENCE + 1)] {
        assert!(!flawed_sentences(&text).is_empty(), "{text} passes");
    }
}

/// The first line of `expected` that the output does not have, after those before it.
fn missing<'a>(expected: &'a str, output: &str) -> Option<&'a str> {
    let mut lines = output.lines().map(str::trim_end);
    expected.lines().filter(|line| *line != "..").find(|line| !lines.any(|seen| seen == line.trim_end()))
}

#[test]
fn blocks_that_can_be_run_do_what_they_show() {
    // Built before the clock runs.
    pm::binary();
    let (mut runs, mut wrong) = (0, Vec::new());
    for page in pages_of("docs").into_iter().chain(["README.md".to_string()]) {
        let text = text_of(&page);
        let blocks = parts(&text).1;
        for (place, block) in blocks.iter().enumerate().filter(|(_, block)| block.info == "sh run") {
            let start = Instant::now();
            let output = pm::shell(&block.text);
            let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            println!("{:6.1} s  {page}:{}", start.elapsed().as_secs_f32(), block.line);
            runs += 1;
            if !output.status.success() {
                wrong.push(format!("{page}:{}: ends with {}:\n{said}\n{errors}", block.line, output.status));
            } else if let Some(shown) = blocks.get(place + 1).filter(|next| next.info == "text output") {
                let line = missing(&shown.text, &said);
                wrong.extend(line.map(|line| format!("{page}:{}: {line:?} is not in the output:\n{said}", shown.line)));
            }
        }
    }
    assert!(runs > 5, "only {runs} blocks are run");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn lines_that_are_not_in_an_output_are_found() {
    assert_eq!(missing("a\n..\nc\n", "a  \nb\nc\n"), None);
    assert_eq!(missing("c\na\n", "a\nb\nc\n"), Some("a"));
    assert_eq!(parts("```sh run\nfalse\n```\n").1[0].info, "sh run");
    assert!(!pm::shell("false\ntrue\n").status.success(), "a line that fails ends the block");
}

#[test]
fn timing_diagrams_are_what_their_text_gives() {
    let output = pm::shell("./scripts/waves --check");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
#[ignore = "slow: compiles mdBook where it is missing"]
fn the_book_is_built_and_its_links_lead_somewhere() {
    let output = pm::shell("./scripts/docs");
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.starts_with("wrote build/docs/index.html"), "{said}\n{errors}");
}

/// The blocks in C of the page on programming are one program with the driver's header.
#[test]
fn the_c_of_the_pages_compiles() {
    let Ok(compiler) = pm_tools::find(Tool::Cc) else { return eprintln!("docs: skipped: no C compiler") };
    let text = text_of("docs/programming.md");
    let blocks: Vec<String> = parts(&text).1.into_iter().filter(|block| block.info == "c").map(|block| block.text).collect();
    assert!(!blocks.is_empty(), "the page has no C");
    let file = scratch("docs_programming.c", blocks.join("\n"));
    let mut compile = Command::new(compiler);
    compile.args(["-std=c99", "-fsyntax-only", "-Wall", "-Wextra", "-pedantic", "-Werror", "-Irtl/generated", "-Idriver/c"]);
    let output = compile.arg(file).current_dir(project("")).output().expect("the compiler starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

//! Input files, read with a bound on their size, and errors in them: which file, which line, what is wrong and what to do.
//!
//! What a message repeats of a file is bounded, holds no command for a terminal, and names the types of the file instead of
//! those of the program.

use pm_interface::Geometry;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Characters of a message; the middle of a longer one is left out.
const LONGEST_MESSAGE: usize = 640;
/// Characters of a longer message that stay at its end, which says what to do.
const LONGEST_END: usize = 280;

/// Characters of a geometry's name, with every feature and count.
const LONGEST_NAME: usize = 200;

/// Bytes of a text file that is read at once: a scenario, or the source of a manifest.
const LONGEST_TEXT: u64 = 4 << 20;

/// A message that may repeat what a file or an argument holds: of bounded length, and no command for a terminal.
pub fn bounded(message: &str) -> String {
    let plain = |text: &str| text.replace(|letter: char| letter.is_control() && letter != '\n', "?");
    let count = message.chars().count();
    if count <= LONGEST_MESSAGE {
        return plain(message);
    }
    let place = |index: usize| message.char_indices().nth(index).map_or(message.len(), |(place, _)| place);
    let (head, tail) = (place(LONGEST_MESSAGE - LONGEST_END), place(count - LONGEST_END));
    let left_out = count - LONGEST_MESSAGE;
    plain(&format!("{} [{left_out} characters left out] {}", &message[..head], &message[tail..]))
}

/// A message of serde, toml or serde_json with the types of a file instead of Rust's.
pub fn in_words_of_files(message: &str) -> String {
    let whole = |last: u64| format!("a whole number from 0 to {last}");
    let types = [
        ("u8", whole(u8::MAX.into())),
        ("u16", whole(u16::MAX.into())),
        ("u32", whole(u32::MAX.into())),
        ("u64", "a whole number, 0 or more".into()),
        ("usize", "a whole number, 0 or more".into()),
        ("i64", "a whole number".into()),
        ("f64", "a number".into()),
        ("a boolean", "true or false".into()),
        ("a string", "a text in quotes".into()),
        ("a borrowed string", "a text in quotes".into()),
        ("a sequence", "a list".into()),
        ("a map", "a table".into()),
    ];
    let Some((before, after)) = message.rsplit_once("expected ") else { return message.into() };
    let word = |name: &str| after.strip_prefix(name).filter(|rest| !rest.starts_with(|next: char| next.is_alphanumeric()));
    for (name, words) in types {
        if let Some(rest) = word(name) {
            return format!("{before}expected {words}{rest}");
        }
    }
    // The name of a type of this program: `struct Step`.
    match after
        .strip_prefix("struct ")
        .map(|rest| rest.trim_start_matches(|letter: char| letter.is_alphanumeric() || letter == '_'))
    {
        Some(rest) => format!("{before}expected a table{rest}"),
        None => message.into(),
    }
}

/// The geometry of this name, which says nothing twice: `cu+slots=4+slots=8` is refused.
///
/// # Errors
/// When there is no such geometry, or the name contradicts itself.
pub fn geometry(name: &str) -> Result<Geometry, UsageError> {
    if name.chars().count() > LONGEST_NAME {
        let start: String = name.chars().take(40).collect();
        return Err(UsageError(format!(
            "no geometry is called {start:?} and so on: no name is longer than {LONGEST_NAME} characters; choose one of {}",
            Geometry::PRESETS.join(", ")
        )));
    }
    let mut said: Vec<&str> = Vec::new();
    for part in Geometry::said(name) {
        let key = part.split('=').next().unwrap_or_default();
        if said.contains(&key) {
            return Err(UsageError(format!("geometry {name:?} says {key:?} twice; keep one of them")));
        }
        said.push(key);
    }
    crate::geometry::named(name).map_err(|error| UsageError(in_words_of_people(&in_words_of_files(&format!("{error:#}")))))
}

/// What the standard library says of numbers, in words of people.
pub fn in_words_of_people(message: &str) -> String {
    let says = [
        ("invalid digit found in string", "this is no whole number"),
        ("cannot parse integer from empty string", "there is no number"),
        ("number too large to fit in target type", "this number is too large"),
        ("number too small to fit in target type", "this number is too small"),
        ("invalid float literal", "this is no number"),
    ];
    says.iter().fold(message.to_string(), |message, (library, people)| message.replace(library, people))
}

/// Every text that was read, with what it is: none of them may be written over.
static TEXTS: Mutex<Vec<(PathBuf, String)>> = Mutex::new(Vec::new());

/// The text files that were read so far, with what each is, such as "the scenario".
pub fn texts() -> Vec<(PathBuf, String)> {
    TEXTS.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The text of a file; `what` it is stands in messages.
///
/// # Errors
/// When the file cannot be read, is no text, or is larger than any such file is.
pub fn read_text(path: &Path, what: &str) -> Result<String, InputError> {
    let file = path.display().to_string();
    let fault = |message: String| InputError::new(&file, 0, message);
    let unreadable = |error: std::io::Error| fault(format!("cannot read {what}: {error}"));
    let mut bytes = Vec::new();
    TEXTS.lock().unwrap_or_else(PoisonError::into_inner).push((path.to_owned(), what.to_string()));
    File::open(path).and_then(|file| file.take(LONGEST_TEXT + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    if bytes.len() as u64 > LONGEST_TEXT {
        return Err(fault(format!("it is larger than {} MiB, which {what} never is; name another file", LONGEST_TEXT >> 20)));
    }
    String::from_utf8(bytes).map_err(|error| {
        let bytes = error.as_bytes();
        let line = bytes[..error.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        InputError::new(
            &file,
            line,
            format!("{what} is UTF-8 text, but this line is not; name another file, or save it as UTF-8"),
        )
    })
}

/// Something in an input file, or the file itself, cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputError {
    /// The file as the user named it.
    pub file: String,
    /// Line, from 1; 0 when the whole file is meant.
    pub line: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl InputError {
    /// An error at a line of a file; line 0 means the whole file.
    pub fn new(file: &str, line: usize, message: impl Into<String>) -> InputError {
        InputError { file: bounded(file), line, message: bounded(&message.into()) }
    }

    /// What a reader of TOML says of this text, and the bytes that it means: `toml::de::Error::message` and `span`.
    pub fn toml(file: &str, text: &str, message: &str, span: Option<Range<usize>>) -> InputError {
        let line_of = |offset: usize| text[..offset.min(text.len())].matches('\n').count() + 1;
        let line = span.map_or(0, |span| line_of(span.start));
        InputError::new(file, line, in_words_of_files(message.trim()))
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.message),
            line => write!(f, "{}:{line}: {}", self.file, self.message),
        }
    }
}

impl std::error::Error for InputError {}

/// The arguments cannot be satisfied: what is wrong, with numbers, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageError(pub String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bounded(&self.0))
    }
}

impl std::error::Error for UsageError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_bounded_and_keeps_both_ends() {
        let long = format!("no comma in \"{}\": remove the line", "\u{e9}".repeat(3 << 20));
        let error = InputError::new("file", 3, long).to_string();
        assert!(error.starts_with("file:3: no comma in \"\u{e9}\u{e9}") && error.ends_with("\": remove the line"), "{error}");
        assert!(error.chars().count() < LONGEST_MESSAGE + 60 && error.contains("characters left out"), "{error}");
        assert!(UsageError("x".repeat(3 << 20)).to_string().len() < LONGEST_MESSAGE + 60);
        assert_eq!(bounded("a\u{1b}[2Jb\nc"), "a?[2Jb\nc");
    }

    #[test]
    fn types_are_those_of_the_file() {
        for (message, words) in [
            ("invalid value: integer `256`, expected u8", "invalid value: integer `256`, expected a whole number from 0 to 255"),
            (
                "invalid type: string \"a\", expected u32",
                "invalid type: string \"a\", expected a whole number from 0 to 4294967295",
            ),
            ("invalid type: integer `1`, expected a boolean", "invalid type: integer `1`, expected true or false"),
            ("invalid type: integer `1`, expected struct CreateStep", "invalid type: integer `1`, expected a table"),
            (
                "invalid type: integer `1`, expected usize at line 3",
                "invalid type: integer `1`, expected a whole number, 0 or more at line 3",
            ),
            ("unknown field `x`, expected one of `a`", "unknown field `x`, expected one of `a`"),
        ] {
            assert_eq!(in_words_of_files(message), words);
        }
    }

    #[test]
    fn a_geometry_says_nothing_twice() {
        for name in ["cu+slots=4+slots=8", "cu+slots=4+slots=4", "cu+boot+chain+boot", "tiny+tenants=1+boot+tenants=2"] {
            let error = geometry(name).unwrap_err().to_string();
            assert!(error.contains("twice") && error.contains(name), "{error}");
        }
        assert_eq!(geometry("cu+slots=8+boot").unwrap().slots, 8);
        let error = geometry("cu+slots=many").unwrap_err().to_string();
        assert!(error.contains("needs a whole number") && !error.contains("string"), "{error}");
        assert!(geometry(&"x".repeat(1 << 20)).unwrap_err().to_string().len() < 1000);
    }

    #[test]
    fn a_text_file_is_bounded_and_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.toml");
        let said = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            read_text(&path, "a scenario").unwrap_err()
        };
        assert!(said(&vec![b'#'; (LONGEST_TEXT + 1) as usize]).message.contains("larger than 4 MiB"));
        let error = said(b"a\nb\n\xFF\n");
        assert!(error.line == 3 && error.message.contains("UTF-8"), "{error}");
        assert!(read_text(Path::new("/dev/zero"), "a scenario").unwrap_err().message.contains("larger than"));
    }
}

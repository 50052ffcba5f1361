//! What `#[hdl_gen]` loses before the backend sees it, found in the Rust source of kernels.
//!
//! Four constructs leave no trace in the syntax tree, and so would be translated as something else: `a..=b`, the guard of a
//! match arm, `.index()` anywhere but as the place of a bit or the subject of a match, and functions that only look like
//! casts. A test that runs [`check`] over the sources closes the gap.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// Something in a kernel that would be lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFinding {
    /// Line in the source, from 1.
    pub line: usize,
    /// What it is, and what to write instead.
    pub what: &'static str,
}

const RANGE: &str = "`..=` in a kernel becomes `..`: write the bound one higher";
const GUARD: &str = "the guard of a match arm is dropped: put an `if` inside the arm";
const INDEX: &str = "`.index()` leaves no trace: use it alone, in get_bit, get_bits, replace_bit or as the subject of a match";
const CAST: &str = "a function whose name begins like a cast becomes one: rename it, or use bits, bit_cast or Bits";

/// All findings in the kernels of a Rust source text.
///
/// # Errors
/// When the text is not made of Rust tokens.
pub fn check(text: &str) -> Result<Vec<SourceFinding>, String> {
    let tokens: TokenStream = text.parse().map_err(|error| format!("not Rust: {error}"))?;
    let mut findings = Vec::new();
    kernels(&tokens.into_iter().collect::<Vec<_>>(), &mut findings);
    Ok(findings)
}

/// Looks for `#[hdl_gen]` and checks the next block in braces, and the overlays `when(part) { .. }` that follow it.
fn kernels(tokens: &[TokenTree], findings: &mut Vec<SourceFinding>) {
    let (mut marked, mut in_kernel) = (false, false);
    for token in tokens {
        match token {
            TokenTree::Ident(word) if in_kernel => {
                // Between a kernel's braces and the next ones stand `when` and the clauses; anything else ends it.
                let clause = CLAUSES.contains(&word.to_string().as_str());
                marked |= *word == "when";
                in_kernel = clause;
            }
            TokenTree::Group(group) => match group.delimiter() {
                Delimiter::Bracket if group.stream().to_string() == "hdl_gen" => marked = true,
                Delimiter::Brace if marked => {
                    (marked, in_kernel) = (false, true);
                    body(group, "", findings);
                }
                _ => kernels(&group.stream().into_iter().collect::<Vec<_>>(), findings),
            },
            _ => {}
        }
    }
}

/// The words that may stand before the braces of an overlay.
const CLAUSES: [&str; 6] = ["when", "registers", "guarded", "also_intact", "blocks", "clocked"];

fn is(token: Option<&TokenTree>, text: &str) -> bool {
    token.is_some_and(|token| !matches!(token, TokenTree::Group(_)) && token.to_string() == text)
}

/// Checks a group of tokens that follows the word `called`.
fn body(group: &Group, called: &str, findings: &mut Vec<SourceFinding>) {
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    let mut in_match = false;
    for (at, token) in tokens.iter().enumerate() {
        let mut find = |what| findings.push(SourceFinding { line: token.span().start().line, what });
        match token {
            TokenTree::Punct(punct) => {
                let joint = |place: usize| matches!(&tokens[place], TokenTree::Punct(punct) if punct.spacing() == Spacing::Joint);
                let range = punct.as_char() == '.' && joint(at) && is(tokens.get(at + 1), ".") && joint(at + 1);
                if range && is(tokens.get(at + 2), "=") {
                    find(RANGE);
                }
            }
            TokenTree::Ident(ident) => {
                let word = ident.to_string();
                in_match |= word == "match";
                let method = at > 0 && is(tokens.get(at - 1), ".");
                let like_cast = ["bits", "bit_cast", "Bits"].iter().any(|cast| word.starts_with(cast));
                let cast = ["bits", "bit_cast", "Bits"].contains(&word.as_str());
                let calls = matches!(tokens.get(at + 1), Some(TokenTree::Group(next)) if next.delimiter() == Delimiter::Parenthesis)
                    || is(tokens.get(at + 1), ":");
                if like_cast && !cast && !method && calls {
                    find(CAST);
                }
                let method_call = method && calls;
                if word == "index" && method_call && !index_stands_alone(&tokens, at, called) {
                    find(INDEX);
                }
            }
            TokenTree::Group(inner) => {
                let braces = inner.delimiter() == Delimiter::Brace;
                if braces && std::mem::take(&mut in_match) {
                    guards(inner, findings);
                }
                body(inner, &callee(&tokens[..at]), findings);
            }
            TokenTree::Literal(_) => {}
        }
    }
}

/// The word before a group, a turbofish skipped: `get_bits` in `get_bits::<4>(..)`.
fn callee(before: &[TokenTree]) -> String {
    let mut at = before.len();
    if is(before.last(), ">") {
        while at > 0 && !is(before.get(at - 1), "<") {
            at -= 1;
        }
        // `<` and the two colons.
        at = at.saturating_sub(3);
    }
    match at.checked_sub(1).map(|last| &before[last]) {
        Some(TokenTree::Ident(ident)) => ident.to_string(),
        _ => String::new(),
    }
}

/// Whether `.index()`, whose word is at `at`, is all that its argument or match subject computes.
fn index_stands_alone(tokens: &[TokenTree], at: usize, called: &str) -> bool {
    // Back over `self.a.val()` to what stands before it.
    let mut start = at;
    while start > 0 {
        let fits = match &tokens[start - 1] {
            TokenTree::Punct(punct) => punct.as_char() == '.',
            TokenTree::Ident(ident) => *ident != "match" && *ident != "if",
            TokenTree::Group(group) => group.delimiter() != Delimiter::Brace,
            TokenTree::Literal(_) => false,
        };
        if !fits {
            break;
        }
        start -= 1;
    }
    let before = start.checked_sub(1).map(|place| &tokens[place]);
    match tokens.get(at + 2) {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => is(before, "match"),
        after => {
            let place = ["get_bit", "get_bits", "replace_bit"].contains(&called);
            place && (after.is_none() || is(after, ",")) && (before.is_none() || is(before, ","))
        }
    }
}

/// Finds the guards among the arms of a match.
fn guards(arms: &Group, findings: &mut Vec<SourceFinding>) {
    let mut in_pattern = true;
    let mut previous: Option<TokenTree> = None;
    for token in arms.stream() {
        let after_arrow = is(previous.as_ref(), ">") && !in_pattern;
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == '>' && is(previous.as_ref(), "=") => in_pattern = false,
            TokenTree::Punct(punct) if punct.as_char() == ',' => in_pattern = true,
            TokenTree::Group(group) if after_arrow && group.delimiter() == Delimiter::Brace => in_pattern = true,
            TokenTree::Ident(ident) if in_pattern && *ident == "if" => {
                findings.push(SourceFinding { line: ident.span().start().line, what: GUARD });
            }
            _ => {}
        }
        previous = Some(token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn finds(kernel: &str, expected: &[&str]) {
        let text = format!("impl Logic for X {{\n#[hdl_gen]\nfn update(&mut self) {{\n{kernel}\n}}\n}}");
        let found: Vec<_> = check(&text).unwrap().into_iter().map(|finding| finding.what).collect();
        assert_eq!(found, expected, "{kernel}");
        // The same text outside a kernel is nobody's business.
        let plain = text.replace("#[hdl_gen]", "");
        assert_eq!(check(&plain).unwrap(), []);
    }

    #[test]
    fn inclusive_ranges() {
        finds("for i in 0..=3 { self.a[i].next = true; }", &[RANGE]);
        finds("for i in 0..4 { self.a[i].next = true; }", &[]);
    }

    #[test]
    fn guards_of_arms() {
        finds("match self.s.val() { S::A if self.b.val() => self.o.next = true, _ => self.o.next = false, }", &[GUARD]);
        finds("match self.s.val() { S::A => { if self.b.val() { self.o.next = true; } } _ => {} }", &[]);
        finds("match self.s.val() { S::A => {} S::B if self.b.val() => {} _ => {} }", &[GUARD]);
        finds("match self.s.val() { S::A => if self.b.val() { self.o.next = true; }, _ => {} }", &[]);
        finds("if self.b.val() { match self.s.val() { S::A if self.b.val() => {} _ => {} } }", &[GUARD]);
    }

    #[test]
    fn indices_that_stand_alone() {
        finds("self.o.next = self.a.val().get_bit(self.i.val().index());", &[]);
        finds("self.o.next = self.a.val().get_bits::<WIDTH>(self.offset.val().index());", &[]);
        finds("self.o.next = self.a.val().replace_bit(self.i.val().index(), true);", &[]);
        // A field of that name.
        finds("self.index.next = self.index.q.val() + 1;", &[]);
        finds("match self.a.val().index() { 0 => self.o.next = true, _ => self.o.next = false }", &[]);
    }

    #[test]
    fn indices_in_arithmetic() {
        finds("self.o.next = self.a.val().index() + 1 < 3;", &[INDEX]);
        finds("self.o.next = 3 < self.a.val().index();", &[INDEX]);
        finds("if 3 < self.a.val().index() { self.o.next = true; }", &[INDEX]);
        finds("self.o.next = (self.a.val().index()) < (self.b.val().index());", &[INDEX, INDEX]);
        finds("self.o.next = self.a.val().get_bit(1 + self.i.val().index());", &[INDEX]);
        finds("match self.a.val().index() + 1 { 0 => {} _ => {} }", &[INDEX]);
    }

    #[test]
    fn functions_that_look_like_casts() {
        finds("self.o.next = bits_reversed(self.a.val());", &[CAST]);
        finds("self.o.next = bit_cast_up::<4>(self.a.val());", &[CAST]);
        finds("self.o.next = bit_cast::<8, 4>(self.a.val()) + bits::<8>(3) + Bits::<8>::from(1);", &[]);
        finds("self.o.next = self.bits_seen.val();", &[]);
    }

    #[test]
    fn kernels_inside_macros_are_seen_and_lines_told() {
        let text = "kernel! {\n    #[hdl_gen]\n    fn update(&mut self) registers(a) {\n        for i in 0..=2 {}\n    }\n}";
        assert_eq!(check(text).unwrap(), [SourceFinding { line: 4, what: RANGE }]);
        let overlay = "kernel! {\n    Block<A>\n    #[hdl_gen]\n    fn update(&mut self) guarded(a) blocks(b) {\n        self.a.next = true;\n    }\n    \
                       when(halt) {\n        for i in 0..=1 {}\n    }\n    when(alarm) registers(c) {\n        for i in 0..=2 {}\n    }\n}";
        let found = check(overlay).unwrap();
        assert_eq!(found, [SourceFinding { line: 8, what: RANGE }, SourceFinding { line: 11, what: RANGE }]);
        assert!(check("fn {").is_err());
    }
}

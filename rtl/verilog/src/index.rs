//! Array indices: `i`, `3`, `i + 1`, `(2 * i) - 1`, as the syntax tree keeps them, that is as text.

/// The value of `text`; `None` when it names anything but the variables that `value` knows, or leaves u64.
pub(crate) fn evaluate(text: &str, value: &dyn Fn(&str) -> Option<u64>) -> Option<u64> {
    let mut parser = Parser { rest: text.trim_start(), value };
    let result = parser.sum()?;
    parser.rest.is_empty().then_some(result)
}

struct Parser<'a> {
    rest: &'a str,
    value: &'a dyn Fn(&str) -> Option<u64>,
}

impl Parser<'_> {
    fn take(&mut self, token: char) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn sum(&mut self) -> Option<u64> {
        let mut total = self.product()?;
        loop {
            if self.take('+') {
                total = total.checked_add(self.product()?)?;
            } else if self.take('-') {
                total = total.checked_sub(self.product()?)?;
            } else {
                return Some(total);
            }
        }
    }

    fn product(&mut self) -> Option<u64> {
        let mut total = self.atom()?;
        loop {
            if self.take('*') {
                total = total.checked_mul(self.atom()?)?;
            } else if self.take('/') {
                total = total.checked_div(self.atom()?)?;
            } else if self.take('%') {
                total = total.checked_rem(self.atom()?)?;
            } else {
                return Some(total);
            }
        }
    }

    fn atom(&mut self) -> Option<u64> {
        if self.take('(') {
            let inner = self.sum()?;
            return self.take(')').then_some(inner);
        }
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            word.strip_suffix("usize").unwrap_or(word).replace('_', "").parse().ok()
        } else {
            (self.value)(word)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices() {
        let variables = |name: &str| (name == "i").then_some(3);
        for (text, value) in [("i", 3), ("7", 7), ("i+1", 4), ("(2*i)-1", 5), ("i - 1 - 1", 1), ("i % 2 + 1", 2), ("1usize", 1)] {
            assert_eq!(evaluate(text, &variables), Some(value), "{text}");
        }
        for text in ["", "j", "i-4", "i+", "(i", "iasusize", "i$x", "i/0", "_n"] {
            assert_eq!(evaluate(text, &variables), None, "{text}");
        }
    }
}

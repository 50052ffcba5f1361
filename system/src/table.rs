//! Tables of plain text: at most 100 columns wide, and every number in digits that a program can read.

/// Characters of a line.
pub const WIDTH: usize = 100;

/// Characters that a cell keeps on a line when its column is made narrower.
const NARROWEST: usize = 10;

/// Columns padded to their widest cell, two blanks between, no trailing blanks; the first row is the head. Where that is more
/// than [`WIDTH`], the widest columns are made narrower, and their cells go on in further lines.
pub fn render(rows: &[Vec<String>]) -> String {
    laid_out(rows, |_| false)
}

/// The same with numbers: every column but the first is aligned to the right.
pub fn render_numbers(rows: &[Vec<String>]) -> String {
    laid_out(rows, |column| column > 0)
}

fn laid_out(rows: &[Vec<String>], right: impl Fn(usize) -> bool) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let mut widths: Vec<usize> = (0..columns).map(width).collect();
    let available = WIDTH.saturating_sub(2 * columns.saturating_sub(1));
    while widths.iter().sum::<usize>() > available {
        let second = widths.iter().copied().filter(|width| Some(width) != widths.iter().max()).max().unwrap_or(0);
        let excess = widths.iter().sum::<usize>() - available;
        let Some(widest) = widths.iter_mut().max().filter(|widest| **widest > NARROWEST) else { break };
        *widest = widest.saturating_sub(excess).max(second.min(*widest - 1)).max(NARROWEST);
    }
    let mut text = String::new();
    for row in rows {
        let cells: Vec<Vec<String>> = row.iter().zip(&widths).map(|(cell, width)| wrapped(cell, *width)).collect();
        for line in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
            let parts = cells.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
                let part = cell.get(line).map_or("", String::as_str);
                if right(column) {
                    format!("{part:>width$}")
                } else {
                    format!("{part:<width$}")
                }
            });
            text.push_str(parts.collect::<Vec<String>>().join("  ").trim_end());
            text.push('\n');
        }
    }
    text
}

/// A text in lines of at most `width` characters, broken after a blank or a mark where there is one.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest: Vec<char> = text.chars().collect();
    while rest.len() > width.max(1) {
        let fits = &rest[..=width.max(1)];
        let blank = fits.iter().rposition(|letter| *letter == ' ').filter(|place| *place > 0);
        let mark = fits[..fits.len() - 1].iter().rposition(|letter| "./+_-,".contains(*letter)).map(|place| place + 1);
        let end = blank.or(mark.filter(|place| *place > width / 3)).unwrap_or(width.max(1));
        let tail = rest.split_off(end);
        lines.push(rest.iter().collect::<String>().trim_end().to_string());
        rest = tail.into_iter().skip_while(|letter| *letter == ' ').collect();
    }
    lines.push(rest.into_iter().collect());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows<const N: usize>(rows: &[[&str; N]]) -> Vec<Vec<String>> {
        rows.iter().map(|row| row.map(String::from).to_vec()).collect()
    }

    #[test]
    fn columns_line_up() {
        assert_eq!(render(&rows(&[["step", "what"], ["1", "a"], ["10", "b"]])), "step  what\n1     a\n10    b\n");
        assert_eq!(
            render_numbers(&rows(&[["what", "count"], ["a", "1"], ["b", "10"]])),
            "what  count\na         1\nb        10\n"
        );
    }

    #[test]
    fn a_table_is_at_most_100_wide_and_loses_nothing() {
        let long = "words of a sentence that is longer than a line of a terminal should be, and goes on for a while, then ends";
        let path = "partition_manager.data_path.lookup.partition_table.lookup_copy_of_the_rows.register_17";
        let given = rows(&[["block", "a", "meaning"], [path, "1234567", long], ["b", "2", ""]]);
        let text = render(&given);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        let joined: String = text.split_whitespace().collect();
        assert_eq!(joined.len(), given.concat().concat().replace(' ', "").len(), "{text}");
        assert!(text.lines().nth(1).unwrap().contains("  1234567  "), "a row's numbers stand in its first line: {text}");
    }

    #[test]
    fn a_word_longer_than_a_line_is_broken() {
        assert_eq!(wrapped("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrapped("ab cd ef", 5), ["ab cd", "ef"]);
        assert_eq!(wrapped("", 5), [""]);
        assert_eq!(wrapped("tests/traces/ls.gz", 13), ["tests/traces/", "ls.gz"]);
    }
}

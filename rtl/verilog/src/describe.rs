//! The syntax tree as text close to the Rust it came from, for error messages; and the fields of a record, for comments.

use crate::modules::code_width;
use rust_hdl::core::ast::{VerilogExpression, VerilogLiteral, VerilogOp, VerilogOpUnary, VerilogStatement};
use rust_hdl::core::type_descriptor::{TypeDescriptor, TypeKind};

/// A name of the syntax tree with Rust's dots: `child$port$next` becomes `child.port.next`.
pub(crate) fn name(key: &str) -> String {
    let mut out = String::new();
    for (position, part) in key.replace("::", "$").split('$').enumerate() {
        let is_index = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        match (position, is_index) {
            (0, _) => out.push_str(part),
            (_, true) => out.push_str(&format!("[{part}]")),
            (_, false) => out.push_str(&format!(".{part}")),
        }
    }
    out
}

/// The fields of a record with their places, highest first, those of records inside it by path: `offset[38:7] tail.slot[2:0]`.
/// Empty for what is no record.
pub(crate) fn record(descriptor: &TypeDescriptor) -> String {
    let mut fields = Vec::new();
    if let TypeKind::Composite(_) = descriptor.kind {
        leaves(descriptor, "", 0, &mut fields);
    }
    fields.reverse();
    fields.join(" ")
}

/// Adds what is no record itself, lowest first; gives the bit after the last.
fn leaves(descriptor: &TypeDescriptor, path: &str, offset: usize, out: &mut Vec<String>) -> usize {
    let width = match &descriptor.kind {
        TypeKind::Bits(width) | TypeKind::Signed(width) => *width,
        TypeKind::Enum(labels) => code_width(labels.len()),
        TypeKind::Composite(fields) => {
            let dot = if path.is_empty() { "" } else { "." };
            return fields
                .iter()
                .fold(offset, |place, field| leaves(&field.kind, &format!("{path}{dot}{}", field.fieldname), place, out));
        }
    };
    match width {
        0 => {}
        1 => out.push(format!("{path}[{offset}]")),
        _ => out.push(format!("{path}[{}:{offset}]", offset + width - 1)),
    }
    offset + width
}

pub(crate) fn literal(value: &VerilogLiteral) -> String {
    let text = format!("{value:x}");
    match text.split_once("'h") {
        Some(("1", "0")) => "false".into(),
        Some(("1", "1")) => "true".into(),
        Some((_, digits)) => match u64::from_str_radix(digits, 16) {
            Ok(small) if small < 1024 => small.to_string(),
            _ => format!("0x{digits}"),
        },
        None => text,
    }
}

pub(crate) fn operator(op: &VerilogOp) -> &'static str {
    match op {
        VerilogOp::Add => "+",
        VerilogOp::Sub => "-",
        VerilogOp::Mul => "*",
        VerilogOp::LogicalAnd => "&&",
        VerilogOp::LogicalOr => "||",
        VerilogOp::BitXor => "^",
        VerilogOp::BitAnd => "&",
        VerilogOp::BitOr => "|",
        VerilogOp::Shl => "<<",
        VerilogOp::Shr => ">>",
        VerilogOp::Eq => "==",
        VerilogOp::Lt => "<",
        VerilogOp::Le => "<=",
        VerilogOp::Ne => "!=",
        VerilogOp::Ge => ">=",
        VerilogOp::Gt => ">",
    }
}

pub(crate) fn expression(e: &VerilogExpression) -> String {
    use VerilogExpression as E;
    match e {
        E::Signal(key) => name(key),
        E::Literal(value) => literal(value),
        E::Cast(inner, width) => format!("cast::<{width}>({})", expression(inner)),
        E::Signed(inner) => format!("signed({})", expression(inner)),
        E::Unsigned(inner) => format!("unsigned({})", expression(inner)),
        E::Paren(inner) => format!("({})", expression(inner)),
        E::Binary(left, op, right) => format!("{} {} {}", expression(left), operator(op), expression(right)),
        E::Unary(op, inner) => match op {
            VerilogOpUnary::Not => format!("!{}", expression(inner)),
            VerilogOpUnary::Neg => format!("-{}", expression(inner)),
            VerilogOpUnary::All => format!("{}.all()", expression(inner)),
            VerilogOpUnary::Any => format!("{}.any()", expression(inner)),
            VerilogOpUnary::Xor => format!("{}.xor()", expression(inner)),
        },
        E::Index(base, index) => format!("{}.get_bit({})", expression(base), expression(index)),
        E::Slice(base, width, offset) => format!("{}.get_bits::<{width}>({})", expression(base), expression(offset)),
        E::IndexReplace(base, index, value) => {
            format!("{}.replace_bit({}, {})", expression(base), expression(index), expression(value))
        }
    }
}

/// One line: of a compound statement, its head.
pub(crate) fn statement(s: &VerilogStatement) -> String {
    match s {
        VerilogStatement::Assignment(target, value) => format!("{} = {}", expression(target), expression(value)),
        VerilogStatement::SliceAssignment { base, width, offset, replacement } => {
            format!("{}.next[{} +: {width}] = {}", expression(base), expression(offset), expression(replacement))
        }
        VerilogStatement::If(conditional) => format!("if {}", expression(&conditional.test)),
        VerilogStatement::Match(matching) => format!("match {}", expression(&matching.test)),
        VerilogStatement::Loop(l) => format!("for {} in {}..{}", l.index, literal(&l.from), literal(&l.to)),
        VerilogStatement::Comment(text) => format!("// {text}"),
        VerilogStatement::Link(_) => "link or join".into(),
        VerilogStatement::Macro(_) => "macro".into(),
    }
}

//! How much of an input is read: the flags that raise or lower the library's limits, and what each
//! limit is called here.

use clap::Args;
use np_model::diag::Limit;
use np_model::load::Limits;

/// How much is read before np refuses it.
#[derive(Debug, Args)]
#[expect(clippy::struct_field_names, reason = "clap makes the names of the flags of them")]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArgs {
    /// How large a file may be, unpacked: in bytes, KiB, MiB or GiB, less than 4GiB
    #[arg(long, value_name = "SIZE", default_value_t = Size(Limits::default().bytes), value_parser = size, hide_short_help = true)]
    max_file_size: Size,
    /// How many documents a file may hold
    #[arg(long, value_name = "COUNT", default_value_t = Limits::default().documents, value_parser = count, hide_short_help = true)]
    max_documents: usize,
    /// How deep lists and maps may nest, at most 2048
    #[arg(long, value_name = "LEVELS", default_value_t = Limits::default().depth, value_parser = depth, hide_short_help = true)]
    max_depth: usize,
    /// How many values the YAML aliases of a file may copy
    #[arg(long, value_name = "COUNT", default_value_t = Limits::default().copies, value_parser = count, hide_short_help = true)]
    max_copies: usize,
    /// How many values a file may hold
    #[arg(long, value_name = "COUNT", default_value_t = Limits::default().nodes, value_parser = count, hide_short_help = true)]
    max_values: usize,
    /// How many labels an object may carry
    #[arg(long, value_name = "COUNT", default_value_t = Limits::default().labels, value_parser = count, hide_short_help = true)]
    max_labels: usize,
}

impl LimitArgs {
    /// The same for the library.
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            bytes: self.max_file_size.0,
            documents: self.max_documents,
            depth: self.max_depth,
            copies: self.max_copies,
            nodes: self.max_values,
            labels: self.max_labels,
        }
    }

    /// The flag that raises a limit, unless it is as high as it can be.
    pub(crate) fn flag(&self, limit: Limit) -> Option<&'static str> {
        match limit {
            Limit::Bytes => (self.max_file_size.0 < Limits::LARGEST).then_some("--max-file-size"),
            Limit::Documents => Some("--max-documents"),
            Limit::Depth => (self.max_depth < Limits::DEEPEST).then_some("--max-depth"),
            Limit::Copies => Some("--max-copies"),
            Limit::Values => Some("--max-values"),
            Limit::Labels => Some("--max-labels"),
        }
    }
}

/// A number of bytes, shown in the largest unit that it is a multiple of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

/// The units of [`Size`], the largest first.
const UNITS: [(&str, u64); 3] = [("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)];

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match UNITS.iter().find(|(_, unit)| self.0 > 0 && self.0.is_multiple_of(*unit)) {
            Some((name, unit)) => write!(f, "{}{name}B", self.0 / unit),
            None => write!(f, "{} bytes", self.0),
        }
    }
}

/// Reads a size: `512MiB`, `512Mi` as in Kubernetes, or bytes.
fn size(text: &str) -> Result<Size, String> {
    let unsuffixed = text.strip_suffix('B').filter(|rest| rest.ends_with('i')).unwrap_or(text);
    let (digits, unit) = UNITS
        .iter()
        .find_map(|(name, unit)| Some((unsuffixed.strip_suffix(name)?, *unit)))
        .unwrap_or((text, 1));
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return Err("write a number of bytes, or a size such as 512MiB or 2GiB".to_owned());
    }
    let bytes = digits.parse::<u64>().ok().and_then(|count| count.checked_mul(unit));
    match bytes {
        Some(0) => Err("the least is 1".to_owned()),
        Some(bytes) if bytes <= Limits::LARGEST => Ok(Size(bytes)),
        _ => Err("np reads no file of 4GiB or more; split it".to_owned()),
    }
}

fn count(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|count| *count > 0).ok_or_else(|| "write a whole number from 1".to_owned())
}

fn depth(text: &str) -> Result<usize, String> {
    count(text)
        .ok()
        .filter(|depth| *depth <= Limits::DEEPEST)
        .ok_or_else(|| format!("write a whole number from 1 to {}", Limits::DEEPEST))
}

#[cfg(test)]
mod tests {
    use super::{Size, depth, size};

    #[test]
    fn sizes() {
        for (text, bytes) in
            [("1", 1), ("1048576", 1 << 20), ("1GiB", 1 << 30), ("512Mi", 512 << 20), ("3KiB", 3 << 10)]
        {
            assert_eq!(size(text), Ok(Size(bytes)), "{text}");
        }
        for text in
            ["", "0", "0GiB", "GiB", "-1", "+1", "1.5GiB", "1GB", "1B", "4GiB", "99999999999999999999GiB"]
        {
            assert!(size(text).is_err(), "{text}");
        }
        assert_eq!(Size(1 << 30).to_string(), "1GiB");
        assert_eq!(Size(1536 << 20).to_string(), "1536MiB");
        assert_eq!(Size(1000).to_string(), "1000 bytes");
    }

    #[test]
    fn depths() {
        assert_eq!((depth("1"), depth("2048")), (Ok(1), Ok(2_048)));
        assert!(depth("0").is_err() && depth("2049").is_err() && depth("deep").is_err());
    }
}

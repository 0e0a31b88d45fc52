//! Files that are compressed, with gzip or zstd. They are known by how they start, which no manifest
//! does, and not by their names.
//!
//! Archives come from strangers. What comes out is counted, whatever went in, so that a few bytes that
//! unpack to very many are refused in little memory. One that is broken, or not whole, gives an error
//! and no text: half of it may lack a policy.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// How many bytes it takes to recognise a format.
pub(super) const MARK: u64 = 4;

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Gzip,
    Zstd,
}

/// Why a compressed text is not read.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It is too much.
    TooLarge,
    /// It is not what its format says.
    Broken(String),
    /// Its bytes cannot be read.
    Unreadable(io::Error),
}

impl Format {
    /// The format of what starts so; nothing if it is not compressed.
    pub(super) fn of(start: &[u8]) -> Option<Self> {
        match start {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // A frame, or one to skip, which tools write at the front.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The format that the name of a file promises.
    pub(super) fn named(path: &Path) -> Option<Self> {
        let end = path.extension()?;
        if end.eq_ignore_ascii_case("gz") {
            Some(Self::Gzip)
        } else {
            end.eq_ignore_ascii_case("zst").then_some(Self::Zstd)
        }
    }

    /// Everything that is packed in `from`, at most so many bytes.
    pub(super) fn unpack(self, from: impl Read, most: u64) -> Result<Vec<u8>, Trouble> {
        // No archive is much larger than what it holds, so what is has no end or holds nothing.
        let packed = most.saturating_mul(2).saturating_add(1 << 16);
        let mut from = BufReader::with_capacity(1 << 16, from.take(packed));
        let mut out = Vec::new();
        let result = match self {
            Self::Gzip => gzip(&mut from, most, &mut out),
            Self::Zstd => zstd(&mut from, most, &mut out),
        };
        let is_cut = from.get_ref().limit() == 0;
        match result {
            Err(Trouble::Broken(_)) if is_cut => Err(Trouble::TooLarge),
            result => result.map(|()| out),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        })
    }
}

/// All members, one behind the other, each with its checksum.
fn gzip(from: impl BufRead, most: u64, out: &mut Vec<u8>) -> Result<(), Trouble> {
    let mut members = MultiGzDecoder::new(from).take(most.saturating_add(1));
    members.read_to_end(out).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            Trouble::Broken(error.to_string())
        }
        _ => Trouble::Unreadable(error),
    })?;
    within(out, most)
}

/// All frames, one behind the other. Their checksums and lengths are compared here, as the decoder
/// only hands them over.
fn zstd(mut from: impl BufRead, most: u64, out: &mut Vec<u8>) -> Result<(), Trouble> {
    while !from.fill_buf().map_err(Trouble::Unreadable)?.is_empty() {
        let mut frame = FrameDecoder::new();
        // What lies in the window has not come out yet and is not counted.
        frame.set_max_window_size(frame.max_window_size().min(most.next_power_of_two().max(8 << 20)));
        match frame.init(&mut from) {
            Ok(()) => {}
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length, ..
            })) => {
                let length = u64::from(length);
                let skipped = io::copy(&mut from.by_ref().take(length), &mut io::sink());
                if skipped.map_err(Trouble::Unreadable)? < length {
                    return Err(Trouble::Broken("it ends within a frame to skip".to_owned()));
                }
                continue;
            }
            Err(error) => return Err(broken(error)),
        }
        let (start, length) = (out.len(), frame.content_size());
        while !frame.is_finished() {
            frame.decode_blocks(&mut from, BlockDecodingStrategy::UptoBlocks(1)).map_err(broken)?;
            frame.collect_to_writer(&mut *out).map_err(Trouble::Unreadable)?;
            within(out, most)?;
        }
        // A length of 0 is also written as none.
        let is_whole = length == 0 || u64::try_from(out.len() - start) == Ok(length);
        let checksum = frame.get_checksum_from_data();
        if !is_whole || checksum.is_some() && checksum != frame.get_calculated_checksum() {
            return Err(Trouble::Broken("a frame does not hold what its checksum or length says".to_owned()));
        }
    }
    Ok(())
}

fn within(out: &[u8], most: u64) -> Result<(), Trouble> {
    if u64::try_from(out.len()).is_ok_and(|found| found <= most) { Ok(()) } else { Err(Trouble::TooLarge) }
}

fn broken(error: FrameDecoderError) -> Trouble {
    match error {
        FrameDecoderError::WindowSizeTooBig { requested, .. } if requested <= 128 << 20 => Trouble::TooLarge,
        error => Trouble::Broken(error.to_string()),
    }
}

/// Whether a name says that there are several files inside.
pub(super) fn is_named_tar(path: &Path) -> bool {
    let ends = |path: &Path, ends: &[&str]| {
        path.extension().is_some_and(|end| ends.iter().any(|known| end.eq_ignore_ascii_case(known)))
    };
    let inner = Format::named(path).and(path.file_stem()).map(Path::new);
    ends(path, &["tar", "tgz", "tzst"]) || inner.is_some_and(|inner| ends(inner, &["tar"]))
}

/// Whether these bytes are several files in one.
pub(super) fn is_tar(bytes: &[u8]) -> bool {
    bytes.get(257..262) == Some(b"ustar")
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read, Write};
    use std::path::Path;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::{Format, Trouble, is_named_tar};

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).expect("memory");
        encoder.finish().expect("memory")
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        compress_to_vec(text, CompressionLevel::Fastest)
    }

    fn unpack(bytes: &[u8], most: u64) -> Result<Vec<u8>, Trouble> {
        Format::of(bytes).expect("a format").unpack(Cursor::new(bytes), most)
    }

    fn text() -> Vec<u8> {
        (0..3_000_u32).flat_map(|number| format!("- {}\n", number * number % 1_009).into_bytes()).collect()
    }

    #[test]
    fn formats_by_their_first_bytes() {
        assert_eq!(Format::of(&gzip(b"")), Some(Format::Gzip));
        assert_eq!(Format::of(&zstd(b"")), Some(Format::Zstd));
        for text in ["", "P", "apiVersion: v1", "{}", "PK\u{3}\u{4}"] {
            assert_eq!(Format::of(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn names() {
        for name in ["a.tar", "a.tar.gz", "a.TGZ", "x/a.tar.zst", "a.tzst"] {
            assert!(is_named_tar(Path::new(name)), "{name}");
        }
        for name in ["a.gz", "a.yaml.gz", "tar", "tar.gz", "a.tar.yaml", ".tar"] {
            assert!(!is_named_tar(Path::new(name)), "{name}");
        }
    }

    #[test]
    fn what_was_packed_comes_out() {
        let text = text();
        let skip = [&[0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
        for (packed, times) in [
            (gzip(&text), 1),
            (zstd(&text), 1),
            ([gzip(&text), gzip(b""), gzip(&text)].concat(), 2),
            ([zstd(&text), zstd(b""), skip.clone(), zstd(&text)].concat(), 2),
            ([skip.clone(), zstd(&text)].concat(), 1),
            (gzip(b""), 0),
            (zstd(b""), 0),
        ] {
            let expected = text.repeat(times);
            let most = u64::try_from(expected.len()).expect("a short text");
            assert_eq!(unpack(&packed, most).expect("whole"), expected);
            if times > 0 {
                assert!(matches!(unpack(&packed, most - 1), Err(Trouble::TooLarge)));
            }
        }
    }

    /// Cut anywhere, or with a byte behind it or changed, an archive gives an error, or what was packed
    /// where the byte says nothing about that.
    #[test]
    fn what_is_broken_gives_no_text() {
        let text = text();
        let whole: [Vec<u8>; 2] = [gzip(&text), zstd(&text)];
        for whole in &whole {
            for end in 4..whole.len() {
                assert!(matches!(unpack(&whole[..end], 1 << 20), Err(Trouble::Broken(_))), "cut at {end}");
            }
            for behind in [&b"\0"[..], b"a: b\n", &whole[..7]] {
                let longer = [whole, behind].concat();
                assert!(matches!(unpack(&longer, 1 << 20), Err(Trouble::Broken(_))), "{behind:?}");
            }
            for at in 4..whole.len() {
                for flip in [1, 0x10, 0x80, 0xff] {
                    let mut changed = whole.clone();
                    changed[at] ^= flip;
                    if let Ok(found) = unpack(&changed, 1 << 20) {
                        assert!(found == text, "byte {at} changed by {flip}");
                    }
                }
            }
        }
    }

    #[test]
    fn endless_archives_of_nothing_are_cut() {
        struct Repeated(Vec<u8>, usize);
        impl Read for Repeated {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                for byte in &mut *buffer {
                    *byte = self.0[self.1 % self.0.len()];
                    self.1 += 1;
                }
                Ok(buffer.len())
            }
        }
        for (format, nothing) in [(Format::Gzip, gzip(b"")), (Format::Zstd, zstd(b""))] {
            assert!(matches!(format.unpack(Repeated(nothing, 0), 1 << 20), Err(Trouble::TooLarge)));
        }
    }
}

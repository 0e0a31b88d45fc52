//! Files that are compressed, with gzip or zstd. They are known by how they start, which no manifest
//! does, and not by their names.
//!
//! Archives come from strangers. What comes out is counted, whatever went in, so that a few bytes that
//! unpack to very many are refused in little memory. One that is broken, or not whole, gives an error
//! and no text: half of it may lack a policy.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::GzDecoder;
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

/// All members, one behind the other, each with its checksum. Zeros that fill a block behind the last, as tapes and
/// downloads have them, say nothing.
fn gzip(mut from: impl BufRead, most: u64, out: &mut Vec<u8>) -> Result<(), Trouble> {
    loop {
        let room = most.saturating_add(1).saturating_sub(out.len() as u64);
        let mut member = GzDecoder::new(&mut from).take(room);
        member.read_to_end(out).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                Trouble::Broken(error.to_string())
            }
            _ => Trouble::Unreadable(error),
        })?;
        within(out, most)?;
        let is_filled = skip_zeros(&mut from).map_err(Trouble::Unreadable)?;
        match from.fill_buf().map_err(Trouble::Unreadable)? {
            [] => return Ok(()),
            _ if is_filled => return Err(Trouble::Broken("something stands behind its end".to_owned())),
            _ => {}
        }
    }
}

/// Passes over zeros; whether there were any.
fn skip_zeros(from: &mut impl BufRead) -> io::Result<bool> {
    let mut is_any = false;
    loop {
        let bytes = from.fill_buf()?;
        let (zeros, len) = (bytes.iter().take_while(|byte| **byte == 0).count(), bytes.len());
        is_any |= zeros > 0;
        from.consume(zeros);
        if zeros == 0 || zeros < len {
            return Ok(is_any);
        }
    }
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
            Err(error) => return Err(broken(&error, &mut from)),
        }
        let (start, length) = (out.len(), frame.content_size());
        while !frame.is_finished() {
            let decoded = frame.decode_blocks(&mut from, BlockDecodingStrategy::UptoBlocks(1));
            decoded.map_err(|error| broken(&error, &mut from))?;
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

/// What is wrong with a frame, of which this much could not be read any more.
fn broken(error: &FrameDecoderError, from: &mut impl BufRead) -> Trouble {
    let why = match error {
        FrameDecoderError::WindowSizeTooBig { requested, .. } if *requested <= 128 << 20 => {
            return Trouble::TooLarge;
        }
        FrameDecoderError::WindowSizeTooBig { .. } => "it takes more memory than zstd itself would allow",
        FrameDecoderError::DictNotProvided { .. } => "it takes a dictionary, which np has not",
        _ if from.fill_buf().is_ok_and(<[u8]>::is_empty) => "it ends within a frame",
        _ => "a frame is broken",
    };
    Trouble::Broken(why.to_owned())
}

/// Whether a name says that there are several files inside.
pub(super) fn is_named_tar(path: &Path) -> bool {
    let ends = |path: &Path, ends: &[&str]| {
        path.extension().is_some_and(|end| ends.iter().any(|known| end.eq_ignore_ascii_case(known)))
    };
    let inner = Format::named(path).and(path.file_stem()).map(Path::new);
    ends(path, &["tar", "tgz", "tzst", "tbz", "tbz2", "tb2", "txz", "tlz"])
        || inner.is_some_and(|inner| ends(inner, &["tar"]))
}

/// Whether these bytes are several files in one: they start with a header that holds the sum of its own bytes, its place
/// taken for blanks.
pub(super) fn is_tar(bytes: &[u8]) -> bool {
    const SUM: std::ops::Range<usize> = 148..156;
    let Some(header) = bytes.get(..512).filter(|header| header[257..].starts_with(b"ustar")) else {
        return false;
    };
    let text = String::from_utf8_lossy(&header[SUM]);
    let written = u32::from_str_radix(text.trim_matches([' ', '\0']), 8);
    let bytes = header.iter().enumerate();
    let sum: u32 = bytes.map(|(at, byte)| if SUM.contains(&at) { 32 } else { u32::from(*byte) }).sum();
    written == Ok(sum)
}

/// Whether these bytes are compressed in a way that np unpacks.
pub(crate) fn is_compressed(bytes: &[u8]) -> bool {
    Format::of(bytes).is_some()
}

/// What other tools have packed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Foreign {
    /// How it is packed.
    pub(super) name: &'static str,
    /// What unpacks a file called FILE: to the standard output, or to the folder DIR if it is several files.
    pub(super) command: &'static str,
    /// Whether it is several files.
    pub(super) is_several: bool,
}

impl Foreign {
    /// What starts so; nothing if np does not know it.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let (name, command, is_several) = match bytes {
            // The size of its blocks, and how a block or the end starts.
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..]
            | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..] => {
                ("bzip2", "bunzip2 -c FILE", false)
            }
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => ("xz", "xz -dc FILE", false),
            [0x04, 0x22, 0x4d, 0x18, ..] => ("lz4", "lz4 -dc FILE", false),
            [b'L', b'Z', b'I', b'P', 0 | 1, ..] => ("lzip", "lzip -dc FILE", false),
            [0x5d, 0, 0, _, _, ..] => ("lzma", "xz -dc --format=lzma FILE", false),
            [0x1f, 0x9d, ..] => ("compress", "gzip -dc FILE", false),
            [b'P', b'K', 3, 4, ..] => ("zip", "unzip FILE -d DIR", true),
            [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => ("7z", "7z x FILE -oDIR", true),
            _ => return None,
        };
        Some(Self { name, command, is_several })
    }
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
                // Zeros behind gzip are no part of it.
                if behind == b"\0" && Format::of(whole) == Some(Format::Gzip) {
                    assert!(unpack(&[whole, behind].concat(), 1 << 20).is_ok_and(|found| found == text));
                    continue;
                }
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

//! Compressed manifests: read as if they were unpacked, under their own names, or refused.

mod common;

use std::io::Write;

use common::{Folder, Ran, np_in, np_with, pod, policy};
use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

/// What `gzip -9` makes of [`deny`], with the name of the file in its header.
const GZIP: &str = "\
    1f8b08081eeb0a6b020364656e792e79616d6c00258c410ac2301045f739c51ca0a9b893dcc08d088a1b711192a184b6 \
    3343265483e4ee46ddfdf7dfe75b6b8d9774c3ac89c9016179729e134de37cd031f16edb9b8ed1c1e9afcebca450cd8a \
    c5475fbc8337f9151d44a43ac037abf8d08b57332a18fa40385e70c15038776a03c8efe35a05d5c1fd485346d547331f \
    4ba2986b8e000000";

/// What `zstd -19` makes of [`deny`], with a checksum and without a length.
const ZSTD: &str = "\
    28b52ffd0468b50300f2071a18706f03a86f20625af9ed4dc22d3b4aa90f8d49f1a47f0f35ec6afe5b3a6e30badfb152 \
    a20297a52be16c0d75e260b4745bc76717a5db8de32b50793bdd8ed82d5d9eec7876c4aaf620881cbacedfc30869804f \
    f8e2111c7f8f84d36cd775f85ef6f222b320080203003b823c5f82a30fb30c1762ad6d";

fn deny() -> String {
    policy("x", "deny", "{podSelector: {}, policyTypes: [Ingress]}")
}

fn pods() -> String {
    pod("x", "a", "") + &pod("x", "b", "")
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hex");
    digits.chunks(2).map(byte).collect()
}

fn gzip(text: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_ref()).expect("memory");
    encoder.finish().expect("memory")
}

fn zstd(text: impl AsRef<[u8]>) -> Vec<u8> {
    compress_to_vec(text.as_ref(), CompressionLevel::Fastest)
}

/// Two pods, plain, and another file.
fn with(name: &str, content: impl AsRef<[u8]>) -> Folder {
    let folder = Folder::with(&[("pods.yaml", &pods())]);
    folder.write(name, content);
    folder
}

/// Where the policy stands that isolates the destination.
fn cited(ran: &Ran) -> &str {
    assert_eq!(ran.code, 1, "{}", ran.err);
    let line = ran.out.lines().find(|line| line.contains("isolated by")).unwrap_or_default();
    line.rsplit(' ').next().unwrap_or_default()
}

#[test]
fn what_the_tools_make_is_read() {
    for (name, packed) in [("deny.yaml.gz", bytes(GZIP)), ("deny.yaml.zst", bytes(ZSTD))] {
        let folder = with(name, &packed);
        let place = format!("{name}:4:18");
        // In a folder, and named itself, whatever it is called.
        assert_eq!(cited(&np_in(&folder, "query x/a x/b 80")), place);
        assert_eq!(cited(&np_in(&folder, &format!("query -f pods.yaml -f {name} x/a x/b 80"))), place);
        folder.write("dump", &packed);
        assert_eq!(cited(&np_in(&folder, "query -f pods.yaml -f dump x/a x/b 80")), "dump:4:18");
        // From a pipe, which has no name.
        assert_eq!(cited(&np_with(&folder, "query -f pods.yaml -f - x/a x/b 80", &packed)), "stdin:4:18");
    }
}

#[test]
fn every_name_of_a_manifest_in_a_folder() {
    let json = r#"{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"name": "deny", "namespace": "x"}, "spec": {"podSelector": {}}}"#;
    for (name, packed) in [
        ("deny.yml.gz", gzip(deny())),
        ("sub/deny.json.zst", zstd(json)),
        ("deny.YAML.GZ", gzip(deny())),
        (".deny.json.gz", gzip(json)),
        // The content says how it is packed.
        ("deny.yaml", gzip(deny())),
        ("deny.yaml.gz", zstd(deny())),
        // Several archives one behind the other are one.
        ("deny.yaml.gz", [gzip("# Of two parts\n"), gzip(deny())].concat()),
        ("deny.yaml.zst", [zstd("# Of two parts\n"), zstd(deny())].concat()),
    ] {
        assert_eq!(np_in(&with(name, packed), "query x/a x/b 80").code, 1, "{name}");
    }
    // Others are left alone, like all that is not called like a manifest, but for a word on what may be one.
    for name in ["notes.txt.gz", "access.log.bz2", "gz", "xz"] {
        let ran = np_in(&with(name, gzip(deny())), "query x/a x/b 80");
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{name}");
    }
    for name in [
        "deny.gz",
        "deny.ZST",
        "dump.bz2",
        "all.tar",
        "all.tar.gz",
        "all.tar.xz",
        "chart.tgz",
        "chart.tbz2",
        "a.zip",
        "a-v1.2.zip",
        "a.2024.7z",
    ] {
        let folder = with(name, gzip(deny()));
        let ran = np_in(&folder, "query x/a x/b 80");
        let note =
            format!("note: `./{name}` is packed and not read; name it with -f if it holds manifests\n");
        assert_eq!((ran.code, ran.err), (0, note));
        folder.write("sub/more.gz", gzip(deny()));
        let note = "note: 2 packed files are not read, such as `./";
        assert!(np_in(&folder, "query x/a x/b 80").err.starts_with(note), "{name}");
    }
    let folder = Folder::with(&[]);
    folder.write("all.yaml.zst", zstd(pods() + &deny()));
    assert!(np_in(&folder, "matrix").out.contains("x/a"), "a folder of nothing else");
    assert_eq!(np_in(&folder, "validate").out, "valid: 1 policy among 3 objects in 1 file\n");
    assert_eq!(np_in(&folder, "exposure").code, 0);
}

#[test]
fn problems_are_shown_where_they_stand_unpacked() {
    let broken = pods() + &policy("x", "p", "{podSelector: {}, ingres: []}");
    let folder = Folder::with(&[]);
    folder.write("all.yaml.gz", gzip(broken));
    let ran = np_in(&folder, "query x/a x/b");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.starts_with("error[unknown-field]: "), "{}", ran.err);
    assert!(ran.err.contains("--> all.yaml.gz:15:25\n"), "{}", ran.err);
    assert!(ran.err.contains("\n15 | spec: {podSelector: {}, ingres: []}\n"), "{}", ran.err);
    // What is packed twice is no text.
    folder.write("all.yaml.gz", gzip(zstd(pods())));
    let ran = np_in(&folder, "matrix");
    let expected = "error: `./all.yaml.gz` is compressed twice, and np unpacks once\n\
        help: unpack what is around it first: `gunzip -c FILE | np ... -f -`\nnp: 1 error\n";
    assert_eq!((ran.code, ran.err.as_str()), (2, expected));
}

#[test]
fn what_is_broken_is_refused() {
    let text = (0..200).map(|number| pod("x", &format!("p{number}"), "")).collect::<String>();
    for (format, name, packed) in
        [("gzip", "deny.yaml.gz", gzip(&text)), ("zstd", "deny.yaml.zst", zstd(&text))]
    {
        let cut = packed[..packed.len() / 2].to_vec();
        let behind = [&packed[..], b"a: b\n"].concat();
        let mut changed = packed.clone();
        let last = changed.len() - 5;
        changed[last] ^= 1;
        for bad in [cut, behind, changed, packed[..packed.len() - 1].to_vec()] {
            let folder = with(name, &bad);
            for line in ["query x/a x/b", "matrix", "exposure", "validate"] {
                let ran = np_in(&folder, line);
                assert_eq!(ran.code, 2, "{line}: {}", ran.err);
                let expected = format!("error: `./{name}` cannot be unpacked as {format}: ");
                assert!(ran.err.starts_with(&expected), "{}", ran.err);
                assert!(ran.err.contains("\nhelp: it is broken or not whole; fetch it or pack it again\n"));
            }
            // What it would have said is unknown.
            assert_eq!(np_in(&folder, "query --keep-going x/a x/b 80").code, 2);
            assert!(np_in(&folder, "query --keep-going x/a x/b 80").out.starts_with("UNKNOWN"));
            let ran = np_with(&folder, "matrix -f -", &bad);
            assert!(
                ran.code == 2 && ran.err.starts_with("error: stdin cannot be unpacked as "),
                "{}",
                ran.err
            );
        }
    }
}

#[test]
fn a_name_that_promises_an_archive() {
    for (name, format) in [("deny.yaml.gz", "gzip"), ("deny.json.zst", "zstd")] {
        for content in ["", &deny()] {
            let ran = np_in(&with(name, content), "query x/a x/b");
            assert_eq!((ran.code, ran.out.as_str()), (2, ""));
            let expected = format!(
                "error: `./{name}` is no {format} archive, as its name says\n\
                 help: if it is not compressed, give it a name that says so\nnp: 1 error\n"
            );
            assert_eq!(ran.err, expected);
        }
    }
}

#[test]
fn archives_of_several_files() {
    // A header of tar is a name, numbers, and at byte 257 what it is.
    let mut tar = vec![0; 1_024];
    tar[..9].copy_from_slice(b"deny.yaml");
    tar[257..265].copy_from_slice(b"ustar\x0000");
    // The sum of its bytes, with eight blanks where the sum stands.
    let sum = tar.iter().map(|byte| u32::from(*byte)).sum::<u32>() + 8 * 32;
    tar[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let told = |name: &str| {
        format!(
            "error: {name} is a tar archive of several files\n\
             help: unpack it first: `mkdir DIR && tar -xf FILE -C DIR`, then `np ... -f DIR`\nnp: 1 error\n"
        )
    };
    for (name, packed) in [
        ("all.tar.gz", gzip(&tar)),
        ("all.tgz", gzip(&tar)),
        ("all.tar.zst", zstd(&tar)),
        ("all.tar", tar.clone()),
        ("all", gzip(&tar)),
    ] {
        let folder = with(name, &packed);
        let ran = np_in(&folder, &format!("matrix -f pods.yaml -f {name}"));
        assert_eq!((ran.code, ran.out.as_str(), ran.err), (2, "", told(&format!("`{name}`"))));
        assert_eq!(np_with(&folder, "matrix -f -", &packed).err, told("stdin"));
        assert_eq!(np_in(&folder, "matrix").code, 0, "in a folder it is left alone");
    }
    let ran = np_in(&with("deny.yaml.gz", gzip(&tar)), "matrix");
    assert_eq!((ran.code, ran.err), (2, told("`./deny.yaml.gz`")));
}

/// A text that has the word at the place where tar has it is a text.
#[test]
fn a_text_is_no_tar_archive() {
    let comment = format!("#{}ustar\n", "-".repeat(256));
    let folder = Folder::with(&[("all.yaml", &(comment + &pods() + &deny()))]);
    assert_eq!(cited(&np_in(&folder, "query x/a x/b 80")), "all.yaml:15:18");
}

/// What `bzip2`, `xz` and others make of `deny: all`, as far as it takes to know them.
const FOREIGN: [(&str, &[u8], &str); 5] = [
    ("bz2", b"BZh91AY&SY", "is compressed with bzip2, which np does not unpack"),
    ("xz", b"\xfd7zXZ\0\0\x04", "is compressed with xz, which np does not unpack"),
    ("lz4", b"\x04\x22\x4d\x18\x64", "is compressed with lz4, which np does not unpack"),
    ("Z", b"\x1f\x9d\x90", "is compressed with compress, which np does not unpack"),
    ("zip", b"PK\x03\x04\x14\0", "is a zip archive of several files"),
];

/// What is called like a manifest and cannot be unpacked may hide a policy.
#[test]
fn what_others_compress_is_refused_by_name() {
    for (end, content, told) in FOREIGN {
        let folder = with(&format!("deny.yaml.{end}"), content);
        let ran = np_in(&folder, "query x/a x/b 80");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{end}");
        assert!(ran.err.starts_with(&format!("error: `./deny.yaml.{end}` {told}\n")), "{}", ran.err);
        assert!(ran.err.contains("\nhelp: unpack it first: `"), "{}", ran.err);
        assert!(np_in(&folder, "query --keep-going x/a x/b 80").out.starts_with("UNKNOWN"));
        let ran = np_with(&folder, "query -f pods.yaml -f - x/a x/b 80", content);
        assert!(ran.err.starts_with(&format!("error: stdin {told}\n")), "{}", ran.err);
    }
    // The content decides, as ever.
    assert_eq!(np_in(&with("deny.yaml.bz2", deny()), "query x/a x/b 80").code, 1);
}

#[test]
fn zeros_behind_a_gzip_archive_are_nothing() {
    for zeros in [1, 511, 100_000] {
        let packed = [gzip(deny()), vec![0; zeros]].concat();
        assert_eq!(np_in(&with("deny.yaml.gz", packed), "query x/a x/b 80").code, 1, "{zeros}");
    }
    let packed = [gzip(pods()), vec![0], gzip(deny())].concat();
    let ran = np_in(&with("deny.yaml.gz", packed), "query x/a x/b 80");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("cannot be unpacked as gzip: something stands behind its end"), "{}", ran.err);
}

/// A patch is for a text, not for what it is packed in.
#[test]
fn no_patch_for_what_is_compressed() {
    for (name, packed) in [("all.yaml.gz", gzip(pods() + &deny())), ("all.yaml.zst", zstd(pods() + &deny()))]
    {
        let folder = Folder::with(&[]);
        folder.write(name, packed);
        let ran = np_in(&folder, "explain x/a x/b 80 --fix -o patch");
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{}", ran.err);
        let why = format!("no patch: `{name}` is compressed, and patches are for text");
        assert!(ran.err.contains(&why), "{}", ran.err);
    }
}

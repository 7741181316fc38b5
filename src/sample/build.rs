//! A sample tree on the disk. Writes only what is not there yet: a file that exists is an error, and stays.

use std::fs::{DirBuilder, OpenOptions, Permissions, set_permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, mkfifoat};

use super::SampleError;
use super::encode;
use super::language::{Aspect, FileEntry, FileKind, Host, HostKind, Part, Sample};
use super::mint::Mint;
use crate::base::clock::Timestamp;

const USUAL_DIRECTORY: u32 = 0o755;
const USUAL_FILE: u32 = 0o644;
const USUAL_KEY: u32 = 0o600;

impl Sample {
    /// Makes the tree under a directory that exists, its certificates relative to `now`.
    ///
    /// # Errors
    /// Where a material cannot be minted or the disk refuses; what was made until then stays.
    pub fn build(&self, now: Timestamp, directory: &Path) -> Result<(), SampleError> {
        let mut mint = Mint::new(&self.materials, now);
        for host in &self.hosts {
            let root = match &host.root {
                Some(root) => make_root(directory.join(root))?,
                None => directory.to_path_buf(),
            };
            build_host(host, &root.join(&host.name), &mut mint)?;
        }
        Ok(())
    }
}

fn make_root(root: PathBuf) -> Result<PathBuf, SampleError> {
    match DirBuilder::new().recursive(true).create(&root) {
        Ok(()) => Ok(root),
        Err(source) => Err(SampleError::Write { path: root, source }),
    }
}

fn build_host(host: &Host, path: &Path, mint: &mut Mint<'_>) -> Result<(), SampleError> {
    let refused = |source| SampleError::Write { path: path.to_path_buf(), source };
    match &host.kind {
        HostKind::Link(target) => return symlink(target, path).map_err(refused),
        HostKind::File => return write_new(path, host.mode.unwrap_or(USUAL_FILE), &[]).map_err(refused),
        HostKind::Directory => DirBuilder::new().mode(0o700).create(path).map_err(refused)?,
    }
    for file in &host.files {
        build_file(file, &path.join(&file.name), mint)?;
    }
    // Last, since it may forbid to write.
    let mode = host.mode.unwrap_or(USUAL_DIRECTORY);
    set_permissions(path, Permissions::from_mode(mode)).map_err(refused)
}

fn build_file(file: &FileEntry, path: &Path, mint: &mut Mint<'_>) -> Result<(), SampleError> {
    let done = match &file.kind {
        FileKind::Link(target) => symlink(target, path),
        FileKind::Directory => {
            let mode = Permissions::from_mode(file.mode.unwrap_or(USUAL_DIRECTORY));
            DirBuilder::new().mode(0o700).create(path).and_then(|()| set_permissions(path, mode))
        }
        FileKind::Fifo => {
            let mode = Mode::from_raw_mode(file.mode.unwrap_or(USUAL_FILE));
            mkfifoat(CWD, path, mode).map_err(io::Error::from)
        }
        FileKind::Bytes(bytes) => write_new(path, file.mode.unwrap_or(USUAL_FILE), bytes),
        FileKind::Size(size) => {
            let grow = || OpenOptions::new().write(true).open(path)?.set_len(*size);
            write_new(path, file.mode.unwrap_or(USUAL_FILE), &[]).and_then(|()| grow())
        }
        FileKind::Contents(parts) => {
            let usual = if holds_key(parts) { USUAL_KEY } else { USUAL_FILE };
            write_new(path, file.mode.unwrap_or(usual), &encode::contents(parts, mint)?)
        }
    };
    done.map_err(|source| SampleError::Write { path: path.to_path_buf(), source })
}

/// Writes a file that does not exist yet, with these permissions whatever the umask.
fn write_new(path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.set_permissions(Permissions::from_mode(mode))
}

fn holds_key(parts: &[Part]) -> bool {
    parts.iter().any(|part| match part {
        Part::One(content) => content.aspect == Aspect::Key,
        Part::Glued(contents) => contents.iter().any(|content| content.aspect == Aspect::Key),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::pki::{self, Interner, Item, Parsed};

    const NOW: Timestamp = Timestamp(1_795_521_600);

    #[expect(clippy::disallowed_methods, reason = "a test looks at what it made")]
    fn parse(files: &str) -> impl Fn(&str) -> Parsed + use<> {
        let text = format!(
            "[material.acme]\nca = true\n[material.rsa]\nkey = \"rsa2048\"\nissuer = \"acme\"\nsignature = \"sha1\"\n\
             [material.ed]\nkey = \"ed25519\"\n[[host]]\nname = \"h\"\n{files}"
        );
        let directory = tempfile::tempdir().unwrap();
        Sample::parse(&text).unwrap().build(NOW, directory.path()).unwrap();
        move |name: &str| pki::parse(&fs::read(directory.path().join("h").join(name)).unwrap(), &Interner::default())
    }

    fn labels(parsed: &Parsed) -> Vec<(&str, bool)> {
        parsed.blocks.iter().map(|block| (&*block.label, block.seen_by_go)).collect()
    }

    #[test]
    fn certificates_are_what_the_material_says() {
        let parsed =
            parse("files.\"a\" = [\"acme\", \"ed:der:no-newline\"]\nfiles.b = \"acme:der\"\nfiles.c = \"ed.p7b\"");
        let acme = parsed("b");
        let certificate = acme.certificates().next().unwrap();
        assert_eq!(certificate.display_name(), "acme");
        assert!(certificate.may_sign_certificates());
        assert_eq!(certificate.not_before(), NOW.plus_days(-30));
        assert_eq!(certificate.not_after(), NOW.plus_days(365));
        assert_eq!(parsed("c").certificates().count(), 1);
        assert_eq!(labels(&parsed("a")), [("CERTIFICATE", true)]);
    }

    #[test]
    fn every_key_form_is_a_key() {
        let parsed = parse(
            "files.a = \"acme.key\"\nfiles.b = \"acme.key:sec1\"\nfiles.c = \"rsa.key:pkcs1\"\nfiles.d = \"ed.key\"\n\
             files.e = \"ed.key:encrypted\"\nfiles.f = \"ed.key:encrypted-pem\"\nfiles.g = \"ed.key:openssh\"\n\
             files.acme = \"acme\"\nfiles.rsa = \"rsa\"\nfiles.ed = \"ed\"",
        );
        for (key, certificate) in [("a", "acme"), ("b", "acme"), ("c", "rsa"), ("d", "ed")] {
            let (key, certificate) = (parsed(key), parsed(certificate));
            let key = key.private_keys().next().unwrap();
            let certificate = certificate.certificates().next().unwrap();
            assert_eq!(key.spki_sha256().as_ref(), Some(certificate.spki_sha256()), "{:?}", key.encoding);
        }
        let encodings: Vec<_> = ["a", "b", "c", "d", "e", "f", "g"]
            .map(|name| parsed(name).private_keys().map(|key| key.encoding.name()).collect::<String>())
            .into();
        assert_eq!(
            encodings,
            ["PKCS#8", "SEC1", "PKCS#1", "PKCS#8", "encrypted PKCS#8", "encrypted PEM (traditional)", "OpenSSH"]
        );
    }

    #[test]
    fn every_defect_is_found_where_it_was_put() {
        let forms = ["bom", "cr", "indented", "truncated", "broken-base64", "trusted", "headers", "crlf", "utf16"];
        let files: String = forms.iter().map(|form| format!("files.{form} = \"acme:{form}\"\n")).collect();
        let parsed =
            parse(&format!("{files}files.glued = [{{ glued = [\"acme\", \"ed\"] }}]\nfiles.one = \"acme:oneline\""));
        let defect =
            |name: &str| parsed(name).defects.first().map(|defect| defect.value.describe()).unwrap_or_default();
        let found: Vec<_> = forms.iter().map(|form| defect(form)).collect();
        assert_eq!(
            found,
            [
                "byte-order mark",
                "CR line ends",
                "indented block",
                "block without END line",
                "block whose text is no base64",
                "certificate labelled TRUSTED CERTIFICATE",
                "PEM headers",
                "CR LF line ends",
                "UTF-16 text"
            ]
        );
        assert_eq!(defect("glued"), "two blocks glued on one line");
        assert_eq!(labels(&parsed("glued")), [("CERTIFICATE", false), ("CERTIFICATE", false)]);
        assert_eq!(labels(&parsed("one")), [("CERTIFICATE", true)]);
    }

    #[test]
    fn requests_public_keys_and_old_signatures_are_made() {
        let parsed =
            parse("files.csr = \"rsa.csr\"\nfiles.pub = \"rsa.pub\"\nfiles.rsa = \"rsa\"\nfiles.text = \"acme:text\"");
        assert!(matches!(parsed("csr").blocks[0].item, Item::Request(_)));
        assert!(matches!(parsed("pub").blocks[0].item, Item::PublicKey { .. }));
        assert_eq!(labels(&parsed("text")), [("CERTIFICATE", true)]);
    }

    #[test]
    fn kinds_and_modes_are_as_described() {
        let text = "[material.a]\n[[host]]\nname = \"h\"\nmode = \"0750\"\nfiles.k = \"a.key\"\nfiles.o = { content = \
                    \"a.key\", mode = \"0644\" }\nfiles.p = { fifo = true }\nfiles.d = { directory = true }\nfiles.l = \
                    { link = \"gone\" }\nfiles.t = { text = \"x\" }\n[[host]]\nname = \"f\"\nkind = \"file\"\n[[host]]\n\
                    name = \"s\"\nkind = \"symlink\"\ntarget = \"h\"";
        let directory = tempfile::tempdir().unwrap();
        let sample = Sample::parse(text).unwrap();
        sample.build(NOW, directory.path()).unwrap();
        let mode = |name: &str| fs::symlink_metadata(directory.path().join(name)).unwrap().permissions().mode();
        let modes = ["h", "h/k", "h/o", "h/p", "h/d", "h/l", "h/t", "f", "s"].map(mode);
        assert_eq!(modes, [0o40750, 0o100600, 0o100644, 0o10644, 0o40755, 0o120777, 0o100644, 0o100644, 0o120777]);
        let again = sample.build(NOW, directory.path()).unwrap_err().to_string();
        assert!(again.ends_with("/h: File exists (os error 17)"), "{again}");
    }
}

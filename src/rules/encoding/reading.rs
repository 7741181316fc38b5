//! What becomes of each block of a file in the role that its name gives it. Judges nothing.

use crate::finding::{Fix, Severity};
use crate::model::{File, Role};
use crate::pki::{Block, Certificate, Defect, Format, Item, Parsed};
use crate::rules::{HostContext, remedy};

/// What becomes of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// An engine takes it.
    Taken,
    /// Its encoding is damaged.
    Damaged,
    /// It is a certificate under a label that engines pass over.
    ForeignLabel,
    /// It has PEM headers, for which engines pass over it.
    Headers,
    /// Go refuses what it says.
    Refused,
    /// It is nothing that a file of this role is for.
    Beside,
}

/// The blocks of a PEM file, each with its fate.
pub struct Reading<'a> {
    /// The file.
    pub file: &'a File,
    /// What was read of it.
    pub parsed: &'a Parsed,
    role: Role,
    fates: Vec<(&'a Block, Fate)>,
}

impl<'a> Reading<'a> {
    /// The reading of a file in PEM that engines take for certificates or keys; `None` for every other file.
    pub fn of(file: &'a File) -> Option<Self> {
        let role = file.role();
        let is_read = matches!(role, Role::CaBundle | Role::ClientCertificate | Role::ClientKey);
        let is_pem = |parsed: &&Parsed| matches!(parsed.format, Format::Pem | Format::Utf16);
        let parsed = file.parsed().filter(is_pem).filter(|_| is_read)?;
        let mut taken = false;
        let fates = parsed.blocks.iter().map(|block| {
            let fate = fate(role, block, taken);
            taken |= fate == Fate::Taken;
            (block, fate)
        });
        Some(Self { fates: fates.collect(), file, parsed, role })
    }

    /// All readings of a directory with the indices of their files.
    pub fn all(context: &HostContext<'a>) -> impl Iterator<Item = (usize, Self)> + use<'a> {
        context.files().filter_map(|(index, file)| Some((index, Self::of(file)?)))
    }

    /// Tells whether an engine takes anything of the file.
    pub fn is_usable(&self) -> bool {
        self.of_fate(Fate::Taken).next().is_some()
    }

    /// The blocks that meet a fate, in order.
    pub fn of_fate(&self, fate: Fate) -> impl Iterator<Item = &'a Block> + use<'a, '_> {
        self.fates.iter().filter(move |(_, met)| *met == fate).map(|(block, _)| *block)
    }

    /// How many blocks the file would give, were none lost.
    pub fn meant(&self) -> usize {
        self.fates.iter().filter(|(_, fate)| *fate != Fate::Beside).count()
    }

    /// How bad it is that the blocks of a fate are lost: an error where nothing else is taken of the file or the client
    /// certificate itself is lost, mere information where everything lost is trusted all the same.
    pub fn severity(&self, context: &HostContext<'_>, lost: Fate) -> Severity {
        let first = self.fates.iter().map(|(_, fate)| *fate).find(|fate| *fate != Fate::Beside);
        if !self.is_usable() || (self.role != Role::CaBundle && first == Some(lost)) {
            return Severity::Error;
        }
        let is_trusted = |block: &Block| certificate(block).is_some_and(|certificate| context.is_anchor(certificate));
        if self.of_fate(lost).all(is_trusted) { Severity::Info } else { Severity::Warning }
    }

    /// Why an engine loses a damaged block, in a few words.
    pub fn reason(&self, block: &Block) -> String {
        match (self.defect(block), &block.refusal) {
            (Some(defect), _) => defect.describe(),
            (None, Some(refusal)) => refusal.text.clone().into_owned(),
            (None, None) => "its content is no certificate".to_owned(),
        }
    }

    /// What would mend a damaged block.
    pub fn remedy(&self, block: &Block) -> String {
        let name = self.file.name.to_string_lossy();
        match self.defect(block) {
            Some(Defect::ByteOrderMark) => format!("save {name} without a byte-order mark"),
            Some(Defect::Utf16) => format!("save {name} as UTF-8 without a byte-order mark, or as ASCII"),
            Some(Defect::CrOnly) => format!("end the lines of {name} with LF"),
            Some(Defect::Glued) => format!("break the line between END and BEGIN in {name}"),
            Some(Defect::Indented) => format!("remove the blanks before BEGIN in {name}"),
            Some(Defect::TextBeforeBegin) => format!("begin a new line before BEGIN in {name}"),
            Some(Defect::OneLine) => format!("break the lines behind BEGIN and before END in {name}"),
            Some(Defect::BadEndLine) => format!("make the END line in {name} match its BEGIN line"),
            _ => format!("put an undamaged copy in the place of {name}"),
        }
    }

    /// The file made anew, where something is lost that is not trusted all the same.
    pub fn fix(&self, context: &HostContext<'_>, lost: Fate) -> Option<Fix> {
        let is_worth_it = self.severity(context, lost) > Severity::Info;
        remedy::normalise(context.host, self.file, &self.title()).filter(|_| is_worth_it)
    }

    /// What is done where the file is made anew.
    pub fn title(&self) -> String {
        format!("write {} anew as plain PEM", self.file.name.to_string_lossy())
    }

    fn defect(&self, block: &Block) -> Option<&'a Defect> {
        if block.seen_by_go {
            return None;
        }
        let is_cause = |defect: &&Defect| !matches!(defect, Defect::CrLf | Defect::Headers | Defect::ForeignLabel(_));
        let of_file = self.parsed.defects.iter().map(|defect| &defect.value).find(|defect| **defect == Defect::Utf16);
        let here = self.parsed.defects.iter().filter(|defect| defect.line == block.line).map(|defect| &defect.value);
        of_file.or_else(|| here.into_iter().find(is_cause))
    }
}

/// The certificate that a block holds.
pub fn certificate(block: &Block) -> Option<&Certificate> {
    match &block.item {
        Item::Certificate(certificate) => Some(certificate),
        _ => None,
    }
}

/// "certificate Acme Root CA", or how many, with the first one's name.
pub fn name_certificates(blocks: &[&Block]) -> String {
    let first = blocks.iter().find_map(|block| certificate(block)).map(Certificate::display_name).unwrap_or_default();
    match blocks.len() {
        0 | 1 => format!("certificate {first}"),
        many => format!("certificates {first} and {} more", many - 1),
    }
}

fn fate(role: Role, block: &Block, taken: bool) -> Fate {
    if role == Role::ClientKey {
        let is_key_label = block.label.ends_with("PRIVATE KEY");
        return match block.item {
            // Go tries the first key only.
            Item::PrivateKey(_) | Item::Broken if is_key_label && !taken => {
                if block.seen_by_go {
                    Fate::Taken
                } else {
                    Fate::Damaged
                }
            }
            _ => Fate::Beside,
        };
    }
    match &block.item {
        Item::Broken if block.label.ends_with("CERTIFICATE") => Fate::Damaged,
        Item::Certificate(_) if !block.seen_by_go => Fate::Damaged,
        Item::Certificate(_) if block.label != "CERTIFICATE" => Fate::ForeignLabel,
        Item::Certificate(_) if role == Role::CaBundle && block.has_headers => Fate::Headers,
        // What follows a client certificate is sent unread.
        Item::Certificate(certificate) if certificate.refusal().is_some() && (role == Role::CaBundle || !taken) => {
            Fate::Refused
        }
        Item::Certificate(_) => Fate::Taken,
        _ => Fate::Beside,
    }
}

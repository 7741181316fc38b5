//! CW1xx: where files lie and how files and directories are named.

pub mod ca_named_cert;
pub mod client_certificate_named_crt;
pub mod dangling_link;
pub mod directory_named_as_file;
pub mod empty_directory;
pub mod explicit_https_port;
pub mod malformed_host_name;
pub mod nested_directory;
pub mod special_file;
pub mod stray_file;
pub mod underscore_host_name;
pub mod unreachable_host_name;
pub mod unread_certificate;
pub mod upper_case_host_name;

use crate::rules::Rule;

/// The rules of this folder, by code.
pub const RULES: &[&dyn Rule] = &[
    &ca_named_cert::CaNamedCert,
    &client_certificate_named_crt::ClientCertificateNamedCrt,
    &unread_certificate::UnreadCertificate,
    &unreachable_host_name::UnreachableHostName,
    &upper_case_host_name::UpperCaseHostName,
    &explicit_https_port::ExplicitHttpsPort,
    &malformed_host_name::MalformedHostName,
    &underscore_host_name::UnderscoreHostName,
    &empty_directory::EmptyDirectory,
    &directory_named_as_file::DirectoryNamedAsFile,
    &stray_file::StrayFile,
    &dangling_link::DanglingLink,
    &special_file::SpecialFile,
    &nested_directory::NestedDirectory,
];

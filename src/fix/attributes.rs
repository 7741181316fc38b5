//! Extended attributes that a file keeps when it is made anew: the SELinux label, its access list, and what users set.
//!
//! Others belong to the bytes of the file that had them, as the signatures of IMA and EVM, or to the file system.

use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use rustix::io::Errno;

use crate::fix::kernel::{Answer, CallError, Kernel};
use crate::fix::version::{hex, unhex};

/// A name and a value, in hexadecimal digits.
pub(crate) type Attribute = (String, String);

const LABEL: &str = "security.selinux";

/// The access list of a file, beside the permission bits (acl(5)).
const ACCESS_LIST: &str = "system.posix_acl_access";

/// The most that names or a value may take (xattr(7), `XATTR_LIST_MAX`, `XATTR_SIZE_MAX`).
const MAX_SIZE: usize = 65_536;

/// The attributes of a file that are kept, in order; none where the file system has none.
///
/// # Errors
/// Where they cannot be read, since they would be lost.
pub(crate) fn read(file: BorrowedFd<'_>) -> Result<Vec<Attribute>, Errno> {
    let mut names = Vec::with_capacity(MAX_SIZE);
    match rustix::fs::flistxattr(file, rustix::buffer::spare_capacity(&mut names)) {
        Err(Errno::NOTSUP) => return Ok(Vec::new()),
        listed => listed?,
    };
    let mut found = Vec::new();
    for name in names.split(|byte| *byte == 0).filter(|name| is_kept(name)) {
        let mut value = Vec::with_capacity(MAX_SIZE);
        match rustix::fs::fgetxattr(file, OsStr::from_bytes(name), rustix::buffer::spare_capacity(&mut value)) {
            // It is listed, and gone by now or none of this file system's own.
            Err(Errno::NODATA | Errno::NOTSUP) => {}
            read => {
                read?;
                found.push((hex(name), hex(&value)));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Gives a new file these attributes. An access list that it has from its directory and is not to have is taken away; what
/// the file system does not know is left out.
pub(crate) fn write(kernel: &Kernel, file: impl AsFd, attributes: &[Attribute]) -> Answer<()> {
    let file = file.as_fd();
    let present = read(file).map_err(|errno| CallError::Refused { call: "flistxattr", errno: errno.into() })?;
    for (name, value) in attributes.iter().filter(|attribute| !present.contains(attribute)) {
        match kernel.set_attribute(file, &OsString::from_vec(unhex(name)), &unhex(value)) {
            Err(CallError::Refused { errno, .. }) if errno == Errno::NOTSUP.into() => {}
            answer => answer?,
        }
    }
    if present.iter().any(is_access_list) && !attributes.iter().any(is_access_list) {
        kernel.remove_attribute(file, OsStr::new(ACCESS_LIST))?;
    }
    Ok(())
}

/// Tells whether an attribute is the access list.
pub(crate) fn is_access_list(attribute: &Attribute) -> bool {
    unhex(&attribute.0) == ACCESS_LIST.as_bytes()
}

fn is_kept(name: &[u8]) -> bool {
    name == LABEL.as_bytes() || name == ACCESS_LIST.as_bytes() || name.starts_with(b"user.")
}

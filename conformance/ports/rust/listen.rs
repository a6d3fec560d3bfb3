// SPDX-License-Identifier: MIT OR Apache-2.0

//! Listening, SPEC 5, without a crate. A socket file that exists is an error:
//! nothing is deleted or replaced.

use crate::{Binding, Environment, Host, Outcome, Passed};
use std::ffi::{c_void, CString};
use std::io::{Error, ErrorKind, Result};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs};
use std::os::raw::{c_char, c_int, c_uint, c_ulong};
use std::os::unix::io::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::{ffi::OsStringExt, net::UnixListener};
use std::{env, mem, process, sync::Mutex};

/// A socket that listens, as the standard library has it.
#[derive(Debug)]
pub enum Listener {
    Unix(UnixListener),
    Tcp(TcpListener),
}

// ---- System calls that std does not have --------------------------------------

extern "C" {
    fn socket(family: c_int, kind: c_int, protocol: c_int) -> c_int;
    fn setsockopt(fd: c_int, level: c_int, name: c_int, value: *const c_void, size: c_uint) -> c_int;
    fn getsockopt(fd: c_int, level: c_int, name: c_int, value: *mut c_void, size: *mut c_uint) -> c_int;
    fn bind(fd: c_int, address: *const c_void, size: c_uint) -> c_int;
    fn listen(fd: c_int, backlog: c_int) -> c_int;
    fn fcntl(fd: c_int, command: c_int, ...) -> c_int;
    fn getrlimit(resource: c_int, limit: *mut [c_ulong; 2]) -> c_int;
    fn getauxval(kind: c_ulong) -> c_ulong;
    fn if_nametoindex(name: *const c_char) -> c_uint;
}

const UNIX: c_int = 1;
const IPV4: c_int = 2;
const IPV6: c_int = 10;
const SOCKET: c_int = 1; // SOL_SOCKET, and what can be asked there
const REUSEADDR: c_int = 2;
const TYPE: c_int = 3;
const ACCEPTCONN: c_int = 30;
const DOMAIN: c_int = 39;
const STREAM: c_int = 1;
const CLOEXEC: c_int = 0o2000000; // of the type of a socket
const ONLY_V6: (c_int, c_int) = (41, 26);
const SET_FLAGS: c_int = 2;
const OPEN_FILES: c_int = 7;
const SECURE: c_ulong = 23;
const BACKLOG: c_int = 4096;

fn checked(result: c_int) -> Result<c_int> {
    if result < 0 { Err(Error::last_os_error()) } else { Ok(result) }
}

fn set(fd: &OwnedFd, (level, name): (c_int, c_int), value: bool) -> Result<()> {
    let value = c_int::from(value);
    let size = mem::size_of::<c_int>() as c_uint;
    checked(unsafe { setsockopt(fd.as_raw_fd(), level, name, &value as *const c_int as _, size) }).map(drop)
}

fn get(fd: RawFd, name: c_int) -> Result<c_int> {
    let (mut value, mut size) = (0 as c_int, mem::size_of::<c_int>() as c_uint);
    checked(unsafe { getsockopt(fd, SOCKET, name, &mut value as *mut c_int as _, &mut size) })?;
    Ok(value)
}

/// A socket of this family, bound to the octets after it, that listens.
fn open(family: c_int, address: &[u8], only_v6: bool) -> Result<OwnedFd> {
    let fd = checked(unsafe { socket(family, STREAM | CLOEXEC, 0) })?;
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    if family != UNIX {
        set(&fd, (SOCKET, REUSEADDR), true)?;
    }
    if family == IPV6 {
        set(&fd, ONLY_V6, only_v6)?; // SPEC 5.4: explicitly, always
    }
    let octets = [&(family as u16).to_ne_bytes()[..], address].concat();
    checked(unsafe { bind(fd.as_raw_fd(), octets.as_ptr() as _, octets.len() as c_uint) })?;
    checked(unsafe { listen(fd.as_raw_fd(), BACKLOG) })?;
    Ok(fd)
}

// ---- TCP ------------------------------------------------------------------------

fn tcp(address: SocketAddr, only_v6: bool) -> Result<Listener> {
    let port = address.port().to_be_bytes();
    let fd = match address {
        SocketAddr::V4(v4) => open(IPV4, &[&port[..], &v4.ip().octets(), &[0; 8]].concat(), false)?,
        SocketAddr::V6(v6) => open(IPV6, &[&port[..], &[0; 4], &v6.ip().octets(),
            &v6.scope_id().to_ne_bytes()].concat(), only_v6)?,
    };
    Ok(Listener::Tcp(TcpListener::from(fd)))
}

fn zone_index(zone: &str) -> Result<u32> {
    if zone.is_empty() || zone.bytes().all(|o| o.is_ascii_digit()) {
        let index = if zone.is_empty() { Ok(0) } else { zone.parse() };
        return index.map_err(|_| Error::new(ErrorKind::InvalidInput, "no interface has this index"));
    }
    let name = CString::new(zone)?;
    match unsafe { if_nametoindex(name.as_ptr()) } {
        0 => Err(Error::last_os_error()),
        index => Ok(index),
    }
}

/// SPEC 5.4: what cannot be listened on.
fn usable(ip: IpAddr) -> Result<IpAddr> {
    let mapped = matches!(ip, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some());
    if ip.is_multicast() || mapped || ip == Ipv4Addr::BROADCAST {
        return Err(Error::new(ErrorKind::AddrNotAvailable, "this address cannot be listened on"));
    }
    Ok(ip)
}

fn tcp_host(host: &Host, port: u16) -> Result<Listener> {
    match host {
        Host::Any => tcp((Ipv6Addr::UNSPECIFIED, port).into(), false).or_else(|error| {
            let has_ipv6 = error.raw_os_error() != Some(97); // EAFNOSUPPORT
            if has_ipv6 { Err(error) } else { tcp((Ipv4Addr::UNSPECIFIED, port).into(), false) }
        }),
        Host::V4(ip) => tcp((usable((*ip).into())?, port).into(), false),
        Host::V6(ip, zone) => {
            usable((*ip).into())?;
            tcp(std::net::SocketAddrV6::new(*ip, port, 0, zone_index(zone)?).into(), true)
        }
        Host::Name(name) => {
            let found: Vec<SocketAddr> = (name.as_str(), port).to_socket_addrs()?.collect();
            for address in &found {
                usable(address.ip())?;
            }
            let first = found.first().ok_or_else(|| Error::from(ErrorKind::NotFound))?;
            tcp(*first, true)
        }
    }
}

// ---- Descriptors that were passed ---------------------------------------------------

static ADOPTED: Mutex<Vec<RawFd>> = Mutex::new(Vec::new()); // SPEC 5.10.3

fn refused(what: &'static str) -> Error { Error::new(ErrorKind::InvalidInput, what) }

fn family_of_listening(fd: RawFd) -> Result<c_int> {
    let family = get(fd, DOMAIN)?;
    match (get(fd, TYPE)?, [UNIX, IPV4, IPV6].contains(&family), get(fd, ACCEPTCONN)?) {
        (STREAM, true, 1) => Ok(family),
        (STREAM, true, _) => Err(refused("the descriptor does not listen")),
        _ => Err(refused("the descriptor is no stream socket of a known family")),
    }
}

/// Takes a descriptor over, once.
fn adopt(fd: RawFd) -> Result<Listener> {
    let family = family_of_listening(fd)?;
    let mut adopted = ADOPTED.lock().unwrap_or_else(|broken| broken.into_inner());
    if adopted.contains(&fd) {
        return Err(refused("the descriptor has been adopted"));
    }
    checked(unsafe { fcntl(fd, SET_FLAGS, 1) })?; // close-on-exec
    adopted.push(fd);
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    Ok(if family == UNIX { Listener::Unix(fd.into()) } else { Listener::Tcp(fd.into()) })
}

/// Reads the environment of this process (SPEC 6).
fn environment() -> Environment {
    let secure = unsafe { getauxval(SECURE) } != 0; // SPEC 6.10
    let value = |name: &str| env::var_os(name).filter(|_| !secure).map(OsStringExt::into_vec);
    let mut limit = [0, 0];
    unsafe { getrlimit(OPEN_FILES, &mut limit) };
    Environment {
        pid: value("LISTEN_PID"), fds: value("LISTEN_FDS"), fdnames: value("LISTEN_FDNAMES"),
        self_pid: process::id().into(), limit: (limit[0] as u64).saturating_sub(3), ..Environment::default()
    }
}

/// The one passed descriptor that listens and has the name, if one is given.
fn passed(name: Option<&str>) -> Result<Listener> {
    let (count, names) = match environment().outcome()? {
        Outcome::Passed(count, names) => (count as usize, names),
        _ => return Err(refused("no sockets were passed")),
    };
    let mut candidates = (0..count).filter(|&at| name.is_none() || names.get(at).map(String::as_str) == name)
        .map(|at| 3 + at as RawFd).filter(|&fd| family_of_listening(fd).is_ok());
    match (candidates.next(), candidates.next()) {
        (Some(fd), None) => adopt(fd),
        (None, _) => Err(refused("no such socket was passed")),
        _ => Err(refused("several such sockets were passed")),
    }
}

impl TryFrom<Binding> for Listener {
    type Error = Error;

    fn try_from(binding: Binding) -> Result<Self> {
        match &binding {
            Binding::Default => Err(refused("the program has no default for tcp://")),
            Binding::Tcp(host, port) => tcp_host(host, *port),
            Binding::Path(path) if path.len() > 107 => Err(refused("the path is too long")),
            Binding::Path(path) => open(UNIX, &[path, &b"\0"[..]].concat(), false).map(|fd| Listener::Unix(fd.into())),
            Binding::Abstract(name) if name.len() > 107 => Err(refused("the name is too long")),
            Binding::Abstract(name) => open(UNIX, &[&b"\0"[..], name].concat(), false).map(|fd| Listener::Unix(fd.into())),
            Binding::Fd(Passed::Number(fd)) => adopt(*fd as RawFd),
            Binding::Fd(Passed::Name(name)) => passed(Some(name)),
            Binding::Fd(_) => passed(None),
            Binding::NamedPipe { .. } => Err(Error::new(ErrorKind::Unsupported, "named pipes exist on Windows")),
        }
    }
}

// SPDX-License-Identifier: MIT OR Apache-2.0

//! Service bindings: tcp://127.0.0.1:8080, unix:///x, fd://, npipe://x.
//!
//! A port of sbind.abnf, activation.abnf and SPEC.md, whose paragraphs it cites.
//! A reader by hand: a function for each rule, which goes on as long as some
//! address could. The program that shows that it is right is rust/adapter.rs. On
//! Linux rust/listen.rs also listens:
//!
//!     let binding: Binding = "tcp://127.0.0.1:8080".parse()?;
//!     let listener: Listener = binding.try_into()?;

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::{fmt, str};

#[cfg(target_os = "linux")]
#[path = "rust/listen.rs"]
mod listen;
#[cfg(target_os = "linux")]
pub use listen::Listener;

/// Why a text is not an address, or a value not that of its variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub name: &'static str,
    pub variable: &'static str, // of the environment; "" for an address
    pub offset: usize,          // SPEC 4.1
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {} at octet {}", self.variable, self.name, self.offset)
    }
}

impl std::error::Error for Refused {}

impl From<Refused> for io::Error {
    fn from(refused: Refused) -> Self {
        io::Error::new(io::ErrorKind::InvalidInput, refused)
    }
}

type Read<T> = Result<T, Refused>;
type Set = fn(u8) -> bool;

// ---- The cursor

struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
    units: Option<usize>, // of a pipe's name, SPEC 2.6
    variable: &'static str,
}

impl<'a> Cursor<'a> {
    fn new(text: &'a [u8], variable: &'static str) -> Self {
        Cursor { text, at: 0, units: None, variable }
    }

    fn refuse<T>(&self, name: &'static str) -> Read<T> {
        Err(Refused { name, variable: self.variable, offset: self.at })
    }

    /// The next octet. A text that is too long is refused before anything else
    /// that is wrong there (SPEC 2.8).
    fn peek(&self) -> Read<Option<u8>> {
        match self.text.get(self.at) {
            Some(_) if self.at == 1024 && self.variable.is_empty() => self.refuse("text-too-long"),
            octet => Ok(octet.copied()),
        }
    }

    fn only(&self, right: bool, name: &'static str) -> Read<()> {
        if right { Ok(()) } else { self.refuse(name) }
    }

    /// Refuses the next octet, or a text that stops too early.
    fn need(&self, right: bool, name: &'static str) -> Read<()> {
        self.only(right || self.peek()?.is_some(), "unexpected-end")?;
        self.only(right, name)
    }

    fn advance(&mut self) -> Read<bool> {
        let counts = match self.text[self.at] { 0x80..=0xBF => 0, 0xF0..=0xFF => 2, _ => 1 };
        self.units = self.units.map(|used| used + counts);
        self.only(self.units <= Some(256), "pipe-name-too-long")?;
        self.at += 1;
        Ok(true)
    }

    fn next(&self, set: Set) -> Read<bool> { Ok(self.peek()?.map_or(false, set)) }

    fn take(&mut self, octet: u8) -> Read<bool> {
        Ok(self.peek()? == Some(octet) && self.advance()?)
    }

    fn expect(&mut self, octet: u8, name: &'static str) -> Read<()> {
        let right = self.take(octet)?;
        self.need(right, name)
    }

    /// Reads what a set has, up to an offset.
    fn run(&mut self, set: Set, until: usize) -> Read<&'a str> {
        let from = self.at;
        while self.at < until && self.next(set)? {
            self.advance()?;
        }
        Ok(str::from_utf8(&self.text[from..self.at]).unwrap_or(""))
    }

    /// Reads the longest number up to most; "" for none. Whatever begins a number
    /// is one itself, so this is also how far a number is viable.
    fn decimal(&mut self, most: u64) -> Read<&'a str> {
        let (from, mut value) = (self.at, 0);
        while let Some(digit @ b'0'..=b'9') = self.peek()? {
            let digit = u64::from(digit - b'0');
            if self.at > from && value == 0 || value > (most - digit) / 10 {
                break;
            }
            value = value * 10 + digit;
            self.advance()?;
        }
        Ok(str::from_utf8(&self.text[from..self.at]).unwrap_or(""))
    }
}

fn digit(o: u8) -> bool { o.is_ascii_digit() }
fn hexdig(o: u8) -> bool { o.is_ascii_hexdigit() }
fn word(o: u8) -> bool { o.is_ascii_alphanumeric() || o == b'_' }
fn label_octet(o: u8) -> bool { word(o) || o == b'-' }
fn zone_octet(o: u8) -> bool { word(o) || b"-.~".contains(&o) }
fn path_octet(o: u8) -> bool { matches!(o, b' '..=b'~' | 0x80..=0xFF) }
fn name_octet(o: u8) -> bool { matches!(o, b' '..=b'~') && o != b':' }
fn fd_first(o: u8) -> bool { name_octet(o) && !b" *+-".contains(&o) } // name-first or DIGIT
fn seg_first(o: u8) -> bool { path_octet(o) && !b"/\\".contains(&o) && !matches!(o, 0x80..=0xC1 | 0xF5..) }

fn is_number(text: &str, most: u64) -> bool {
    !text.is_empty() && Cursor::new(text.as_bytes(), "number").decimal(most) == Ok(text)
}

fn number(digits: &str) -> u64 { digits.parse().unwrap_or(u64::MAX) }

// ---- Addresses

/// The value of an address: equal when the same is meant (SPEC 3.0).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    Default,
    Tcp(Host, u16),
    Path(Vec<u8>),
    Abstract(Vec<u8>),
    Fd(Passed),
    NamedPipe { server: String, name: Vec<u8> },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host { Any, V4(Ipv4Addr), V6(Ipv6Addr, String), Name(String) } // V6 has its zone, or ""

/// Which of the descriptors that a process was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passed { Single, All, Number(u32), Name(String) }

impl str::FromStr for Binding {
    type Err = Refused;
    fn from_str(text: &str) -> Read<Self> { Binding::parse(text.as_bytes()) }
}

impl Binding {
    /// Reads an address that need not be UTF-8.
    pub fn parse(text: &[u8]) -> Read<Self> {
        let c = &mut Cursor::new(text, "");
        type Rule = fn(&mut Cursor) -> Read<Binding>;
        let openings: [(&str, Rule); 5] = [("tcp://", tcp), ("unix://", unix), ("fd://", fd),
            ("npipe://", npipe), ("\\\\", |c| pipe_path(c, b'\\'))];
        for (opening, rule) in openings {
            if c.peek()? == Some(opening.as_bytes()[0]) { // no two of them begin alike
                opening.bytes().try_for_each(|octet| c.expect(octet, "unknown-scheme"))?;
                return rule(c);
            }
        }
        c.need(false, "unknown-scheme")?;
        unreachable!()
    }

    /// The canonical spelling (SPEC 3).
    pub fn canonical(&self) -> Vec<u8> {
        let text = match self {
            Binding::Default => "tcp://".into(),
            Binding::Tcp(Host::Any, port) => format!("tcp://*:{port}"),
            Binding::Tcp(Host::V4(ip), port) => format!("tcp://{ip}:{port}"),
            Binding::Tcp(Host::V6(ip, zone), port) if zone.is_empty() => format!("tcp://[{}]:{port}", rfc5952(ip)),
            Binding::Tcp(Host::V6(ip, zone), port) => format!("tcp://[{}%{zone}]:{port}", rfc5952(ip)),
            Binding::Tcp(Host::Name(name), port) => format!("tcp://{name}:{port}"),
            Binding::Path(path) => return [b"unix://", &path[..]].concat(),
            Binding::Abstract(name) => return [b"unix://@", &name[..]].concat(),
            Binding::Fd(Passed::Single) => "fd://".into(),
            Binding::Fd(Passed::All) => "fd://*".into(),
            Binding::Fd(Passed::Number(n)) => format!("fd://{n}"),
            Binding::Fd(Passed::Name(name)) => format!("fd://{name}"),
            Binding::NamedPipe { server, name } => {
                let path: Vec<u8> = name.iter().map(|&o| if o == b'\\' { b'/' } else { o }).collect();
                let long = server != "." || path.contains(&b'/');
                let start = if long { format!("npipe:////{server}/pipe/") } else { "npipe://".into() };
                return [start.as_bytes(), &path].concat();
            }
        };
        text.into_bytes()
    }
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.canonical()))
    }
}

fn tcp(c: &mut Cursor) -> Read<Binding> {
    if c.peek()?.is_none() {
        return Ok(Binding::Default);
    }
    let host = if c.take(b'*')? {
        c.expect(b':', "bad-host")?;
        Host::Any
    } else if c.take(b'[')? {
        let (ip, zoned) = (ipv6(c)?, c.take(b'%')?);
        let zone = if zoned { zone(c)? } else { String::new() };
        c.expect(b']', if zoned { "bad-zone" } else { "bad-ipv6" })?;
        c.expect(b':', "bad-port")?;
        Host::V6(ip, zone)
    } else {
        let name = name_or_ipv4(c, b':', "bad-host", "numeric-host")?;
        c.advance()?;
        name.parse().map_or(Host::Name(name), Host::V4)
    };
    let digits = c.decimal(65535)?; // SPEC 4.2.8
    c.only(digits < "1" || !c.next(digit)?, "port-range")?;
    c.need(!digits.is_empty() && c.peek()?.is_none(), "bad-port")?;
    Ok(Binding::Tcp(host, number(digits) as u16))
}

/// Reads a name or an address up to its delimiter. Every beginning of an address is
/// that of a name, too: "300.1" is viable.
fn name_or_ipv4(c: &mut Cursor, delimiter: u8, bad: &'static str, numeric: &'static str) -> Read<String> {
    let from = c.at;
    while label(c, from)? && c.take(b'.')? {}
    let text = String::from_utf8_lossy(&c.text[from..c.at]).to_lowercase();
    c.need(!text.is_empty() && !text.ends_with('-') && c.peek()? == Some(delimiter), bad)?;
    let last = text.strip_suffix('.').unwrap_or(&text).rsplit('.').next().unwrap_or("");
    let looks_numeric = last.bytes().all(digit) || last.strip_prefix("0x").map_or(false, |rest| rest.bytes().all(hexdig));
    let ipv4 = text.split('.').count() == 4 && text.split('.').all(|part| is_number(part, 255));
    c.need(ipv4 || !looks_numeric, numeric)?;
    Ok(text)
}

/// Reads a label as far as it goes, and says whether it may end there. The name
/// may have to end before this label begins (SPEC 2.2, 2.3).
fn label(c: &mut Cursor, name: usize) -> Read<bool> {
    if !c.next(word)? {
        return Ok(false);
    }
    let last = (c.at + 63).min(name + 253);
    c.run(label_octet, last)?;
    if c.next(label_octet)? {
        c.at = last;
        return c.refuse("host-too-long");
    }
    Ok(c.text[c.at - 1] != b'-')
}

/// Eight groups, or "::" and seven at most: so the nine alternatives.
fn ipv6(c: &mut Cursor) -> Read<Ipv6Addr> {
    let (from, mut groups, mut most) = (c.at, 0, 8);
    loop {
        if most == 8 && c.take(b':')? {
            let right = groups > 0 || c.take(b':')?;
            c.need(right, "bad-ipv6")?;
            most = 7;
            if groups == most || !c.next(hexdig)? {
                break;
            }
        }
        let left = most - groups;
        let read = group(c, left == 2 || left > 2 && most == 7)?;
        groups += read;
        if read == 2 || groups == most || most == 7 && c.peek()? != Some(b':') {
            break;
        }
        c.expect(b':', "bad-ipv6")?;
    }
    let text = String::from_utf8_lossy(&c.text[from..c.at]);
    text.parse().or_else(|_| c.refuse("bad-ipv6"))
}

/// SPEC 3.1.4: of ::/96 some versions of std print the last 32 bits as an ipv4.
pub fn rfc5952(ip: &Ipv6Addr) -> String {
    match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0..=1] => ip.to_string(),
        [0, 0, 0, 0, 0, 0, 0, last] => format!("::{last:x}"),
        [0, 0, 0, 0, 0, 0, high, low] => format!("::{high:x}:{low:x}"),
        _ => ip.to_string(),
    }
}

/// An h16 or, where one fits, an ipv4, which counts twice. Both begin with
/// digits, and the dot decides.
fn group(c: &mut Cursor, ipv4_fits: bool) -> Read<usize> {
    let text = c.run(hexdig, c.at + 4)?;
    c.need(!text.is_empty(), "bad-ipv6")?;
    if !ipv4_fits || !is_number(text, 255) || c.peek()? != Some(b'.') {
        return Ok(1);
    }
    for _ in 0..3 {
        c.expect(b'.', "bad-ipv6")?;
        let text = c.decimal(255)?;
        c.need(!text.is_empty(), "bad-ipv6")?;
    }
    Ok(2)
}

fn zone(c: &mut Cursor) -> Read<String> { // SPEC 2.4, 3.1.5
    let from = c.at;
    let is_index = c.take(b'2')? && c.take(b'5')?;
    c.run(if is_index { digit } else { zone_octet }, from + 15)?;
    c.need(c.at > from, "bad-zone")?;
    Ok(String::from_utf8_lossy(&c.text[from..c.at]).into())
}

fn unix(c: &mut Cursor) -> Read<Binding> {
    let is_abstract = c.take(b'@')?;
    let bad = if is_abstract { "bad-abstract-name" } else { "bad-path" };
    let from = c.at;
    c.run(path_octet, usize::MAX)?;
    let text = c.text[from..c.at].to_vec();
    c.need(!text.is_empty() && c.peek()?.is_none(), bad)?;
    c.only(is_abstract || !text.ends_with(b"/"), bad)?;
    Ok(if is_abstract { Binding::Abstract(text) } else { Binding::Path(text) })
}

fn fd(c: &mut Cursor) -> Read<Binding> {
    let all = c.take(b'*')?;
    if c.peek()?.is_none() {
        return Ok(Binding::Fd(if all { Passed::All } else { Passed::Single }));
    }
    c.only(!all && c.next(fd_first)?, "bad-fd")?;
    let text = c.run(name_octet, c.at + 255)?; // a number may go on as a name, SPEC 2.7
    if !text.bytes().all(digit) || c.next(name_octet)? {
        c.only(c.peek()?.is_none() && !text.ends_with(' '), "bad-fd-name")?;
        return Ok(Binding::Fd(Passed::Name(text.into())));
    }
    c.only(c.peek()?.is_none() && (text == "0" || !text.starts_with('0')), "bad-fd")?;
    c.only(is_number(text, (1 << 31) - 1), "fd-range")?;
    Ok(Binding::Fd(Passed::Number(number(text) as u32)))
}

fn npipe(c: &mut Cursor) -> Read<Binding> {
    if c.take(b'/')? {
        c.expect(b'/', "bad-pipe-server")?;
        return pipe_path(c, b'/');
    }
    c.units = Some(r"\\.\pipe\".len());
    Ok(Binding::NamedPipe { server: ".".into(), name: segments(c, None)? })
}

fn pipe_path(c: &mut Cursor, separator: u8) -> Read<Binding> {
    c.units = Some(r"\\".len());
    let server = if c.take(b'.')? { ".".into() } else { name_or_ipv4(c, separator, "bad-pipe-server", "bad-pipe-server")? };
    c.expect(separator, "bad-pipe-server")?;
    for letter in b"pipe" {
        let right = c.take(*letter)? || c.take(letter.to_ascii_uppercase())?;
        c.need(right, "bad-pipe-name")?;
    }
    c.expect(separator, "bad-pipe-name")?;
    Ok(Binding::NamedPipe { server, name: segments(c, Some(separator))? })
}

/// Segments, joined by a backslash (SPEC 3.4.1, 4.2.11).
fn segments(c: &mut Cursor, separator: Option<u8>) -> Read<Vec<u8>> {
    let mut read = Vec::new();
    loop {
        let from = c.at;
        while c.next(seg_first)? {
            character(c)?;
        }
        let segment = &c.text[from..c.at];
        let bad = if c.peek()? >= Some(0x80) { "bad-utf8" } else { "bad-pipe-name" };
        c.need(!segment.is_empty(), bad)?;
        c.only(segment != b"." && segment != b"..", bad)?;
        read.extend(segment);
        if c.peek()?.is_none() {
            return Ok(read);
        }
        let right = c.peek()? == separator && c.advance()?;
        c.need(right, bad)?;
        read.push(b'\\');
    }
}

/// A character of UTF-8: what Rust calls an incomplete one is viable.
fn character(c: &mut Cursor) -> Read<()> {
    let from = c.at;
    c.advance()?;
    while str::from_utf8(&c.text[from..c.at]).is_err() {
        c.only(c.peek()?.is_some(), "bad-utf8")?;
        let invalid = str::from_utf8(&c.text[from..=c.at]).err().and_then(|error| error.error_len());
        c.only(invalid.is_none(), "bad-utf8")?;
        c.advance()?;
    }
    Ok(())
}

// ---- Activation, SPEC 6

/// Four values, None for unset, and what the process is.
#[derive(Default)]
pub struct Environment {
    pub pid: Option<Vec<u8>>,
    pub fds: Option<Vec<u8>>,
    pub fdnames: Option<Vec<u8>>,
    pub pidfdid: Option<Vec<u8>>,
    pub self_pid: u64,
    pub self_pidfdid: u64, // 0 when unknown
    pub limit: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Outcome { None, OtherProcess, Passed(u64, Vec<String>) }

impl Environment {
    pub fn outcome(&self) -> Read<Outcome> {
        let pid = match &self.pid { None => return Ok(Outcome::None), Some(pid) => pid };
        if listen_number(pid, "LISTEN_PID", "bad-listen-pid", (1 << 31) - 1)? != self.self_pid {
            return Ok(Outcome::OtherProcess);
        }
        if let (Some(id), 1..) = (&self.pidfdid, self.self_pidfdid) {
            if listen_number(id, "LISTEN_PIDFDID", "bad-listen-pidfdid", u64::MAX)? != self.self_pidfdid {
                return Ok(Outcome::OtherProcess);
            }
        }
        let fds = match &self.fds { None => return Ok(Outcome::None), Some(fds) => fds };
        let count = listen_number(fds, "LISTEN_FDS", "bad-listen-fds", (1 << 31) - 4)?;
        let whole = |text: &[u8], variable| Cursor { text: &[], at: text.len(), units: None, variable };
        whole(fds, "LISTEN_FDS").only(count <= self.limit, "too-many-fds")?;
        let text = match &self.fdnames { None => return Ok(Outcome::Passed(count, vec![])), Some(text) => text };
        let names = listen_fdnames(text)?;
        whole(text, "LISTEN_FDNAMES").only(names.len() as u64 == count, "fdnames-count")?;
        Ok(Outcome::Passed(count, names))
    }
}

fn listen_number(text: &[u8], variable: &'static str, bad: &'static str, most: u64) -> Read<u64> {
    let c = &mut Cursor::new(text, variable);
    c.only(c.peek()? != Some(b'0'), bad)?;
    let digits = c.decimal(most)?;
    c.only(!digits.is_empty() && c.peek()?.is_none(), bad)?;
    Ok(number(digits))
}

fn listen_fdnames(text: &[u8]) -> Read<Vec<String>> { // SPEC 2.9
    let c = &mut Cursor::new(text, "LISTEN_FDNAMES");
    let mut names = vec![c.run(name_octet, 255)?.to_string()];
    while c.take(b':')? {
        names.push(c.run(name_octet, c.at + 255)?.into());
    }
    c.only(c.peek()?.is_none(), "bad-listen-fdnames")?;
    Ok(names)
}

// SPDX-License-Identifier: MIT OR Apache-2.0

//! The adapter of SPEC 7 for the library in sbind.rs.
//!
//!     rustc --edition 2021 -O --crate-type lib --crate-name sbind ../sbind.rs
//!     rustc --edition 2021 -O --extern sbind=libsbind.rlib adapter.rs

use sbind::{Binding, Environment, Host, Outcome, Passed, Refused};
use std::io::{self, BufRead, Write};
use std::{fmt, str};

fn hex(octets: &[u8]) -> String { octets.iter().map(|o| format!("{o:02x}")).collect() }

/// None when it is not hexadecimal.
fn octets_of(field: &str) -> Option<Vec<u8>> {
    let digits = field.as_bytes();
    let pair = |two: &[u8]| u8::from_str_radix(str::from_utf8(two).ok()?, 16).ok();
    match field {
        "-" => Some(vec![]),
        _ if digits.is_empty() || digits.len() % 2 != 0 || !digits.iter().all(|o| o.is_ascii_hexdigit()) => None,
        _ => digits.chunks(2).map(pair).collect(),
    }
}

fn address_json(binding: &Binding) -> String {
    let host = |kind, value: &dyn fmt::Display, more: String, port| format!(
        r#"{{"scheme":"tcp","host":{{"type":"{kind}","value":"{value}"{more}}},"port":{port}}}"#);
    match binding {
        Binding::Default => r#"{"scheme":"tcp","host":{"type":"default"}}"#.into(),
        Binding::Tcp(Host::Any, port) => format!(r#"{{"scheme":"tcp","host":{{"type":"any"}},"port":{port}}}"#),
        Binding::Tcp(Host::V4(ip), port) => host("ipv4", ip, String::new(), port),
        Binding::Tcp(Host::V6(ip, zone), port) if zone.is_empty() => host("ipv6", &sbind::rfc5952(ip), String::new(), port),
        Binding::Tcp(Host::V6(ip, zone), port) => host("ipv6", &sbind::rfc5952(ip), format!(r#","zone":"{zone}""#), port),
        Binding::Tcp(Host::Name(name), port) => host("name", name, String::new(), port),
        Binding::Path(path) => format!(r#"{{"scheme":"unix","type":"path","octets":"{}"}}"#, hex(path)),
        Binding::Abstract(name) => format!(r#"{{"scheme":"unix","type":"abstract","octets":"{}"}}"#, hex(name)),
        Binding::Fd(Passed::Single) => r#"{"scheme":"fd","type":"single"}"#.into(),
        Binding::Fd(Passed::All) => r#"{"scheme":"fd","type":"all"}"#.into(),
        Binding::Fd(Passed::Number(n)) => format!(r#"{{"scheme":"fd","type":"number","value":{n}}}"#),
        Binding::Fd(Passed::Name(name)) => format!(r#"{{"scheme":"fd","type":"name","value":"{}"}}"#,
            name.replace('\\', r"\\").replace('"', "\\\"")),
        Binding::NamedPipe { server, name } => format!(r#"{{"scheme":"npipe","server":"{server}","name":"{}"}}"#, hex(name)),
    }
}

/// The answer behind "ok":true. None if these fields are no request.
fn reply(fields: &[&str]) -> Option<Result<String, Refused>> {
    let value = |field: &str| if field == "unset" { Some(None) } else { octets_of(field).map(Some) };
    let number = |field: &str, most| field.bytes().all(|o| o.is_ascii_digit()).then(|| field.parse().ok()).flatten().filter(|n| *n <= most);
    match fields {
        ["parse", text] => Some(Binding::parse(&octets_of(text)?).map(|binding| format!(
            r#""canonical":"{}","address":{}"#, hex(&binding.canonical()), address_json(&binding)))),
        ["activation", pid, fds, fdnames, pidfdid, own, own_pidfdid, limit] => Some(Environment {
            pid: value(pid)?, fds: value(fds)?, fdnames: value(fdnames)?, pidfdid: value(pidfdid)?,
            self_pid: number(own, (1 << 31) - 1)?, self_pidfdid: number(own_pidfdid, u64::MAX)?,
            limit: number(limit, (1 << 32) - 1)?,
        }.outcome().map(|outcome| match outcome {
            Outcome::None => r#""outcome":"none""#.into(),
            Outcome::OtherProcess => r#""outcome":"other-process""#.into(),
            Outcome::Passed(count, names) => format!(r#""outcome":"passed","count":{count},"names":[{}]"#,
                names.iter().map(|name| format!(r#""{}""#, hex(name.as_bytes()))).collect::<Vec<_>>().join(",")),
        })),
        _ => None,
    }
}

fn answer(line: &str) -> String {
    match reply(&line.split(' ').collect::<Vec<_>>()) {
        None => r#"{"ok":false,"error":"bad-request"}"#.into(),
        Some(Ok(text)) => format!(r#"{{"ok":true,{text}}}"#),
        Some(Err(Refused { name, variable: "", offset })) => format!(r#"{{"ok":false,"error":"{name}","offset":{offset}}}"#),
        Some(Err(Refused { name, variable, offset })) =>
            format!(r#"{{"ok":false,"error":"{name}","variable":"{variable}","offset":{offset}}}"#),
    }
}

fn main() -> io::Result<()> {
    for line in io::stdin().lock().split(b'\n') {
        let mut out = io::stdout(); // which flushes each line
        writeln!(out, "{}", answer(&String::from_utf8_lossy(&line?)))?;
    }
    Ok(())
}

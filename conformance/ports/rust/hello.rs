// SPDX-License-Identifier: MIT OR Apache-2.0

//! hello [-H ADDRESS]: says hello to one HTTP client after the other. The address
//! is that of -H, else of the variable HOST, else tcp://127.0.0.1:8080.
//!
//!     rustc --edition 2021 -O --crate-type lib --crate-name sbind ../sbind.rs
//!     rustc --edition 2021 -O --extern sbind=libsbind.rlib hello.rs

use sbind::{Binding, Listener};
use std::io::{BufRead, BufReader, Read, Result, Write};

struct Args {
    host: Binding,
}

impl Args {
    fn parse() -> Result<Self> {
        let mut words = std::env::args().skip(1);
        let text = match (words.next().as_deref(), words.next(), words.next()) {
            (None, _, _) => std::env::var("HOST").unwrap_or_else(|_| "tcp://127.0.0.1:8080".into()),
            (Some("-H" | "--host"), Some(text), None) => text,
            _ => return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "usage: hello [-H ADDRESS]")),
        };
        Ok(Args { host: text.parse()? })
    }
}

fn greet(stream: impl Read + Write) -> Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 { // up to the empty line
        line.clear();
    }
    reader.get_mut().write_all(b"HTTP/1.0 200 OK\r\nContent-Length: 7\r\n\r\nHello!\n")
}

fn main() -> Result<()> {
    let args = Args::parse()?;

    match args.host.try_into()? {
        Listener::Unix(listener) => listener.incoming().try_for_each(|stream| greet(stream?)),
        Listener::Tcp(listener) => listener.incoming().try_for_each(|stream| greet(stream?)),
    }
}

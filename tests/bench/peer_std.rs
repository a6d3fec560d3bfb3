// peer_std.rs - what Rust's standard library makes of an IP address and a port
use std::net::SocketAddr;

/// # Safety
/// text has length octets.
#[no_mangle]
pub unsafe extern "C" fn std_parse(text: *const u8, length: usize) -> bool {
    let octets = std::slice::from_raw_parts(text, length);
    match octets.get(6..).map(std::str::from_utf8) {
        Some(Ok(rest)) => std::hint::black_box(rest.parse::<SocketAddr>()).is_ok(),
        _ => false,
    }
}

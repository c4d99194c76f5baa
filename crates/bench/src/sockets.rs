//! Operators' sockets as a load: cheap to read, so that the cost measured is the server's.

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A WebSocket client that reads text frames and looks into them no further than it must.
pub(crate) struct Socket {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Where the next frame begins.
    at: usize,
}

impl Socket {
    pub(crate) async fn open(addr: &str, path: &str) -> anyhow::Result<Self> {
        let mut stream = TcpStream::connect(addr).await?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {addr}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut socket = Self { stream, buffer: Vec::with_capacity(4096), at: 0 };
        loop {
            if let Some(end) = socket.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&socket.buffer[..end]);
                anyhow::ensure!(head.starts_with("HTTP/1.1 101"), "no upgrade: {head}");
                socket.at = end + 4;
                return Ok(socket);
            }
            anyhow::ensure!(socket.stream.read_buf(&mut socket.buffer).await? > 0, "the server hung up");
        }
    }

    /// Opens a desk's socket and signs in.
    pub(crate) async fn signed_in(addr: &str, token: &str) -> anyhow::Result<Self> {
        let mut socket = Self::open(addr, "/api/v1/ws/live-chat").await?;
        socket.send(&format!("{{\"type\":\"auth\",\"payload\":{{\"token\":\"{token}\"}}}}")).await?;
        socket.wait_for(|text| text.starts_with("{\"type\":\"auth_success\"")).await?;
        Ok(socket)
    }

    /// Sends a text frame. The mask is zero: it hides nothing, and RFC 6455 only asks that there be one.
    pub(crate) async fn send(&mut self, text: &str) -> anyhow::Result<()> {
        let mut frame = vec![0x81];
        match u16::try_from(text.len())? {
            length @ 0..=125 => frame.push(0x80 | u8::try_from(length)?),
            length => {
                frame.push(0x80 | 0x7e);
                frame.extend_from_slice(&length.to_be_bytes());
            }
        }
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(text.as_bytes());
        Ok(self.stream.write_all(&frame).await?)
    }

    /// The next text frame, looked at in place.
    pub(crate) async fn next<T>(&mut self, look: impl FnOnce(&str) -> T) -> anyhow::Result<T> {
        loop {
            if let Some((opcode, payload)) = frame_in(&self.buffer[self.at..]) {
                let (from, to) = (self.at + payload.start, self.at + payload.end);
                self.at = to;
                if opcode != 1 {
                    let said = &self.buffer[from..to];
                    anyhow::ensure!(opcode != 8, "the server closed the socket: {}", close_code(said));
                    continue;
                }
                return Ok(look(std::str::from_utf8(&self.buffer[from..to])?));
            }
            self.buffer.drain(..self.at);
            self.at = 0;
            anyhow::ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the server hung up");
        }
    }

    /// Skips frames until one is as wanted.
    pub(crate) async fn wait_for(&mut self, is_wanted: impl Fn(&str) -> bool) -> anyhow::Result<()> {
        while !self.next(|text| is_wanted(text)).await? {}
        Ok(())
    }
}

/// The code of a close frame (RFC 6455, 5.5.1); 0 without one.
fn close_code(payload: &[u8]) -> u16 {
    payload.first_chunk().map_or(0, |code| u16::from_be_bytes(*code))
}

/// The first whole frame: its opcode and where its payload is. Servers do not mask (RFC 6455, 5.1).
fn frame_in(bytes: &[u8]) -> Option<(u8, std::ops::Range<usize>)> {
    let (opcode, short) = (*bytes.first()? & 0x0f, *bytes.get(1)?);
    let (start, length) = match short {
        126 => (4, usize::from(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]))),
        127 => {
            let long: [u8; 8] = bytes.get(2..10)?.try_into().ok()?;
            (10, usize::try_from(u64::from_be_bytes(long)).ok()?)
        }
        length => (2, usize::from(length)),
    };
    (bytes.len() >= start + length).then_some((opcode, start..start + length))
}

/// The number behind `"seq":`.
pub(crate) fn seq_of(text: &str) -> anyhow::Result<i64> {
    let (_, rest) = text.rsplit_once("\"seq\":").context("a frame without a seq")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Ok(digits.parse()?)
}

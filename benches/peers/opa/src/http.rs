//! A client that keeps its connection, with as much HTTP as OPA's server needs.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

/// A connection.
pub struct Client {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
}

impl Client {
    pub fn connect(port: u16) -> std::io::Result<Client> {
        let writer = TcpStream::connect(("127.0.0.1", port))?;
        writer.set_nodelay(true)?;
        Ok(Client { reader: BufReader::new(writer.try_clone()?), writer })
    }

    /// Asks for a decision; gives the whole answer.
    pub fn ask(&mut self, path: &str, input: &[u8]) -> Value {
        let mut message = format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{{\"input\":",
            input.len() + 10
        )
        .into_bytes();
        message.extend_from_slice(input);
        message.push(b'}');
        self.writer.write_all(&message).expect("the server listens");
        serde_json::from_slice(&self.body()).expect("an answer is JSON")
    }

    /// Whether the server is ready.
    pub fn is_healthy(&mut self) -> bool {
        let sent = self.writer.write_all(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        sent.is_ok() && self.line().contains(" 200 ")
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).expect("the server answers");
        line.trim_end().to_ascii_lowercase()
    }

    fn body(&mut self) -> Vec<u8> {
        let mut length = None;
        loop {
            let line = self.line();
            if let Some(number) = line.strip_prefix("content-length:") {
                length = Some(number.trim().parse().expect("a length"));
            }
            if line.is_empty() {
                break;
            }
        }
        match length {
            Some(length) => self.bytes(length),
            None => self.chunks(),
        }
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.reader.read_exact(&mut bytes).expect("the server sends what it says");
        bytes
    }

    fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let length = usize::from_str_radix(&self.line(), 16).expect("a chunk's length");
            body.extend(self.bytes(length));
            self.line();
            if length == 0 {
                return body;
            }
        }
    }
}

//! A session to replay: what the user asked for and the calls that followed.

use serde::Serialize;
use serde_json::Value;

/// One session of an assistant.
pub struct Session {
    pub suite: String,
    pub prompt: String,
    /// Somebody's injected text made the assistant act, with success.
    pub attacked: bool,
    pub calls: Vec<Call>,
}

/// One tool call, with what the tool gave back.
pub struct Call {
    pub tool: String,
    pub args: Value,
    pub result: String,
    /// The injected text made the assistant make this call.
    pub by_attacker: bool,
}

#[derive(Serialize)]
struct Request<'a> {
    tool: Tool<'a>,
    args: &'a Value,
    session: History<'a>,
}

#[derive(Serialize)]
struct Tool<'a> {
    server: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct History<'a> {
    prompt: &'a str,
    calls: Vec<Past<'a>>,
}

#[derive(Serialize)]
struct Past<'a> {
    tool: &'a str,
    server: &'a str,
    args: &'a Value,
    result: &'a str,
}

impl Session {
    /// The request that the host would send for the call at `index`: the call and all before it.
    pub fn request(&self, index: usize) -> Result<Vec<u8>, String> {
        let call = self.calls.get(index).ok_or("no such call")?;
        let calls = self.calls.iter().take(index).map(|past| Past { tool: &past.tool, server: &self.suite, args: &past.args, result: &past.result });
        let request = Request {
            tool: Tool { server: &self.suite, name: &call.tool },
            args: &call.args,
            session: History { prompt: &self.prompt, calls: calls.collect() },
        };
        serde_json::to_vec(&request).map_err(|e| e.to_string())
    }
}

// The gate as a node of a graph, in a loop and in front of MCP tools, with the policy of `examples/embed`.

'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { Gate } = require('..');
const { assistant } = require('./support.js');

const servers = { read: 'files', fetch: 'web', send: 'mail', transfer: 'pay', run: 'shell' };
const facts = () => ({ agent: { id: 'assistant-1' }, context: { time: '2026-11-12T10:00:00Z' } });
const call = (name, args = {}, id = 'c1') => ({ name, args, id, type: 'tool_call' });
const state = (...calls) => ({ messages: [{ role: 'user', content: 'hello' }, { role: 'assistant', content: '', tool_calls: calls }] });

const send = call('send', { to: 'ann@corp.example', subject: 's', body: 'b' });
const pay = call('transfer', { to_iban: 'DE1', amount: 500 });
const read = call('read', { path: '/a' });

function world(decider, approves = true) {
  const did = [];
  const note = (name) => (call, args) => void did.push(`${name} ${JSON.stringify(args)}`);
  const duties = {
    audit: note('audit'),
    notify: note('notify'),
    redact: note('redact'),
    set_arg: async (call, { path, value }) => ({ ...call, args: { ...call.args, [path.slice(1)]: value } }),
  };
  const review = async (call, decision) => {
    did.push(`ask ${decision.obligations[0].args.from}`);
    if (approves === 'interrupt') throw new Error('interrupted');
    return approves;
  };
  return { did, gate: new Gate(decider, { facts, servers, review, duties }) };
}

test('allowed calls go on and refused ones say why', async () => {
  const { did, gate } = world(assistant());
  const { node } = gate;
  const update = await node(state(read, call('send', { to: 'x@evil.example', subject: '', body: '' }, 'c2'), call('erase', {}, 'c3')));
  assert.deepEqual(update.allowedCalls, [read]);
  assert.deepEqual(update.messages.map((message) => [message.tool_call_id, message.role, message.status]), [['c2', 'tool', 'error'], ['c3', 'tool', 'error']]);
  assert.equal(update.messages[0].content, 'Not called: no rule allows this call');
  assert.deepEqual(did, ['redact {"path":"/headers/set-cookie"}', 'audit {"level":"basic"}']);
});

test('obligations change the call', async () => {
  const update = await world(assistant()).gate.node(state(send));
  assert.deepEqual(update.allowedCalls[0].args, { ...send.args, footer: 'Sent by an assistant.' });
});

test('calls as OpenAI has them', async () => {
  const { gate } = world(assistant());
  const fn = (text) => ({ id: 'c1', type: 'function', function: { name: 'read', arguments: text } });
  assert.deepEqual((await gate.node(state(fn('{"path": "/a"}')))).allowedCalls, [read]);
  for (const text of ['{"path": ', '{"path": NaN}', '['.repeat(100_000), undefined, 3, 'null', '']) {
    const update = await gate.node(state(fn(text)));
    assert.deepEqual([update.allowedCalls.length, update.messages.length], [0, 1], text);
  }
});

test("only name and arguments are the model's word", async () => {
  const gate = new Gate(assistant(), { facts: () => ({ ...facts(), tool: { name: 'read', server: 'files' }, args: { path: '/a' } }), servers });
  assert.deepEqual((await gate.node(state(call('erase', { agent: { id: 'root' } })))).allowedCalls, []);
  for (const name of ['__proto__', 'constructor', 'toString']) assert.deepEqual((await gate.node(state(call(name)))).allowedCalls, []);
});

test('reviews', async () => {
  for (const answer of [true, false, 1, 'yes', null, 'interrupt']) {
    const { did, gate } = world(assistant(), answer);
    if (answer === 'interrupt') {
      await assert.rejects(gate.node(state(pay)), /interrupted/);
      continue;
    }
    const update = await gate.node(state(pay));
    assert.equal(update.allowedCalls.length, answer === true ? 1 : 0);
    assert.equal(did[0], 'ask user');
    if (answer !== true) assert.equal(update.messages[0].content, 'Not called: 500 after 0 in this conversation; nobody approved it');
  }
  const nobody = new Gate(assistant(), { facts, servers, duties: { notify() {} } });
  assert.match((await nobody.node(state(pay))).messages[0].content, /a person must approve it, and nobody can be asked$/);
});

test('what cannot be fulfilled is refused', async () => {
  const { gate } = world(assistant());
  assert.equal((await gate.node(state(call('run', { command: 'ls' })))).messages[0].content, 'Not called: nobody here can fulfil `sandbox`');
  const full = new Gate(assistant(), { facts, servers, duties: { redact() {}, audit: async () => { throw new Error('the disk is full'); } } });
  assert.equal((await full.node(state(read))).messages[0].content, 'Not called: an obligation could not be fulfilled');
});

test('whatever goes wrong, nothing is allowed', async () => {
  const { gate } = world(assistant());
  const bad = new Proxy({}, { get() { throw new Error('no'); } });
  for (const odd of [undefined, null, 1, {}, { messages: null }, { messages: [] }, { messages: [bad] }, bad, state(), { messages: [{ tool_calls: 3 }] }]) {
    assert.deepEqual(await gate.node(odd), { messages: [], allowedCalls: [] });
  }
  for (const raw of [null, 1, {}, { name: 3 }, { name: 'read', args: () => 1 }, bad, call('read', { path: NaN }), { function: {} }, { function: bad }]) {
    const update = await gate.node(state(raw));
    assert.deepEqual([update.allowedCalls.length, update.messages[0].role], [0, 'tool']);
  }
  for (const noFacts of [() => { throw new Error('a secret'); }, async () => { throw undefined; }, () => 3, () => undefined]) {
    const update = await new Gate(assistant(), { facts: noFacts, servers }).node(state(read));
    assert.deepEqual([update.allowedCalls.length, update.messages[0].content.includes('secret')], [0, false]);
  }
});

test('a conversation', async () => {
  const session = assistant().session({ prompt: 'read the page' });
  const { gate } = world(session, false);
  const fetch = call('fetch', { url: 'https://a.example/' }, 'c2');
  assert.equal((await gate.node(state(send, fetch))).messages[0].content, 'Not called: one call at a time: ask again');
  gate.done('sent');
  assert.equal((await gate.node(state(fetch))).allowedCalls.length, 1);
  // Of the page nothing is said: it counts as read.
  assert.equal((await gate.node(state(send))).allowedCalls.length, 0);
  assert.equal(session.length, 3);

  // What is no call, or has no JSON, is remembered as asked for and ends nothing.
  await gate.node(state(call('read', { path: NaN }), 3, { name: 'read', args: 'x' }));
  assert.equal(session.length, 6);

  const verdict = await gate.check(state(), read);
  assert.deepEqual([verdict.allowed, session.length], [true, 6]);
  gate.record(verdict, { text: 'b' });
  assert.equal(session.length, 7);
  gate.record(verdict, () => 1);
  assert.equal((await gate.node(state(read))).messages[0].content, 'Not called: an earlier call could not be recorded');
});

test('in front of MCP tools', async () => {
  const session = assistant().session();
  const { gate } = world(session, false);
  const made = [];
  const handler = gate.mcp(async (request, extra) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    made.push(`${extra} ${request.params.name} ${request.params.arguments.footer ?? ''}`);
    if (request.params.name === 'fetch') throw new Error('the page is gone');
    return { content: [{ type: 'text', text: 'done' }] };
  });
  const ask = (name, args) => handler({ method: 'tools/call', params: { name, arguments: args } }, 'x');
  // Asked for at once, made one after the other: when the second letter is decided, the page has been read.
  const [first, page, second] = await Promise.allSettled([ask('send', send.args), ask('fetch', { url: 'https://a.example/' }), ask('send', send.args)]);
  assert.deepEqual(first.value, { content: [{ type: 'text', text: 'done' }] });
  assert.equal(page.reason.message, 'the page is gone');
  assert.ok(second.value.isError && second.value.content[0].text.startsWith('Not called: the conversation has read the web'));
  assert.deepEqual(made, ['x send Sent by an assistant.', 'x fetch ']);
  assert.equal(session.length, 3);
});

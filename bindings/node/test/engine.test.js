// Engines, data, decisions and sessions.

'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const { copyFileSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const test = require('node:test');
const { pathToFileURL } = require('node:url');
const { Worker } = require('node:worker_threads');
const { DataError, Engine, LoadError, RequestError, Session, TollgateError } = require('..');
const { assistant, assistantPlan, calls, gateway, gatewayPlan, root, tollgate } = require('./support.js');

test('decisions are those of the command', () => {
  const expected = tollgate('eval', '-i', 'examples/gateway/calls.jsonl', 'examples/gateway').trim().split('\n');
  assert.equal(calls.length, 40);
  const engine = gateway();
  const forms = [String, Buffer.from, (line) => new TextEncoder().encode(line), JSON.parse, (line) => new Map(Object.entries(JSON.parse(line)))];
  for (const form of forms) {
    assert.deepEqual(calls.map((line) => JSON.stringify(engine.decide(form(line)))), expected);
  }
});

test('explanations are those of the command', () => {
  const engine = gateway();
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'tollgate-')), 'call.json');
  for (const line of calls.slice(0, 5)) {
    writeFileSync(file, line);
    const expected = JSON.parse(tollgate('eval', '-i', file, '--explain', '--format', 'json', 'examples/gateway'));
    const rules = new Map(expected.rules.map((rule) => [rule.rule, rule]));
    const explained = engine.explain(JSON.parse(line));
    assert.deepEqual(explained.scores, expected.scores);
    assert.deepEqual(explained.decision, engine.decide(line));
    assert.ok(explained.rules.length > 0);
    for (const rule of explained.rules) assert.deepEqual(rule, rules.get(rule.rule));
  }
});

test('allowed tools', () => {
  const engine = gateway();
  const tools = new Map(engine.allowedTools({ agent: { id: 'support-1' }, context: {} }).map((tool) => [tool.tool, tool]));
  assert.ok(tools.get('crm/search_customers').allow);
  assert.ok(!tools.get('crm/delete_record').allow && !tools.get('crm/delete_record').review);
  assert.throws(() => engine.allowedTools({ agent: 3 }), RequestError);
  assert.throws(() => engine.allowedTools({ agent: NaN }), /at `agent`: expected a number, got NaN/);
});

test('data are replaced', () => {
  const engine = gateway();
  const call = { agent: { id: 'new-1' }, tool: { server: 'crm', name: 'search_customers' }, args: { query: 'x' }, context: {} };
  const fork = engine.fork();
  engine.setData('registry', { 'new-1': { tools: new Set(['search_customers']), max_risk: 'high' } });
  assert.deepEqual([engine.decide(call).effect, fork.decide(call).effect], ['allow', 'deny']);
  assert.throws(() => engine.setAll({ registry: {}, nobody: 1 }), { name: 'DataError', message: 'the policy declares no data `nobody`' });
  assert.equal(engine.decide(call).effect, 'allow');
  for (const wrong of [{ 'new-1': 1 }, '{', Buffer.from([255]), NaN, () => 1, undefined]) {
    assert.throws(() => engine.setData('registry', wrong), DataError);
  }
});

test('without data everything is denied', () => {
  const engine = Engine.load(readFileSync(gatewayPlan));
  assert.deepEqual(engine.unbound(), ['gateway.company_domains', 'gateway.registry']);
  assert.equal(engine.decide(calls[0]).effect, 'deny');
  assert.throws(() => engine.decide(calls[0], { strict: true }), RequestError);
});

test('plans', () => {
  const plan = readFileSync(gatewayPlan);
  assert.equal(Engine.load(gatewayPlan).policy, Engine.load(pathToFileURL(gatewayPlan)).policy);
  for (const damaged of [new Uint8Array(), plan.subarray(1), plan.subarray(0, 1000)]) assert.throws(() => Engine.load(damaged), LoadError);
  for (let place = 0; place < plan.length; place += 101) {
    const damaged = Buffer.from(plan);
    damaged[place] ^= 1 << place % 8;
    assert.throws(() => Engine.load(damaged), LoadError);
  }
  assert.throws(() => Engine.load('nowhere'), { code: 'ENOENT' });
  assert.throws(() => Engine.load(0), TypeError);
  assert.ok(LoadError.prototype instanceof TollgateError && TollgateError.prototype instanceof Error);
});

test('strictness', () => {
  const engine = gateway();
  assert.deepEqual(engine.decide(calls[0], { strict: true }), engine.decide(calls[0]));
  assert.throws(() => engine.decide({ agent: 1 }, { strict: true }), (error) => {
    assert.ok(error instanceof RequestError && error.message.startsWith('at `agent`'));
    assert.deepEqual(error.decision, engine.decide({ agent: 1 }));
    return true;
  });
});

test('limits', () => {
  const small = gateway({ inputBytes: 100 });
  assert.equal(small.decide(calls[0]).errors[0].limit, 'input_bytes');
  assert.equal(small.decide(JSON.parse(calls[0])).errors[0].limit, 'input_bytes');
  assert.throws(() => gateway({ dataBytes: 10 }), DataError);
  for (const wrong of [{ bytes: 1 }, { steps: -1 }, { steps: 1.5 }, { steps: '1' }]) assert.throws(() => Engine.load(gatewayPlan, wrong), TypeError);
});

test('what has a JSON', () => {
  const engine = gateway();
  engine.setData('registry', { a: { tools: ['export_data'], max_risk: 'high' } });
  const context = { time: new Date('2026-11-12T10:00:00Z'), risk: undefined };
  const call = { agent: { id: 'a', labels: new Set(['x']) }, context, tool: { server: 'crm', name: 'export_data' } };
  const decision = engine.decide({ ...call, args: new Map(Object.entries({ data_type: 'sensitive', table: 't', rows: 5000n })) });
  assert.equal(decision.reasons[0].text, 'export of 5000 sensitive rows by a');
  const rows = engine.decide({ ...call, args: { data_type: 'sensitive', table: 't', rows: 9007199254740993n } });
  assert.equal(rows.reasons[0].text, 'export of 9007199254740993 sensitive rows by a');
});

test('sessions', () => {
  const engine = assistant();
  const session = engine.session({ prompt: 'mail the page to nobody' });
  const mail = { agent: { id: 'a' }, tool: { server: 'mail', name: 'send' }, args: { to: 'ann@corp.example', subject: 's', body: 'b' } };
  const fetch = { agent: { id: 'a' }, tool: { server: 'web', name: 'fetch' }, args: { url: 'https://a.example/' } };
  assert.equal(session.decide(mail).effect, 'allow');
  session.record(fetch, 'allow', 'what the page says');
  session.record(JSON.stringify(fetch), 'allow', Buffer.from('{"text": "the same as JSON"}'));
  session.record(fetch, 'deny');
  assert.equal(session.length, 3);
  assert.equal(session.decide(mail).effect, 'review');
  assert.equal(engine.session().decide(mail).effect, 'allow');
  assert.equal(session.decide({ ...mail, session: {} }).effect, 'deny');
  assert.throws(() => session.record(mail, 'maybe'), DataError);
  for (const result of [Buffer.from('{'), NaN, () => 1]) assert.throws(() => session.record(mail, 'allow', result), DataError);
  assert.throws(() => engine.session({ prompt: 3 }), DataError);
  assert.equal(session.length, 3);
});

test('refusals', () => {
  const engine = gateway();
  const refusal = engine.refuse('nobody knows the agent', 'agent');
  assert.deepEqual([refusal.effect, refusal.errors, refusal.policy], ['deny', [{ path: 'agent', message: 'nobody knows the agent' }], engine.policy]);
  assert.equal(assistant().session().refuse('x').effect, 'deny');
});

test('nothing else is taken for an engine', () => {
  const engine = gateway();
  assert.throws(() => new Engine(), TypeError);
  assert.throws(() => new Session(), TypeError);
  for (const other of [{}, assistant().session(), null]) assert.throws(() => engine.decide.call(other, calls[0]), TypeError);
});

test('worker threads', async () => {
  const work = () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(path.join(__dirname, 'worker.js'), { workerData: gatewayPlan });
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  const engine = gateway();
  const expected = calls.map((line) => engine.decide(line));
  for (const decisions of await Promise.all([work(), work(), work(), work()])) assert.deepEqual(decisions, expected);
});

test('the example prints what its page shows', () => {
  const folder = path.join(root, 'examples/embed-node');
  const printed = execFileSync(process.execPath, [path.join(folder, 'main.mjs'), assistantPlan], { encoding: 'utf8' });
  assert.ok(readFileSync(path.join(folder, 'README.md'), 'utf8').includes(`\`\`\`text program\n${printed}\`\`\``), printed);
});

test('the page', async () => {
  const page = readFileSync(path.join(root, 'docs/bindings.md'), 'utf8');
  const blocks = [...page.matchAll(/^```js\n(.*?)^```/gms)].map(([, code]) => code);
  assert.ok(blocks.length >= 2);
  const folder = mkdtempSync(path.join(tmpdir(), 'tollgate-'));
  mkdirSync(path.join(folder, 'node_modules'));
  symlinkSync(path.join(__dirname, '..'), path.join(folder, 'node_modules/tollgate'), 'junction');
  symlinkSync(path.join(root, 'examples/gateway/data'), path.join(folder, 'data'), 'junction');
  copyFileSync(gatewayPlan, path.join(folder, 'policy.plan'));
  writeFileSync(path.join(folder, 'page.mjs'), blocks.join('\n'));
  execFileSync(process.execPath, ['page.mjs'], { cwd: folder, stdio: 'pipe' });
});

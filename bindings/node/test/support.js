'use strict';

const { execFileSync } = require('node:child_process');
const { mkdtempSync, readFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { Engine } = require('..');

const root = path.join(__dirname, '../../..');

/** The command, run in the repository: `TOLLGATE_BIN`, or what cargo builds. */
function tollgate(...args) {
  const [program, ...before] = process.env.TOLLGATE_BIN ? [process.env.TOLLGATE_BIN] : ['cargo', 'run', '-q', '-p', 'tollgate', '--'];
  return execFileSync(program, [...before, ...args], { cwd: root, encoding: 'utf8' });
}

function plan(policies) {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'tollgate-')), 'policy.plan');
  tollgate('build', '-o', file, policies);
  return file;
}

const gatewayPlan = plan('examples/gateway');
const calls = readFileSync(path.join(root, 'examples/gateway/calls.jsonl'), 'utf8').trim().split('\n');

function gateway(limits) {
  const engine = Engine.load(gatewayPlan, limits);
  for (const name of ['registry', 'company_domains']) engine.setData(name, readFileSync(path.join(root, `examples/gateway/data/${name}.json`)));
  return engine;
}

const assistantPlan = plan('examples/embed/policies');

function assistant() {
  const engine = Engine.load(assistantPlan);
  engine.setData('staff_domains', ['corp.example']);
  return engine;
}

module.exports = { assistant, assistantPlan, calls, gateway, gatewayPlan, root, tollgate };

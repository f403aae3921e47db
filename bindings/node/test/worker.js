// Decides the recorded calls many times in a thread of its own.

'use strict';

const { readFileSync } = require('node:fs');
const path = require('node:path');
const { parentPort, workerData } = require('node:worker_threads');
const { Engine } = require('..');

const gateway = path.join(__dirname, '../../../examples/gateway');
const calls = readFileSync(path.join(gateway, 'calls.jsonl'), 'utf8').trim().split('\n');
const engine = Engine.load(workerData);
for (const name of ['registry', 'company_domains']) engine.setData(name, readFileSync(path.join(gateway, `data/${name}.json`)));
for (let round = 0; round < 200; round++) {
  for (const line of calls) engine.decide(line);
}
parentPort.postMessage(calls.map((line) => engine.decide(line)));

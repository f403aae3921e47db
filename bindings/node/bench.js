// Decisions a second on one thread: `bench.js PLAN`, with the plan of `examples/gateway`, whose recorded calls are decided.

'use strict';

const { readFileSync } = require('node:fs');
const path = require('node:path');
const { Engine } = require('.');

const gateway = path.join(__dirname, '../../examples/gateway');

/** The best of five half seconds. */
function rate(engine, requests) {
  let best = 0;
  for (let round = 0; round < 5; round++) {
    const begun = performance.now();
    let count = 0;
    for (; performance.now() < begun + 500; count += requests.length) {
      for (const request of requests) engine.decide(request);
    }
    best = Math.max(best, (count / (performance.now() - begun)) * 1000);
  }
  return Math.round(best).toLocaleString('en').padStart(9);
}

const engine = Engine.load(process.argv[2]);
for (const name of ['registry', 'company_domains']) engine.setData(name, readFileSync(path.join(gateway, `data/${name}.json`)));
const lines = readFileSync(path.join(gateway, 'calls.jsonl'), 'utf8').trim().split('\n');
console.log(`JSON    ${rate(engine, lines)} a second`);
console.log(`object  ${rate(engine, lines.map((line) => JSON.parse(line)))} a second`);

// Builds the native part with cargo, and puts it where `index.js` finds it.

'use strict';

const { spawnSync } = require('node:child_process');
const { copyFileSync, renameSync } = require('node:fs');
const path = require('node:path');

// The path of the library is what cargo says, wherever it builds.
const args = ['build', '--release', '--locked', '--message-format', 'json-render-diagnostics'];
const cargo = spawnSync('cargo', args, { cwd: __dirname, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] });
if (cargo.error) {
  console.error(`tollgate is built by cargo, which cannot be run: ${cargo.error.message}. Rust is installed from https://rustup.rs`);
  process.exit(1);
}
if (cargo.status !== 0) process.exit(cargo.status ?? 1);

const messages = cargo.stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
const built = messages.find((message) => message.reason === 'compiler-artifact' && message.target.name === 'tollgate_node');
const target = path.join(__dirname, 'tollgate.node');
// Under another name first: a process may run the one that is there.
copyFileSync(built.filenames[0], `${target}.new`);
renameSync(`${target}.new`, target);

// Bundles the extension into `out/extension.js`; with `--tests`, each test into `out/test/`, where `vscode` is the stand-in of `test/vscode.ts`.
import { build } from "esbuild";
import { cpSync, readdirSync, rmSync } from "node:fs";

const shared = { bundle: true, platform: "node", target: "node18", logLevel: "warning" };

if (process.argv.includes("--tests")) {
  rmSync("out/test", { recursive: true, force: true });
  await build({
    ...shared,
    entryPoints: readdirSync("test").filter((name) => name.endsWith(".test.ts")).map((name) => `test/${name}`),
    outdir: "out/test",
    format: "cjs",
    sourcemap: "inline",
    alias: { vscode: "./test/vscode.ts" },
    external: ["vscode-oniguruma"],
  });
} else {
  rmSync("out/extension.js", { force: true });
  await build({
    ...shared,
    entryPoints: ["src/extension.ts"],
    outfile: "out/extension.js",
    format: "cjs",
    minify: true,
    external: ["vscode"],
  });
  // The packager wants the licence beside the manifest.
  cpSync("../../LICENSE", "LICENSE");
}
